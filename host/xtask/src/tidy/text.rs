//! Words and forms that must not stand in a file.

use crate::tidy::{Finding, tree::SourceFile};

/// Put together here, so that this file may say them.
const UNFINISHED: &[&str] = &[concat!("TO", "DO"), concat!("FIX", "ME"), concat!("XX", "X:")];

/// Beginnings of paths on somebody's machine.
const MACHINE_PATHS: &[&str] = &[
    concat!("/", "root/."),
    concat!("/", "root/.cargo"),
    concat!("/", "home/runner/"),
    concat!("/", "Users/"),
    concat!("/", "github/workspace"),
    concat!("/", "work/"),
];

const PROSE: &[&str] = &["md", "txt", "html"];

/// Checks one file's text.
pub fn check(file: &SourceFile) -> Vec<Finding> {
    let mut findings = Vec::new();
    // The lock file and the licence are not ours to word.
    if matches!(file.path.as_str(), "Cargo.lock" | "LICENSE") {
        return findings;
    }
    let example_prose = file.path.starts_with("examples/") && PROSE.contains(&file.extension());
    for (line, text) in file.text.lines().enumerate() {
        let place = || format!("{}:{}", file.path, line + 1);
        for word in UNFINISHED.iter().filter(|_| !example_prose) {
            if has_word(text, word) {
                findings
                    .push(Finding::new(place(), format!("says {word}; finish it, or write an issue and leave it out")));
            }
        }
        for path in MACHINE_PATHS {
            if has_path(text, path) {
                findings.push(Finding::new(
                    place(),
                    format!("names a path of one machine ({path}…); use a relative path or a made-up one"),
                ));
            }
        }
        if is_markup(&file.path)
            && let Some(form) = inline_style(text)
        {
            findings.push(Finding::new(
                place(),
                format!(
                    "has `{form}`, which the pages' policy refuses; use a class, a data attribute or SVG attributes"
                ),
            ));
        }
    }
    findings
}

/// Whether a file draws pages: tests speak of what must not be, and the gallery is no page of the portal.
fn is_markup(path: &str) -> bool {
    let beside = path.contains("/tests/") || path.contains("/examples/") || path.ends_with("/tests.rs");
    path.starts_with("frontend/") && path.ends_with(".rs") && !beside
}

/// The word in capitals, not as a part of a longer one.
fn has_word(text: &str, word: &str) -> bool {
    let part_of_word = |character: Option<char>| character.is_some_and(|c| c.is_alphanumeric() || c == '_');
    text.match_indices(word).any(|(at, _)| {
        !part_of_word(text[..at].chars().next_back()) && !part_of_word(text[at + word.len()..].chars().next())
    })
}

/// A path that begins with these parts, not one that only contains them.
fn has_path(text: &str, path: &str) -> bool {
    text.match_indices(path).any(|(at, _)| {
        let before = text[..at].chars().next_back();
        !before.is_some_and(|c| c.is_alphanumeric() || "._-/}~*)>$".contains(c))
    })
}

/// `style=`, `style:name=` or `<style` in markup; comments may speak of them.
fn inline_style(text: &str) -> Option<&'static str> {
    let code = text.trim_start();
    if code.starts_with("//") {
        return None;
    }
    if text.contains("<style") {
        return Some("<style>");
    }
    for (at, word) in text.match_indices("style") {
        let begins = text[..at].chars().next_back().is_none_or(|c| c.is_whitespace() || c == '<');
        let rest = &text[at + word.len()..];
        if begins && rest.starts_with('=') && !rest.starts_with("==") {
            return Some("style=");
        }
        let directive = rest.strip_prefix(':').is_some_and(|rest| {
            rest.starts_with(|c: char| c.is_ascii_lowercase())
                && rest.trim_start_matches(|c: char| c.is_ascii_alphanumeric() || c == '-').starts_with('=')
        });
        if begins && directive {
            return Some("style:…=");
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn findings(path: &str, text: &str) -> Vec<Finding> {
        check(&SourceFile { path: path.to_owned(), text: text.to_owned() })
    }

    #[test]
    fn unfinished_work_is_reported_with_its_line() {
        let text = format!("fine\n// {}: later\n", UNFINISHED[0]);
        let found = findings("host/x/src/lib.rs", &text);
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].place, "host/x/src/lib.rs:2");
    }

    #[test]
    fn words_that_only_contain_it_are_fine() {
        for text in [format!("MAS{}", UNFINISHED[0]), format!("{}S_LEFT", UNFINISHED[0]), "todo".to_owned()] {
            assert_eq!(findings("host/x/src/lib.rs", &text), [], "{text}");
        }
        assert_eq!(findings("examples/acme/docs/index.md", UNFINISHED[0]), []);
        assert_eq!(findings("examples/acme/callboard.yaml", UNFINISHED[0]).len(), 1);
    }

    #[test]
    fn paths_of_one_machine_are_reported() {
        let path = MACHINE_PATHS[5];
        for (text, expected) in [
            (format!("\"{path}main\""), 1),
            (format!("see {path}main"), 1),
            (format!("tasks{path}main"), 0),
            (format!("./{path}"), 0),
            (format!("{{id}}{path}"), 0),
        ] {
            assert_eq!(findings("host/x/src/lib.rs", &text).len(), expected, "{text}");
        }
    }

    #[test]
    fn markup_has_no_style_of_its_own() {
        let cases = [
            (r#"<div style="color: red">"#, Some("style=")),
            ("<div class=x style=move || s>", Some("style=")),
            (r#"style:color="red""#, Some("style:…=")),
            ("<style>", Some("<style>")),
            ("// no `style=` here", None),
            ("let style = 1;", None),
            ("if style == 1 {", None),
            (r#"<div data-style="x">"#, None),
            ("style::Kind", None),
            ("fn f(style: Style)", None),
        ];
        for (text, expected) in cases {
            assert_eq!(inline_style(text), expected, "{text}");
        }
        assert_eq!(findings("frontend/ui/src/card.rs", "<a style=x>").len(), 1);
        for other in ["host/server/src/lib.rs", "frontend/ui/src/tests.rs", "frontend/ui/examples/gallery/main.rs"] {
            assert_eq!(findings(other, "<a style=x>").len(), 0, "{other}");
        }
    }
}
