//! Forms as they are posted, made into JSON by the schema that drew them.
//!
//! A field's name is the JSON pointer of its value (`/repository/name`). A browser sends only texts, sends nothing for
//! an empty checkbox, and sends a name several times for several choices; the schema tells what was meant.

use host_api::ParameterSchema;
use serde_json::{Map, Value};

/// The values of a template's form, of all its pages.
pub(crate) fn of_parameters(schema: &ParameterSchema, pairs: &[(String, String)]) -> Map<String, Value> {
    let mut values = Map::new();
    for step in &schema.steps {
        values.extend(of_object(&step.schema, "", pairs));
    }
    values
}

/// The values of the properties of one object schema.
pub(crate) fn of_object(schema: &Value, prefix: &str, pairs: &[(String, String)]) -> Map<String, Value> {
    let mut values = Map::new();
    for (name, property) in properties(schema) {
        let pointer = format!("{prefix}/{}", name.replace('~', "~0").replace('/', "~1"));
        if let Some(value) = read(property, &pointer, pairs) {
            values.insert(name.clone(), value);
        }
    }
    values
}

/// All properties that the schema or one of its branches can show.
fn properties(schema: &Value) -> Vec<(&String, &Value)> {
    let mut found: Vec<(&String, &Value)> =
        schema.get("properties").and_then(Value::as_object).into_iter().flatten().collect();
    let lists =
        ["allOf", "oneOf", "anyOf"].iter().filter_map(|key| schema.get(*key)).filter_map(Value::as_array).flatten();
    let branches = ["then", "else"].iter().filter_map(|key| schema.get(*key));
    let dependencies = schema.get("dependencies").and_then(Value::as_object).into_iter().flat_map(Map::values);
    for branch in lists.chain(branches).chain(dependencies) {
        for (name, property) in properties(branch) {
            if !found.iter().any(|(known, _)| *known == name) {
                found.push((name, property));
            }
        }
    }
    found
}

fn read(schema: &Value, pointer: &str, pairs: &[(String, String)]) -> Option<Value> {
    let texts = || pairs.iter().filter(|(name, _)| name == pointer).map(|(_, text)| text.as_str());
    // Objects without known properties, and lists of objects, are written as JSON in one field.
    let as_json = || {
        texts()
            .find(|text| !text.trim().is_empty())
            .map(|text| serde_json::from_str(text).unwrap_or_else(|_| Value::from(text)))
    };
    match type_of(schema) {
        Some("object") if properties(schema).is_empty() => as_json(),
        Some("array")
            if schema.get("items").is_some_and(|items| matches!(type_of(items), Some("object" | "array"))) =>
        {
            as_json()
        }
        Some("object") => {
            let inner = of_object(schema, pointer, pairs);
            (!inner.is_empty()).then_some(Value::Object(inner))
        }
        // A checkbox that is not set sends nothing, so a field of the form that is missing means false.
        Some("boolean") => Some(Value::Bool(texts().any(|text| matches!(text, "true" | "on")))),
        Some("array") => {
            let items = schema.get("items").unwrap_or(&Value::Null);
            // One text may hold several items, a line each; a choice sends its name again for each item.
            let list: Vec<Value> = texts()
                .flat_map(str::lines)
                .map(str::trim)
                .filter(|text| !text.is_empty())
                .map(|text| scalar(items, text))
                .collect();
            (!list.is_empty()).then_some(Value::Array(list))
        }
        _ => texts().find(|text| !text.is_empty()).map(|text| scalar(schema, text)),
    }
}

/// The schema's type; of several the first that is not null.
fn type_of(schema: &Value) -> Option<&str> {
    match schema.get("type")? {
        Value::Array(several) => several.iter().filter_map(Value::as_str).find(|name| *name != "null"),
        one => one.as_str(),
    }
}

/// A text as the schema's type; when it does not fit it stays a text, and validation says what is wrong.
fn scalar(schema: &Value, text: &str) -> Value {
    let text_value = || Value::String(text.to_owned());
    // A choice may be of any type: the value that is written like the text is meant.
    let choices = schema.get("enum").and_then(Value::as_array);
    let written = |choice: &Value| choice.as_str().map_or_else(|| choice.to_string(), str::to_owned);
    if let Some(choice) = choices.into_iter().flatten().find(|choice| written(choice) == text) {
        return choice.clone();
    }
    match type_of(schema) {
        Some("integer") => text.trim().parse::<i64>().map_or_else(|_| text_value(), Value::from),
        Some("number") => text
            .trim()
            .parse::<f64>()
            .ok()
            .and_then(serde_json::Number::from_f64)
            .map_or_else(text_value, Value::Number),
        Some("boolean") => text.parse().map_or_else(|_| text_value(), Value::Bool),
        _ => text_value(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_schema_tells_what_texts_mean() {
        let schema = json!({
            "properties": {
                "name": {"type": "string"}, "replicas": {"type": "integer"}, "ratio": {"type": "number"},
                "public": {"type": "boolean"}, "docs": {"type": "boolean"}, "tags": {"type": "array", "items": {"type": "string"}},
                "size": {"enum": [1, 2]}, "repository": {"type": "object", "properties": {"a/b": {"type": "string"}}},
                "empty": {"type": "string"}, "wrong": {"type": "integer"},
                "open": {"type": "object"}, "list": {"type": "array", "items": {"type": "object"}}, "maybe": {"type": ["null", "number"]}
            },
            "dependencies": {"public": {"oneOf": [{"properties": {"reason": {"type": "string"}}}]}}
        });
        let pairs: Vec<(String, String)> = [
            ("/name", "checkout"),
            ("/replicas", "3"),
            ("/ratio", "0.5"),
            ("/public", "on"),
            ("/tags", "a\n b \n"),
            ("/tags", "c"),
            ("/size", "2"),
            ("/repository/a~1b", "x"),
            ("/empty", ""),
            ("/wrong", "many"),
            ("/reason", "why"),
            ("/unknown", "1"),
            ("/open", "{\"a\": 1}"),
            ("/list", "[{\"a\":\n1}]"),
            ("/maybe", "1.5"),
        ]
        .map(|(name, text)| (name.to_owned(), text.to_owned()))
        .to_vec();
        let expected = json!({
            "name": "checkout", "replicas": 3, "ratio": 0.5, "public": true, "docs": false, "tags": ["a", "b", "c"],
            "size": 2, "repository": {"a/b": "x"}, "wrong": "many", "reason": "why",
            "open": {"a": 1}, "list": [{"a": 1}], "maybe": 1.5
        });
        assert_eq!(Value::Object(of_object(&schema, "", &pairs)), expected);
    }
}
