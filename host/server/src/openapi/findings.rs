//! Shapes of definitions and of problems.

use serde_json::{Map, Value, json};

/// The shapes by name.
pub(super) fn schemas() -> Map<String, Value> {
    let text = || json!({ "type": "string" });
    let open = || json!({ "type": "object", "additionalProperties": true });
    let list = |name: &str| json!({ "type": "array", "items": { "$ref": format!("#/components/schemas/{name}") } });
    let object = |properties: Value, required: &[&str]| json!({ "type": "object", "properties": properties, "required": required });
    let all = json!({
        "ProblemPage": object(json!({
            "items": { "type": "array", "items": open() }, "totalItems": { "type": "integer" }, "owners": { "type": "array", "items": open() },
            "kinds": { "type": "array", "items": open() }, "severities": { "type": "array", "items": open() }, "codes": { "type": "array", "items": open() }
        }), &["items", "totalItems"]),
        "ProblemCount": object(json!({ "errors": { "type": "integer" }, "warnings": { "type": "integer" }, "infos": { "type": "integer" } }), &["errors", "warnings", "infos"]),
        "UnprocessedEntities": object(json!({ "entities": { "type": "array", "items": object(json!({
            "entity_id": text(), "entity_ref": text(), "unprocessed_entity": open(), "processed_entity": {}, "errors": { "type": "array", "items": open() }
        }), &["entity_id", "entity_ref", "unprocessed_entity", "errors"]) } }), &["entities"]),
        "EntityErrors": object(json!({ "errors": { "type": "array", "items": object(json!({
            "name": text(), "message": text(), "code": text(), "pointer": text(), "hint": text()
        }), &["name", "message"]) } }), &["errors"]),
        "LocationPreview": object(json!({ "exists": { "type": "boolean" }, "entities": list("Entity"), "problems": { "type": "array", "items": open() } }), &["exists", "entities", "problems"]),
        "Definition": object(json!({
            "format": text(), "language": text(), "title": text(), "version": text(), "description": text(), "facts": { "type": "array", "items": open() },
            "servers": { "type": "array", "items": open() }, "security": { "type": "array", "items": open() }, "groups": { "type": "array", "items": open() },
            "types": { "type": "array", "items": open() }, "findings": { "type": "array", "items": open() }, "truncated": { "type": "boolean" }
        }), &["format", "groups", "types", "findings"]),
        "DefinitionSummaries": object(json!({ "items": { "type": "array", "items": { "oneOf": [{ "type": "null" }, { "type": "object", "properties": {
            "format": text(), "operations": { "type": "integer" }, "types": { "type": "integer" }, "errors": { "type": "integer" } } }] } } }), &["items"])
    });
    match all {
        Value::Object(all) => all,
        _ => Map::new(),
    }
}
