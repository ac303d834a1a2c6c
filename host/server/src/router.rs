//! The one place that lists all routes.

use std::any::Any;
use std::time::Duration;

use axum::Router;
use axum::extract::{Request, State};
use axum::middleware::{from_fn, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use host_api::ApiError;
use http::{Method, StatusCode};
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use tower_http::compression::predicate::{NotForContentType, Predicate, SizeAbove};
use tower_http::timeout::{RequestBodyTimeoutLayer, TimeoutLayer};

use crate::error::Failure;
use crate::middleware::{guard, observe};
use crate::routes::{
    Routes, assets, auth, catalog, changes, definitions, graph, health, history, locations, permissions, plugins,
    problems, providers, scaffolder, search, status, unprocessed, views,
};
use crate::{AppState, openapi, pages};

/// How long a route may take until its answer begins.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(30);
/// The same for routes that wait for events by design.
const WAITING_TIMEOUT: Duration = Duration::from_secs(60);
/// How long a client may pause while it sends a body.
const BODY_PAUSE: Duration = Duration::from_secs(15);

/// All routes, with their checks and bounds.
pub fn router(state: AppState) -> Router {
    let waiting = waiting_routes()
        .into_router()
        .layer(TimeoutLayer::with_status_code(StatusCode::REQUEST_TIMEOUT, WAITING_TIMEOUT));
    let answering = answering_routes()
        .into_router()
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

/// Routes that wait for events by design.
fn waiting_routes() -> Routes {
    Routes::below("/api/scaffolder/v2/tasks")
        .get("/{id}/events", scaffolder::events)
        .get("/{id}/eventstream", scaffolder::event_stream)
        .and(Routes::below("/api/catalog").get("/changes", changes::changes))
}

/// Routes that answer at once.
fn answering_routes() -> Routes {
    operations()
        .and(catalog_routes())
        .and(entity_routes())
        .and(scaffolder_routes())
        .and(auth_routes())
        .and(Routes::below("/api/search").get("/query", search::query))
        .and(Routes::below("/api/plugins").get("", plugins::list).get("/{id}/logs", plugins::logs))
        .and(
            Routes::below("/api/views/{namespace}/{kind}/{name}")
                .get("", views::list)
                .get("/{plugin}/{card}", views::view)
                .post("/{plugin}/{card}/actions", views::act),
        )
        .and(
            Routes::below("/api")
                .get("/openapi.json", openapi::document)
                .post("/permission/authorize", permissions::authorize),
        )
        .and(Routes::below("/api/scaffolder").get("/openapi.json", openapi::scaffolder_document))
}

fn operations() -> Routes {
    Routes::below("")
        .get("/healthz", health::healthz)
        .get("/readyz", health::readyz)
        .get("/.backstage/health/v1/readiness", health::backstage_readiness)
        .get("/.backstage/health/v1/liveness", health::healthz)
        .get("/metrics", health::metrics)
        .get("/assets/{name}", assets::asset)
        .get("/favicon.ico", assets::favicon)
}

/// What is told of one entity besides itself.
fn entity_routes() -> Routes {
    Routes::below("/api/catalog/entities/by-name/{kind}/{namespace}/{name}")
        .get("/history", history::versions)
        .get("/history/{version}", history::version)
        .get("/diff", history::diff)
        .get("/provenance", history::provenance)
        .get("/status", status::get)
        .post("/status", status::set)
        .delete("/status", status::delete)
}

fn catalog_routes() -> Routes {
    Routes::below("/api/catalog")
        .get("/entities", catalog::entities)
        .get("/entities/by-query", catalog::by_query)
        .post("/entities/by-query", catalog::by_query_body)
        .post("/entities/by-refs", catalog::by_refs)
        .get("/entities/by-uid/{uid}", catalog::by_uid)
        .delete("/entities/by-uid/{uid}", catalog::delete)
        .get("/entities/by-name/{kind}/{namespace}/{name}", catalog::by_name)
        .get("/entities/by-name/{kind}/{namespace}/{name}/ancestry", catalog::ancestry)
        .get("/entities/unprocessed/failed", unprocessed::failed)
        .get("/entities/unprocessed/pending", unprocessed::pending)
        .delete("/entities/unprocessed/delete/{uid}", catalog::delete)
        .get("/entity-facets", catalog::facets)
        .post("/entity-facets", catalog::facets_body)
        .post("/refresh", catalog::refresh)
        .get("/problems", catalog::problems)
        .get("/graph", graph::whole)
        .get("/graph/{kind}/{namespace}/{name}", graph::around)
        .get("/impact/{kind}/{namespace}/{name}", graph::impact)
        .post("/entities/status-batch", status::batch)
        .get("/providers", providers::list)
        .post("/providers/{name}/run", providers::run)
        .get("/problems/by-query", problems::by_query)
        .get("/problems/count", problems::count)
        .post("/locations/preview", problems::preview)
        .get("/definition/{kind}/{namespace}/{name}", definitions::get)
        .get("/definition/{kind}/{namespace}/{name}/raw", definitions::raw)
        .get("/definition-summaries", definitions::summaries)
        .get("/locations", locations::list)
        .post("/locations", locations::add)
        .post("/locations/by-query", locations::by_query)
        .get("/locations/by-entity/{kind}/{namespace}/{name}", locations::by_entity)
        .get("/locations/{id}", locations::get)
        .put("/locations/{id}", locations::update)
        .delete("/locations/{id}", locations::delete)
        .post("/analyze-location", locations::analyze)
        .post("/validate-entity", locations::validate)
        .get("/.well-known/backstage/permissions/metadata", permissions::metadata)
        .post("/.well-known/backstage/permissions/apply-conditions", permissions::apply)
        .get("/.backstage/actions/v1/actions", unprocessed::actions)
        .post("/.backstage/actions/v1/actions/{id}/invoke", unprocessed::invoke)
        .get("/openapi.json", openapi::catalog_document)
}

fn auth_routes() -> Routes {
    Routes::below("/api/auth")
        .get("/guest/refresh", auth::guest_refresh)
        .post("/guest/refresh", auth::guest_refresh)
        .get("/.well-known/jwks.json", auth::keys)
        .get("/.well-known/openid-configuration", auth::openid)
        .get("/v1/userinfo", auth::user_info)
        .get("/v1/token", auth::token)
        .and(
            Routes::below("/api/{plugin}/.backstage/auth/v1")
                .get("/jwks.json", auth::keys)
                .get("/cookie", auth::give_cookie)
                .delete("/cookie", auth::take_cookie),
        )
}

fn scaffolder_routes() -> Routes {
    Routes::below("/api/scaffolder/v2")
        .get("/templates/{namespace}/{kind}/{name}/parameter-schema", scaffolder::parameter_schema)
        .get("/actions", scaffolder::actions)
        .get("/tasks", scaffolder::tasks)
        .post("/tasks", scaffolder::create_task)
        .get("/tasks/{id}", scaffolder::task)
        .post("/tasks/{id}/cancel", scaffolder::cancel)
        .post("/dry-run", scaffolder::dry_run)
}

/// A fault of ours costs its own request only. What the panic said is in the log, never in the answer.
fn panicked(_: Box<dyn Any + Send>) -> Response {
    let error = ApiError::internal("the portal failed at this request; its log says why");
    Failure::new(error, &Method::GET, "/").into_response()
}

/// What no route takes: below `/api/` nothing, as at Backstage's; anywhere else a page.
async fn fallback(State(state): State<AppState>, request: Request) -> Response {
    let path = request.uri().path();
    if let Some(error) = auth::unknown_provider(path) {
        return Failure::new(error, request.method(), path).into_response();
    }
    if path == "/api" || path.starts_with("/api/") || path.starts_with("/.backstage/") {
        return StatusCode::NOT_FOUND.into_response();
    }
    if path.starts_with("/assets/") {
        let message = format!("there is no {} {path}", request.method());
        return Failure::new(ApiError::not_found(message), request.method(), path).into_response();
    }
    pages::handle(state, request).await
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn everything_that_is_mounted_is_described_and_the_other_way_round() {
        // Files for browsers are no operations.
        let is_operation = |path: &str| !path.starts_with("/assets/") && path != "/favicon.ico";
        let mounted = waiting_routes().and(answering_routes());
        let mounted: BTreeSet<(&str, &str)> = mounted
            .mounted()
            .iter()
            .map(|(method, path)| (*method, path.as_str()))
            .filter(|(_, path)| is_operation(path))
            .collect();
        let described: BTreeSet<(&str, &str)> = openapi::described().collect();
        let undescribed: Vec<_> = mounted.difference(&described).collect();
        let unmounted: Vec<_> = described.difference(&mounted).collect();
        assert!(undescribed.is_empty(), "openapi/ has no row for {undescribed:?}");
        assert!(unmounted.is_empty(), "router.rs mounts nothing at {unmounted:?}");
    }
}
