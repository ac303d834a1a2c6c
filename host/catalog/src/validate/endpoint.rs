//! What the endpoint `validate-entity` answers: the verdict of Backstage's own, which looks at an entity as if it had
//! been read from the location that it is told.

use host_model::Entity;
use serde_json::{Map, Value};

use super::{Violation, escape, formats, shown, validate};
use crate::declared::Model;
use crate::relations::stated;

/// The keys that have a file's content put in their place when an entity is read.
const PLACEHOLDERS: [&str; 5] = ["$text", "$json", "$yaml", "$openapi", "$asyncapi"];

/// Everything that is wrong with an entity that is said to come from a location; empty when it is valid. What stands for
/// a file's content is not judged: no file is read here.
pub(crate) fn validate_entity(entity: &Value, location: &str, model: &Model) -> Vec<Violation> {
    let violation = |pointer: &str, code, message: String, hint: Option<&str>| Violation {
        pointer: pointer.to_owned(),
        at_key: false,
        code,
        message,
        hint: hint.map(str::to_owned),
    };
    let Value::Object(document) = entity else {
        let message = format!("an entity must be a mapping, found {}", shown(entity));
        return vec![violation("", "entity/type", message, None)];
    };
    let Some((location_type, _)) = formats::location_parts(location) else {
        let message = format!("the location {location:?} is not valid: expected type:target");
        let hint = "write url:https://… or file:/…";
        return vec![violation("", "location/format", message, Some(hint))];
    };
    let mut document = document.clone();
    spread_annotations(&mut document);
    let mut unknown = Vec::new();
    placeholders(entity, "", &mut unknown);
    let is_judged = |violation: &Violation| !unknown.iter().any(|pointer| is_within(&violation.pointer, pointer));
    let mut found = validate(&document, model);
    // Keys that differ only in case are found later there, when the entity is put together.
    found.retain(|violation| violation.code != "entity/duplicate-key" && is_judged(violation));
    if !found.is_empty() {
        return found;
    }
    let entity = Entity::new(document);
    let references = stated(&entity, model).2.into_iter();
    let references = references.map(|bad| violation(&bad.pointer, "entity/reference", bad.message, None));
    found.extend(references.filter(is_judged));
    let points_to = entity.pointer("/spec/type").and_then(Value::as_str).unwrap_or(location_type);
    if entity.kind() == "Location" && points_to != "url" {
        let message = "Registered locations must be of an allowed type [\"url\"]".to_owned();
        found.push(violation("/spec/type", "location/type", message, Some("write type: url")));
    }
    found
}

/// Collects the pointers of what stands for a file's content.
fn placeholders(value: &Value, pointer: &str, found: &mut Vec<String>) {
    match value {
        Value::Object(object) => {
            let only = object.iter().next().filter(|_| object.len() == 1);
            if only.is_some_and(|(key, target)| PLACEHOLDERS.contains(&key.as_str()) && target.is_string()) {
                found.push(pointer.to_owned());
                return;
            }
            for (key, value) in object {
                placeholders(value, &format!("{pointer}/{}", escape(key)), found);
            }
        }
        Value::Array(items) => {
            for (at, item) in items.iter().enumerate() {
                placeholders(item, &format!("{pointer}/{at}"), found);
            }
        }
        _ => {}
    }
}

fn is_within(pointer: &str, outer: &str) -> bool {
    pointer.strip_prefix(outer).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// The endpoint adds annotations of its own to those that are there, and so takes apart whatever stands in their place:
/// texts by letters, lists by items, and nothing from anything else.
fn spread_annotations(document: &mut Map<String, Value>) {
    let Some(Value::Object(metadata)) = document.get_mut("metadata") else { return };
    let Some(annotations) = metadata.get_mut("annotations").filter(|annotations| !annotations.is_object()) else {
        return;
    };
    let parts: Vec<Value> = match annotations.take() {
        Value::Array(items) => items,
        Value::String(text) => text.chars().map(|letter| Value::from(letter.to_string())).collect(),
        _ => Vec::new(),
    };
    let numbered = parts.into_iter().enumerate().map(|(index, part)| (index.to_string(), part));
    *annotations = Value::Object(numbered.collect());
}
