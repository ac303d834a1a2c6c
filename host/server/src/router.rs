//! The one place that lists all routes.

use std::any::Any;
use std::time::Duration;

use axum::Router;
use axum::extract::{Request, State};
use axum::middleware::{from_fn, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use host_api::ApiError;
use http::{Method, StatusCode};
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use tower_http::compression::predicate::{NotForContentType, Predicate, SizeAbove};
use tower_http::timeout::{RequestBodyTimeoutLayer, TimeoutLayer};

use crate::error::Failure;
use crate::middleware::{guard, observe};
use crate::routes::{assets, catalog, health, locations, plugins, scaffolder, search, views};
use crate::{AppState, openapi, pages};

/// How long a route may take until its answer begins.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(30);
/// The same for routes that wait for events by design.
const WAITING_TIMEOUT: Duration = Duration::from_secs(60);
/// How long a client may pause while it sends a body.
const BODY_PAUSE: Duration = Duration::from_secs(15);

/// All routes, with their checks and bounds.
pub fn router(state: AppState) -> Router {
    let waiting = Router::new()
        .route("/api/scaffolder/v2/tasks/{id}/events", get(scaffolder::events))
        .route("/api/scaffolder/v2/tasks/{id}/eventstream", get(scaffolder::event_stream))
        .layer(TimeoutLayer::with_status_code(StatusCode::REQUEST_TIMEOUT, WAITING_TIMEOUT));
    let answering = Router::new()
        .merge(operations())
        .merge(catalog_routes())
        .merge(scaffolder_routes())
        .route("/api/search/query", get(search::query))
        .route("/api/plugins", get(plugins::list))
        .route("/api/plugins/{id}/logs", get(plugins::logs))
        .route("/api/views/{namespace}/{kind}/{name}", get(views::list))
        .route("/api/views/{namespace}/{kind}/{name}/{plugin}/{card}", get(views::view))
        .route("/api/views/{namespace}/{kind}/{name}/{plugin}/{card}/actions", post(views::act))
        .route("/api/openapi.json", get(openapi::document))
        .fallback(fallback)
        .layer(TimeoutLayer::with_status_code(StatusCode::SERVICE_UNAVAILABLE, ANSWER_TIMEOUT));
    // Pages stream their panels, and a compressor would hold the first part back until it has enough to work on.
    let compress = CompressionLayer::new().no_zstd().no_deflate().compress_when(
        SizeAbove::new(1024)
            .and(NotForContentType::new("text/html"))
            .and(NotForContentType::SSE)
            .and(NotForContentType::new("application/wasm")),
    );
    Router::new()
        .merge(waiting)
        .merge(answering)
        .method_not_allowed_fallback(fallback)
        .layer(compress)
        .layer(RequestBodyTimeoutLayer::new(BODY_PAUSE))
        .layer(CatchPanicLayer::custom(panicked))
        .layer(from_fn_with_state(state.clone(), guard))
        .layer(from_fn(observe))
        .with_state(state)
}

fn operations() -> Router<AppState> {
    Router::new()
        .route("/healthz", get(health::healthz))
        .route("/readyz", get(health::readyz))
        .route("/.backstage/health/v1/readiness", get(health::backstage_readiness))
        .route("/.backstage/health/v1/liveness", get(health::healthz))
        .route("/metrics", get(health::metrics))
        .route("/assets/{name}", get(assets::asset))
        .route("/favicon.ico", get(assets::favicon))
}

fn catalog_routes() -> Router<AppState> {
    let routes = Router::new()
        .route("/entities", get(catalog::entities))
        .route("/entities/by-query", get(catalog::by_query).post(catalog::by_query_body))
        .route("/entities/by-refs", post(catalog::by_refs))
        .route("/entities/by-uid/{uid}", get(catalog::by_uid).delete(catalog::delete))
        .route("/entities/by-name/{kind}/{namespace}/{name}", get(catalog::by_name))
        .route("/entities/by-name/{kind}/{namespace}/{name}/ancestry", get(catalog::ancestry))
        .route("/entity-facets", get(catalog::facets).post(catalog::facets_body))
        .route("/refresh", post(catalog::refresh))
        .route("/problems", get(catalog::problems))
        .route("/graph/{kind}/{namespace}/{name}", get(catalog::graph))
        .route("/locations", get(locations::list).post(locations::add))
        .route("/locations/{id}", get(locations::get).delete(locations::delete));
    Router::new().nest("/api/catalog", routes)
}

fn scaffolder_routes() -> Router<AppState> {
    let routes = Router::new()
        .route("/v2/templates/{namespace}/{kind}/{name}/parameter-schema", get(scaffolder::parameter_schema))
        .route("/v2/actions", get(scaffolder::actions))
        .route("/v2/tasks", get(scaffolder::tasks).post(scaffolder::create_task))
        .route("/v2/tasks/{id}", get(scaffolder::task))
        .route("/v2/tasks/{id}/cancel", post(scaffolder::cancel))
        .route("/v2/dry-run", post(scaffolder::dry_run));
    Router::new().nest("/api/scaffolder", routes)
}

/// A fault of ours costs its own request only. What the panic said is in the log, never in the answer.
fn panicked(_: Box<dyn Any + Send>) -> Response {
    let error = ApiError::internal("the portal failed at this request; its log says why");
    Failure::new(error, &Method::GET, "/").into_response()
}

/// What no route takes: below `/api/` an error in the API's shape, anywhere else a page.
async fn fallback(State(state): State<AppState>, request: Request) -> Response {
    let path = request.uri().path();
    if path.starts_with("/api/") || path.starts_with("/.backstage/") || path.starts_with("/assets/") {
        let message = format!("there is no {} {path}; /api/openapi.json describes what there is", request.method());
        return Failure::new(ApiError::not_found(message), request.method(), path).into_response();
    }
    pages::handle(state, request).await
}
