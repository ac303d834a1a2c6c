//! Graphs, impact, history, status and changes.

use serde_json::{Value, json};

use super::Row;

/// The operations.
pub(super) const OPERATIONS: &[Row] = &[
    (
        "get",
        "/api/catalog/graph",
        "getGraph",
        "The relations between entities, with coordinates: between those that are named or match, or between all.",
        &["entity*", "filter*", "depth", "relation*", "kind*", "direction=both|out|in", "limit", "collapse"],
        None,
        Some("Graph"),
    ),
    (
        "get",
        "/api/catalog/graph/{kind}/{namespace}/{name}",
        "getEntityGraph",
        "An entity's neighbourhood with coordinates, the nearest entities first. A relation leads out in the direction of \
         its pair's first name (dependsOn, partOf, ownedBy, …), whoever states it; either name of a pair means the pair.",
        &["filter*", "depth", "relation*", "kind*", "direction=both|out|in", "limit", "collapse"],
        None,
        Some("Graph"),
    ),
    (
        "get",
        "/api/catalog/impact/{kind}/{namespace}/{name}",
        "getEntityImpact",
        "Everything that fails when the entity fails, each with the way that leads there, its owner and who is called. \
         Followed are dependencyOf, providesApi, apiConsumedBy and hasPart, unless relations are named.",
        &["depth", "relation*", "limit"],
        None,
        Some("Impact"),
    ),
    (
        "get",
        "/api/catalog/entities/by-name/{kind}/{namespace}/{name}/history",
        "getEntityHistory",
        "The versions of an entity, the newest first; also of one that is gone.",
        &["before", "limit"],
        None,
        Some("EntityHistory"),
    ),
    (
        "get",
        "/api/catalog/entities/by-name/{kind}/{namespace}/{name}/history/{version}",
        "getEntityVersion",
        "One version, with the entity as it was and the relations that it stated itself.",
        &[],
        None,
        Some("EntityVersion"),
    ),
    (
        "get",
        "/api/catalog/entities/by-name/{kind}/{namespace}/{name}/diff",
        "getEntityDiff",
        "What differs between two versions: without `to` the newest, without `from` the one before `to`.",
        &["from", "to"],
        None,
        Some("EntityDiff"),
    ),
    (
        "get",
        "/api/catalog/entities/by-name/{kind}/{namespace}/{name}/provenance",
        "getEntityProvenance",
        "Where each field comes from: source, file, line and column, plugin, and when it last changed.",
        &[],
        None,
        Some("Provenance"),
    ),
    (
        "get",
        "/api/catalog/entities/by-name/{kind}/{namespace}/{name}/status",
        "getEntityStatus",
        "What others say of the entity, each source for itself.",
        &[],
        None,
        Some("EntityStatuses"),
    ),
    (
        "post",
        "/api/catalog/entities/by-name/{kind}/{namespace}/{name}/status",
        "setEntityStatus",
        "Says something of an entity, in place of what the same source said before. Needs the administrator's token.",
        &[],
        Some("StatusInput"),
        None,
    ),
    (
        "delete",
        "/api/catalog/entities/by-name/{kind}/{namespace}/{name}/status",
        "deleteEntityStatus",
        "Takes back what a source said, or without a source what all said. Needs the administrator's token.",
        &["source"],
        None,
        None,
    ),
    (
        "post",
        "/api/catalog/entities/status-batch",
        "setEntityStatuses",
        "The same for 1 to 100 entities: 204 when all were taken, 207 with what came of each when some were not.",
        &[],
        Some("StatusBatch"),
        Some("StatusResults"),
    ),
    (
        "get",
        "/api/catalog/changes",
        "streamChanges",
        "Changes of entities as server-sent events (created, changed, removed; start and reset), resumed by Last-Event-ID \
         or `since`. With Accept: application/json one page, after at most `wait` seconds.",
        &["since", "filter*", "wait", "limit"],
        None,
        Some("ChangePage"),
    ),
];

