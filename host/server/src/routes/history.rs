//! `…/by-name/{kind}/{namespace}/{name}/history`, `/diff` and `/provenance`.

use axum::Json;
use axum::response::Response;
use host_api::{ApiError, ApiResult, HistoryQuery};
use host_model::EntityRef;

use super::catalog::Triplet;
use crate::request::{Call, Path};

/// How many versions a page holds when nothing is said.
const USUAL: usize = 50;

/// `GET …/history`.
pub(crate) async fn versions(Path((kind, namespace, name)): Triplet, call: Call) -> Response {
    call.answer(
        async |call| {
            let request = HistoryQuery {
                entity: EntityRef::new(&kind, &namespace, &name),
                before: version_of(call, "before")?,
                limit: call.query.number("limit")?.unwrap_or(USUAL),
            };
            call.portal.entity_history(&call.principal, request).await
        },
        Json,
    )
    .await
}

/// `GET …/history/{version}`.
pub(crate) async fn version(
    Path((kind, namespace, name, version)): Path<(String, String, String, String)>,
    call: Call,
) -> Response {
    let entity = EntityRef::new(&kind, &namespace, &name);
    call.answer(
        async |call| {
            let version = version.parse().map_err(|_| ApiError::input("request/path/version must be integer"))?;
            call.portal.entity_version(&call.principal, &entity, version).await
        },
        Json,
    )
    .await
}

/// `GET …/diff`.
pub(crate) async fn diff(Path((kind, namespace, name)): Triplet, call: Call) -> Response {
    let entity = EntityRef::new(&kind, &namespace, &name);
    call.answer(
        async |call| {
            let (from, to) = (version_of(call, "from")?, version_of(call, "to")?);
            call.portal.entity_diff(&call.principal, &entity, from, to).await
        },
        Json,
    )
    .await
}

/// `GET …/provenance`.
pub(crate) async fn provenance(Path((kind, namespace, name)): Triplet, call: Call) -> Response {
    let entity = EntityRef::new(&kind, &namespace, &name);
    call.answer(async |call| call.portal.provenance(&call.principal, &entity).await, Json).await
}

fn version_of(call: &Call, key: &str) -> ApiResult<Option<u64>> {
    Ok(call.query.number(key)?.map(|number| number as u64))
}
