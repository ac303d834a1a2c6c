//! What happens to every request before and after its route: checks, a span with the request's id, headers, figures.

use std::time::Instant;

use axum::extract::{MatchedPath, Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use host_api::{ApiError, ApiErrorKind};
use http::header::{CONTENT_TYPE, HOST, ORIGIN};
use http::{HeaderName, HeaderValue, Method, StatusCode};
use tracing::Instrument;

use crate::AppState;
use crate::error::Failure;
use crate::security::api_headers;
use crate::serve::MAX_HEADER_BYTES;

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Gives the request an id, logs and counts it, and sets the headers that every answer carries.
pub(crate) async fn observe(request: Request, next: Next) -> Response {
    let id = host_telemetry::new_request_id();
    let method = request.method().clone();
    let path = request.uri().path().to_owned();
    let route =
        request.extensions().get::<MatchedPath>().map_or_else(|| "page".to_owned(), |path| path.as_str().to_owned());
    let started = Instant::now();
    let span = host_telemetry::request_span(&id);
    let mut response = next.run(request).instrument(span.clone()).await;
    let status = response.status();
    span.in_scope(|| {
        host_telemetry::events::HttpRequestFinished {
            method: method.as_str(),
            route: &route,
            path: &path,
            status: status.as_u16(),
            duration: started.elapsed(),
        }
        .emit();
    });
    if let Ok(id) = HeaderValue::from_str(&id) {
        response.headers_mut().insert(REQUEST_ID, id);
    }
    let headers = response.headers_mut();
    if headers.get(CONTENT_TYPE).is_some_and(|kind| kind == "application/json") {
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json; charset=utf-8"));
    }
    api_headers(headers);
    response
}

/// Refuses requests with too large a head, requests under foreign names, and changes from foreign origins; answers
/// preflight requests.
pub(crate) async fn guard(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let bytes = head_bytes(&request);
    if bytes > MAX_HEADER_BYTES {
        let message = format!(
            "the request's line and headers have {bytes} bytes, and {MAX_HEADER_BYTES} are allowed; a cookie of another \
             application on this host may be the cause"
        );
        let error = ApiError::new(ApiErrorKind::HeadersTooLarge, message);
        return Failure::new(error, request.method(), request.uri().path()).into_response();
    }
    let headers = request.headers();
    if headers.get_all(HOST).iter().count() > 1 {
        let error = ApiError::input("a request names one Host, not several");
        return Failure::new(error, request.method(), request.uri().path()).into_response();
    }
    let host = headers
        .get(HOST)
        .and_then(|host| host.to_str().ok())
        .or_else(|| request.uri().host())
        .unwrap_or_default()
        .to_owned();
    let refuse = |message: String| {
        Failure::new(ApiError::not_allowed(message), request.method(), request.uri().path()).into_response()
    };
    if !state.0.hosts.allow(&host) && !is_probe(request.uri().path()) {
        let shown: String = host.chars().filter(|c| !c.is_control()).take(100).collect();
        return refuse(format!(
            "this portal does not answer under the name {shown:?}; set app.baseUrl to the address that people use"
        ));
    }
    let cors = &state.0.cors;
    if request.method() == Method::OPTIONS && headers.contains_key(ORIGIN) {
        let mut response = StatusCode::NO_CONTENT.into_response();
        response.headers_mut().extend(cors.preflight_headers(headers));
        return response;
    }
    let safe = matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS);
    if !safe && !cors.may_change(headers, &host) {
        return refuse(
            "requests from another origin may not change anything; backend.cors.origin lists those that may".to_owned(),
        );
    }
    let cors_headers = cors.answer_headers(headers);
    let mut response = next.run(request).await;
    for (name, value) in cors_headers {
        response.headers_mut().append(name, value);
    }
    response
}

/// The bytes of a request's line and headers as they are sent: `GET /x HTTP/1.1`, `name: value`, and the ends of lines.
fn head_bytes(request: &Request) -> usize {
    let uri = request.uri();
    let address = match uri.authority() {
        Some(_) => uri.to_string().len(),
        None => uri.path_and_query().map_or(1, |path| path.as_str().len()),
    };
    let line = request.method().as_str().len() + address + " ".len() + " HTTP/1.1\r\n".len();
    let fields: usize =
        request.headers().iter().map(|(name, value)| name.as_str().len() + value.len() + ": \r\n".len()).sum();
    line + fields + "\r\n".len()
}

/// Health checks come from orchestrators, which use addresses that no configuration knows.
fn is_probe(path: &str) -> bool {
    matches!(path, "/healthz" | "/readyz" | "/.backstage/health/v1/readiness" | "/.backstage/health/v1/liveness")
}
