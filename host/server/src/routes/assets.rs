//! Static files.

use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, HeaderValue, StatusCode, header};

use crate::AppState;

/// `GET /assets/{name}`: hashed names never change, so browsers may keep them for good.
pub(crate) async fn asset(State(state): State<AppState>, Path(name): Path<String>, headers: HeaderMap) -> Response {
    serve(&state, &name, &headers, "public, max-age=31536000, immutable")
}

/// `GET /favicon.ico`, which browsers ask for unasked.
pub(crate) async fn favicon(State(state): State<AppState>, headers: HeaderMap) -> Response {
    let name = state.0.assets.logical("favicon.svg").map(str::to_owned);
    name.map_or_else(
        || StatusCode::NOT_FOUND.into_response(),
        |name| serve(&state, &name, &headers, "public, max-age=86400"),
    )
}

fn serve(state: &AppState, name: &str, headers: &HeaderMap, cache: &'static str) -> Response {
    let accept = headers.get(header::ACCEPT_ENCODING).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let Some(file) = state.0.assets.get(name, accept) else { return StatusCode::NOT_FOUND.into_response() };
    let mut response = file.bytes.into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(media_type(name)));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(cache));
    headers.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    if let Some(encoding) = file.encoding {
        headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static(encoding));
    }
    response
}

fn media_type(name: &str) -> &'static str {
    match name.rsplit_once('.').map_or("", |(_, extension)| extension) {
        "css" => "text/css; charset=utf-8",
        "js" => "text/javascript; charset=utf-8",
        "json" => "application/json",
        "svg" => "image/svg+xml",
        "wasm" => "application/wasm",
        "woff2" => "font/woff2",
        "png" => "image/png",
        _ => "application/octet-stream",
    }
}
