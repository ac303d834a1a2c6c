//! `/api/catalog/providers`.

use axum::Json;
use axum::response::Response;
use host_api::RunProvider;
use http::StatusCode;
use serde_json::json;

use crate::request::{Body, Call, Path};

/// `GET /providers`.
pub(crate) async fn list(call: Call) -> Response {
    call.answer(async |call| call.portal.providers(&call.principal).await, |items| Json(json!({ "items": items })))
        .await
}

/// `POST /providers/{name}/run`.
pub(crate) async fn run(Path(name): Path<String>, call: Call, Body(run): Body<RunProvider>) -> Response {
    call.answer(async |call| call.portal.run_provider(&call.principal, &name, run).await, |()| StatusCode::ACCEPTED)
        .await
}
