//! What happens around every request: it is recorded, delayed, refused or answered, and the answer gets GitHub's headers.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::sync::Arc;

use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use jiff::SignedDuration;
use sha2::{Digest, Sha256};

use super::errors;
use super::state::{Fault, RecordedRequest, Shared};

const MOST_BYTES: usize = 1024 * 1024;

/// Calls an hour. They are counted but never run out by themselves, since a client that obeys the headers would then
/// stand still for the rest of the hour; a test that wants that orders it.
const LIMIT: u64 = 5_000;

pub(super) async fn around(State(shared): State<Arc<Shared>>, request: Request, next: Next) -> Response {
    let (parts, body) = request.into_parts();
    let Ok(body) = to_bytes(body, MOST_BYTES).await else {
        return errors::error(StatusCode::PAYLOAD_TOO_LARGE, "Payload too large", "");
    };
    let (latency, fault) = {
        let mut memory = shared.memory();
        memory.requests.push(RecordedRequest {
            method: parts.method.to_string(),
            path: parts.uri.path().to_owned(),
            query: parts.uri.query().unwrap_or_default().to_owned(),
            headers: readable(&parts.headers),
            body: String::from_utf8_lossy(&body).into_owned(),
        });
        (memory.latency, memory.next_fault())
    };
    if !latency.is_zero() {
        tokio::time::sleep(latency).await;
    }
    let method = parts.method.clone();
    let headers = parts.headers.clone();
    let internal = parts.uri.path().starts_with("/acme/");
    let request = Request::from_parts(parts, Body::from(body));
    if let Some(Fault::Body { status, content_type, body }) = fault {
        return (status, [(header::CONTENT_TYPE, content_type)], body).into_response();
    }
    if internal {
        return match fault {
            Some(Fault::Status(status)) => errors::ordered(status),
            _ => next.run(request).await,
        };
    }
    let response = match fault {
        Some(Fault::RateLimited) => errors::rate_limited(),
        Some(Fault::Status(status)) => errors::ordered(status),
        _ => match refused(&shared, &headers) {
            Some(response) => response,
            None => next.run(request).await,
        },
    };
    let response = tagged(&method, &headers, response).await;
    with_headers(&shared, &headers, response, fault == Some(Fault::RateLimited))
}

fn readable(headers: &HeaderMap) -> BTreeMap<String, String> {
    let mut out: BTreeMap<String, String> = BTreeMap::new();
    for (name, value) in headers {
        let value = String::from_utf8_lossy(value.as_bytes());
        out.entry(name.to_string())
            .and_modify(|all| {
                all.push_str(", ");
                all.push_str(&value);
            })
            .or_insert_with(|| value.into_owned());
    }
    out
}

/// The token of the request; an empty one counts as none.
fn token(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.trim().split_once(' ')?;
    let known = scheme.eq_ignore_ascii_case("bearer") || scheme.eq_ignore_ascii_case("token");
    (known && !token.trim().is_empty()).then_some(token.trim())
}

fn refused(shared: &Shared, headers: &HeaderMap) -> Option<Response> {
    if headers.get(header::USER_AGENT).is_none_or(HeaderValue::is_empty) {
        return Some(errors::no_user_agent());
    }
    let wanted = shared.token.as_deref()?;
    let given = token(headers);
    (given != Some(wanted)).then(|| errors::bad_credentials(given.is_some()))
}

/// Gives a good answer its entity tag, and answers 304 to a client that has it already.
async fn tagged(method: &Method, headers: &HeaderMap, response: Response) -> Response {
    if method != Method::GET || response.status() != StatusCode::OK {
        return response;
    }
    let (mut parts, body) = response.into_parts();
    let Ok(body) = to_bytes(body, usize::MAX).await else {
        return errors::ordered(StatusCode::INTERNAL_SERVER_ERROR);
    };
    let mut tag = String::from("W/\"");
    for byte in Sha256::digest(&body) {
        // Writing to a string cannot fail.
        let _written = write!(tag, "{byte:02x}");
    }
    tag.push('"');
    let known = headers
        .get_all(header::IF_NONE_MATCH)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .any(|known| known.trim() == "*" || known.trim().trim_start_matches("W/") == tag.trim_start_matches("W/"));
    if let Ok(tag) = HeaderValue::from_str(&tag) {
        parts.headers.insert(header::ETAG, tag);
    }
    if known {
        parts.status = StatusCode::NOT_MODIFIED;
        parts.headers.remove(header::CONTENT_TYPE);
        parts.headers.remove(header::CONTENT_LENGTH);
        return Response::from_parts(parts, Body::empty());
    }
    Response::from_parts(parts, Body::from(body))
}

fn with_headers(shared: &Shared, request: &HeaderMap, mut response: Response, limited: bool) -> Response {
    let with_token = token(request).is_some();
    let (used, count) = {
        let mut memory = shared.memory();
        // An answer that says "as before" is free.
        if response.status() != StatusCode::NOT_MODIFIED {
            memory.used += 1;
        }
        (if limited { LIMIT } else { memory.used.min(LIMIT - 1) }, memory.requests.len())
    };
    let now = shared.clock.now();
    let reset = now + SignedDuration::from_secs(3_600 - now.as_second().rem_euclid(3_600));
    let successful = response.status().is_success() || response.status() == StatusCode::NOT_MODIFIED;
    let headers = response.headers_mut();
    let mut set = |name: &'static str, value: &str| {
        if let Ok(value) = HeaderValue::from_str(value) {
            headers.insert(HeaderName::from_static(name), value);
        }
    };
    set("server", "github.com");
    set("x-ratelimit-limit", &LIMIT.to_string());
    set("x-ratelimit-remaining", &(LIMIT - used).to_string());
    set("x-ratelimit-used", &used.to_string());
    set("x-ratelimit-reset", &reset.as_second().to_string());
    set("x-ratelimit-resource", "core");
    set("x-github-media-type", "github.v3; format=json");
    set("x-github-api-version-selected", "2022-11-28");
    set("x-github-request-id", &format!("C0DE:{count:06X}"));
    set("x-content-type-options", "nosniff");
    set("referrer-policy", "origin-when-cross-origin, strict-origin-when-cross-origin");
    set("vary", "Accept, Authorization, Cookie, X-GitHub-OTP,Accept-Encoding, Accept, X-Requested-With");
    if successful {
        let who = if with_token { "private" } else { "public" };
        set("cache-control", &format!("{who}, max-age=60, s-maxage=60"));
    }
    if headers.get(header::CONTENT_TYPE).is_some_and(|value| value == "application/json") {
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json; charset=utf-8"));
    }
    response
}
