//! `GET /api/openapi.json`: the description of all routes, from one table that a test compares with the router.

use std::sync::LazyLock;

use axum::response::{IntoResponse, Response};
use http::header;
use serde_json::{Map, Value, json};

/// One operation: method, path, identifier, what it does, query parameters, body schema, answer schema.
type Row = (
    &'static str,
    &'static str,
    &'static str,
    &'static str,
    &'static [&'static str],
    Option<&'static str>,
    Option<&'static str>,
);

const ENTITY: &str = "/api/catalog/entities/by-name/{kind}/{namespace}/{name}";
const PANEL: &str = "/api/views/{namespace}/{kind}/{name}/{plugin}/{card}";

/// All operations.
const OPERATIONS: &[Row] = &[
    ("get", "/healthz", "health", "Tells that the socket answers.", &[], None, Some("Health")),
    (
        "get",
        "/readyz",
        "readiness",
        "Tells whether the catalog has been read, or what start-up still waits for.",
        &[],
        None,
        Some("Health"),
    ),
    (
        "get",
        "/.backstage/health/v1/readiness",
        "backstageReadiness",
        "Readiness in Backstage's shape.",
        &[],
        None,
        Some("Health"),
    ),
    (
        "get",
        "/.backstage/health/v1/liveness",
        "backstageLiveness",
        "Liveness in Backstage's shape.",
        &[],
        None,
        Some("Health"),
    ),
    ("get", "/metrics", "metrics", "Figures in Prometheus' text format.", &[], None, None),
    ("get", "/api/openapi.json", "openapi", "This document.", &[], None, None),
    (
        "get",
        "/api/catalog/entities",
        "getEntities",
        "Lists entities.",
        &["filter*", "fields", "order*", "offset", "limit", "after"],
        None,
        Some("Entity[]"),
    ),
    (
        "get",
        "/api/catalog/entities/by-query",
        "getEntitiesByQuery",
        "A page of the entities that match.",
        &[
            "filter*",
            "fields",
            "orderField*",
            "limit",
            "offset",
            "cursor",
            "fullTextFilterTerm",
            "fullTextFilterFields",
            "totalItems",
        ],
        None,
        Some("EntityPage"),
    ),
    (
        "post",
        "/api/catalog/entities/by-query",
        "queryEntitiesByPredicate",
        "A page of the entities that match a predicate.",
        &[],
        Some("EntityQuery"),
        Some("EntityPage"),
    ),
    (
        "post",
        "/api/catalog/entities/by-refs",
        "getEntitiesByRefs",
        "The entities with these references, in the same order, null where there is none.",
        &["filter*"],
        Some("EntityRefs"),
        Some("EntityList"),
    ),
    (
        "get",
        "/api/catalog/entities/by-uid/{uid}",
        "getEntityByUid",
        "The entity with this uid.",
        &[],
        None,
        Some("Entity"),
    ),
    (
        "delete",
        "/api/catalog/entities/by-uid/{uid}",
        "deleteEntityByUid",
        "Removes an entity; it comes back if a source still holds it. Needs the administrator's token.",
        &[],
        None,
        None,
    ),
    ("get", ENTITY, "getEntityByName", "The entity with this name.", &[], None, Some("Entity")),
    (
        "get",
        "/api/catalog/entities/by-name/{kind}/{namespace}/{name}/ancestry",
        "getEntityAncestryByName",
        "What led to the entity.",
        &[],
        None,
        Some("Ancestry"),
    ),
    (
        "get",
        "/api/catalog/entity-facets",
        "getEntityFacets",
        "The values of facets and how often they occur.",
        &["facet*", "filter*"],
        None,
        Some("Facets"),
    ),
    (
        "post",
        "/api/catalog/entity-facets",
        "queryEntityFacetsByPredicate",
        "The same for the entities that match a predicate.",
        &[],
        Some("FacetsQuery"),
        Some("Facets"),
    ),
    ("post", "/api/catalog/refresh", "refreshEntity", "Reads the entity's source anew.", &[], Some("Refresh"), None),
    (
        "get",
        "/api/catalog/problems",
        "getProblems",
        "What is wrong with an entity, with all that a Location leads to, or everywhere.",
        &["entity"],
        None,
        Some("Problems"),
    ),
    (
        "get",
        "/api/catalog/graph/{kind}/{namespace}/{name}",
        "getEntityGraph",
        "An entity's neighbourhood with coordinates.",
        &["depth", "relation*", "kind*", "limit"],
        None,
        Some("Graph"),
    ),
    ("get", "/api/catalog/locations", "getLocations", "The registered locations.", &[], None, Some("LocationEntry[]")),
    (
        "post",
        "/api/catalog/locations",
        "createLocation",
        "Registers a location.",
        &["dryRun"],
        Some("LocationInput"),
        Some("LocationResult"),
    ),
    ("get", "/api/catalog/locations/{id}", "getLocation", "A registered location.", &[], None, Some("Location")),
    (
        "delete",
        "/api/catalog/locations/{id}",
        "deleteLocation",
        "Removes a registered location and what it led to. Needs the administrator's token.",
        &[],
        None,
        None,
    ),
    (
        "get",
        "/api/scaffolder/v2/templates/{namespace}/{kind}/{name}/parameter-schema",
        "getTemplateParameterSchema",
        "The form of a template.",
        &[],
        None,
        Some("ParameterSchema"),
    ),
    (
        "get",
        "/api/scaffolder/v2/actions",
        "listActions",
        "The actions that templates can name.",
        &[],
        None,
        Some("Action[]"),
    ),
    (
        "get",
        "/api/scaffolder/v2/tasks",
        "listTasks",
        "Tasks, newest first.",
        &["createdBy*", "status*", "templateRef", "order*", "limit", "offset"],
        None,
        Some("TaskList"),
    ),
    ("post", "/api/scaffolder/v2/tasks", "scaffold", "Runs a template.", &[], Some("TaskInput"), Some("TaskId")),
    ("get", "/api/scaffolder/v2/tasks/{id}", "getTask", "A task.", &[], None, Some("Task")),
    ("post", "/api/scaffolder/v2/tasks/{id}/cancel", "cancelTask", "Cancels a task.", &[], None, Some("Health")),
    (
        "get",
        "/api/scaffolder/v2/tasks/{id}/events",
        "getTaskEvents",
        "A task's events; waits up to 30 s for the next one.",
        &["after"],
        None,
        Some("TaskEvent[]"),
    ),
    (
        "get",
        "/api/scaffolder/v2/tasks/{id}/eventstream",
        "streamTaskEvents",
        "A task's events as server-sent events.",
        &["after"],
        None,
        None,
    ),
    (
        "post",
        "/api/scaffolder/v2/dry-run",
        "dryRun",
        "Runs a template without changing anything.",
        &[],
        Some("DryRun"),
        Some("DryRunResult"),
    ),
    (
        "get",
        "/api/search/query",
        "search",
        "Searches.",
        &["term", "types*", "filters", "pageCursor", "pageLimit"],
        None,
        Some("SearchPage"),
    ),
    ("get", "/api/plugins", "listPlugins", "Every plugin file with its state.", &[], None, Some("PluginList")),
    ("get", "/api/plugins/{id}/logs", "getPluginLogs", "A plugin's last lines.", &[], None, Some("Lines")),
    (
        "get",
        "/api/views/{namespace}/{kind}/{name}",
        "listPanels",
        "The cards that an entity has.",
        &[],
        None,
        Some("PanelList"),
    ),
    (
        "get",
        PANEL,
        "getPanel",
        "A card's contents as data; the query is the card's state.",
        &[],
        None,
        Some("PanelView"),
    ),
    (
        "post",
        "/api/views/{namespace}/{kind}/{name}/{plugin}/{card}/actions",
        "actOnPanel",
        "Carries out an action of a card.",
        &[],
        Some("PanelAction"),
        Some("ActionReceipt"),
    ),
];

