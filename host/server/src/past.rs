//! `asOf=`: the catalog's reading routes over the catalog as it was at an instant.

use std::sync::Arc;

use host_api::{ApiError, ApiResult, Portal};
use host_model::Principal;
use http::Method;

use crate::query::Query;

/// What follows an entity's name in the addresses that tell of its present or of its whole past.
const OF_NOW: [&str; 5] = ["/history", "/diff", "/provenance", "/status", "/ancestry"];

/// The portal that a request is for: the one of now, or with `asOf` the one of an instant.
///
/// # Errors
/// When the instant cannot be read or lies before the history, or the route does not tell of the past.
pub(crate) async fn portal(
    portal: Arc<dyn Portal>,
    principal: &Principal,
    query: &Query,
    method: &Method,
    path: &str,
) -> ApiResult<Arc<dyn Portal>> {
    let Some(instant) = query.first("asOf") else { return Ok(portal) };
    if !tells_of_the_past(&method.as_str().to_ascii_lowercase(), path) {
        let message = format!("{method} {path} tells only of the present; leave asOf out");
        return Err(ApiError::input(message));
    }
    portal.as_of(principal, instant).await
}

/// Whether a route, by its method in lower case and its path, takes `asOf`.
pub(crate) fn tells_of_the_past(method: &str, path: &str) -> bool {
    let Some(path) = path.strip_prefix("/api/catalog") else { return false };
    if method == "post" {
        return matches!(path, "/entities/by-query" | "/entities/by-refs" | "/entity-facets");
    }
    let is_reading = matches!(method, "get" | "head");
    let is_past = ["/entities", "/entity-facets", "/graph", "/impact"]
        .iter()
        .any(|start| path.strip_prefix(start).is_some_and(|rest| rest.is_empty() || rest.starts_with('/')));
    let of_now = path.starts_with("/entities/by-name/")
        && path
            .splitn(6, '/')
            .nth(5)
            .and_then(|rest| rest.find('/').map(|at| &rest[at..]))
            .is_some_and(|rest| OF_NOW.iter().any(|of_now| rest.starts_with(of_now)));
    is_reading && is_past && !of_now && !path.starts_with("/entities/unprocessed/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_reads_entities_tells_of_the_past() {
        for (method, path, expected) in [
            ("get", "/api/catalog/entities", true),
            ("get", "/api/catalog/entities/by-query", true),
            ("post", "/api/catalog/entities/by-query", true),
            ("post", "/api/catalog/entities/by-refs", true),
            ("get", "/api/catalog/entities/by-name/api/default/history", true),
            ("get", "/api/catalog/entities/by-name/api/default/a/history", false),
            ("get", "/api/catalog/entities/by-name/api/default/a/status", false),
            ("get", "/api/catalog/graph/api/default/a", true),
            ("get", "/api/catalog/graph", true),
            ("get", "/api/catalog/impact/api/default/a", true),
            ("get", "/api/catalog/entity-facets", true),
            ("delete", "/api/catalog/entities/by-uid/x", false),
            ("get", "/api/catalog/entities/unprocessed/failed", false),
            ("post", "/api/catalog/refresh", false),
            ("get", "/api/catalog/locations", false),
            ("get", "/api/catalog/changes", false),
            ("get", "/api/plugins", false),
        ] {
            assert_eq!(tells_of_the_past(method, path), expected, "{method} {path}");
        }
    }
}
