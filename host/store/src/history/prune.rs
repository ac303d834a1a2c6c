//! Lets the oldest versions and changes go, a few at a time.

use std::time::Duration;

use rusqlite::{Connection, params};

use super::{FLOOR, History, fact, set_fact};
use crate::StoreError;
use crate::writer::Priority;

/// How many versions go in one transaction.
const BATCH: i64 = 500;
/// How many rows of changes are kept at most: some hundred entities each while much is read, one each otherwise.
const MOST_CHANGES: i64 = 50_000;

/// How much of the past is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HistoryLimits {
    /// How long a version is kept after it was replaced.
    pub keep_for: Duration,
    /// The most replaced versions of one entity.
    pub keep_versions: usize,
    /// How long changes are told to those who subscribe again.
    pub keep_changes: Duration,
}

impl Default for HistoryLimits {
    fn default() -> Self {
        const DAY: Duration = Duration::from_secs(24 * 60 * 60);
        Self { keep_for: 90 * DAY, keep_versions: 100, keep_changes: 7 * DAY }
    }
}

impl History {
    /// Lets some of what is too old go; true when there is more.
    ///
    /// Ages count from the newest change rather than from now, so that a clock that jumps ahead takes nothing with it.
    ///
    /// # Errors
    /// When the database fails.
    pub fn prune_blocking(&self, limits: HistoryLimits) -> Result<bool, StoreError> {
        let (newest, changes, crowded) = self.store.read_blocking(|connection| {
            let newest: Option<i64> = connection.query_row("SELECT max(at) FROM changes", [], |row| row.get(0))?;
            let last: Option<i64> = connection.query_row("SELECT max(id) FROM changes", [], |row| row.get(0))?;
            let mut crowded = connection.prepare_cached(
                "SELECT entity_ref, max(version) FROM entity_versions GROUP BY entity_ref HAVING count(*) > ? LIMIT ?",
            )?;
            let keep = i64::try_from(limits.keep_versions).unwrap_or(i64::MAX);
            let crowded = crowded.query_map(params![keep, BATCH], |row| {
                Ok((row.get::<_, String>(0)?, row.get::<_, i64>(1)?.saturating_sub(keep)))
            })?;
            Ok((newest, last, crowded.collect::<Result<Vec<_>, _>>()?))
        })?;
        let Some(newest) = newest else { return Ok(false) };
        let before = |age: Duration| newest.saturating_sub(i64::try_from(age.as_millis()).unwrap_or(i64::MAX));
        let (versions_before, changes_before) = (before(limits.keep_for), before(limits.keep_changes));
        let first_change = changes.unwrap_or(0).saturating_sub(MOST_CHANGES);
        let nothing = self.store.read_blocking(|connection| {
            let old: bool = connection.query_row(
                "SELECT EXISTS (SELECT 1 FROM entity_versions WHERE until < ?1)
                     OR EXISTS (SELECT 1 FROM changes WHERE id = (SELECT min(id) FROM changes) AND (at < ?2 OR id < ?3))",
                params![versions_before, changes_before, first_change],
                |row| row.get(0),
            )?;
            Ok(!old && crowded.is_empty())
        })?;
        if nothing {
            return Ok(false);
        }
        self.store.write_blocking(Priority::Background, move |connection| {
            for (entity_ref, version) in &crowded {
                connection
                    .prepare_cached("DELETE FROM entity_versions WHERE entity_ref = ? AND version <= ?")?
                    .execute(params![entity_ref, version])?;
            }
            let old = too_old(connection, versions_before)?;
            let more = crowded.len() as i64 == BATCH || old.len() as i64 == BATCH;
            for (entity_ref, version) in old {
                // With everything before it, since a version is told by those that follow.
                connection
                    .prepare_cached("DELETE FROM entity_versions WHERE entity_ref = ? AND version <= ?")?
                    .execute(params![entity_ref, version])?;
            }
            let gone = connection
                .prepare_cached(
                    "DELETE FROM changes WHERE id IN
                         (SELECT id FROM changes WHERE at < ?1 OR id < ?2 ORDER BY id LIMIT ?3) AND id <
                         (SELECT max(id) FROM changes)",
                )?
                .execute(params![changes_before, first_change, BATCH])?;
            let floor = fact(connection, FLOOR)?.and_then(|text| text.parse::<i64>().ok());
            if floor.is_none_or(|floor| floor < versions_before) {
                set_fact(connection, FLOOR, &versions_before.to_string())?;
            }
            Ok(more || gone as i64 == BATCH)
        })
    }
}

fn too_old(connection: &Connection, before: i64) -> Result<Vec<(String, i64)>, StoreError> {
    let mut old =
        connection.prepare_cached("SELECT entity_ref, version FROM entity_versions WHERE until < ? LIMIT ?")?;
    let old = old.query_map(params![before, BATCH], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(old.collect::<Result<_, _>>()?)
}
