//! Writes values as YAML that any reader, old or new, reads back the same.

use std::fmt::Write as _;

use serde_json::Value;

use crate::scalar::{Plain, resolve};

/// A value as a block of YAML that ends with a line break.
pub fn to_yaml(value: &Value) -> String {
    let mut out = String::new();
    match value {
        Value::Array(items) if !items.is_empty() => sequence(&mut out, items, 0),
        Value::Object(entries) if !entries.is_empty() => mapping(&mut out, entries, 0),
        other => {
            inline(&mut out, other, 0);
            out.push('\n');
        }
    }
    out
}

fn mapping(out: &mut String, entries: &serde_json::Map<String, Value>, indent: usize) {
    for (key, value) in entries {
        pad(out, indent);
        mapping_entry(out, key, value, indent);
    }
}

fn mapping_entry(out: &mut String, key: &str, value: &Value, indent: usize) {
    // A key of more than 1,024 characters must be announced.
    let is_long = key.len() > 250;
    if is_long {
        out.push_str("? ");
    }
    if is_plain(key) {
        out.push_str(key)
    } else {
        quoted(out, key)
    }
    if is_long {
        out.push('\n');
        pad(out, indent);
    }
    out.push(':');
    match value {
        Value::Array(items) if !items.is_empty() => {
            out.push('\n');
            sequence(out, items, indent + 2);
        }
        Value::Object(entries) if !entries.is_empty() => {
            out.push('\n');
            mapping(out, entries, indent + 2);
        }
        other => {
            out.push(' ');
            inline(out, other, indent);
            out.push('\n');
        }
    }
}

fn sequence(out: &mut String, items: &[Value], indent: usize) {
    for item in items {
        pad(out, indent);
        out.push_str("- ");
        match item {
            Value::Array(items) if !items.is_empty() => {
                out.truncate(out.len() - 1);
                out.push('\n');
                sequence(out, items, indent + 2);
            }
            Value::Object(entries) if !entries.is_empty() => {
                for (index, (key, value)) in entries.iter().enumerate() {
                    if index > 0 {
                        pad(out, indent + 2);
                    }
                    mapping_entry(out, key, value, indent + 2);
                }
            }
            other => {
                inline(out, other, indent);
                out.push('\n');
            }
        }
    }
}

/// A value after its key or dash; `indent` is that of the key or dash.
fn inline(out: &mut String, value: &Value, indent: usize) {
    match value {
        Value::Null => out.push_str("null"),
        Value::Bool(value) => out.push_str(if *value { "true" } else { "false" }),
        Value::Number(number) => {
            let _ = write!(out, "{number}");
        }
        Value::String(text) if is_plain(text) => out.push_str(text),
        Value::String(text) if is_block(text) => block(out, text, indent + 2),
        Value::String(text) => quoted(out, text),
        Value::Array(_) => out.push_str("[]"),
        Value::Object(_) => out.push_str("{}"),
    }
}

fn pad(out: &mut String, indent: usize) {
    out.extend(std::iter::repeat_n(' ', indent));
}

/// Whether a text may stand without quotes: cautious, so that readers of YAML 1.1 agree.
fn is_plain(text: &str) -> bool {
    let begins_well = text.starts_with(|first: char| first.is_alphabetic() || matches!(first, '/' | '_' | '$'))
        || (text.starts_with(|first: char| first.is_ascii_digit())
            && text.contains(|character: char| {
                character.is_ascii_alphabetic() && !"eExXoObBtTzZaAcCdDfF".contains(character)
            }));
    let inside =
        |character: char| character.is_alphanumeric() || " /_$.-+@:()=&*;'~^%|<>?!\"\\{}[],#".contains(character);
    begins_well
        && text.len() < 200
        && text.chars().all(inside)
        && !text.ends_with([' ', ':'])
        && !text.contains(": ")
        && !text.contains(" #")
        && resolve(text) == Plain::Text
        && !matches!(text.to_ascii_lowercase().as_str(), "y" | "n" | "yes" | "no" | "on" | "off")
}