static DOCUMENT: LazyLock<String> = LazyLock::new(|| build().to_string());

/// Answers with the document.
pub(crate) async fn document() -> Response {
    ([(header::CONTENT_TYPE, "application/json; charset=utf-8")], DOCUMENT.as_str()).into_response()
}

fn build() -> Value {
    let mut paths = Map::new();
    for row in OPERATIONS {
        let (method, path, ..) = row;
        let item = paths.entry((*path).to_owned()).or_insert_with(|| json!({}));
        item[*method] = operation(row);
    }
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Callboard",
            "version": env!("CARGO_PKG_VERSION"),
            "description": "Callboard's API. Routes below /api/catalog, /api/scaffolder and /api/search have the shapes of Backstage's backend.",
            "license": { "name": "Apache-2.0", "identifier": "Apache-2.0" }
        },
        "servers": [{ "url": "/" }],
        "paths": paths,
        "components": {
            "securitySchemes": { "administrator": { "type": "http", "scheme": "bearer", "description": "The token in the file admin-token of the data folder." } },
            "schemas": schemas()
        }
    })
}

fn operation(&(_, path, id, summary, query, body, answer): &Row) -> Value {
    let in_path = path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'));
    let parameters: Vec<Value> = in_path
        .map(|name| json!({ "name": name, "in": "path", "required": true, "schema": { "type": "string" } }))
        .chain(query.iter().map(|name| query_parameter(name)))
        .collect();
    let success = match answer {
        Some(schema) => {
            json!({ "description": "The answer.", "content": { "application/json": { "schema": schema_of(schema) } } })
        }
        None => json!({ "description": "Done." }),
    };
    let error = json!({ "description": "What went wrong.", "content": { "application/json": { "schema": schema_of("Error") } } });
    let mut operation = json!({
        "operationId": id, "summary": summary, "tags": [tag(path)], "parameters": parameters,
        "responses": { "2XX": success, "default": error }
    });
    if let Some(body) = body {
        operation["requestBody"] =
            json!({ "required": true, "content": { "application/json": { "schema": schema_of(body) } } });
    }
    operation
}

