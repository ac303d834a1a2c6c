//! `/api/plugins`.

use axum::Json;
use axum::response::Response;
use serde_json::json;

use crate::request::{Call, Path};

/// `GET /api/plugins`.
pub(crate) async fn list(call: Call) -> Response {
    call.answer(async |call| call.portal.plugins(&call.principal).await, |items| Json(json!({ "items": items }))).await
}

/// `GET /api/plugins/{id}/logs`.
pub(crate) async fn logs(Path(id): Path<String>, call: Call) -> Response {
    call.answer(
        async |call| call.portal.plugin_logs(&call.principal, &id).await,
        |lines| Json(json!({ "lines": lines })),
    )
    .await
}
