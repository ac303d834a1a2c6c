//! `GET /api/catalog/changes`: server-sent events, or one page of JSON for those who ask for it.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::Json;
use axum::extract::State;
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use futures::stream::{self, Stream};
use host_api::{ApiResult, ChangePage, ChangesQuery, Portal};
use host_model::Principal;
use http::{HeaderMap, header};
use serde_json::json;
use tokio_util::sync::CancellationToken;

use crate::AppState;
use crate::request::Call;

/// How many events are read at a time; what a slow reader has not taken yet is never more.
const PAGE: usize = 500;
/// How long one wait of a stream lasts, in milliseconds; the stream itself goes on.
const STREAM_WAIT_MS: u64 = 15_000;
/// How long a request for JSON may wait, in seconds.
const LONGEST_WAIT: usize = 30;

/// `GET /changes`.
pub(crate) async fn changes(State(state): State<AppState>, headers: HeaderMap, call: Call) -> Response {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).map(str::to_owned);
    let since = text("last-event-id").or_else(|| call.query.first("since").map(str::to_owned));
    let wants_json = text(header::ACCEPT.as_str()).is_some_and(|accept| accept.contains("application/json"));
    let filters = call.query.all_filled("filter");
    if wants_json {
        return call
            .answer(
                async |call| {
                    let wait = call.query.number("wait")?.unwrap_or(0).min(LONGEST_WAIT);
                    let limit = call.query.number("limit")?.unwrap_or(PAGE).clamp(1, PAGE);
                    let query = ChangesQuery { since, filters, wait_ms: wait as u64 * 1000, limit };
                    call.portal.changes(&call.principal, query).await
                },
                Json,
            )
            .await;
    }
    // The first page tells at once whether the request is sound.
    let is_new = since.is_none();
    let query = ChangesQuery { since, filters: filters.clone(), wait_ms: 0, limit: PAGE };
    let first = match call.portal.changes(&call.principal, query).await {
        Ok(page) => page,
        Err(error) => return call.fail(error),
    };
    let reader =
        Reader { portal: call.portal, principal: call.principal, filters, since: first.next.clone(), ended: false };
    let mut begin = events(&first);
    if is_new {
        // A new reader has its place before anything happens: what it reads of the catalog from here on is not older.
        let data = json!({ "token": first.next }).to_string();
        begin.insert(0, Event::default().event("start").id(first.next.clone()).data(data));
    }
    let rest = reader.into_stream(state.0.shutdown.clone());
    let all = futures::StreamExt::chain(stream::iter(begin.into_iter().map(Ok)), rest);
    Sse::new(all).keep_alive(KeepAlive::default()).into_response()
}

struct Reader {
    portal: Arc<dyn Portal>,
    principal: Principal,
    filters: Vec<String>,
    since: String,
    ended: bool,
}

impl Reader {
    /// Reads a page whenever the one before has been taken, until shutdown begins; then the reader is told to come back.
    fn into_stream(self, shutdown: CancellationToken) -> impl Stream<Item = Result<Event, Infallible>> + Send {
        let pages = stream::unfold((self, shutdown), |(mut reader, shutdown)| async move {
            if reader.ended {
                return None;
            }
            let events = tokio::select! {
                biased;
                () = shutdown.cancelled() => {
                    reader.ended = true;
                    vec![Event::default().retry(Duration::from_secs(1)).comment("the portal is restarting")]
                }
                page = reader.next() => match page {
                    Ok(page) => events(&page),
                    Err(error) => {
                        tracing::warn!(%error, "a stream of changes ended");
                        reader.ended = true;
                        vec![Event::default().retry(Duration::from_secs(5)).comment("the changes cannot be read now")]
                    }
                },
            };
            Some((stream::iter(events.into_iter().map(Ok)), (reader, shutdown)))
        });
        futures::StreamExt::flatten(pages)
    }

    async fn next(&mut self) -> ApiResult<ChangePage> {
        let query = ChangesQuery {
            since: Some(self.since.clone()),
            filters: self.filters.clone(),
            wait_ms: STREAM_WAIT_MS,
            limit: PAGE,
        };
        let page = self.portal.changes(&self.principal, query).await?;
        self.since.clone_from(&page.next);
        Ok(page)
    }
}

fn events(page: &ChangePage) -> Vec<Event> {
    let mut events = Vec::with_capacity(page.items.len() + 1);
    if let Some(reason) = &page.reset {
        let data = json!({ "reason": reason, "token": page.next });
        events.push(Event::default().event("reset").id(page.next.clone()).data(data.to_string()));
    }
    for item in &page.items {
        let data = serde_json::to_string(item).unwrap_or_else(|_| "{}".to_owned());
        events.push(Event::default().event(item.change.as_str()).id(item.token.clone()).data(data));
    }
    events
}