/// A name with a star can be given several times.
fn query_parameter(name: &str) -> Value {
    match name.strip_suffix('*') {
        Some(name) => {
            json!({ "name": name, "in": "query", "schema": { "type": "array", "items": { "type": "string" } }, "style": "form", "explode": true })
        }
        None if name == "filters" => {
            json!({ "name": name, "in": "query", "schema": { "type": "object" }, "style": "deepObject", "explode": true })
        }
        None if matches!(name, "limit" | "offset" | "pageLimit" | "depth") => {
            json!({ "name": name, "in": "query", "schema": { "type": "integer", "minimum": 0 } })
        }
        None => json!({ "name": name, "in": "query", "schema": { "type": "string" } }),
    }
}

fn tag(path: &str) -> &str {
    path.strip_prefix("/api/")
        .and_then(|rest| rest.split('/').next())
        .filter(|tag| !tag.contains('.'))
        .unwrap_or("operations")
}

fn schema_of(name: &str) -> Value {
    match name.strip_suffix("[]") {
        Some(item) => json!({ "type": "array", "items": { "$ref": format!("#/components/schemas/{item}") } }),
        None => json!({ "$ref": format!("#/components/schemas/{name}") }),
    }
}

/// Shapes of bodies and answers. Entities, schemas and views are open: their own formats describe them.
fn schemas() -> Value {
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
        "Graph": object(json!({ "nodes": { "type": "array", "items": open() }, "edges": { "type": "array", "items": open() }, "width": { "type": "number" }, "height": { "type": "number" }, "truncated": { "type": "boolean" } }), &["nodes", "edges"]),
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_schema_that_is_referred_to_exists() {
        let document = build();
        let text = document.to_string();
        for reference in text.split("#/components/schemas/").skip(1) {
            let name = reference.split('"').next().unwrap();
            assert!(document["components"]["schemas"].get(name).is_some(), "{name}");
        }
        assert_eq!(document["paths"][ENTITY]["get"]["operationId"], "getEntityByName");
        assert_eq!(document["paths"][PANEL]["get"]["parameters"].as_array().unwrap().len(), 5);
    }
}
