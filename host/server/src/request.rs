//! What every route asks of a request: who, the portal, and a body within bounds.

use std::sync::Arc;

use axum::extract::{FromRef, FromRequest, FromRequestParts, Request};
use axum::response::{IntoResponse, Response};
use futures::StreamExt;
use host_api::{ApiError, ApiErrorKind, ApiResult, Portal};
use host_model::Principal;
use http::request::Parts;
use http::{HeaderMap, Method};
use serde::de::DeserializeOwned;

use crate::AppState;
use crate::error::Failure;
use crate::past;
use crate::query::Query;

/// A request to the API: the principal, the portal, the query, and how failures are answered.
pub(crate) struct Call {
    pub(crate) principal: Principal,
    pub(crate) portal: Arc<dyn Portal>,
    pub(crate) query: Query,
    pub(crate) method: Method,
    pub(crate) url: String,
}

impl Call {
    /// Answers with what the operation gave, or with its failure.
    pub(crate) async fn answer<T, R>(
        self,
        operation: impl AsyncFnOnce(&Self) -> ApiResult<T>,
        render: impl FnOnce(T) -> R,
    ) -> Response
    where
        R: IntoResponse,
    {
        match operation(&self).await {
            Ok(value) => render(value).into_response(),
            Err(error) => self.fail(error),
        }
    }

    /// Answers with a failure.
    pub(crate) fn fail(&self, error: ApiError) -> Response {
        Failure::new(error, &self.method, &self.url).into_response()
    }
}

/// Who sends a request: the holder of the administrator's token, or a guest.
///
/// # Errors
/// When the request bears a token that is not known.
pub(crate) fn principal_of(headers: &HeaderMap, admin_token: &str) -> ApiResult<Principal> {
    let Some(value) = headers.get(http::header::AUTHORIZATION) else { return Ok(Principal::Guest) };
    let token = value.to_str().ok().and_then(|value| {
        let (scheme, token) = value.split_once(' ')?;
        scheme.eq_ignore_ascii_case("bearer").then_some(token.trim())
    });
    match token {
        Some(token) => principal_of_token(token, admin_token),
        None => Err(ApiError::new(
            ApiErrorKind::Authentication,
            "expected an Authorization header of the form: Bearer TOKEN",
        )),
    }
}

/// Whose a token is.
///
/// # Errors
/// When it is not known.
pub(crate) fn principal_of_token(token: &str, admin_token: &str) -> ApiResult<Principal> {
    if same(token.as_bytes(), admin_token.as_bytes()) {
        return Ok(Principal::Administrator);
    }
    Err(ApiError::new(
        ApiErrorKind::Authentication,
        "this token is not known; the administrator's token is in the file admin-token of the data folder",
    ))
}

/// Compares without telling by its duration how much is the same.
fn same(left: &[u8], right: &[u8]) -> bool {
    !right.is_empty()
        && left.len() == right.len()
        && left.iter().zip(right).fold(0, |difference, (a, b)| difference | (a ^ b)) == 0
}

impl<S> FromRequestParts<S> for Call
where
    S: Send + Sync,
    AppState: FromRef<S>,
{
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Response> {
        let state = AppState::from_ref(state);
        let url = parts.uri.path_and_query().map_or("/", http::uri::PathAndQuery::as_str).to_owned();
        let fail = |error| Failure::new(error, &parts.method, &url).into_response();
        let principal = principal_of(&parts.headers, &state.0.admin_token).map_err(fail)?;
        let portal = Arc::clone(state.portal().map_err(fail)?);
        let query = Query::parse(parts.uri.query().unwrap_or_default());
        let portal = past::portal(portal, &principal, &query, &parts.method, parts.uri.path()).await.map_err(fail)?;
        Ok(Self { principal, portal, query, method: parts.method.clone(), url })
    }
}

/// The most bytes of a request's body where nothing else is said.
pub(crate) const BODY_LIMIT: usize = 1024 * 1024;
/// How much of a body that is too large is still taken, so that the client reads the answer instead of a broken pipe.
const DRAINED: usize = 16 * 1024 * 1024;

/// Reads a body of at most `limit` bytes.
///
/// # Errors
/// When it is larger, or the client does not send it to its end.
pub(crate) async fn read_body(body: axum::body::Body, limit: usize) -> ApiResult<Vec<u8>> {
    let mut bytes = Vec::new();
    let mut seen = 0_usize;
    let mut stream = body.into_data_stream();
    while let Some(chunk) = stream.next().await {
        let chunk = chunk.map_err(|error| ApiError::input(format!("the request's body broke off: {error}")))?;
        seen = seen.saturating_add(chunk.len());
        if seen > limit + DRAINED {
            break;
        }
        if seen <= limit {
            bytes.extend_from_slice(&chunk);
        }
    }
    if seen > limit {
        return Err(ApiError::new(ApiErrorKind::PayloadTooLarge, "request entity too large"));
    }
    Ok(bytes)
}

/// A JSON body of at most `LIMIT` bytes; what is wrong with it is said in the API's own error body.
pub(crate) struct Body<T, const LIMIT: usize = BODY_LIMIT>(pub(crate) T);

impl<S, T, const LIMIT: usize> FromRequest<S> for Body<T, LIMIT>
where
    S: Send + Sync,
    T: DeserializeOwned,
{
    type Rejection = Response;

    async fn from_request(request: Request, _: &S) -> Result<Self, Response> {
        let method = request.method().clone();
        let url = request.uri().path_and_query().map_or("/", http::uri::PathAndQuery::as_str).to_owned();
        let fail = |error| Failure::new(error, &method, &url).into_response();
        let bytes = read_body(request.into_body(), LIMIT).await.map_err(fail)?;
        let bytes: &[u8] = if bytes.is_empty() { b"{}" } else { &bytes };
        let mut track = serde_json::Deserializer::from_slice(bytes);
        T::deserialize(&mut track)
            .and_then(|value| track.end().map(|()| Self(value)))
            .map_err(|error| fail(ApiError::input(format!("request/body is not what this route expects: {error}"))))
    }
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    #[test]
    fn only_the_administrators_token_makes_an_administrator() {
        let with = |value: &'static str| {
            HeaderMap::from_iter([(http::header::AUTHORIZATION, HeaderValue::from_static(value))])
        };
        assert_eq!(principal_of(&HeaderMap::new(), "secret"), Ok(Principal::Guest));
        assert_eq!(principal_of(&with("bearer secret"), "secret"), Ok(Principal::Administrator));
        for (value, token) in
            [("Bearer wrong!", "secret"), ("Bearer ", ""), ("Basic c2VjcmV0", "secret"), ("Bearer secre", "secret")]
        {
            assert_eq!(principal_of(&with(value), token).unwrap_err().kind, ApiErrorKind::Authentication, "{value}");
        }
    }
}
