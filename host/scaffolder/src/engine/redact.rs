//! Takes secrets out of whatever is kept or shown.

use serde_json::{Map, Value};

/// What stands where a secret was.
const MASK: &str = "***";
/// Shorter values would mask half of every log.
const SHORTEST: usize = 3;

/// Knows the values of a task's secrets.
#[derive(Clone, Default)]
pub(crate) struct Redactor {
    values: Vec<String>,
}

impl Redactor {
    /// The texts and numbers among a task's secrets.
    pub(crate) fn new(secrets: &Map<String, Value>) -> Self {
        let mut values = Vec::new();
        secrets.values().for_each(|value| collect(value, &mut values));
        // The longest first, so that no part of one is left over.
        values.sort_by_key(|value| std::cmp::Reverse(value.len()));
        values.dedup();
        Self { values }
    }

    /// A text without secrets.
    pub(crate) fn text(&self, text: &str) -> String {
        let mut text = text.to_owned();
        for value in &self.values {
            if text.contains(value.as_str()) {
                text = text.replace(value.as_str(), MASK);
            }
        }
        text
    }

    /// A value without secrets.
    pub(crate) fn json(&self, value: Value) -> Value {
        if self.values.is_empty() {
            return value;
        }
        match value {
            Value::String(text) => Value::String(self.text(&text)),
            Value::Array(items) => Value::Array(items.into_iter().map(|item| self.json(item)).collect()),
            Value::Object(entries) => {
                Value::Object(entries.into_iter().map(|(key, item)| (self.text(&key), self.json(item))).collect())
            }
            Value::Number(number) if self.values.contains(&number.to_string()) => Value::String(MASK.to_owned()),
            other => other,
        }
    }
}

fn collect(value: &Value, values: &mut Vec<String>) {
    match value {
        Value::String(text) => {
            // As it stands, line by line, and as it looks inside of JSON.
            let escaped = Value::String(text.clone()).to_string();
            let escaped = escaped.trim_matches('"').to_owned();
            let lines = text.lines().map(|line| line.trim().to_owned());
            let all = [text.clone(), text.trim().to_owned(), escaped].into_iter().chain(lines);
            values.extend(all.filter(|text| text.len() >= SHORTEST));
        }
        Value::Number(number) => values.extend(Some(number.to_string()).filter(|text| text.len() >= SHORTEST)),
        Value::Array(items) => items.iter().for_each(|item| collect(item, values)),
        Value::Object(entries) => entries.values().for_each(|item| collect(item, values)),
        Value::Bool(_) | Value::Null => {}
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn secrets_are_masked_wherever_they_stand() {
        let secrets = json!({"token": "hunter2", "deep": {"key": "a\"b\nsecond line"}, "pin": 12345, "short": "ab"});
        let redactor = Redactor::new(secrets.as_object().unwrap());
        for (text, expected) in [
            ("Bearer hunter2!", "Bearer ***!"),
            ("{\"key\":\"a\\\"b\\nsecond line\"}", "{\"key\":\"***\"}"),
            ("second line", "***"),
            ("pin 12345", "pin ***"),
            ("ab stays", "ab stays"),
        ] {
            assert_eq!(redactor.text(text), expected, "{text}");
        }
        assert_eq!(redactor.json(json!({"a": ["hunter2", 12345, 1]})), json!({"a": ["***", "***", 1]}));
    }
}
