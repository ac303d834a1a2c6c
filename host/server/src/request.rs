//! What every route asks of a request: who, the portal, and a body within bounds.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::{Arc, LazyLock};

use axum::extract::{FromRef, FromRequest, FromRequestParts, MatchedPath, Request};
use axum::response::{IntoResponse, Response};
use futures::StreamExt;
use host_api::{ApiError, ApiErrorKind, ApiResult, Portal};
use host_auth::{Auth, TokenError};
use host_model::Principal;
use http::header::{AUTHORIZATION, CACHE_CONTROL, CONTENT_TYPE, ETAG, IF_NONE_MATCH};
use http::request::Parts;
use http::{HeaderMap, HeaderValue, Method, StatusCode};
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::AppState;
use crate::error::Failure;
use crate::openapi::{body, parameters};
use crate::past;
use crate::query::Query;

/// A request to the API: the principal, the portal, the query, and how failures are answered.
pub(crate) struct Call {
    pub(crate) principal: Principal,
    pub(crate) portal: Arc<dyn Portal>,
    pub(crate) query: Query,
    pub(crate) method: Method,
    pub(crate) url: String,
    /// What the catalog's answer at this address is tagged with at present, and what the client has.
    tag: HeaderValue,
    known: Option<HeaderValue>,
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

    /// As [`Call::answer`], for what is read from the catalog: whoever has it already is told so, without it being made
    /// again. The tag is that of the catalog as it was before, so that an answer is never taken for a newer one, and that
    /// of the address, so that who has it was not told of an error.
    pub(crate) async fn read<T, R>(
        self,
        operation: impl AsyncFnOnce(&Self) -> ApiResult<T>,
        render: impl FnOnce(T) -> R,
    ) -> Response
    where
        R: IntoResponse,
    {
        let tag = self.tag.clone();
        let mut response = if self.known.as_ref().is_some_and(|known| holds(known, &tag)) {
            StatusCode::NOT_MODIFIED.into_response()
        } else {
            self.answer(operation, render).await
        };
        if response.status().is_success() || response.status() == StatusCode::NOT_MODIFIED {
            response.headers_mut().insert(ETAG, tag);
            response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-cache"));
        }
        response
    }

    /// Answers with a failure.
    pub(crate) fn fail(&self, error: ApiError) -> Response {
        Failure::new(error, &self.method, &self.url).into_response()
    }
}

/// Who sends a request: the holder of the administrator's token, the bearer of a token that was given here, or a guest.
///
/// # Errors
/// When the request bears a token that is not known.
pub(crate) fn principal_of(headers: &HeaderMap, admin_token: &str, auth: &Auth) -> ApiResult<Principal> {
    let Some(value) = headers.get(AUTHORIZATION) else { return Ok(Principal::Guest) };
    match bearer(value) {
        Some(token) => principal_of_token(token, admin_token, auth),
        None => Err(refused("Missing credentials; expected an Authorization header of the form: Bearer TOKEN")),
    }
}

/// Whose a token is.
///
/// # Errors
/// When it is not known.
pub(crate) fn principal_of_token(token: &str, admin_token: &str, auth: &Auth) -> ApiResult<Principal> {
    if same(token.as_bytes(), admin_token.as_bytes()) {
        return Ok(Principal::Administrator);
    }
    let bearer = auth.verify(token).map_err(|error| match error {
        TokenError::Unknown => refused(format!(
            "Illegal token: {error}; the administrator's token is in the file admin-token of the data folder"
        )),
        TokenError::Expired => refused(format!("Illegal token: {error}")),
    })?;
    if bearer.user == host_auth::GUEST {
        return Ok(Principal::Guest);
    }
    let entity = bearer.user.parse().map_err(|_| refused("Illegal token: it names nobody"))?;
    Ok(Principal::User { entity })
}

fn refused(message: impl Into<String>) -> ApiError {
    ApiError::new(ApiErrorKind::Authentication, message)
}

/// The token of an `Authorization` header of the form `Bearer TOKEN`.
pub(crate) fn bearer(value: &HeaderValue) -> Option<&str> {
    let (scheme, token) = value.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then_some(token.trim())
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
        let principal = principal_of(&parts.headers, &state.0.admin_token, &state.0.auth).map_err(fail)?;
        let portal = Arc::clone(state.portal().map_err(fail)?);
        let query = Query::parse(parts.uri.query().unwrap_or_default());
        if let Some(route) = parts.extensions.get::<MatchedPath>() {
            parameters::check(&parts.method, route.as_str(), &query).map_err(fail)?;
        }
        let portal = past::portal(portal, &principal, &query, &parts.method, parts.uri.path()).await.map_err(fail)?;
        let tag = tag_of(portal.catalog_version(), &url);
        let known = parts.headers.get(IF_NONE_MATCH).cloned();
        Ok(Self { principal, portal, query, method: parts.method.clone(), url, tag, known })
    }
}

/// What the answer at an address is tagged with. Versions begin anew with each process, tags do not.
fn tag_of(version: u64, url: &str) -> HeaderValue {
    static PROCESS: LazyLock<String> = LazyLock::new(|| uuid::Uuid::new_v4().simple().to_string());
    let mut hasher = DefaultHasher::new();
    url.hash(&mut hasher);
    let text = format!("W/\"{}-{version}-{:x}\"", &PROCESS[..12], hasher.finish());
    HeaderValue::from_str(&text).unwrap_or_else(|_| HeaderValue::from_static("W/\"0\""))
}

