//! Permissions, as Backstage's frontends ask for them: which the catalog knows, by which rules they can be bound to
//! conditions, whether conditions hold for entities, and what one may do.

use axum::Json;
use axum::response::{IntoResponse, Response};
use host_api::{ApiError, ApiResult, EntitiesByRefs};
use host_policy::Action;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::request::{Call, Checked, Described};

/// The type of resource that the catalog's conditions are about.
const ENTITY: &str = "catalog-entity";

/// A permission: its name, what it lets somebody do, and whether it is about one entity.
const PERMISSIONS: [(&str, Option<&str>, bool); 11] = [
    ("catalog.entity.read", Some("read"), true),
    ("catalog.entity.create", Some("create"), false),
    ("catalog.entity.delete", Some("delete"), true),
    ("catalog.entity.refresh", Some("update"), true),
    ("catalog.entity.validate", None, false),
    ("catalog.location.read", Some("read"), false),
    ("catalog.location.create", Some("create"), false),
    ("catalog.location.delete", Some("delete"), false),
    ("catalog.location.analyze", None, false),
    ("catalog.ingestion.read", Some("read"), false),
    ("catalog.ingestion.manage", Some("update"), false),
];

/// A rule: its name, what it asks, and its parameters, each with whether it is a list and whether it must be given.
type Rule = (&'static str, &'static str, &'static [(&'static str, bool, bool)]);

const RULES: [Rule; 6] = [
    ("HAS_ANNOTATION", "The entity has an annotation", &[("annotation", false, true), ("value", false, false)]),
    ("HAS_LABEL", "The entity has a label", &[("label", false, true), ("value", false, false)]),
    ("HAS_METADATA", "The entity has a field in its metadata", &[("key", false, true), ("value", false, false)]),
    ("HAS_SPEC", "The entity has a field in its spec", &[("key", false, true), ("value", false, false)]),
    ("IS_ENTITY_KIND", "The entity is of one of some kinds", &[("kinds", true, true)]),
    ("IS_ENTITY_OWNER", "The entity is owned by one of some people or groups", &[("claims", true, true)]),
];

/// `GET /metadata`.
pub(crate) async fn metadata() -> Json<Value> {
    let permissions = PERMISSIONS.iter().map(|(name, action, of_entity)| {
        let mut permission = json!({ "type": if *of_entity { "resource" } else { "basic" }, "name": name });
        permission["attributes"] = action.map_or_else(|| json!({}), |action| json!({ "action": action }));
        if *of_entity {
            permission["resourceType"] = json!(ENTITY);
        }
        permission
    });
    let rules = RULES.iter().map(|(name, description, parameters)| {
        let properties: Map<String, Value> = parameters
            .iter()
            .map(|(name, is_list, _)| {
                let text = json!({ "type": "string" });
                let list = || json!({ "type": "array", "items": { "type": "string" } });
                ((*name).to_owned(), if *is_list { list() } else { text })
            })
            .collect();
        let required: Vec<&str> =
            parameters.iter().filter(|(_, _, required)| *required).map(|(name, ..)| *name).collect();
        json!({
            "name": name, "description": description, "resourceType": ENTITY,
            "paramsSchema": {
                "type": "object", "properties": properties, "required": required, "additionalProperties": false,
                "$schema": "http://json-schema.org/draft-07/schema#",
            },
        })
    });
    Json(json!({ "permissions": permissions.collect::<Vec<_>>(), "rules": rules.collect::<Vec<_>>() }))
}

