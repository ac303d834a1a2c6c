//! What filters, facets and orders see of an entity: keys with values, flattened as Backstage flattens them.
//!
//! Keys are paths in lower case joined by dots. Lists are transparent, and each text in a list gives a key of its own
//! (`metadata.tags.java`) with the value `true`. Values longer than 200 bytes exist but match nothing; longer keys are
//! left out. `relations.<name>` is added by the index itself.

use serde_json::{Map, Value};

/// Longest key and value.
const LONGEST: usize = 200;

/// One row.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Row {
    /// A key with a value as it is written; none when it exists but cannot be matched.
    Value(String, Option<String>),
    /// The key of a text in a list; its value is `true`.
    Item(String),
}

/// The rows of an entity's body.
pub(crate) fn rows(body: &Map<String, Value>, uid: &str) -> Vec<Row> {
    let mut rows = Vec::with_capacity(48);
    for (key, value) in body {
        if !matches!(key.as_str(), "attachments" | "relations" | "status") {
            visit(value, &key.to_lowercase(), &mut rows);
        }
    }
    push(&mut rows, "metadata.uid".to_owned(), Some(uid));
    rows.sort_unstable();
    rows.dedup();
    rows
}

fn visit(value: &Value, path: &str, rows: &mut Vec<Row>) {
    match value {
        Value::Null => push(rows, path.to_owned(), None),
        Value::Bool(value) => push(rows, path.to_owned(), Some(if *value { "true" } else { "false" })),
        Value::Number(number) => push(rows, path.to_owned(), Some(&number.to_string())),
        Value::String(text) => push(rows, path.to_owned(), Some(text)),
        Value::Array(items) => {
            for item in items {
                visit(item, path, rows);
                if let Value::String(text) = item
                    && path.len() + 1 + text.len() <= LONGEST
                {
                    rows.push(Row::Item(format!("{path}.{}", text.to_lowercase())));
                }
            }
        }
        Value::Object(entries) => {
            for (key, value) in entries {
                let path = format!("{path}.{}", key.to_lowercase());
                if !matches!(path.as_str(), "metadata.uid" | "metadata.etag") {
                    visit(value, &path, rows);
                }
            }
        }
    }
}

fn push(rows: &mut Vec<Row>, key: String, value: Option<&str>) {
    if key.len() <= LONGEST {
        rows.push(Row::Value(key, value.filter(|value| value.len() <= LONGEST).map(str::to_owned)));
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn flattens_as_backstage_does() {
        let body = json!({
            "kind": "Component",
            "metadata": {"Name": "A", "etag": "x", "tags": ["Java"], "labels": {"a.b/c": "d"}, "none": null, "long": "x".repeat(201)},
            "spec": {"list": [{"a": 1}, {"a": true}], "empty": []},
            "status": {"items": [1]}
        });
        let rows = rows(body.as_object().unwrap(), "u");
        let value = |key: &str, value: &str| Row::Value(key.into(), Some(value.into()));
        let expected = [
            value("kind", "Component"),
            value("metadata.labels.a.b/c", "d"),
            Row::Value("metadata.long".into(), None),
            value("metadata.name", "A"),
            Row::Value("metadata.none".into(), None),
            value("metadata.tags", "Java"),
            value("metadata.uid", "u"),
            value("spec.list.a", "1"),
            value("spec.list.a", "true"),
            Row::Item("metadata.tags.java".into()),
        ];
        assert_eq!(rows, expected);
    }
}
