//! `/api/auth`, as far as there is anybody to sign in: the guest. And what other parts of the API say about credentials.

use axum::Json;
use axum::extract::{OriginalUri, State};
use axum::response::{IntoResponse, Response};
use host_api::{ApiError, ApiErrorKind, ApiResult};
use http::header::{AUTHORIZATION, SET_COOKIE};
use http::{HeaderMap, HeaderValue, Method, StatusCode};
use jiff::Timestamp;
use serde_json::{Value, json};

use crate::AppState;
use crate::error::Failure;
use crate::request::bearer;

/// The cookie that holds a limited token.
const COOKIE: &str = "backstage-auth";

/// `GET` and `POST /guest/refresh`: everybody is the guest, and may have a token that says so.
pub(crate) async fn guest_refresh(
    State(state): State<AppState>,
    method: Method,
    OriginalUri(uri): OriginalUri,
) -> Response {
    let Some(signed_in) = state.0.auth.sign_in_guest() else {
        let error = ApiError::internal("no token can be made; the portal's log says why");
        return Failure::new(error, &method, uri.path()).into_response();
    };
    Json(json!({
        "profile": {},
        "backstageIdentity": {
            "token": signed_in.token,
            "identity": { "type": "user", "userEntityRef": signed_in.user, "ownershipEntityRefs": [signed_in.user] },
            "expiresInSeconds": signed_in.expires_in,
        },
    }))
    .into_response()
}

/// `GET /.well-known/jwks.json`, and what every plugin of Backstage has at `/.backstage/auth/v1/jwks.json`: this portal is
/// one process and signs everything with the same keys.
pub(crate) async fn keys(State(state): State<AppState>) -> Json<Value> {
    Json(state.0.auth.public_keys())
}

/// `GET /.well-known/openid-configuration`.
pub(crate) async fn openid(State(state): State<AppState>) -> Json<Value> {
    let issuer = state.0.auth.issuer();
    Json(json!({
        "issuer": issuer,
        "token_endpoint": format!("{issuer}/v1/token"),
        "userinfo_endpoint": format!("{issuer}/v1/userinfo"),
        "jwks_uri": format!("{issuer}/.well-known/jwks.json"),
        "response_types_supported": ["id_token"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["ES256"],
        "scopes_supported": ["openid"],
        "token_endpoint_auth_methods_supported": [],
        "claims_supported": ["sub", "ent"],
        "grant_types_supported": [],
    }))
}

/// `GET /v1/userinfo`: who bears a token.
pub(crate) async fn user_info(
    State(state): State<AppState>,
    headers: HeaderMap,
    method: Method,
    OriginalUri(uri): OriginalUri,
) -> Response {
    match bearer_of(&state, &headers) {
        Ok((_, bearer)) => Json(json!({ "claims": { "sub": bearer.user, "ent": [bearer.user] } })).into_response(),
        Err(error) => Failure::new(error, &method, uri.path()).into_response(),
    }
}

/// `GET /v1/token`: where OpenID's description has to name an address, and nothing is given.
pub(crate) async fn token(method: Method, OriginalUri(uri): OriginalUri) -> Response {
    let message = "tokens are not given here; sign in as a guest at /api/auth/guest/refresh";
    Failure::new(ApiError::new(ApiErrorKind::NotImplemented, message), &method, uri.path()).into_response()
}

/// `GET /api/{plugin}/.backstage/auth/v1/cookie`: the bearer's limited token as a cookie.
pub(crate) async fn give_cookie(
    State(state): State<AppState>,
    headers: HeaderMap,
    method: Method,
    OriginalUri(uri): OriginalUri,
) -> Response {
    let limited = bearer_of(&state, &headers).and_then(|(token, _)| state.0.auth.limited(token).map_err(refused));
    let limited = match limited {
        Ok(limited) => limited,
        Err(error) => return Failure::new(error, &method, uri.path()).into_response(),
    };
    let secure = if state.0.auth.issuer().starts_with("https:") { "; Secure" } else { "" };
    let cookie =
        format!("{COOKIE}={}; Path=/; Max-Age={}; HttpOnly; SameSite=Lax{secure}", limited.token, limited.expires_in);
    let expires = i64::try_from(limited.expires).ok().and_then(|seconds| Timestamp::from_second(seconds).ok());
    let expires = expires.map(|expires| format!("{expires:.3}"));
    with_cookie(Json(json!({ "expiresAt": expires })).into_response(), &cookie)
}

/// `DELETE /api/{plugin}/.backstage/auth/v1/cookie`.
pub(crate) async fn take_cookie() -> Response {
    let cookie = format!("{COOKIE}=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax");
    with_cookie(StatusCode::NO_CONTENT.into_response(), &cookie)
}

/// Why there is nothing at an address below `/api/auth`.
pub(crate) fn unknown_provider(path: &str) -> Option<ApiError> {
    let (provider, _) = path.strip_prefix("/api/auth/")?.split_once('/')?;
    let message = match provider {
        "guest" => "The auth provider 'guest' has only GET and POST /api/auth/guest/refresh".to_owned(),
        other => format!("Unknown auth provider '{}'", other.chars().take(100).collect::<String>()),
    };
    Some(ApiError::not_found(message))
}

fn with_cookie(mut response: Response, cookie: &str) -> Response {
    if let Ok(cookie) = HeaderValue::from_str(cookie) {
        response.headers_mut().append(SET_COOKIE, cookie);
    }
    response
}

/// The token of a request, and who bears it.
fn bearer_of<'a>(state: &AppState, headers: &'a HeaderMap) -> ApiResult<(&'a str, host_auth::Bearer)> {
    let token = headers.get(AUTHORIZATION).and_then(bearer);
    let token = token.ok_or_else(|| ApiError::new(ApiErrorKind::Authentication, "Missing credentials"))?;
    Ok((token, state.0.auth.verify(token).map_err(refused)?))
}

fn refused(error: host_auth::TokenError) -> ApiError {
    ApiError::new(ApiErrorKind::Authentication, error.to_string())
}