/// The body of `POST /apply-conditions`.
#[derive(Debug, Deserialize)]
pub(crate) struct ConditionsBody {
    items: Vec<Conditions>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Conditions {
    id: String,
    resource_ref: String,
    resource_type: String,
    conditions: Value,
}

impl Described for ConditionsBody {
    const SCHEMA: &'static str = "Conditions";
}

/// `POST /apply-conditions`: an entity that does not exist is denied.
pub(crate) async fn apply(call: Call, Checked(body): Checked<ConditionsBody>) -> Response {
    call.answer(
        async |call| {
            let mut decisions = Vec::with_capacity(body.items.len());
            for item in body.items {
                if item.resource_type != ENTITY {
                    let message = format!("resources of type {:?} are not the catalog's", item.resource_type);
                    return Err(ApiError::input(message));
                }
                let query = EntitiesByRefs {
                    entity_refs: vec![item.resource_ref],
                    predicate: Some(predicate(&item.conditions, 0)?),
                    ..EntitiesByRefs::default()
                };
                let found = call.portal.entities_by_refs(&call.principal, query).await?;
                let result = if found.iter().any(Option::is_some) { "ALLOW" } else { "DENY" };
                decisions.push(json!({ "id": item.id, "result": result }));
            }
            Ok(json!({ "items": decisions }))
        },
        Json,
    )
    .await
}

/// The body of `POST /api/permission/authorize`.
#[derive(Debug, Deserialize)]
pub(crate) struct QuestionsBody {
    items: Vec<Question>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Question {
    id: String,
    permission: Permission,
    resource_ref: Option<Value>,
}

#[derive(Debug, Deserialize)]
struct Permission {
    name: String,
}

impl Described for QuestionsBody {
    const SCHEMA: &'static str = "PermissionQuestions";
}

/// `POST /api/permission/authorize`: what the portal's own policy says, so that buttons are shown to those who may.
pub(crate) async fn authorize(call: Call, Checked(body): Checked<QuestionsBody>) -> Response {
    let decide = |question: &Question| {
        let resource = question.resource_ref.as_ref().and_then(Value::as_str).unwrap_or_default();
        match action(&question.permission.name) {
            Some(action) => host_policy::authorize(&call.principal, action, resource).is_ok(),
            // Nothing here asks for it.
            None => true,
        }
    };
    let decisions: Vec<Value> = body
        .items
        .iter()
        .map(|question| json!({ "id": question.id, "result": if decide(question) { "ALLOW" } else { "DENY" } }))
        .collect();
    Json(json!({ "items": decisions })).into_response()
}

/// What a permission of Backstage lets somebody do here.
fn action(permission: &str) -> Option<Action> {
    Some(match permission {
        "catalog.entity.read" | "catalog.location.read" => Action::ReadCatalog,
        "catalog.entity.create" | "catalog.location.create" | "catalog.location.analyze" => Action::RegisterLocation,
        "catalog.entity.delete" => Action::DeleteEntity,
        "catalog.entity.refresh" => Action::RefreshEntity,
        "catalog.location.delete" | "catalog.location.update" => Action::RemoveLocation,
        "scaffolder.task.create" | "scaffolder.action.execute" => Action::RunTemplate,
        "scaffolder.task.read" => Action::ReadTasks,
        "scaffolder.task.cancel" => Action::ControlTask,
        _ => return None,
    })
}

/// The predicate that means the same as conditions.
fn predicate(conditions: &Value, depth: usize) -> ApiResult<Value> {
    let wrong = |message: &str| Err(ApiError::input(format!("request/body/items/conditions: {message}")));
    if depth > 20 {
        return wrong("they are nested more than 20 levels deep");
    }
    for (key, operator) in [("anyOf", "$any"), ("allOf", "$all")] {
        if let Some(inner) = conditions[key].as_array() {
            let inner: Vec<Value> = inner.iter().map(|inner| predicate(inner, depth + 1)).collect::<ApiResult<_>>()?;
            return Ok(json!({ operator: inner }));
        }
    }
    if let Some(inner) = conditions.get("not") {
        return Ok(json!({ "$not": predicate(inner, depth + 1)? }));
    }
    let Some((name, _, parameters)) = RULES.iter().find(|(name, ..)| conditions["rule"] == *name) else {
        return wrong("expected anyOf, allOf, not, or a rule that the metadata lists");
    };
    let values = &conditions["params"];
    for (parameter, is_list, required) in *parameters {
        let value = &values[*parameter];
        let fits = if *is_list { is_texts(value) } else { value.is_string() };
        if !fits && (*required || !value.is_null()) {
            return wrong(&format!(
                "{name} needs {parameter} as {}",
                if *is_list { "a list of texts" } else { "text" }
            ));
        }
    }
    let text = |parameter: &str| values[parameter].as_str().unwrap_or_default();
    let field = |path: String| match values["value"].as_str() {
        Some(value) => json!({ path: value }),
        None => json!({ path: { "$exists": true } }),
    };
    Ok(match *name {
        "HAS_ANNOTATION" => field(format!("metadata.annotations.{}", text("annotation"))),
        "HAS_LABEL" => field(format!("metadata.labels.{}", text("label"))),
        "HAS_METADATA" => field(format!("metadata.{}", text("key"))),
        "HAS_SPEC" => field(format!("spec.{}", text("key"))),
        "IS_ENTITY_KIND" => json!({ "kind": { "$in": values["kinds"] } }),
        _ => json!({ "relations.ownedBy": { "$in": values["claims"] } }),
    })
}

fn is_texts(value: &Value) -> bool {
    value.as_array().is_some_and(|items| items.iter().all(Value::is_string))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn conditions_become_predicates() {
        let owner =
            json!({ "rule": "IS_ENTITY_OWNER", "resourceType": ENTITY, "params": { "claims": ["group:default/a"] } });
        let label = json!({ "rule": "HAS_LABEL", "params": { "label": "a.b/c" } });
        for (conditions, expected) in [
            (owner.clone(), Some(json!({ "relations.ownedBy": { "$in": ["group:default/a"] } }))),
            (
                json!({ "anyOf": [owner, { "not": label }] }),
                Some(json!({ "$any": [
                    { "relations.ownedBy": { "$in": ["group:default/a"] } },
                    { "$not": { "metadata.labels.a.b/c": { "$exists": true } } },
                ] })),
            ),
            (
                json!({ "rule": "HAS_SPEC", "params": { "key": "type", "value": "service" } }),
                Some(json!({ "spec.type": "service" })),
            ),
            (json!({ "rule": "HAS_SPEC", "params": { "value": "service" } }), None),
            (json!({ "rule": "HAS_SPEC", "params": { "key": "type", "value": 1 } }), None),
            (json!({ "rule": "NO_SUCH_RULE", "params": {} }), None),
            (json!({ "rule": "IS_ENTITY_KIND", "params": { "kinds": [1] } }), None),
            (json!("x"), None),
        ] {
            assert_eq!(predicate(&conditions, 0).ok(), expected, "{conditions}");
        }
    }
}
