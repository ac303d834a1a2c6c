//! Compares values with the shapes that a kind's fields have.

use serde_json::{Map, Value};

use super::Violations;
use super::kinds::{Field, Shape};

/// Checks the fields of a mapping; keys that no field names are free.
pub(super) fn check<'a>(
    object: &Map<String, Value>,
    fields: impl Iterator<Item = &'a Field>,
    pointer: &str,
    path: &str,
    found: &mut Violations,
) {
    for field in fields {
        let path = format!("{path}.{}", field.name);
        match object.get(field.name) {
            None if field.required => missing(object, field, pointer, &path, found),
            None => {}
            Some(value) => shape(value, field.shape, &format!("{pointer}/{}", field.name), &path, found),
        }
    }
}

fn missing(object: &Map<String, Value>, field: &Field, pointer: &str, path: &str, found: &mut Violations) {
    found.missing(pointer, path);
    let near = object.keys().find(|key| key.eq_ignore_ascii_case(field.name));
    if let (Some(near), Some(violation)) = (near, found.0.last_mut()) {
        violation.hint = Some(format!("rename {near} to {}", field.name));
    } else if let (Shape::Texts, Some(violation)) = (field.shape, found.0.last_mut()) {
        violation.hint = Some(format!("write {}: [] when there is none", field.name));
    }
}

fn shape(value: &Value, shape: Shape, pointer: &str, path: &str, found: &mut Violations) {
    match (shape, value) {
        (Shape::Text | Shape::TextOrTexts, Value::String(text)) if text.is_empty() => {
            found.format(pointer, path, "text that is not empty", value);
        }
        (Shape::Text | Shape::AnyText | Shape::TextOrTexts | Shape::TextOrBool, Value::String(_))
        | (Shape::TextOrBool, Value::Bool(_))
        | (Shape::List, Value::Array(_)) => {}
        (Shape::Texts | Shape::TextOrTexts, Value::Array(items)) => {
            for (index, item) in items.iter().enumerate() {
                self::shape(item, Shape::Text, &format!("{pointer}/{index}"), &format!("{path}[{index}]"), found);
            }
        }
        (Shape::Mapping(fields), Value::Object(object)) => check(object, fields.iter(), pointer, path, found),
        (Shape::MappingOrMappings, Value::Object(_)) => {}
        (Shape::MappingOrMappings, Value::Array(items)) => {
            for (index, item) in items.iter().enumerate().filter(|(_, item)| !item.is_object()) {
                found.wrong_type(format!("{pointer}/{index}"), &format!("{path}[{index}]"), "a mapping", item);
            }
        }
        (Shape::Mappings(fields), Value::Array(items)) => {
            for (index, item) in items.iter().enumerate() {
                let (pointer, path) = (format!("{pointer}/{index}"), format!("{path}[{index}]"));
                self::shape(item, Shape::Mapping(fields), &pointer, &path, found);
            }
        }
        (Shape::OneOf(words), Value::String(word)) => {
            if !words.contains(&word.as_str()) {
                found.format(pointer, path, &words.join(" or "), value);
            }
        }
        (shape, _) => found.wrong_type(pointer, path, name(shape), value),
    }
}

fn name(shape: Shape) -> &'static str {
    match shape {
        Shape::Text | Shape::AnyText | Shape::OneOf(_) => "text",
        Shape::Texts => "a list of texts",
        Shape::TextOrTexts => "text or a list of texts",
        Shape::Mapping(_) => "a mapping",
        Shape::Mappings(_) => "a list of mappings",
        Shape::MappingOrMappings => "a mapping or a list of mappings",
        Shape::TextOrBool => "text, or true or false",
        Shape::List => "a list",
    }
}
