//! Highlighting of code: a little for many languages. It sees words, texts, numbers and comments, and needs no grammar.
//!
//! The text is hostile: every character of it is escaped, and lines that are very long stay as they are.

use std::fmt::Write as _;

use crate::SafeHtml;

/// The most bytes that are highlighted; longer texts are only escaped.
const MAX_HIGHLIGHTED: usize = 512 * 1024;
/// The longest line that is highlighted, in bytes.
const MAX_LINE: usize = 5_000;

/// What a piece of code is; the class under which it is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Piece {
    Plain,
    Key,
    Word,
    Text,
    Number,
    Comment,
    Mark,
}

impl Piece {
    fn class(self) -> Option<&'static str> {
        match self {
            Self::Plain => None,
            Self::Key => Some("hl-key"),
            Self::Word => Some("hl-word"),
            Self::Text => Some("hl-text"),
            Self::Number => Some("hl-number"),
            Self::Comment => Some("hl-comment"),
            Self::Mark => Some("hl-mark"),
        }
    }
}

/// How a language is written.
#[derive(Debug, Clone, Copy)]
struct Grammar {
    line_comment: &'static str,
    block_comment: Option<(&'static str, &'static str)>,
    quotes: &'static str,
    /// Texts between three quotes.
    blocks: bool,
    /// Whether a word or text before a colon is a key.
    keys: bool,
    words: &'static [&'static str],
}

const JSON: Grammar = Grammar {
    line_comment: "",
    block_comment: None,
    quotes: "\"",
    blocks: false,
    keys: true,
    words: &["true", "false", "null"],
};
const YAML: Grammar = Grammar { line_comment: "#", quotes: "\"'", ..JSON };
const GRAPHQL: Grammar = Grammar {
    line_comment: "#",
    block_comment: None,
    quotes: "\"",
    blocks: true,
    keys: true,
    words: &[
        "type",
        "interface",
        "union",
        "enum",
        "input",
        "scalar",
        "directive",
        "schema",
        "extend",
        "implements",
        "on",
        "repeatable",
        "query",
        "mutation",
        "subscription",
        "fragment",
        "true",
        "false",
        "null",
    ],
};
const PROTOBUF: Grammar = Grammar {
    line_comment: "//",
    block_comment: Some(("/*", "*/")),
    quotes: "\"'",
    blocks: false,
    keys: false,
    words: &[
        "syntax",
        "edition",
        "package",
        "import",
        "option",
        "message",
        "enum",
        "service",
        "rpc",
        "returns",
        "stream",
        "repeated",
        "optional",
        "required",
        "oneof",
        "map",
        "reserved",
        "extensions",
        "extend",
        "true",
        "false",
        "public",
        "weak",
        "to",
        "max",
    ],
};
const TYPESCRIPT: Grammar = Grammar {
    quotes: "\"'`",
    words: &[
        "import",
        "export",
        "from",
        "const",
        "let",
        "var",
        "function",
        "return",
        "type",
        "interface",
        "class",
        "extends",
        "implements",
        "new",
        "async",
        "await",
        "if",
        "else",
        "for",
        "while",
        "switch",
        "case",
        "default",
        "throw",
        "try",
        "catch",
        "true",
        "false",
        "null",
        "undefined",
        "typeof",
        "as",
        "in",
        "of",
        "readonly",
        "string",
        "number",
        "boolean",
    ],
    ..PROTOBUF
};
const XML: Grammar = Grammar { block_comment: Some(("<!--", "-->")), quotes: "\"'", keys: false, words: &[], ..JSON };

fn grammar(language: &str) -> Option<Grammar> {
    Some(match language {
        "json" => JSON,
        "yaml" | "yml" => YAML,
        "graphql" => GRAPHQL,
        "protobuf" | "proto" => PROTOBUF,
        "typescript" | "javascript" | "ts" | "js" => TYPESCRIPT,
        "xml" | "html" => XML,
        _ => return None,
    })
}