/// Whether a list of tags holds one.
fn holds(tags: &HeaderValue, tag: &HeaderValue) -> bool {
    let (Ok(tags), Ok(tag)) = (tags.to_str(), tag.to_str()) else { return false };
    let plain = |tag: &'_ str| tag.trim().trim_start_matches("W/").to_owned();
    tags.split(',').any(|other| plain(other) == plain(tag))
}

/// The parts of a path, as the API's errors tell of it when they cannot be read.
pub(crate) struct Path<T>(pub(crate) T);

impl<S, T> FromRequestParts<S> for Path<T>
where
    S: Send + Sync,
    T: DeserializeOwned + Send,
{
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Response> {
        match axum::extract::Path::<T>::from_request_parts(parts, state).await {
            Ok(axum::extract::Path(inner)) => Ok(Self(inner)),
            Err(error) => {
                let error = ApiError::input(format!("the address cannot be read: {}", error.body_text()));
                Err(Failure::new(error, &parts.method, parts.uri.path()).into_response())
            }
        }
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
        let message = format!("request entity too large; a body of this route has at most {limit} bytes");
        return Err(ApiError::new(ApiErrorKind::PayloadTooLarge, message));
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

/// A body with a schema in the API's description.
pub(crate) trait Described: DeserializeOwned {
    /// The schema's name.
    const SCHEMA: &'static str;
}

/// A JSON body that follows its schema; everything that is wrong with it is said at once.
pub(crate) struct Checked<T>(pub(crate) T);

impl<S, T> FromRequest<S> for Checked<T>
where
    S: Send + Sync,
    T: Described,
{
    type Rejection = Response;

    async fn from_request(request: Request, _: &S) -> Result<Self, Response> {
        let method = request.method().clone();
        let url = request.uri().path_and_query().map_or("/", http::uri::PathAndQuery::as_str).to_owned();
        read_checked(request).await.map(Self).map_err(|error| Failure::new(error, &method, &url).into_response())
    }
}

async fn read_checked<T: Described>(request: Request) -> ApiResult<T> {
    let mut value = read_json(request).await?;
    unify_numbers(&mut value);
    let wrong = body::check(T::SCHEMA, &value);
    if !wrong.is_empty() {
        return Err(ApiError::input(wrong.join(", ")));
    }
    serde_json::from_value(value).map_err(|error| ApiError::input(format!("request/body: {error}")))
}

/// JavaScript, and so JSON schema, knows one kind of number: `2.0` and `2e0` are `2`.
#[expect(clippy::cast_possible_truncation, reason = "it is whole and small enough to be told exactly")]
fn unify_numbers(value: &mut Value) {
    const MOST_EXACT: f64 = 9_007_199_254_740_992.0;
    match value {
        Value::Number(number) if number.is_f64() => {
            let whole = number.as_f64().filter(|number| number.fract() == 0.0 && number.abs() <= MOST_EXACT);
            if let Some(whole) = whole {
                *value = Value::from(whole as i64);
            }
        }
        Value::Array(items) => items.iter_mut().for_each(unify_numbers),
        Value::Object(entries) => entries.values_mut().for_each(unify_numbers),
        _ => {}
    }
}

/// Reads a body that says it is JSON, and is.
///
/// # Errors
/// When it is anything else, with line and column.
pub(crate) async fn read_json(request: Request) -> ApiResult<Value> {
    let content_type = request.headers().get(CONTENT_TYPE).map(|value| value.to_str().unwrap_or("?").to_owned());
    let bytes = read_body(request.into_body(), BODY_LIMIT).await?;
    let is_json = content_type.as_deref().is_some_and(|content_type| {
        let name = content_type.split(';').next().unwrap_or_default().trim();
        name.eq_ignore_ascii_case("application/json")
    });
    if !is_json {
        let found = match content_type {
            None => "media type not specified".to_owned(),
            Some(found) => format!("unsupported media type {}", found.chars().take(100).collect::<String>()),
        };
        return Err(ApiError::input(format!("{found}; send JSON with the header Content-Type: application/json")));
    }
    serde_json::from_slice(&bytes).map_err(|error| ApiError::input(format!("the request's body is not JSON: {error}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_known_tokens_say_who_somebody_is() {
        let folder = std::env::temp_dir().join("callboard-no-such-folder").join("keys.json");
        let auth = Auth::open(&folder, "http://127.0.0.1:7007", Arc::new(|| 1_700_000_000));
        let with = |value: &str| HeaderMap::from_iter([(AUTHORIZATION, HeaderValue::from_str(value).unwrap())]);
        let guest = format!("Bearer {}", auth.sign_in_guest().unwrap().token);
        assert_eq!(principal_of(&HeaderMap::new(), "secret", &auth), Ok(Principal::Guest));
        assert_eq!(principal_of(&with("bearer secret"), "secret", &auth), Ok(Principal::Administrator));
        assert_eq!(principal_of(&with(&guest), "secret", &auth), Ok(Principal::Guest));
        for (value, token) in [
            ("Bearer wrong!", "secret"),
            ("Bearer ", ""),
            ("Basic c2VjcmV0", "secret"),
            ("Bearer secre", "secret"),
            (&guest[..guest.len() - 4], "secret"),
        ] {
            let error = principal_of(&with(value), token, &auth).unwrap_err();
            assert_eq!(error.kind, ApiErrorKind::Authentication, "{value}");
        }
    }
}