/// Their shapes.
pub(super) fn schemas() -> Value {
    let text = || json!({ "type": "string" });
    let number = || json!({ "type": "integer" });
    let flag = || json!({ "type": "boolean" });
    let open = || json!({ "type": "object", "additionalProperties": true });
    let list = |item: Value| json!({ "type": "array", "items": item });
    let of = |name: &str| json!({ "$ref": format!("#/components/schemas/{name}") });
    let object = |properties: Value, required: &[&str]| json!({ "type": "object", "properties": properties, "required": required });
    let maybe = || json!({ "type": ["string", "null"] });
    let version = json!({
        "version": number(), "change": { "enum": ["created", "changed", "removed", "returned"] }, "at": maybe(), "until": maybe(),
        "current": flag(), "source": text(), "origin": text(), "etag": maybe(),
        "cause": { "type": "object", "properties": { "type": { "enum": ["source", "plugin", "person", "system"] }, "name": text() } }
    });
    let mut whole = version.clone();
    whole["entityRef"] = text();
    whole["entity"] = json!({ "type": ["object", "null"] });
    let on_call =
        || list(json!({ "type": "object", "properties": { "annotation": text(), "value": text(), "from": text() } }));
    let concerned = json!({
        "entityRef": text(), "title": text(), "kind": text(), "specType": text(), "exists": flag(), "owner": maybe(), "onCall": on_call()
    });
    let mut reached = concerned.clone();
    reached["distance"] = number();
    reached["path"] =
        list(json!({ "type": "object", "properties": { "source": text(), "relation": text(), "target": text() } }));
    json!({
        "Graph": object(json!({
            "nodes": list(open()), "edges": list(open()), "groups": list(open()), "width": { "type": "number" },
            "height": { "type": "number" }, "depth": number(), "truncated": flag(), "omitted": number()
        }), &["nodes", "edges"]),
        "Impact": object(json!({
            "root": object(concerned, &["entityRef"]), "items": list(object(reached, &["entityRef", "path"])),
            "owners": list(object(json!({ "entityRef": text(), "title": text(), "count": number(), "onCall": on_call() }), &["entityRef"])),
            "relations": list(text()), "total": number(), "truncated": flag()
        }), &["root", "items"]),
        "VersionInfo": object(version, &["version", "change"]),
        "EntityHistory": object(json!({
            "entityRef": text(), "items": list(of("VersionInfo")), "next": number(), "keptSince": text()
        }), &["entityRef", "items"]),
        "EntityVersion": object(whole, &["version", "change"]),
        "EntityDiff": object(json!({
            "entityRef": text(), "from": of("VersionInfo"), "to": of("VersionInfo"), "truncated": flag(),
            "changes": list(object(json!({
                "pointer": text(), "change": { "enum": ["added", "changed", "removed"] }, "from": {}, "to": {}, "shortened": flag()
            }), &["pointer", "change"]))
        }), &["from", "to", "changes"]),
        "Provenance": object(json!({
            "entityRef": text(), "source": text(), "origin": text(), "note": text(), "truncated": flag(),
            "sourceState": { "enum": ["same", "changed", "gone", "none"] },
            "fields": list(object(json!({
                "pointer": text(), "step": { "enum": ["source", "placeholder", "catalog", "plugin", "outside"] }, "plugin": text(),
                "source": text(), "file": text(), "line": number(), "column": number(), "note": text(), "changedAt": maybe(),
                "version": number()
            }), &["pointer", "step"]))
        }), &["entityRef", "fields"]),
        "StatusInput": object(json!({ "source": text(), "status": of("OutsideStatus"), "ttl": number() }), &["source", "status"]),
        "OutsideStatus": object(json!({
            "items": list(object(json!({
                "type": text(), "level": { "enum": ["info", "warning", "error"] }, "message": text(), "error": open()
            }), &["type", "level", "message"]))
        }), &["items"]),
        "StatusBatch": object(json!({
            "items": list(object(json!({
                "entityRef": text(), "source": text(), "status": of("OutsideStatus"), "ttl": number()
            }), &["entityRef", "source", "status"]))
        }), &["items"]),
        "StatusResults": object(json!({
            "results": list(object(json!({
                "entityRef": text(), "ok": flag(), "error": { "type": "object", "properties": { "name": text(), "message": text() } }
            }), &["entityRef", "ok"]))
        }), &["results"]),
        "EntityStatuses": object(json!({
            "entityRef": text(),
            "items": list(object(json!({
                "source": text(), "status": of("OutsideStatus"), "setAt": text(), "setBy": text(), "expiresAt": maybe()
            }), &["source", "status"]))
        }), &["entityRef", "items"]),
        "ChangePage": object(json!({ "items": list(of("ChangeEvent")), "next": text(), "reset": text() }), &["items", "next"]),
        "ChangeEvent": object(json!({
            "type": { "enum": ["created", "changed", "removed"] }, "entityRef": text(), "kind": text(), "etag": maybe(), "time": text(),
            "what": { "enum": ["entity", "derived", "status"] }, "version": number(), "matches": flag(), "token": text()
        }), &["type", "entityRef", "time", "token"])
    })
}
