//! Markdown to safe HTML: for what plugins show and for descriptions.
//!
//! Whoever wrote the text is hostile. Raw HTML is shown as text, links keep only harmless schemes, pictures become links
//! (pages load nothing from elsewhere), and a cleaner that knows what may stay has the last word. The result fits the
//! pages' policy: no scripts, no styles, no event handlers.

use std::collections::HashSet;
use std::sync::LazyLock;

use comrak::{Options, markdown_to_html};

/// The longest text that is rendered, in bytes; the rest is left out with a note.
pub const MAX_BYTES: usize = 256 * 1024;

static OPTIONS: LazyLock<Options<'static>> = LazyLock::new(|| {
    let mut options = Options::default();
    options.extension.table = true;
    options.extension.strikethrough = true;
    options.extension.tasklist = true;
    options.extension.autolink = true;
    // Raw HTML is shown as what it is.
    options.render.escape = true;
    options
});

static CLEANER: LazyLock<ammonia::Builder<'static>> = LazyLock::new(|| {
    let mut builder = ammonia::Builder::default();
    builder
        .tags(HashSet::from([
            "a",
            "blockquote",
            "br",
            "code",
            "del",
            "em",
            "h1",
            "h2",
            "h3",
            "h4",
            "h5",
            "h6",
            "hr",
            "li",
            "ol",
            "p",
            "pre",
            "strong",
            "table",
            "tbody",
            "td",
            "th",
            "thead",
            "tr",
            "ul",
            "input",
        ]))
        .tag_attributes(std::collections::HashMap::from([
            ("a", HashSet::from(["href", "title"])),
            ("input", HashSet::from(["type", "checked", "disabled"])),
            ("ol", HashSet::from(["start"])),
            ("td", HashSet::from(["align"])),
            ("th", HashSet::from(["align"])),
        ]))
        .generic_attributes(HashSet::new())
        .url_schemes(HashSet::from(["http", "https", "mailto"]))
        .link_rel(Some("noopener noreferrer nofollow"));
    builder
});

/// Safe HTML of a CommonMark text with tables, strikethrough, task lists and bare links.
pub fn to_safe_html(markdown: &str) -> String {
    let (text, cut) = bounded(markdown);
    let mut html = CLEANER.clean(&markdown_to_html(text, &OPTIONS)).to_string();
    if cut {
        html.push_str("<p><em>The rest of this text is left out because it is too long.</em></p>");
    }
    html
}

/// The same, with headings below one of a level, so that a page keeps one outline.
pub fn to_safe_html_below(markdown: &str, level: usize) -> String {
    let mut html = to_safe_html(markdown);
    // The deepest first, so that none is lowered twice. The cleaner leaves no attributes, and text is escaped.
    for own in (1..=6).rev() {
        let lower = (own + level).min(6);
        html = html.replace(&format!("<h{own}>"), &format!("<h{lower}>"));
        html = html.replace(&format!("</h{own}>"), &format!("</h{lower}>"));
    }
    html
}

fn bounded(text: &str) -> (&str, bool) {
    if text.len() <= MAX_BYTES {
        return (text, false);
    }
    let end = (0..=MAX_BYTES).rev().find(|&at| text.is_char_boundary(at)).unwrap_or(0);
    (&text[..end], true)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn renders_what_people_write() {
        let html =
            to_safe_html("# Title\n\n| a | b |\n|---|--:|\n| 1 | 2 |\n\n- [x] done\n\n**bold** https://example.com");
        for part in [
            "<h1>Title</h1>",
            "<td align=\"right\">2</td>",
            "checked",
            "<strong>bold</strong>",
            "href=\"https://example.com\"",
        ] {
            assert!(html.contains(part), "{part} in {html}");
        }
    }

    #[test]
    fn headings_are_lowered_below_the_page_s_own() {
        let html = to_safe_html_below("# One\n\n## Two\n\n###### Six\n\n`<h1>`", 2);
        let html = html.replace('\n', "");
        assert_eq!(html, "<h3>One</h3><h4>Two</h4><h6>Six</h6><p><code>&lt;h1&gt;</code></p>");
    }

    #[test]
    fn hostile_text_is_inert() {
        for text in [
            "<script>alert(1)</script>",
            "<img src=x onerror=alert(1)>",
            "[x](javascript:alert(1))",
            "[x](JaVaScRiPt:alert(1))",
            "[x](data:text/html;base64,PHNjcmlwdD4=)",
            "![x](https://tracker.example/p.png)",
            "<a href=\"https://a\" style=\"x\" onclick=\"y\">z</a>",
            "<iframe src=https://evil.example></iframe>",
            "```<script>\n</script>\n```",
        ] {
            let html = to_safe_html(text);
            for forbidden in
                ["<script", "<img", "<iframe", "href=\"javascript", "href=\"data", "<a href=\"https://a\" style"]
            {
                assert!(!html.to_lowercase().contains(forbidden), "{forbidden} in {html}");
            }
        }
    }

    #[test]
    fn long_and_deep_text_is_bounded() {
        assert!(to_safe_html(&"ä".repeat(MAX_BYTES)).len() < MAX_BYTES + 1000);
        let nested = format!("{}x", "> ".repeat(5_000));
        let _ = to_safe_html(&nested);
        let _ = to_safe_html(&"[".repeat(20_000));
    }
}
