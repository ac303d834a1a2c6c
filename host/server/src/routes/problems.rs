//! What is wrong in the catalog, and what would be wrong with a location.

use axum::Json;
use axum::response::Response;
use host_api::{LocationInput, ProblemQuery};

use crate::request::{Body, Call};

/// The size of a page when nothing is said.
const USUAL_PAGE: usize = 100;

/// `GET /problems/by-query`.
pub(crate) async fn by_query(call: Call) -> Response {
    call.answer(
        async |call| {
            let text = |name: &str| call.query.first(name).map(str::to_owned);
            let request = ProblemQuery {
                owner: text("owner"),
                kind: text("kind"),
                severity: text("severity"),
                code: text("code"),
                text: text("text"),
                offset: call.query.number("offset")?.unwrap_or_default(),
                limit: call.query.number("limit")?.unwrap_or(USUAL_PAGE),
            };
            call.portal.query_problems(&call.principal, request).await
        },
        Json,
    )
    .await
}

/// `GET /problems/count`.
pub(crate) async fn count(call: Call) -> Response {
    call.answer(async |call| call.portal.count_problems(&call.principal).await, Json).await
}

/// `POST /locations/preview`.
pub(crate) async fn preview(call: Call, Body(input): Body<LocationInput>) -> Response {
    call.answer(async |call| call.portal.preview_location(&call.principal, input).await, Json).await
}
