//! `/api/catalog/locations`.

use axum::Json;
use axum::extract::Path;
use axum::response::Response;
use host_api::LocationInput;
use http::StatusCode;
use serde_json::{Value, json};

use crate::request::{Body, Call};

/// `GET /locations`: each location in an object of its own, as Backstage has it.
pub(crate) async fn list(call: Call) -> Response {
    call.answer(
        async |call| call.portal.locations(&call.principal).await,
        |items| Json(items.into_iter().map(|item| json!({ "data": item })).collect::<Vec<Value>>()),
    )
    .await
}

/// `POST /locations`.
pub(crate) async fn add(call: Call, Body(input): Body<LocationInput>) -> Response {
    call.answer(
        async |call| {
            let dry_run = call.query.flag("dryRun")?;
            call.portal.add_location(&call.principal, input, dry_run).await
        },
        |result| (StatusCode::CREATED, Json(result)),
    )
    .await
}

/// `GET /locations/{id}`.
pub(crate) async fn get(Path(id): Path<String>, call: Call) -> Response {
    call.answer(async |call| call.portal.location(&call.principal, &id).await, Json).await
}

/// `DELETE /locations/{id}`.
pub(crate) async fn delete(Path(id): Path<String>, call: Call) -> Response {
    call.answer(async |call| call.portal.delete_location(&call.principal, &id).await, |()| StatusCode::NO_CONTENT).await
}
