//! `/api/search`, as Backstage's search backend has it.

use axum::Json;
use axum::response::Response;
use host_api::{ApiError, SearchQuery};

use crate::request::Call;

/// The longest term, as in Backstage (`search.maxTermLength`).
const MAX_TERM: usize = 100;
/// The largest page, as in Backstage (`search.maxPageLimit`).
const MAX_PAGE: usize = 100;

/// `GET /api/search/query`.
pub(crate) async fn query(call: Call) -> Response {
    call.answer(
        async |call| {
            let query = &call.query;
            let term = query.first("term").unwrap_or_default().to_owned();
            if term.chars().count() > MAX_TERM {
                return Err(ApiError::input(format!(
                    "Invalid query string: term is longer than {MAX_TERM} characters"
                )));
            }
            let page_limit = query.number("pageLimit")?;
            if page_limit.is_some_and(|limit| limit == 0 || limit > MAX_PAGE) {
                return Err(ApiError::input(format!("Invalid query string: pageLimit must be from 1 to {MAX_PAGE}")));
            }
            let query = SearchQuery {
                term,
                types: query.all("types"),
                filters: query.map("filters"),
                page_cursor: query.first("pageCursor").map(str::to_owned),
                page_limit,
            };
            call.portal.search(&call.principal, query).await
        },
        Json,
    )
    .await
}
