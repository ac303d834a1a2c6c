//! `/api/catalog/graph` and `/api/catalog/impact`.

use axum::Json;
use axum::response::Response;
use host_api::{ApiError, ApiResult, GraphDirection, GraphQuery, ImpactQuery};
use host_model::EntityRef;

use super::catalog::Triplet;
use crate::query::Query;
use crate::request::{Call, Path};

/// How many entities an answer holds when nothing is said.
const USUAL: usize = 500;
/// How far a failure is followed when nothing is said.
const USUAL_IMPACT_DEPTH: usize = 20;

/// `GET /graph/{kind}/{namespace}/{name}`.
pub(crate) async fn around(Path((kind, namespace, name)): Triplet, call: Call) -> Response {
    call.answer(
        async |call| {
            let request = graph_query(&call.query, vec![EntityRef::new(&kind, &namespace, &name)], 1)?;
            call.portal.graph(&call.principal, request).await
        },
        Json,
    )
    .await
}

/// `GET /graph`: between all entities that `entity` and `filter` name; without them, between all there are.
pub(crate) async fn whole(call: Call) -> Response {
    call.answer(
        async |call| {
            let roots = call.query.all("entity");
            let roots = roots
                .iter()
                .map(|text| text.parse().map_err(|error| ApiError::input(format!("request/query/entity: {error}"))));
            let mut request = graph_query(&call.query, roots.collect::<ApiResult<_>>()?, 0)?;
            if request.roots.is_empty() && request.filters.is_empty() {
                request.filters.push("kind".to_owned());
            }
            call.portal.graph(&call.principal, request).await
        },
        Json,
    )
    .await
}

fn graph_query(query: &Query, roots: Vec<EntityRef>, depth: usize) -> ApiResult<GraphQuery> {
    let word = query.first("direction").unwrap_or("both");
    let direction = GraphDirection::from_word(word)
        .ok_or_else(|| ApiError::input(format!("request/query/direction must be out, in or both, found {word:?}")))?;
    Ok(GraphQuery {
        roots,
        filters: query.all_filled("filter"),
        depth: depth_of(query, depth)?,
        relations: query.lists("relation"),
        kinds: query.lists("kind"),
        direction,
        limit: query.number("limit")?.unwrap_or(USUAL),
        collapse: query.number("collapse")?.filter(|least| *least > 0),
    })
}

fn depth_of(query: &Query, usual: usize) -> ApiResult<u32> {
    Ok(u32::try_from(query.number("depth")?.unwrap_or(usual)).unwrap_or(u32::MAX))
}

/// `GET /impact/{kind}/{namespace}/{name}`.
pub(crate) async fn impact(Path((kind, namespace, name)): Triplet, call: Call) -> Response {
    call.answer(
        async |call| {
            let request = ImpactQuery {
                root: EntityRef::new(&kind, &namespace, &name),
                relations: call.query.lists("relation"),
                depth: depth_of(&call.query, USUAL_IMPACT_DEPTH)?,
                limit: call.query.number("limit")?.unwrap_or(USUAL),
            };
            call.portal.impact(&call.principal, request).await
        },
        Json,
    )
    .await
}
