//! The one conversion of failures to the wire: Backstage's error body.

use axum::Json;
use axum::response::{IntoResponse, Response};
use host_api::{ApiError, ApiErrorKind};
use http::{Method, StatusCode};
use serde_json::{Value, json};

/// A failure together with the request that it answers, as the body repeats it.
#[derive(Debug)]
pub(crate) struct Failure {
    error: ApiError,
    method: Method,
    url: String,
}

impl Failure {
    pub(crate) fn new(error: ApiError, method: &Method, url: &str) -> Self {
        Self { error, method: method.clone(), url: strip_mount(url).to_owned() }
    }
}

/// Backstage's bodies name the address below the service's mount point: `/entities`, not `/api/catalog/entities`.
fn strip_mount(url: &str) -> &str {
    url.strip_prefix("/api/").and_then(|rest| rest.find('/').map(|at| &rest[at..])).unwrap_or(url)
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.error.kind.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        if self.error.kind == ApiErrorKind::Internal {
            tracing::error!(error = self.error.message, "an operation failed");
        }
        let mut error = json!({ "name": self.error.kind.name(), "message": self.error.message });
        if !self.error.fields.is_empty() {
            error["fields"] = serde_json::to_value(&self.error.fields).unwrap_or(Value::Null);
        }
        let body = json!({
            "error": error,
            "request": { "method": self.method.as_str(), "url": self.url },
            "response": { "statusCode": status.as_u16() },
        });
        (status, Json(body)).into_response()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_addresses_below_the_mount_point() {
        for (url, expected) in [
            ("/api/catalog/entities?limit=-1", "/entities?limit=-1"),
            ("/api/catalog", "/api/catalog"),
            ("/catalog/x", "/catalog/x"),
        ] {
            assert_eq!(strip_mount(url), expected);
        }
    }
}
