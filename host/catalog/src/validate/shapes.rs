//! Compares values with the shapes that a kind's fields have.

use serde_json::{Map, Value};

use super::Violations;
use super::kinds::{Field, Shape};
use super::lint::nearest;

/// Checks the fields of a mapping; keys that no field names are free.
pub(super) fn check<'a>(
    object: &Map<String, Value>,
    fields: impl Iterator<Item = &'a Field> + Clone,
    pointer: &str,
    path: &str,
    found: &mut Violations,
) {
    for field in fields.clone() {
        let path = format!("{path}.{}", field.name);
        match object.get(field.name) {
            None if field.required => missing(object, field, fields.clone(), pointer, &path, found),
            None => {}
            Some(value) => shape(value, field.shape, &format!("{pointer}/{}", super::escape(field.name)), &path, found),
        }
    }
}

fn missing<'a>(
    object: &Map<String, Value>,
    field: &Field,
    fields: impl Iterator<Item = &'a Field> + Clone,
    pointer: &str,
    path: &str,
    found: &mut Violations,
) {
    let is_other = |key: &str| fields.clone().any(|other| other.name == key);
    let near = object.keys().find(|key| !is_other(key) && nearest(key, [field.name]).is_some());
    let hint = match (near, field.shape) {
        (Some(near), _) => Some(format!("rename {near} to {}", field.name)),
        (None, Shape::Texts) => Some(format!("write {}: [] when there is none", field.name)),
        _ => None,
    };
    found.missing(pointer, path).hint = hint;
}

fn shape(value: &Value, shape: Shape, pointer: &str, path: &str, found: &mut Violations) {
    let items = |items: &[Value], shape: Shape, found: &mut Violations| {
        for (index, item) in items.iter().enumerate() {
            self::shape(item, shape, &format!("{pointer}/{index}"), &format!("{path}[{index}]"), found);
        }
    };
    match (shape, value) {
        (Shape::Text, Value::String(text)) if text.is_empty() => {
            found.format(pointer, path, "text that is not empty", value);
        }
        (Shape::Text | Shape::AnyText | Shape::TextOrBool, Value::String(_))
        | (Shape::TextOrBool | Shape::Bool, Value::Bool(_))
        | (Shape::Anything, _) => {}
        (Shape::Texts, Value::Array(texts)) => items(texts, Shape::Text, found),
        (Shape::AnyTexts, Value::Array(texts)) => items(texts, Shape::AnyText, found),
        (Shape::References, _) => references(value, pointer, path, found),
        (Shape::Mapping(fields) | Shape::MappingOrMappings(fields), Value::Object(object)) => {
            check(object, fields.iter(), pointer, path, found);
        }
        (Shape::MappingOfTexts(fields), Value::Object(object)) => {
            check(object, fields.iter(), pointer, path, found);
            for (key, value) in object.iter().filter(|(key, _)| fields.iter().all(|field| field.name != *key)) {
                let (pointer, path) = (format!("{pointer}/{}", super::escape(key)), format!("{path}.{key}"));
                self::shape(value, Shape::AnyText, &pointer, &path, found);
            }
        }
        (Shape::SomeMappings(_), Value::Array(mappings)) if mappings.is_empty() => {
            found.format(pointer, path, "a list with at least one item", value);
        }
        (
            Shape::Mappings(fields) | Shape::SomeMappings(fields) | Shape::MappingOrMappings(fields),
            Value::Array(mappings),
        ) => items(mappings, Shape::Mapping(fields), found),
        (Shape::OneOf(words), Value::String(word)) => {
            if !words.contains(&word.as_str()) {
                found.format(pointer, path, &words.join(" or "), value);
            }
        }
        (Shape::Chosen(key, choices), Value::Array(mappings)) => {
            if mappings.is_empty() {
                found.format(pointer, path, "a list with at least one item", value);
            }
            for (index, item) in mappings.iter().enumerate() {
                chosen(item, key, choices, &format!("{pointer}/{index}"), &format!("{path}[{index}]"), found);
            }
        }
        (shape, _) => found.wrong_type(pointer, path, name(shape), value),
    }
}

/// A mapping with the fields that one of its values chooses, and no others.
fn chosen(
    value: &Value,
    key: &'static str,
    choices: &[(&'static str, &'static [Field])],
    pointer: &str,
    path: &str,
    found: &mut Violations,
) {
    let Value::Object(object) = value else {
        return found.wrong_type(pointer, path, "a mapping", value);
    };
    let Some(choice) = object.get(key) else {
        found.missing(pointer, &format!("{path}.{key}"));
        return;
    };
    let Some((_, fields)) = choices.iter().find(|(name, _)| choice == name) else {
        let names: Vec<&str> = choices.iter().map(|(name, _)| *name).collect();
        found.format(format!("{pointer}/{key}"), &format!("{path}.{key}"), &names.join(" or "), choice);
        return;
    };
    check(object, fields.iter(), pointer, path, found);
    for other in object.keys().filter(|other| *other != key && fields.iter().all(|field| field.name != *other)) {
        let message = format!("{path}.{other} is not known for {choice}");
        found.push(format!("{pointer}/{}", super::escape(other)), "entity/unknown-key", message).at_key = true;
    }
}

/// References that no schema describes. What counts as nothing where they are read is passed over.
fn references(value: &Value, pointer: &str, path: &str, found: &mut Violations) {
    let is_nothing = match value {
        Value::Null | Value::Bool(false) => true,
        Value::Number(number) => number.as_f64() == Some(0.0),
        Value::String(text) => text.is_empty(),
        _ => false,
    };
    if is_nothing {
        return;
    }
    let listed = value.as_array();
    for (index, item) in listed.map_or(std::slice::from_ref(value), Vec::as_slice).iter().enumerate() {
        let (pointer, path) = match listed {
            Some(_) => (format!("{pointer}/{index}"), format!("{path}[{index}]")),
            None => (pointer.to_owned(), path.to_owned()),
        };
        let part = |key: &str| item.get(key).and_then(Value::as_str).is_some_and(|part| !part.is_empty());
        match item {
            Value::String(text) if !text.is_empty() => {}
            Value::Object(_) if part("kind") && part("name") => {}
            _ => found.wrong_type(pointer, &path, "a reference such as component:name", item),
        }
    }
}

fn name(shape: Shape) -> &'static str {
    match shape {
        Shape::Text | Shape::AnyText | Shape::OneOf(_) => "text",
        Shape::Bool => "true or false",
        Shape::TextOrBool => "text, or true or false",
        Shape::Texts | Shape::AnyTexts => "a list of texts",
        Shape::References => "a list of references",
        Shape::Mapping(_) | Shape::MappingOfTexts(_) => "a mapping",
        Shape::Mappings(_) | Shape::SomeMappings(_) | Shape::Chosen(..) => "a list of mappings",
        Shape::MappingOrMappings(_) => "a mapping or a list of mappings",
        Shape::Anything => "anything",
    }
}
