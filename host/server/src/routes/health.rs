//! Health, readiness and metrics.

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::{HeaderValue, StatusCode, header};
use serde_json::{Value, json};

use crate::AppState;

/// `GET /healthz`: the socket answers.
pub(crate) async fn healthz() -> Json<Value> {
    Json(json!({ "status": "ok" }))
}

/// `GET /readyz`, with what start-up still waits for.
pub(crate) async fn readyz(State(state): State<AppState>) -> Response {
    let pending = state.0.readiness.pending();
    if pending.is_empty() {
        return Json(json!({ "status": "ok" })).into_response();
    }
    let body = json!({ "status": "unavailable", "pending": pending });
    (StatusCode::SERVICE_UNAVAILABLE, [(header::RETRY_AFTER, HeaderValue::from_static("1"))], Json(body))
        .into_response()
}

/// `GET /.backstage/health/v1/readiness`: the same in Backstage's shape.
pub(crate) async fn backstage_readiness(State(state): State<AppState>) -> Response {
    if state.0.readiness.pending().is_empty() {
        return Json(json!({ "status": "ok" })).into_response();
    }
    let message =
        if state.0.readiness.is_stopping() { "Backend is shutting down" } else { "Backend has not started yet" };
    (StatusCode::SERVICE_UNAVAILABLE, Json(json!({ "status": "error", "message": message }))).into_response()
}

/// `GET /metrics` in Prometheus' text format.
pub(crate) async fn metrics(State(state): State<AppState>) -> Response {
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], (state.0.metrics)()).into_response()
}
