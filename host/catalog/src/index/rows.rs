//! What filters, facets and orders see of an entity: keys with values, flattened as Backstage flattens them.
//!
//! Keys are paths in lower case joined by dots. Lists are transparent, and each text in a list gives a key of its own
//! (`metadata.tags.java`) with the value `true`; such a text is marked, and the key is made up when it is asked for.
//! Values longer than 200 characters exist but match nothing; longer keys are left out. Relations are no rows: the index
//! knows them anyhow.

use std::collections::HashSet;

use serde_json::{Map, Number, Value};

/// Longest key and value, in UTF-16 units as JavaScript counts.
const LONGEST: usize = 200;

/// The rows of one entity, in one text.
#[derive(Debug, Default)]
pub(crate) struct Rows {
    text: String,
    spans: Vec<Span>,
    /// Whether a key may be there several times.
    has_lists: bool,
}

#[derive(Debug, Clone, Copy)]
struct Span {
    start: u32,
    key: u16,
    /// None when it exists but cannot be matched.
    value: Option<u16>,
    is_listed: bool,
}

/// One row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Row<'a> {
    pub(crate) key: &'a str,
    /// As it is written; none when it exists but cannot be matched.
    pub(crate) value: Option<&'a str>,
    /// Whether it is a text in a list.
    pub(crate) is_listed: bool,
}

impl Rows {
    /// The rows of an entity's body.
    pub(crate) fn new(body: &Map<String, Value>, uid: &str) -> Self {
        let mut rows = Self::default();
        let mut path = String::new();
        for (key, value) in body {
            if !matches!(key.as_str(), "attachments" | "relations" | "status") {
                path.clear();
                push_lower(&mut path, key);
                rows.visit(value, &mut path, false);
            }
        }
        rows.push("metadata.uid", Some(uid), false);
        if rows.has_lists {
            rows.drop_repeated();
        }
        rows
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = Row<'_>> {
        self.spans.iter().map(|span| {
            let start = span.start as usize;
            let end = start + usize::from(span.key);
            Row {
                key: &self.text[start..end],
                value: span.value.map(|length| &self.text[end..end + usize::from(length)]),
                is_listed: span.is_listed,
            }
        })
    }

    /// Of values that differ only in case, the one that is written first stays.
    fn drop_repeated(&mut self) {
        let text = &self.text;
        let mut seen = HashSet::with_capacity(self.spans.len());
        self.spans.retain(|span| {
            let start = span.start as usize;
            let end = start + usize::from(span.key);
            let value = span.value.map(|length| text[end..end + usize::from(length)].to_lowercase());
            seen.insert((&text[start..end], value))
        });
    }

    fn visit(&mut self, value: &Value, path: &mut String, is_listed: bool) {
        match value {
            Value::Null => self.push(path, None, false),
            Value::Bool(value) => self.push(path, Some(if *value { "true" } else { "false" }), false),
            Value::Number(number) => self.push(path, Some(&number_text(number)), false),
            Value::String(text) => self.push(path, Some(text), is_listed),
            Value::Array(items) => {
                self.has_lists |= items.len() > 1;
                for item in items {
                    self.visit(item, path, true);
                }
            }
            Value::Object(entries) => {
                let length = path.len();
                for (key, value) in entries {
                    path.push('.');
                    push_lower(path, key);
                    if !matches!(path.as_str(), "metadata.uid" | "metadata.etag") {
                        self.visit(value, path, false);
                    }
                    path.truncate(length);
                }
            }
        }
    }

    fn push(&mut self, key: &str, value: Option<&str>, is_listed: bool) {
        let value = value.filter(|value| is_short(value));
        let (Ok(start), Ok(length)) = (u32::try_from(self.text.len()), u16::try_from(key.len())) else { return };
        if !is_short(key) {
            return;
        }
        self.text.push_str(key);
        self.text.push_str(value.unwrap_or_default());
        let value = value.and_then(|value| u16::try_from(value.len()).ok());
        self.spans.push(Span { start, key: length, value, is_listed: is_listed && value.is_some() });
    }
}

/// Whether a key or value is short enough to be matched; its lower-case form is what counts.
pub(super) fn is_short(text: &str) -> bool {
    text.len() <= LONGEST || text.to_lowercase().encode_utf16().take(LONGEST + 1).count() <= LONGEST
}

/// A number as JavaScript writes it, where 1.0 is 1.
pub(super) fn number_text(number: &Number) -> String {
    match number.as_f64().filter(|_| number.is_f64()) {
        None => number.to_string(),
        Some(0.0) => "0".to_owned(),
        Some(float) if (1e-6..1e21).contains(&float.abs()) => float.to_string(),
        Some(float) if float.abs() < 1.0 => format!("{float:e}"),
        Some(float) => format!("{float:e}").replace('e', "e+"),
    }
}

fn push_lower(path: &mut String, key: &str) {
    if key.is_ascii() {
        path.extend(key.chars().map(|letter| letter.to_ascii_lowercase()));
    } else {
        path.push_str(&key.to_lowercase());
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn numbers_are_written_as_in_javascript() {
        for (number, expected) in [
            ("1.0", "1"),
            ("-0.0", "0"),
            ("-1.50", "-1.5"),
            ("0.000001", "0.000001"),
            ("0.00000015", "1.5e-7"),
            ("1e20", "100000000000000000000"),
            ("1.5e21", "1.5e+21"),
            ("12345678901234567890", "12345678901234567890"),
        ] {
            assert_eq!(number_text(&serde_json::from_str(number).unwrap()), expected, "{number}");
        }
    }

    #[test]
    fn flattens_as_backstage_does() {
        let body = json!({
            "kind": "Component",
            "metadata": {"Name": "A", "etag": "x", "tags": ["Java"], "labels": {"a.b/c": "d"}, "none": null, "long": "x".repeat(201)},
            "spec": {"list": [{"a": 1}, {"a": true}, {"a": 1.0}], "empty": [], "case": ["b", "B", "a"]},
            "wide": "あ".repeat(200), "wider": "😀".repeat(101), "status": {"items": [1]}
        });
        let rows = Rows::new(body.as_object().unwrap(), "u");
        let found: Vec<String> = rows
            .iter()
            .map(|row| format!("{}={}{}", row.key, row.value.unwrap_or("-"), if row.is_listed { "*" } else { "" }))
            .collect();
        let wide = format!("wide={}", "あ".repeat(200));
        let expected = [
            "kind=Component",
            "metadata.name=A",
            "metadata.tags=Java*",
            "metadata.labels.a.b/c=d",
            "metadata.none=-",
            "metadata.long=-",
            "spec.list.a=1",
            "spec.list.a=true",
            "spec.case=b*",
            "spec.case=a*",
            wide.as_str(),
            "wider=-",
            "metadata.uid=u",
        ];
        assert_eq!(found, expected);
    }
}
