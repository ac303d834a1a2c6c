//! Writes JSON as YAML, for people to read and to copy.

use std::fmt::Write as _;

use serde_json::{Map, Value};

/// A value as a YAML document.
pub(crate) fn to_yaml(value: &Value) -> String {
    let mut text = String::new();
    match value {
        Value::Object(map) if !map.is_empty() => write_map(map, 0, &mut text),
        Value::Array(items) if !items.is_empty() => write_list(items, 0, &mut text),
        scalar => write_scalar(scalar, 0, &mut text),
    }
    text
}

fn indent(depth: usize, text: &mut String) {
    text.extend(std::iter::repeat_n("  ", depth));
}

fn write_map(map: &Map<String, Value>, depth: usize, text: &mut String) {
    for (index, (key, value)) in map.iter().enumerate() {
        if index > 0 || depth == 0 || text.ends_with('\n') {
            indent(depth, text);
        }
        text.push_str(&plain_or_quoted(key));
        text.push(':');
        write_below(value, depth, text);
    }
}

fn write_list(items: &[Value], depth: usize, text: &mut String) {
    for item in items {
        indent(depth, text);
        text.push('-');
        match item {
            // The first key stands behind the dash.
            Value::Object(map) if !map.is_empty() => {
                text.push(' ');
                write_map(map, depth + 1, text);
            }
            other => write_below(other, depth, text),
        }
    }
}

/// What stands behind a key or a dash.
fn write_below(value: &Value, depth: usize, text: &mut String) {
    match value {
        Value::Object(map) if !map.is_empty() => {
            text.push('\n');
            write_map(map, depth + 1, text);
        }
        Value::Array(items) if !items.is_empty() => {
            text.push('\n');
            write_list(items, depth + 1, text);
        }
        scalar => {
            text.push(' ');
            write_scalar(scalar, depth + 1, text);
        }
    }
}

fn write_scalar(value: &Value, depth: usize, text: &mut String) {
    match value {
        Value::String(string) if is_block(string) => {
            let trailing = string.len() - string.trim_end_matches('\n').len();
            text.push_str(match trailing {
                0 => "|-\n",
                1 => "|\n",
                _ => "|+\n",
            });
            for line in string.lines() {
                if !line.is_empty() {
                    indent(depth, text);
                    text.push_str(line);
                }
                text.push('\n');
            }
        }
        Value::String(string) => {
            text.push_str(&plain_or_quoted(string));
            text.push('\n');
        }
        other => {
            // Writing to a text does not fail.
            _ = writeln!(text, "{other}");
        }
    }
}

/// Whether a text is best written line by line. Lines that begin with a space, and characters that YAML forbids, are
/// quoted instead.
fn is_block(text: &str) -> bool {
    text.trim_end_matches('\n').contains('\n')
        && !text.starts_with([' ', '\n', '\t'])
        && !text.chars().any(|character| character != '\n' && (character.is_control() || character == '\u{feff}'))
}

/// A text without quotes where that is unmistakable; in double quotes, which YAML reads like JSON, otherwise.
fn plain_or_quoted(text: &str) -> String {
    let begins_well = text.starts_with(|first: char| first.is_ascii_alphabetic() || first == '/' || first == '_');
    let holds_well = text.chars().all(|c| c.is_alphanumeric() || " _-./:@+()=,".contains(c));
    let unmistakable = !text.contains(": ") && !text.ends_with([':', ' ']) && !is_word(text);
    if begins_well && holds_well && unmistakable { text.to_owned() } else { Value::String(text.to_owned()).to_string() }
}

/// Words that YAML, in one version or another, takes for something else than text.
fn is_word(text: &str) -> bool {
    const WORDS: [&str; 10] = ["true", "false", "yes", "no", "on", "off", "null", "y", "n", "nan"];
    WORDS.iter().any(|word| text.eq_ignore_ascii_case(word))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn writes_what_people_would_write() {
        let value = json!({
            "kind": "API",
            "metadata": {"name": "orders", "tags": ["a", "b c"], "annotations": {"a.b/c": "url:https://x"}, "empty": {}},
            "spec": {"definition": "openapi: 3.0.0\ninfo:\n  title: x\n", "n": 3, "yes": "no", "quoted": "a: b", "none": null,
                     "list": [{"url": "https://a?b=c&d#e", "title": "T"}, [1, 2]]}
        });
        let expected = "kind: API\nmetadata:\n  name: orders\n  tags:\n    - a\n    - b c\n  annotations:\n    \
            a.b/c: url:https://x\n  empty: {}\nspec:\n  definition: |\n    openapi: 3.0.0\n    info:\n      title: x\n  \"n\": 3\n  \
            \"yes\": \"no\"\n  quoted: \"a: b\"\n  none: null\n  list:\n    - url: \"https://a?b=c&d#e\"\n      title: T\n    \
            -\n      - 1\n      - 2\n";
        assert_eq!(to_yaml(&value), expected);
    }

    #[test]
    fn hostile_texts_are_quoted() {
        for (text, expected) in [
            ("", "\"\""),
            ("1.5", "\"1.5\""),
            ("- x", "\"- x\""),
            ("a #b", "\"a #b\""),
            ("*x", "\"*x\""),
            ("a\u{0}b", "\"a\\u0000b\""),
            ("ends:", "\"ends:\""),
            ("plain text", "plain text"),
        ] {
            assert_eq!(plain_or_quoted(text), expected);
        }
    }
}
