//! What Backstage's page of entities that could not be processed asks for, and its list of the catalog's actions.

use std::collections::BTreeMap;

use axum::Json;
use axum::response::Response;
use host_api::{ApiError, ApiResult, EntitiesByRefs, RawEntity};
use host_model::{Diagnostic, EntityRef, Severity};
use serde_json::{Value, json};

use crate::request::{Call, Path};

/// `GET /entities/unprocessed/failed`: the entities of which an error is known.
pub(crate) async fn failed(call: Call) -> Response {
    call.answer(failed_entities, |entities| Json(json!({ "entities": entities }))).await
}

/// `GET /entities/unprocessed/pending`: none, since what is read becomes visible only when it has been processed.
pub(crate) async fn pending(call: Call) -> Response {
    call.answer(async |_| Ok(()), |()| Json(json!({ "entities": [] }))).await
}

/// `GET /.backstage/actions/v1/actions`: the catalog offers none.
pub(crate) async fn actions(call: Call) -> Response {
    call.answer(async |_| Ok(()), |()| Json(json!({ "actions": [] }))).await
}

/// `POST /.backstage/actions/v1/actions/{id}/invoke`.
pub(crate) async fn invoke(Path(id): Path<String>, call: Call) -> Response {
    call.fail(ApiError::not_found(format!("Action \"{id}\" not found; the catalog offers none")))
}

async fn failed_entities(call: &Call) -> ApiResult<Vec<Value>> {
    let mut failed = BTreeMap::<EntityRef, Vec<Diagnostic>>::new();
    for problem in call.portal.problems(&call.principal, None).await? {
        if let Some(entity) = problem.entity_ref.filter(|_| problem.diagnostic.severity == Severity::Error) {
            failed.entry(entity).or_default().push(problem.diagnostic);
        }
    }
    let refs = failed.keys().map(ToString::to_string).collect();
    let request = EntitiesByRefs { entity_refs: refs, ..EntitiesByRefs::default() };
    let known = call.portal.entities_by_refs(&call.principal, request).await?;
    Ok(failed.iter().zip(known).map(|((entity, errors), known)| unprocessed(entity, errors, known)).collect())
}

/// An entity as that page shows it. One that never came into the catalog has no uid; its reference stands for it.
fn unprocessed(entity: &EntityRef, errors: &[Diagnostic], known: Option<RawEntity>) -> Value {
    let known: Option<Value> = known.and_then(|known| serde_json::from_str(&known.0).ok());
    let shown = known.clone().unwrap_or_else(
        || json!({ "kind": entity.kind(), "metadata": { "namespace": entity.namespace(), "name": entity.name() } }),
    );
    let error = |diagnostic: &Diagnostic| {
        let message = diagnostic.to_string();
        json!({ "name": "InputError", "message": message, "cause": { "name": diagnostic.code, "message": message, "stack": "" } })
    };
    json!({
        "entity_id": shown["metadata"]["uid"].as_str().map_or_else(|| entity.to_string(), str::to_owned),
        "entity_ref": entity,
        "unprocessed_entity": shown,
        "processed_entity": known,
        "errors": errors.iter().map(error).collect::<Vec<_>>(),
    })
}
