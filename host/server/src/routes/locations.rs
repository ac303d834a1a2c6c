//! `/api/catalog/locations`, and what can be asked of an address before it is registered.

use axum::Json;
use axum::extract::Request;
use axum::response::{IntoResponse, Response};
use host_api::{AnalyzeLocation, ApiError, LocationInput, LocationQuery, RegisterMode, ValidateEntity};
use host_model::EntityRef;
use http::StatusCode;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::request::{Call, Checked, Described, Path, read_json};

impl Described for LocationInput {
    const SCHEMA: &'static str = "LocationInput";
}

/// `GET /locations`: each location in an object of its own, as Backstage has it.
pub(crate) async fn list(call: Call) -> Response {
    call.answer(
        async |call| call.portal.locations(&call.principal).await,
        |items| Json(items.into_iter().map(|item| json!({ "data": item })).collect::<Vec<Value>>()),
    )
    .await
}

/// `POST /locations`.
pub(crate) async fn add(call: Call, Checked(input): Checked<LocationInput>) -> Response {
    call.answer(
        async |call| {
            let mode = match call.query.first("onConflict") {
                _ if call.query.flag("dryRun") => RegisterMode::DryRun,
                Some("refresh") => RegisterMode::Refresh,
                Some("reject") => RegisterMode::Reject,
                _ => RegisterMode::AsConfigured,
            };
            call.portal.add_location(&call.principal, input, mode).await
        },
        |result| (StatusCode::CREATED, Json(result)),
    )
    .await
}

/// The body of `POST /locations/by-query`.
#[derive(Debug, Deserialize)]
pub(crate) struct QueryBody {
    query: Option<Value>,
    limit: Option<f64>,
    cursor: Option<String>,
}

impl Described for QueryBody {
    const SCHEMA: &'static str = "LocationQuery";
}

/// `POST /locations/by-query`.
pub(crate) async fn by_query(call: Call, Checked(body): Checked<QueryBody>) -> Response {
    call.answer(
        async |call| {
            if body.cursor.as_deref() == Some("") {
                return Err(ApiError::input("Cursor cannot be empty"));
            }
            let limit = body.limit.map(limit).transpose()?;
            let query = LocationQuery { predicate: body.query, limit, cursor: body.cursor };
            call.portal.query_locations(&call.principal, query).await
        },
        Json,
    )
    .await
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it is whole, positive and not large")]
fn limit(limit: f64) -> Result<usize, ApiError> {
    if limit.fract() == 0.0 && (1.0..1e15).contains(&limit) {
        return Ok(limit as usize);
    }
    Err(ApiError::input("Limit must be a positive integer >= 1"))
}

/// `GET /locations/{id}`.
pub(crate) async fn get(Path(id): Path<String>, call: Call) -> Response {
    call.answer(async |call| call.portal.location(&call.principal, &id).await, Json).await
}

/// `GET /locations/by-entity/{kind}/{namespace}/{name}`.
pub(crate) async fn by_entity(Path((kind, namespace, name)): Path<(String, String, String)>, call: Call) -> Response {
    let entity = EntityRef::new(&kind, &namespace, &name);
    call.answer(async |call| call.portal.location_of(&call.principal, &entity).await, Json).await
}

/// `PUT /locations/{id}`.
pub(crate) async fn update(Path(id): Path<String>, call: Call, Checked(input): Checked<LocationInput>) -> Response {
    call.answer(async |call| call.portal.update_location(&call.principal, &id, input).await, Json).await
}

/// `DELETE /locations/{id}`.
pub(crate) async fn delete(Path(id): Path<String>, call: Call) -> Response {
    call.answer(async |call| call.portal.delete_location(&call.principal, &id).await, |()| StatusCode::NO_CONTENT).await
}

/// The body of `POST /analyze-location`.
#[derive(Debug, Deserialize)]
pub(crate) struct AnalyzeBody {
    location: LocationInput,
    /// Backstage's description and its code do not agree on this name.
    #[serde(rename = "catalogFileName", alias = "catalogFilename")]
    file_name: Option<String>,
}

impl Described for AnalyzeBody {
    const SCHEMA: &'static str = "AnalyzeLocation";
}

/// `POST /analyze-location`.
pub(crate) async fn analyze(call: Call, Checked(body): Checked<AnalyzeBody>) -> Response {
    let AnalyzeBody { location: LocationInput { location_type, target, .. }, file_name } = body;
    let input = AnalyzeLocation { location_type, target, file_name };
    call.answer(async |call| call.portal.analyze_location(&call.principal, input).await, Json).await
}

/// `POST /validate-entity`. What is wrong with the request is told in the same shape as what is wrong with the entity.
pub(crate) async fn validate(call: Call, request: Request) -> Response {
    let mut body = match read_json(request).await {
        Ok(body) => body,
        Err(error) => return call.fail(error),
    };
    let input = match (body.get_mut("entity").map(Value::take), body.get("location").and_then(Value::as_str)) {
        (Some(entity), Some(location)) => ValidateEntity { entity, location: location.to_owned() },
        _ => {
            let message = "Malformed request: the body must be {\"entity\": {…}, \"location\": \"url:https://…\"}";
            return invalid(vec![json!({ "name": "InputError", "message": message })]);
        }
    };
    if let Err(message) = check_location(&input.location) {
        return invalid(vec![json!({ "name": "TypeError", "message": message })]);
    }
    match call.portal.validate_entity(&call.principal, input).await {
        Ok(found) if found.is_empty() => StatusCode::OK.into_response(),
        Ok(found) => invalid(found.into_iter().map(|violation| json!(violation)).collect()),
        Err(error) => call.fail(error),
    }
}

fn invalid(errors: Vec<Value>) -> Response {
    (StatusCode::BAD_REQUEST, Json(json!({ "errors": errors }))).into_response()
}

/// Entities are judged as if they came from an address.
fn check_location(location: &str) -> Result<(), String> {
    let parts = location.split_once(':').map(|(kind, target)| (kind.trim(), target.trim()));
    match parts {
        Some(("url", target)) if !target.is_empty() => Ok(()),
        Some((kind, target)) if !kind.is_empty() && !target.is_empty() && !matches!(kind, "http" | "https") => Err(
            format!("Invalid location ref {location}, only 'url:<target>' is supported, e.g. url:https://host/path"),
        ),
        Some(("http" | "https", _)) => {
            Err(format!("Invalid location ref '{location}', please prefix it with 'url:', e.g. 'url:{location}'"))
        }
        _ => Err(format!(
            "Unable to parse location ref '{location}', expected '<type>:<target>', e.g. 'url:https://host/path'"
        )),
    }
}