/// The lines of a text as safe HTML; none when the language is not known or there is too much of it.
fn lines(language: &str, text: &str) -> Option<Vec<String>> {
    let grammar = grammar(language).filter(|_| text.len() <= MAX_HIGHLIGHTED)?;
    let mut lines = Vec::new();
    let mut open: Open = None;
    for line in text.split('\n') {
        let mut html = String::with_capacity(line.len() + 32);
        if line.len() > MAX_LINE {
            push(&mut html, Piece::Plain, line);
        } else {
            open = write_line(&mut html, line, grammar, open);
        }
        lines.push(html);
    }
    Some(lines)
}

/// A text as safe HTML; none when the language is not known or there is too much of it.
pub fn highlight(language: &str, text: &str) -> Option<SafeHtml> {
    lines(language, text).map(|lines| SafeHtml::trust(lines.join("\n")))
}

/// The lines of a text as safe HTML, highlighted where that is possible.
pub(crate) fn safe_lines(language: &str, text: &str) -> Vec<String> {
    lines(language, text).unwrap_or_else(|| text.split('\n').map(crate::escape_text).collect())
}

fn push(html: &mut String, piece: Piece, text: &str) {
    if text.is_empty() {
        return;
    }
    let escaped = crate::escape_text(text);
    // Writing to a text cannot fail.
    let _ = match piece.class() {
        Some(class) => write!(html, "<span class=\"{class}\">{escaped}</span>"),
        None => write!(html, "{escaped}"),
    };
}

/// Writes a line; gives what it leaves open.
fn write_line(html: &mut String, line: &str, grammar: Grammar, mut open: Open) -> Open {
    let mut plain = 0;
    let mut at = 0;
    let mut after_blank = true;
    while at < line.len() {
        let rest = &line[at..];
        if let Some((end, piece)) = open {
            let Some(found) = rest.find(end) else {
                push(html, piece, rest);
                return open;
            };
            push(html, piece, &rest[..found + end.len()]);
            at += found + end.len();
            plain = at;
            open = None;
            continue;
        }
        let Some((piece, length, opens)) = token(rest, grammar, after_blank) else {
            let first = rest.chars().next().map_or(1, char::len_utf8);
            after_blank = rest.starts_with([' ', '\t', '-', '[', '{', ',', '(']);
            at += first;
            continue;
        };
        push(html, Piece::Plain, &line[plain..at]);
        push(html, piece, &rest[..length]);
        at += length;
        open = opens;
        plain = at;
        after_blank = false;
    }
    if plain < line.len() {
        push(html, Piece::Plain, &line[plain..]);
    }
    open
}

/// What a line leaves open: the end for which the next one looks, and what it is.
type Open = Option<(&'static str, Piece)>;

/// What begins here: what it is, how long it is, or, where it may go on in the next line, its end.
fn token(rest: &str, grammar: Grammar, after_blank: bool) -> Option<(Piece, usize, Open)> {
    let first = rest.chars().next()?;
    if !grammar.line_comment.is_empty() && rest.starts_with(grammar.line_comment) && (after_blank || first != '#') {
        return Some((Piece::Comment, rest.len(), None));
    }
    if let Some((begin, end)) = grammar.block_comment
        && rest.starts_with(begin)
    {
        // An end that is part of the beginning is none; that costs a comment its colour at most.
        let inner = &rest[begin.len()..];
        return match inner.find(end) {
            Some(found) => Some((Piece::Comment, begin.len() + found + end.len(), None)),
            None => Some((Piece::Comment, begin.len(), Some((end, Piece::Comment)))),
        };
    }
    if grammar.blocks && rest.starts_with("\"\"\"") {
        return match rest[3..].find("\"\"\"") {
            Some(found) => Some((Piece::Text, found + 6, None)),
            None => Some((Piece::Text, 3, Some(("\"\"\"", Piece::Text)))),
        };
    }
    if grammar.quotes.contains(first) && (after_blank || first != '\'') {
        let length = quoted(rest, first)?;
        let is_key = grammar.keys && rest[length..].trim_start().starts_with(':');
        return Some((if is_key { Piece::Key } else { Piece::Text }, length, None));
    }
    if first == '@' {
        let length = 1 + word(&rest[1..]);
        return (length > 1).then_some((Piece::Mark, length, None));
    }
    if first.is_ascii_digit() && after_blank {
        let length = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '.').unwrap_or(rest.len());
        let is_number = rest[..length].bytes().all(|byte| byte.is_ascii_digit() || b".xeabcdfABCDEF".contains(&byte));
        return Some((if is_number { Piece::Number } else { Piece::Plain }, length, None));
    }
    if first.is_alphabetic() || matches!(first, '_' | '$') {
        let length = word(rest);
        let found = &rest[..length];
        let after = &rest[length..];
        let is_key =
            grammar.keys && after.starts_with(':') && (after.len() == 1 || after[1..].starts_with([' ', '\r']));
        let piece = if is_key {
            Piece::Key
        } else if grammar.words.contains(&found) {
            Piece::Word
        } else {
            Piece::Plain
        };
        return Some((piece, length, None));
    }
    None
}

