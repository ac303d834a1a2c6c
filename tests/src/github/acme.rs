//! The example company's internal API, for template steps that call something over HTTP.
//!
//! `POST /acme/registrations` enters a new service into the company's register, `GET` on it lists them, any method on
//! `/acme/echo` answers with what was sent, and `/acme/status/{code}` answers with that status.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::{OriginalUri, Path, State};
use axum::http::{HeaderMap, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{any, get};
use axum::{Json, Router};
use serde_json::{Value, json};

use super::clock::written;
use super::state::Shared;

pub(super) fn router() -> Router<Arc<Shared>> {
    Router::new()
        .route("/acme/echo", any(echo))
        .route("/acme/registrations", get(list).post(register))
        .route("/acme/registrations/{id}", get(one))
        .route("/acme/status/{code}", any(status))
}

async fn echo(method: Method, OriginalUri(uri): OriginalUri, headers: HeaderMap, body: Bytes) -> Response {
    let headers: serde_json::Map<String, Value> = headers
        .iter()
        .map(|(name, value)| {
            // What is echoed ends up in logs; that a credential came is enough to know.
            let secret = name == header::AUTHORIZATION || name == header::COOKIE;
            let value = if secret { "(given)".into() } else { String::from_utf8_lossy(value.as_bytes()) };
            (name.to_string(), Value::from(value))
        })
        .collect();
    let text = String::from_utf8_lossy(&body);
    Json(json!({
        "method": method.as_str(),
        "path": uri.path(),
        "query": uri.query().unwrap_or_default(),
        "headers": headers,
        "body": serde_json::from_str::<Value>(&text).unwrap_or_else(|_| Value::from(text)),
    }))
    .into_response()
}

async fn register(State(shared): State<Arc<Shared>>, body: Bytes) -> Response {
    let Ok(Value::Object(mut fields)) = serde_json::from_slice::<Value>(&body) else {
        return problem(StatusCode::BAD_REQUEST, "The body must be a JSON object.");
    };
    let Some(name) = fields.get("name").and_then(Value::as_str).filter(|name| !name.is_empty()) else {
        return problem(StatusCode::UNPROCESSABLE_ENTITY, "`name` is missing: give the service a name.");
    };
    let mut memory = shared.memory();
    if memory.registrations.iter().any(|entry| entry["name"] == name) {
        return problem(StatusCode::CONFLICT, &format!("`{name}` is registered already."));
    }
    let id = format!("reg-{:04}", memory.registrations.len() + 1);
    let location = format!("{}/acme/registrations/{id}", shared.address);
    fields.insert("id".into(), id.into());
    fields.insert("state".into(), "accepted".into());
    fields.insert("createdAt".into(), written(shared.clock.now()).into());
    fields.insert("url".into(), location.clone().into());
    let entry = Value::Object(fields);
    memory.registrations.push(entry.clone());
    (StatusCode::CREATED, [(header::LOCATION, location)], Json(entry)).into_response()
}

async fn list(State(shared): State<Arc<Shared>>) -> Response {
    Json(json!({ "items": shared.memory().registrations })).into_response()
}

async fn one(State(shared): State<Arc<Shared>>, Path(id): Path<String>) -> Response {
    let found = shared.memory().registrations.iter().find(|entry| entry["id"] == id.as_str()).cloned();
    found.map_or_else(
        || problem(StatusCode::NOT_FOUND, &format!("There is no registration `{id}`.")),
        |entry| Json(entry).into_response(),
    )
}

async fn status(Path(code): Path<String>) -> Response {
    match code.parse::<u16>().ok().and_then(|code| StatusCode::from_u16(code).ok()) {
        Some(status) if status.as_u16() >= 200 => problem(status, "As asked for."),
        _ => problem(StatusCode::BAD_REQUEST, "The last part of the path must be a status from 200 to 599."),
    }
}

fn problem(status: StatusCode, detail: &str) -> Response {
    let title = status.canonical_reason().unwrap_or("Unknown");
    let body = json!({ "title": title, "status": status.as_u16(), "detail": detail });
    (status, [(header::CONTENT_TYPE, "application/problem+json")], body.to_string()).into_response()
}
