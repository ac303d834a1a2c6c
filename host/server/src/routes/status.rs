//! `…/by-name/{kind}/{namespace}/{name}/status` and `/entities/status-batch`: what others say of entities.

use axum::Json;
use axum::response::{IntoResponse, Response};
use host_api::{StatusBatch, StatusInput};
use host_model::EntityRef;
use http::StatusCode;
use serde_json::json;

use super::catalog::Triplet;
use crate::request::{Body, Call, Path};

/// `GET …/status`.
pub(crate) async fn get(Path((kind, namespace, name)): Triplet, call: Call) -> Response {
    let entity = EntityRef::new(&kind, &namespace, &name);
    call.answer(async |call| call.portal.entity_statuses(&call.principal, &entity).await, Json).await
}

/// `POST …/status`.
pub(crate) async fn set(
    Path((kind, namespace, name)): Triplet,
    call: Call,
    Body(input): Body<StatusInput>,
) -> Response {
    let entity = EntityRef::new(&kind, &namespace, &name);
    call.answer(async |call| call.portal.set_status(&call.principal, &entity, input).await, |()| StatusCode::NO_CONTENT)
        .await
}

/// `DELETE …/status?source=`.
pub(crate) async fn delete(Path((kind, namespace, name)): Triplet, call: Call) -> Response {
    let entity = EntityRef::new(&kind, &namespace, &name);
    call.answer(
        async |call| {
            let source = call.query.first("source").filter(|source| !source.is_empty());
            call.portal.delete_status(&call.principal, &entity, source).await
        },
        |()| StatusCode::NO_CONTENT,
    )
    .await
}

/// `POST /entities/status-batch`: 204 when all were taken, 207 with what came of each when some were not.
pub(crate) async fn batch(call: Call, Body(batch): Body<StatusBatch>) -> Response {
    call.answer(
        async |call| call.portal.set_statuses(&call.principal, batch).await,
        |results| match results.iter().all(|result| result.ok) {
            true => StatusCode::NO_CONTENT.into_response(),
            false => (StatusCode::MULTI_STATUS, Json(json!({ "results": results }))).into_response(),
        },
    )
    .await
}