/// How long a word is, in bytes.
fn word(text: &str) -> usize {
    text.find(|c: char| !c.is_alphanumeric() && !matches!(c, '_' | '-' | '$' | '.' | '/')).unwrap_or(text.len())
}

/// How long a text between quotes is, with them; none when it does not end on this line.
fn quoted(text: &str, quote: char) -> Option<usize> {
    let mut escaped = false;
    for (at, character) in text.char_indices().skip(1) {
        match character {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            _ if character == quote => return Some(at + 1),
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_have_their_classes() {
        for (language, text, expected) in [
            (
                "json",
                r#"{"a": "b", "n": 1.5}"#,
                r#"{<span class="hl-key">"a"</span>: <span class="hl-text">"b"</span>, <span class="hl-key">"n"</span>: <span class="hl-number">1.5</span>}"#,
            ),
            ("yaml", "a: b # c", r#"<span class="hl-key">a</span>: b <span class="hl-comment"># c</span>"#),
            ("yaml", "x: it's a#b", r#"<span class="hl-key">x</span>: it's a#b"#),
            ("graphql", "type A @b {", r#"<span class="hl-word">type</span> A <span class="hl-mark">@b</span> {"#),
            (
                "protobuf",
                "/* a\nb */ rpc",
                "<span class=\"hl-comment\">/*</span><span class=\"hl-comment\"> a</span>\n<span class=\"hl-comment\">b */</span> <span class=\"hl-word\">rpc</span>",
            ),
            ("xml", "<a>", "&lt;a&gt;"),
        ] {
            assert_eq!(highlight(language, text).map(|html| html.as_str().to_owned()).as_deref(), Some(expected));
        }
        assert_eq!(highlight("cobol", "x"), None);
    }

    #[test]
    fn nothing_is_lost_and_nothing_escapes() {
        for language in ["json", "yaml", "graphql", "protobuf", "typescript", "xml"] {
            for text in [
                "<script>\"a",
                "'<'>&",
                "\"\"\"<b>\n</b>",
                "/*<i>\n*/",
                "#<x>",
                "é\u{feff}\"é\\",
                "@",
                "1<2",
                "//\n\n",
                "\"\"\"\"\"",
                "<!-->",
            ] {
                let html = highlight(language, text).map(|html| html.as_str().to_owned()).unwrap_or_default();
                let bare = html
                    .split('<')
                    .map(|part| part.split_once('>').map_or(part, |(_, after)| after))
                    .collect::<String>();
                let bare = bare.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&");
                assert_eq!(bare, text, "{language} {html}");
                assert!(!html.replace("<span class=\"hl-", "").replace("</span>", "").contains('<'), "{html}");
            }
        }
    }
}
