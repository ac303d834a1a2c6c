//! The past of entities, in the API's shapes.

use std::sync::Arc;

use host_api::{
    ApiError, ApiResult, Cause, CauseKind, ChangeKind, EntityDiff, EntityHistory, EntityVersion, HistoryQuery, Portal,
    VersionInfo,
};
use host_model::EntityRef;
use host_store::{Came, VersionRecord, instant_text, parse_instant};

use super::LocalPortal;
use super::catalog::change_error;

/// The most versions of one page.
const MOST: usize = 500;

impl LocalPortal {
    /// The same portal over the catalog as it was.
    pub(super) async fn at_instant(&self, instant: &str) -> ApiResult<Arc<dyn Portal>> {
        let instant = parse_instant(instant).ok_or_else(|| {
            ApiError::input(format!(
                "request/query/asOf must be an instant such as 2026-01-31T12:00:00Z, found {instant:?}"
            ))
        })?;
        let catalog = self.features.catalog.as_of(instant).await.map_err(change_error)?;
        let features = super::Features { catalog, ..self.features.clone() };
        Ok(Arc::new(Self::new(features)))
    }

    pub(super) async fn history_of(&self, query: HistoryQuery) -> ApiResult<EntityHistory> {
        let limit = query.limit.clamp(1, MOST);
        let catalog = &self.features.catalog;
        let mut found = catalog.versions(&query.entity, query.before, limit + 1).await.map_err(change_error)?;
        let next = (found.len() > limit).then(|| found[limit - 1].version);
        found.truncate(limit);
        let kept_since = instant_text(catalog.history_since().await.map_err(change_error)?);
        Ok(EntityHistory {
            entity_ref: query.entity,
            items: found.into_iter().map(version).collect(),
            next,
            kept_since,
        })
    }

    pub(super) async fn version_of(&self, entity: &EntityRef, number: u64) -> ApiResult<EntityVersion> {
        let (record, value) = self.features.catalog.version(entity, number).await.map_err(change_error)?;
        Ok(EntityVersion { entity_ref: entity.clone(), info: version(record), entity: value })
    }

    pub(super) async fn difference_of(
        &self,
        entity: &EntityRef,
        from: Option<u64>,
        to: Option<u64>,
    ) -> ApiResult<EntityDiff> {
        let found = self.features.catalog.difference(entity, from, to).await.map_err(change_error)?;
        Ok(EntityDiff {
            entity_ref: entity.clone(),
            from: version(found.from),
            to: version(found.to),
            changes: found.changes,
            truncated: found.truncated,
        })
    }
}

fn version(record: VersionRecord) -> VersionInfo {
    VersionInfo {
        version: record.version,
        change: match record.came {
            Came::Created => ChangeKind::Created,
            Came::Changed => ChangeKind::Changed,
            Came::Removed => ChangeKind::Removed,
            Came::Returned => ChangeKind::Returned,
        },
        at: record.since.map(instant_text),
        // A removal lasts until the entity returns; its own row says when it began.
        until: record.until.filter(|_| record.came != Came::Removed).map(instant_text),
        current: record.until.is_none(),
        cause: cause(record.cause.as_deref(), &record.source),
        source: record.source,
        origin: record.origin,
        etag: record.etag,
    }
}

fn cause(told: Option<&str>, source: &str) -> Cause {
    let (kind, name) = match told {
        None => (CauseKind::Source, source),
        Some("system") => (CauseKind::System, "system"),
        Some(told) => match told.strip_prefix("plugin:") {
            Some(plugin) => (CauseKind::Plugin, plugin),
            None => (CauseKind::Person, told),
        },
    };
    Cause { kind, name: name.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn causes_are_named() {
        for (told, expected) in [
            (None, (CauseKind::Source, "file:/a")),
            (Some("system"), (CauseKind::System, "system")),
            (Some("plugin:stamper"), (CauseKind::Plugin, "stamper")),
            (Some("administrator"), (CauseKind::Person, "administrator")),
            (Some("user:default/ada"), (CauseKind::Person, "user:default/ada")),
        ] {
            let cause = cause(told, "file:/a");
            assert_eq!((cause.kind, cause.name.as_str()), expected);
        }
    }
}
