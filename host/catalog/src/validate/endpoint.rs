//! What the endpoint `validate-entity` answers: the verdict of Backstage's own, which looks at an entity as if it had
//! been read from the location that it is told.

use host_model::Entity;
use serde_json::{Map, Value};

use super::{Violation, formats, shown, validate};
use crate::declared::Model;
use crate::relations::stated;

/// Everything that is wrong with an entity that is said to come from a location; empty when it is valid.
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
    let mut found = validate(&document, model);
    // Keys that differ only in case are found later there, when the entity is put together.
    found.retain(|violation| violation.code != "entity/duplicate-key");
    if !found.is_empty() {
        return found;
    }
    let entity = Entity::new(document);
    found.extend(
        stated(&entity, model).2.into_iter().map(|bad| violation(&bad.pointer, "entity/reference", bad.message, None)),
    );
    let points_to = entity.pointer("/spec/type").and_then(Value::as_str).unwrap_or(location_type);
    if entity.kind() == "Location" && points_to != "url" {
        let message = "Registered locations must be of an allowed type [\"url\"]".to_owned();
        found.push(violation("/spec/type", "location/type", message, Some("write type: url")));
    }
    found
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
