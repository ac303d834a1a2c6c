//! GitHub's error bodies.

use axum::Json;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::json;

use super::runs::Refusal;

const DOCS: &str = "https://docs.github.com/rest";

/// The body that GitHub sends with every refusal: a message, a page to read, and the status once more, as text.
pub(super) fn error(status: StatusCode, message: &str, page: &str) -> Response {
    let body = json!({
        "message": message,
        "documentation_url": format!("{DOCS}{page}"),
        "status": status.as_u16().to_string(),
    });
    (status, Json(body)).into_response()
}

pub(super) fn not_found(page: &str) -> Response {
    error(StatusCode::NOT_FOUND, "Not Found", page)
}

pub(super) fn bad_credentials(given: bool) -> Response {
    let message = if given { "Bad credentials" } else { "Requires authentication" };
    error(StatusCode::UNAUTHORIZED, message, "")
}

pub(super) fn refusal(refusal: Refusal, page: &str) -> Response {
    let (status, message) = match refusal {
        Refusal::StillRunning => (StatusCode::FORBIDDEN, "This workflow is already running"),
        Refusal::NothingFailed => (StatusCode::FORBIDDEN, "This workflow run cannot be retried"),
        Refusal::AlreadyCompleted => (StatusCode::CONFLICT, "Cannot cancel a workflow run that is completed."),
    };
    error(status, message, page)
}

pub(super) fn rate_limited() -> Response {
    error(
        StatusCode::FORBIDDEN,
        "API rate limit exceeded for user ID 4100301.",
        "/overview/rate-limits-for-the-rest-api",
    )
}

/// GitHub answers a request without a user agent before the API ever sees it, and not in JSON.
pub(super) fn no_user_agent() -> Response {
    let text =
        "\r\nRequest forbidden by administrative rules. Please make sure your request has a User-Agent header.\r\n";
    (StatusCode::FORBIDDEN, [("content-type", "text/html")], text).into_response()
}

/// What a fault that a test has ordered looks like.
pub(super) fn ordered(status: StatusCode) -> Response {
    let message = if status.is_server_error() { "Server Error" } else { status.canonical_reason().unwrap_or("Error") };
    error(status, message, "")
}
