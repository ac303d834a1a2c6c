//! Examples made up from a type, for bodies whose definition gives none.

use host_api::ApiSchema;
use serde_json::{Map, Value, json};

use super::Types;

/// The most values of one example, and how many types are put into one another at most.
const MOST_VALUES: usize = 120;
const MOST_WITHIN: usize = 5;

/// What goes on while an example is made.
struct Making<'t, 'a> {
    types: &'t Types<'a>,
    /// The named types that are being made.
    within: Vec<String>,
    left: usize,
}

/// An example as JSON text; none for a type that says too little.
pub(super) fn of(schema: &ApiSchema, types: &Types<'_>) -> Option<String> {
    let mut making = Making { types, within: Vec::new(), left: MOST_VALUES };
    let value = making.value(schema);
    let is_worth_it = match &value {
        Value::Object(object) => !object.is_empty(),
        Value::Array(items) => items.iter().any(|item| !item.is_null()),
        _ => false,
    };
    is_worth_it.then(|| serde_json::to_string_pretty(&value).ok()).flatten()
}

impl Making<'_, '_> {
    fn value(&mut self, schema: &ApiSchema) -> Value {
        if self.left == 0 {
            return Value::Null;
        }
        self.left -= 1;
        let mut label = schema.type_label.as_str();
        let mut lists = 0;
        while let Some(inner) = label.strip_prefix("array of").filter(|_| lists < MOST_WITHIN) {
            label = inner.trim_start();
            lists += 1;
        }
        let inner = self.inner(schema, label);
        (0..lists).fold(inner, |inner, _| Value::Array(vec![inner]))
    }

    fn inner(&mut self, schema: &ApiSchema, label: &str) -> Value {
        let is_text = label.starts_with("string") || label.is_empty();
        let read = |text: &String| {
            if is_text { Some(Value::from(text.as_str())) } else { serde_json::from_str(text).ok() }
        };
        let is_list = schema.type_label.starts_with("array");
        let given = schema.example.as_ref().filter(|_| !is_list).or(schema.choices.first());
        if let Some(value) = given.or(schema.default.as_ref().filter(|_| !is_list)).and_then(read) {
            return value;
        }
        if let Some(name) = &schema.reference {
            return self.named(name);
        }
        if label == "array" {
            let places = schema.children.iter().find(|child| child.is_label && child.name == "in this order");
            let places = places.map(|places| places.children.as_slice()).unwrap_or_default();
            return Value::Array(places.iter().map(|place| self.value(place)).collect());
        }
        if !schema.children.is_empty() {
            return self.object(schema);
        }
        match label.split([' ', '(']).next().unwrap_or_default() {
            "string" => Value::from(text_of(label)),
            "integer" => json!(1),
            "number" => json!(1.5),
            "boolean" => json!(true),
            "object" => json!({}),
            _ => Value::Null,
        }
    }

    fn named(&mut self, name: &str) -> Value {
        let is_open = self.within.len() < MOST_WITHIN && !self.within.iter().any(|known| known == name);
        let Some(found) = self.types.get(name).filter(|_| is_open) else { return json!({}) };
        self.within.push(name.to_owned());
        let value = self.value(&found.schema);
        self.within.pop();
        value
    }

    fn object(&mut self, schema: &ApiSchema) -> Value {
        let mut object = Map::new();
        for child in &schema.children {
            match child.name.as_str() {
                "all of" if child.is_label => {
                    for part in &child.children {
                        if let Value::Object(part) = self.value(part) {
                            object.extend(part);
                        }
                    }
                }
                "one of" | "any of" if child.is_label => match child.children.first().map(|first| self.value(first)) {
                    Some(Value::Object(first)) => object.extend(first),
                    Some(other) if object.is_empty() => return other,
                    _ => {}
                },
                "any other name" if child.is_label => {
                    object.insert("name".to_owned(), self.value(child));
                }
                _ if child.is_label || child.marks.iter().any(|mark| mark == ApiSchema::NAME_IS_PATTERN) => {}
                name => {
                    let value = self.value(child);
                    object.insert(name.to_owned(), value);
                }
            }
        }
        Value::Object(object)
    }
}

/// A text in the format that the label names.
fn text_of(label: &str) -> &'static str {
    let format = label.split_once('(').map_or("", |(_, format)| format.trim_end_matches(')'));
    match format {
        "date-time" => "2026-01-31T12:00:00Z",
        "date" => "2026-01-31",
        "time" => "12:00:00Z",
        "uuid" => "3fa85f64-5717-4562-b3fc-2c963f66afa6",
        "email" => "ada@example.com",
        "uri" | "url" => "https://example.com",
        "byte" => "aGVsbG8=",
        _ => "text",
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;
    use std::collections::HashMap;

    use host_api::{ApiDefinition, ApiType};

    use super::*;
    use crate::definition::state::State;
    use crate::query::Query;

    fn node(name: &str, label: &str, reference: &str, children: Vec<ApiSchema>) -> ApiSchema {
        let reference = (!reference.is_empty()).then(|| reference.to_owned());
        let (name, type_label) = (name.to_owned(), label.to_owned());
        ApiSchema { name, type_label, reference, children, ..ApiSchema::default() }
    }

    #[test]
    fn examples_follow_types_and_end() {
        let order = node(
            "",
            "object",
            "",
            vec![
                ApiSchema { example: Some("ord_1".into()), ..node("id", "string", "", vec![]) },
                ApiSchema { default: Some("3".into()), ..node("count", "integer", "", vec![]) },
                ApiSchema { choices: vec!["open".into()], ..node("state", "string", "", vec![]) },
                node("at", "string (date-time)", "", vec![]),
                node("parts", "array of", "Order", vec![]),
                node(
                    "pair",
                    "array",
                    "",
                    vec![ApiSchema {
                        is_label: true,
                        ..node("in this order", "", "", vec![node("", "integer", "", vec![])])
                    }],
                ),
                ApiSchema { marks: vec![ApiSchema::NAME_IS_PATTERN.into()], ..node("^x-", "string", "", vec![]) },
                ApiSchema {
                    is_label: true,
                    ..node("one of", "", "", vec![node("", "object", "", vec![node("x", "boolean", "", vec![])])])
                },
            ],
        );
        let named = [ApiType { name: "Order".into(), schema: order, ..ApiType::default() }];
        let state = State::of(String::new(), &Query::new(&[]), &ApiDefinition::default());
        let by_name: HashMap<_, _> = named.iter().map(|found| (found.name.as_str(), (0, found))).collect();
        let types = Types { by_name, state: &state, room: Cell::new(0) };
        let text = of(&node("", "", "Order", vec![]), &types).unwrap();
        let expected = json!({"id": "ord_1", "count": 3, "state": "open", "at": "2026-01-31T12:00:00Z", "parts": [{}], "pair": [1], "x": true});
        assert_eq!(serde_json::from_str::<Value>(&text).unwrap(), expected);
        assert_eq!(of(&node("", "string", "", vec![]), &types), None);
    }
}
