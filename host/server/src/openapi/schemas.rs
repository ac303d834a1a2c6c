//! Shapes of bodies and answers. Entities, schemas and views are open: their own formats describe them.

use serde_json::{Value, json};

/// All shapes by name.
pub(super) fn schemas() -> Value {
    let text = || json!({ "type": "string" });
    let open = || json!({ "type": "object", "additionalProperties": true });
    let list = |name: &str| json!({ "type": "array", "items": { "$ref": format!("#/components/schemas/{name}") } });
    let object = |properties: Value, required: &[&str]| json!({ "type": "object", "properties": properties, "required": required });
    json!({
        "Error": object(json!({
            "error": { "type": "object", "required": ["name", "message"], "properties": { "name": text(), "message": text(), "fields": { "type": "array", "items": open() } } },
            "request": { "type": "object", "properties": { "method": text(), "url": text() } },
            "response": { "type": "object", "properties": { "statusCode": { "type": "integer" } } }
        }), &["error", "request", "response"]),
        "Health": object(json!({ "status": text(), "pending": { "type": "array", "items": text() } }), &["status"]),
        "Entity": object(json!({
            "apiVersion": text(), "kind": text(), "metadata": open(), "spec": open(),
            "relations": { "type": "array", "items": { "type": "object", "required": ["type", "targetRef"], "properties": { "type": text(), "targetRef": text() } } }
        }), &["apiVersion", "kind", "metadata"]),
        "EntityList": object(json!({ "items": { "type": "array", "items": { "oneOf": [{ "$ref": "#/components/schemas/Entity" }, { "type": "null" }] } } }), &["items"]),
        "EntityPage": object(json!({
            "items": list("Entity"), "totalItems": { "type": "integer" },
            "pageInfo": { "type": "object", "properties": { "nextCursor": text(), "prevCursor": text() } }
        }), &["items", "totalItems", "pageInfo"]),
        "EntityQuery": object(json!({
            "query": open(), "limit": { "type": "integer" }, "offset": { "type": "integer" }, "orderBy": { "type": "array", "items": open() },
            "fullTextFilter": open(), "fields": { "type": "array", "items": text() }, "cursor": text(), "totalItems": text()
        }), &[]),
        "EntityRefs": object(json!({ "entityRefs": { "type": "array", "items": text() }, "fields": { "type": "array", "items": text() }, "query": open() }), &["entityRefs"]),
        "Ancestry": object(json!({ "rootEntityRef": text(), "items": { "type": "array", "items": open() } }), &["rootEntityRef", "items"]),
        "Facets": object(json!({ "facets": { "type": "object", "additionalProperties": { "type": "array", "items": { "type": "object", "required": ["value", "count"], "properties": { "value": text(), "count": { "type": "integer" } } } } } }), &["facets"]),
        "FacetsQuery": object(json!({ "facets": { "type": "array", "items": text() }, "query": open() }), &["facets"]),
        "Refresh": object(json!({ "entityRef": text() }), &["entityRef"]),
        "Problems": object(json!({ "items": { "type": "array", "items": open() } }), &["items"]),
        "Providers": object(json!({ "items": { "type": "array", "items": object(json!({
            "name": text(), "present": { "type": "boolean" }, "running": { "type": "boolean" }, "frequencySeconds": { "type": "integer" },
            "runs": { "type": "integer" }, "lastRun": text(), "lastRunMs": { "type": "integer" }, "nextRun": text(), "error": text(),
            "entities": { "type": "integer" }, "parked": { "type": "integer" }, "written": { "type": "integer" }, "removed": { "type": "integer" },
            "refusals": { "type": "integer" }, "refused": { "type": "array", "items": text() }
        }), &["name", "entities", "parked"]) } }), &["items"]),
        "RunProvider": object(json!({ "approve": { "type": "boolean" } }), &[]),
        "Location": object(json!({ "id": text(), "type": text(), "target": text(), "entityRef": text() }), &["id", "type", "target", "entityRef"]),
        "LocationEntry": object(json!({ "data": { "$ref": "#/components/schemas/Location" } }), &["data"]),
        "LocationInput": object(json!({ "type": text(), "target": text(), "presence": text() }), &["type", "target"]),
        "LocationResult": object(json!({ "location": { "$ref": "#/components/schemas/Location" }, "entities": list("Entity"), "exists": { "type": "boolean" } }), &["location", "entities"]),
        "ParameterSchema": object(json!({ "title": text(), "description": text(), "steps": { "type": "array", "items": open() } }), &["title", "steps"]),
        "Action": object(json!({ "id": text(), "description": text(), "examples": { "type": "array", "items": open() }, "schema": open(), "plugin": text() }), &["id"]),
        "TaskInput": object(json!({ "templateRef": text(), "values": open(), "secrets": open() }), &["templateRef"]),
        "TaskId": object(json!({ "id": text() }), &["id"]),
        "Task": object(json!({ "id": text(), "spec": open(), "status": { "enum": ["open", "processing", "completed", "failed", "cancelled", "skipped"] }, "createdAt": text(), "lastHeartbeatAt": text(), "createdBy": text() }), &["id", "spec", "status", "createdAt"]),
        "TaskList": object(json!({ "tasks": list("Task"), "totalTasks": { "type": "integer" } }), &["tasks", "totalTasks"]),
        "TaskEvent": object(json!({ "id": { "type": "integer" }, "taskId": text(), "type": text(), "createdAt": text(), "body": open() }), &["id", "taskId", "type", "body"]),
        "DryRun": object(json!({ "template": open(), "values": open(), "secrets": open(), "directoryContents": { "type": "array", "items": open() } }), &["template"]),
        "DryRunResult": object(json!({ "steps": { "type": "array", "items": open() }, "log": { "type": "array", "items": open() }, "directoryContents": { "type": "array", "items": open() }, "output": {}, "effects": { "type": "array", "items": open() } }), &["log", "output"]),
        "SearchPage": object(json!({ "results": { "type": "array", "items": open() }, "numberOfResults": { "type": "integer" }, "nextPageCursor": text(), "previousPageCursor": text() }), &["results"]),
        "PluginList": object(json!({ "items": { "type": "array", "items": open() } }), &["items"]),
        "Lines": object(json!({ "lines": { "type": "array", "items": text() } }), &["lines"]),
        "PanelList": object(json!({ "items": { "type": "array", "items": open() } }), &["items"]),
        "PanelView": object(json!({ "panel": open(), "view": open(), "html": open(), "error": open() }), &["panel"]),
        "PanelAction": object(json!({ "action": text(), "input": {}, "idempotencyKey": text() }), &["action"]),
        "ActionReceipt": object(json!({ "message": text(), "refresh": { "type": "boolean" }, "url": text() }), &["message", "refresh"])
    })
}
