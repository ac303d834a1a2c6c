//! Shapes of bodies and answers. Entities, schemas and views are open: their own formats describe them.

use serde_json::{Map, Value, json};

/// A shape with its name.
type Named = (&'static str, Value);

/// All shapes by name.
pub(super) fn schemas() -> Value {
    let all = of_the_catalog().into_iter().chain(of_the_rest());
    Value::Object(all.map(|(name, schema)| (name.to_owned(), schema)).collect::<Map<_, _>>())
}

fn of_the_catalog() -> Vec<Named> {
    vec![
        (
            "Entity",
            object(
                json!({
                    "apiVersion": text(), "kind": text(), "metadata": open(), "spec": open(),
                    "relations": { "type": "array", "items": { "type": "object", "required": ["type", "targetRef"], "properties": { "type": text(), "targetRef": text() } } }
                }),
                &["apiVersion", "kind", "metadata"],
            ),
        ),
        (
            "EntityList",
            object(
                json!({ "items": { "type": "array", "items": { "oneOf": [{ "$ref": "#/components/schemas/Entity" }, { "type": "null" }] } } }),
                &["items"],
            ),
        ),
        (
            "EntityPage",
            object(
                json!({
                    "items": list_of("Entity"), "totalItems": { "type": "integer" },
                    "pageInfo": { "type": "object", "properties": { "nextCursor": text(), "prevCursor": text() } }
                }),
                &["items", "totalItems", "pageInfo"],
            ),
        ),
        (
            "EntityQuery",
            object(
                json!({
                    "query": open(), "limit": count(), "offset": count(), "cursor": text(), "fields": texts(),
                    "orderBy": { "type": "array", "items": object(json!({ "field": text(), "order": one_of(&["asc", "desc"]) }), &["field", "order"]) },
                    "fullTextFilter": object(json!({ "term": text(), "fields": texts() }), &[]),
                    "totalItems": one_of(&["include", "exclude"])
                }),
                &[],
            ),
        ),
        ("EntityRefs", object(json!({ "entityRefs": texts(), "fields": texts(), "query": open() }), &["entityRefs"])),
        (
            "Ancestry",
            object(
                json!({ "rootEntityRef": text(), "items": { "type": "array", "items": open() } }),
                &["rootEntityRef", "items"],
            ),
        ),
        (
            "Facets",
            object(
                json!({ "facets": { "type": "object", "additionalProperties": { "type": "array", "items": { "type": "object", "required": ["value", "count"], "properties": { "value": text(), "count": { "type": "integer" } } } } } }),
                &["facets"],
            ),
        ),
        ("FacetsQuery", object(json!({ "facets": texts(), "query": open() }), &["facets"])),
        ("Refresh", closed(json!({ "entityRef": text(), "authorizationToken": text() }), &["entityRef"])),
        (
            "Providers",
            object(
                json!({ "items": { "type": "array", "items": object(json!({
                    "name": text(), "present": { "type": "boolean" }, "running": { "type": "boolean" }, "frequencySeconds": { "type": "integer" },
                    "runs": { "type": "integer" }, "lastRun": text(), "lastRunMs": { "type": "integer" }, "nextRun": text(), "error": text(),
                    "entities": { "type": "integer" }, "parked": { "type": "integer" }, "written": { "type": "integer" }, "removed": { "type": "integer" },
                    "refusals": { "type": "integer" }, "refused": { "type": "array", "items": text() }
                }), &["name", "entities", "parked"]) } }),
                &["items"],
            ),
        ),
        ("RunProvider", object(json!({ "approve": { "type": "boolean" } }), &[])),
        ("Problems", object(json!({ "items": { "type": "array", "items": open() } }), &["items"])),
        (
            "Location",
            object(
                json!({ "id": text(), "type": text(), "target": text(), "entityRef": text() }),
                &["id", "type", "target", "entityRef"],
            ),
        ),
        ("LocationEntry", object(json!({ "data": { "$ref": "#/components/schemas/Location" } }), &["data"])),
        (
            "LocationInput",
            closed(
                json!({ "type": text(), "target": text(), "presence": one_of(&["required", "optional"]) }),
                &["type", "target"],
            ),
        ),
        (
            "LocationResult",
            object(
                json!({ "location": { "$ref": "#/components/schemas/Location" }, "entities": list_of("Entity"), "exists": { "type": "boolean" } }),
                &["location", "entities"],
            ),
        ),
        ("LocationQuery", object(json!({ "query": open(), "limit": { "type": "number" }, "cursor": text() }), &[])),
        (
            "LocationPage",
            object(
                json!({ "items": list_of("Location"), "totalItems": { "type": "integer" }, "pageInfo": { "type": "object", "properties": { "nextCursor": text() } } }),
                &["items", "totalItems", "pageInfo"],
            ),
        ),
        (
            "AnalyzeLocation",
            object(
                json!({ "location": { "$ref": "#/components/schemas/LocationInput" }, "catalogFileName": text(), "catalogFilename": text() }),
                &["location"],
            ),
        ),
        (
            "LocationAnalysis",
            object(
                json!({
                    "existingEntityFiles": { "type": "array", "items": object(json!({ "entity": { "$ref": "#/components/schemas/Entity" }, "isRegistered": { "type": "boolean" }, "location": object(json!({ "type": text(), "target": text() }), &["type", "target"]) }), &["entity", "isRegistered", "location"]) },
                    "generateEntities": { "type": "array", "items": object(json!({ "entity": open(), "fields": { "type": "array", "items": object(json!({ "field": text(), "state": one_of(&["analysisSuggestedValue", "analysisSuggestedNoValue", "needsUserInput"]), "value": { "type": ["string", "null"] }, "description": text() }), &["field", "state", "value", "description"]) } }), &["entity", "fields"]) }
                }),
                &["existingEntityFiles", "generateEntities"],
            ),
        ),
        ("ValidateEntity", object(json!({ "entity": open(), "location": text() }), &["entity", "location"])),
        (
            "PermissionMetadata",
            object(
                json!({
                    "permissions": { "type": "array", "items": object(json!({ "type": one_of(&["basic", "resource"]), "name": text(), "attributes": open(), "resourceType": text() }), &["type", "name", "attributes"]) },
                    "rules": { "type": "array", "items": object(json!({ "name": text(), "description": text(), "resourceType": text(), "paramsSchema": open() }), &["name", "description", "resourceType"]) }
                }),
                &["permissions", "rules"],
            ),
        ),
        (
            "Conditions",
            object(
                json!({ "items": { "type": "array", "items": object(json!({ "id": text(), "resourceRef": text(), "resourceType": text(), "conditions": open() }), &["id", "resourceRef", "resourceType", "conditions"]) } }),
                &["items"],
            ),
        ),
        (
            "Decisions",
            object(
                json!({ "items": { "type": "array", "items": object(json!({ "id": text(), "result": one_of(&["ALLOW", "DENY"]) }), &["id", "result"]) } }),
                &["items"],
            ),
        ),
    ]
}

fn of_the_rest() -> Vec<Named> {
    vec![
        ("Open", open()),
        (
            "SignedIn",
            object(
                json!({
                    "profile": open(),
                    "backstageIdentity": object(
                        json!({
                            "token": text(), "expiresInSeconds": count(),
                            "identity": object(json!({ "type": text(), "userEntityRef": text(), "ownershipEntityRefs": texts() }), &["type", "userEntityRef", "ownershipEntityRefs"])
                        }),
                        &["token", "identity"],
                    )
                }),
                &["profile", "backstageIdentity"],
            ),
        ),
        ("KeySet", object(json!({ "keys": { "type": "array", "items": open() } }), &["keys"])),
        (
            "UserInfo",
            object(json!({ "claims": object(json!({ "sub": text(), "ent": texts() }), &["sub", "ent"]) }), &["claims"]),
        ),
        ("CookieGiven", object(json!({ "expiresAt": text() }), &["expiresAt"])),
        (
            "PermissionQuestions",
            object(
                json!({ "items": { "type": "array", "items": object(json!({ "id": text(), "permission": object(json!({ "name": text() }), &["name"]), "resourceRef": {} }), &["id", "permission"]) } }),
                &["items"],
            ),
        ),
        (
            "Error",
            object(
                json!({
                    "error": { "type": "object", "required": ["name", "message"], "properties": { "name": text(), "message": text(), "fields": { "type": "array", "items": open() } } },
                    "request": { "type": "object", "properties": { "method": text(), "url": text() } },
                    "response": { "type": "object", "properties": { "statusCode": { "type": "integer" } } }
                }),
                &["error", "request", "response"],
            ),
        ),
        ("Health", object(json!({ "status": text(), "pending": { "type": "array", "items": text() } }), &["status"])),
        (
            "ParameterSchema",
            object(
                json!({ "title": text(), "description": text(), "steps": { "type": "array", "items": open() } }),
                &["title", "steps"],
            ),
        ),
        (
            "Action",
            object(
                json!({ "id": text(), "description": text(), "examples": { "type": "array", "items": open() }, "schema": open(), "plugin": text() }),
                &["id"],
            ),
        ),
        ("TaskInput", object(json!({ "templateRef": text(), "values": open(), "secrets": open() }), &["templateRef"])),
        ("TaskId", object(json!({ "id": text() }), &["id"])),
        (
            "Task",
            object(
                json!({ "id": text(), "spec": open(), "status": { "enum": ["open", "processing", "completed", "failed", "cancelled", "skipped"] }, "createdAt": text(), "lastHeartbeatAt": text(), "createdBy": text() }),
                &["id", "spec", "status", "createdAt"],
            ),
        ),
        (
            "TaskList",
            object(json!({ "tasks": list_of("Task"), "totalTasks": { "type": "integer" } }), &["tasks", "totalTasks"]),
        ),
        (
            "TaskEvent",
            object(
                json!({ "id": { "type": "integer" }, "taskId": text(), "type": text(), "createdAt": text(), "body": open() }),
                &["id", "taskId", "type", "body"],
            ),
        ),
        (
            "DryRun",
            object(
                json!({ "template": open(), "values": open(), "secrets": open(), "directoryContents": { "type": "array", "items": open() } }),
                &["template"],
            ),
        ),
        (
            "DryRunResult",
            object(
                json!({ "steps": { "type": "array", "items": open() }, "log": { "type": "array", "items": open() }, "directoryContents": { "type": "array", "items": open() }, "output": {}, "effects": { "type": "array", "items": open() } }),
                &["log", "output"],
            ),
        ),
        (
            "SearchPage",
            object(
                json!({ "results": { "type": "array", "items": open() }, "numberOfResults": { "type": "integer" }, "nextPageCursor": text(), "previousPageCursor": text() }),
                &["results"],
            ),
        ),
        ("PluginList", object(json!({ "items": { "type": "array", "items": open() } }), &["items"])),
        ("Lines", object(json!({ "lines": { "type": "array", "items": text() } }), &["lines"])),
        ("PanelList", object(json!({ "items": { "type": "array", "items": open() } }), &["items"])),
        ("PanelView", object(json!({ "panel": open(), "view": open(), "html": open(), "error": open() }), &["panel"])),
        ("PanelAction", object(json!({ "action": text(), "input": {}, "idempotencyKey": text() }), &["action"])),
        (
            "ActionReceipt",
            object(
                json!({ "message": text(), "refresh": { "type": "boolean" }, "url": text() }),
                &["message", "refresh"],
            ),
        ),
    ]
}

fn text() -> Value {
    json!({ "type": "string" })
}

fn texts() -> Value {
    json!({ "type": "array", "items": text() })
}

fn count() -> Value {
    json!({ "type": "integer", "minimum": 0 })
}

fn one_of(values: &[&str]) -> Value {
    json!({ "type": "string", "enum": values })
}

/// Anything with keys.
fn open() -> Value {
    json!({ "type": "object", "additionalProperties": true })
}

fn list_of(name: &str) -> Value {
    json!({ "type": "array", "items": { "$ref": format!("#/components/schemas/{name}") } })
}

fn object(properties: Value, required: &[&str]) -> Value {
    json!({ "type": "object", "properties": properties, "required": required })
}

/// An object without any other key.
fn closed(properties: Value, required: &[&str]) -> Value {
    let mut schema = object(properties, required);
    schema["additionalProperties"] = json!(false);
    schema
}