/// Whether a text of several lines keeps every character as a literal block.
fn is_block(text: &str) -> bool {
    text.trim_end_matches('\n').contains('\n')
        && !text.starts_with([' ', '\n'])
        && text.chars().all(|character| character == '\n' || is_printable(character))
        && !text.lines().any(|line| line.ends_with(' ') && line.trim().is_empty())
}

fn block(out: &mut String, text: &str, indent: usize) {
    let trimmed = text.trim_end_matches('\n');
    out.push_str(match text.len() - trimmed.len() {
        0 => "|-",
        1 => "|",
        _ => "|+",
    });
    let lines = if text.len() == trimmed.len() { text } else { &text[..text.len() - 1] };
    for line in lines.split('\n') {
        out.push('\n');
        if !line.is_empty() {
            pad(out, indent);
            out.push_str(line);
        }
    }
}

fn quoted(out: &mut String, text: &str) {
    out.push('"');
    for character in text.chars() {
        match character {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            '\r' => out.push_str("\\r"),
            other if is_printable(other) => out.push(other),
            other if u32::from(other) > 0xffff => {
                let _ = write!(out, "\\U{:08x}", u32::from(other));
            }
            other => {
                let _ = write!(out, "\\u{:04x}", u32::from(other));
            }
        }
    }
    out.push('"');
}

/// Whether a character may stand in a document as it is, and is not a break or mark that some readers treat as more.
fn is_printable(character: char) -> bool {
    !character.is_control() && !matches!(character, '\u{2028}' | '\u{2029}' | '\u{feff}' | '\u{fffe}' | '\u{ffff}')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::{Value, json};

    use super::to_yaml;
    use crate::{Limits, parse_one};

    #[test]
    fn is_pleasant_to_read() {
        let value = json!({
            "kind": "Component",
            "metadata": {"name": "noise", "tags": ["a", "no", "1.0"], "empty": {}, "none": [], "note": "one\ntwo\n"},
            "list": [{"a": 1, "b": [true, null]}, [1, 2.5], "x: y"],
            "port": "8080",
            "url": "https://example.com:443/a#b"
        });
        let expected = "kind: Component\nmetadata:\n  name: noise\n  tags:\n    - a\n    - \"no\"\n    - \"1.0\"\n  empty: {}\n  \
                        none: []\n  note: |\n    one\n    two\nlist:\n  - a: 1\n    b:\n      - true\n      - null\n  -\n    - 1\n    \
                        - 2.5\n  - \"x: y\"\nport: \"8080\"\nurl: https://example.com:443/a#b\n";
        assert_eq!(to_yaml(&value), expected);
    }

    fn text() -> impl Strategy<Value = String> {
        prop_oneof![
            "[a-z/_.:# \"'{}\\[\\],&*!|>%@-]{0,12}",
            "[-+.0-9eExXo_:TZ]{0,8}",
            "([ \ta-c#:-]{0,4}\n){0,4}[ a]{0,3}\n{0,2}",
            any::<String>(),
            proptest::sample::select(vec!["true", "Null", "~", "yes", "---", "...", "- a", "? b", "0x1f", "<<", "="])
                .prop_map(str::to_owned),
            "[a-z]{1100}",
        ]
    }

    fn value() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::Bool),
            any::<i64>().prop_map(Value::from),
            any::<u64>().prop_map(Value::from),
            // A float without a fraction comes back as an integer, which JSON Schema and JavaScript call the same number.
            any::<f64>()
                .prop_filter("has a fraction", |float| float.fract() != 0.0 || float.abs() > 1e16)
                .prop_map(Value::from),
            text().prop_map(Value::String),
        ];
        leaf.prop_recursive(5, 60, 8, |inner| {
            prop_oneof![
                proptest::collection::vec(inner.clone(), 0..6).prop_map(Value::Array),
                proptest::collection::vec((text(), inner), 0..6).prop_map(|entries| entries.into_iter().collect()),
            ]
        })
    }

    proptest! {
        #[test]
        fn reads_back_the_same(value in value()) {
            let yaml = to_yaml(&value);
            let read = parse_one(&yaml, &Limits::default());
            let read = read.map_err(|diagnostics| TestCaseError::fail(format!("{diagnostics:?}\n{yaml}")))?;
            prop_assert_eq!(read.to_json(), value, "{}", yaml);
        }
    }
}
