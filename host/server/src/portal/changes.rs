//! The change stream, in the API's shapes.

use std::time::Duration;

use host_api::{ApiResult, ChangeEvent, ChangeEventKind, ChangePage, ChangedPart, ChangesQuery};
use host_catalog::NewsItem;
use host_model::EntityRef;
use host_store::{Happened, instant_text};

use super::LocalPortal;
use super::catalog::{change_error, selection};

impl LocalPortal {
    pub(super) async fn changes_since(&self, query: ChangesQuery) -> ApiResult<ChangePage> {
        let selection = selection(&query.filters, None)?;
        let wait = Duration::from_millis(query.wait_ms);
        let news = self.features.catalog.news(query.since.as_deref(), &selection, wait, query.limit);
        let news = news.await.map_err(change_error)?;
        Ok(ChangePage { items: news.items.into_iter().filter_map(event).collect(), next: news.next, reset: news.reset })
    }
}

fn event(item: NewsItem) -> Option<ChangeEvent> {
    let entity_ref: EntityRef = item.entity_ref.parse().ok()?;
    Some(ChangeEvent {
        change: match item.happened {
            Happened::Created => ChangeEventKind::Created,
            Happened::Removed => ChangeEventKind::Removed,
            Happened::Changed | Happened::Derived | Happened::Status => ChangeEventKind::Changed,
        },
        kind: entity_ref.kind().to_owned(),
        etag: item.etag,
        time: instant_text(item.at),
        what: match item.happened {
            Happened::Created | Happened::Changed | Happened::Removed => ChangedPart::Entity,
            Happened::Derived => ChangedPart::Derived,
            Happened::Status => ChangedPart::Status,
        },
        version: item.version,
        matches: item.matches,
        token: item.token,
        entity_ref,
    })
}
