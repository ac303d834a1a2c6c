//! What subscribers are told of the catalog: every change, in order, for a while.
//!
//! The row of a change is written in the transaction that makes it, so that nothing is told that did not happen, and
//! nothing that happened is left out, whenever the process ends.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use rusqlite::{Connection, params};

use crate::history::{Keeper, fact};
use crate::writer::Priority;
use crate::{Store, StoreError};

/// The name of the fact that tells this database's changes from those of another.
pub(crate) const STREAM: &str = "stream";

/// How many entities one row tells of that were not written.
const MOST_OF_ONE: usize = 1_000;

/// What happened to an entity.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Happened {
    Created,
    Changed,
    Removed,
    /// What follows from others changed: relations that they state, or what is wrong with its source.
    Derived,
    /// What others say of it changed.
    Status,
}

impl Happened {
    pub(crate) fn letter(self) -> char {
        match self {
            Self::Created => 'c',
            Self::Changed => 'u',
            Self::Removed => 'r',
            Self::Derived => 't',
            Self::Status => 's',
        }
    }
}

/// One entity of a change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChangeEntry {
    pub happened: Happened,
    /// The version that it has since; where nothing was written none.
    pub version: Option<u64>,
    pub entity_ref: String,
}

/// What one transaction changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChangeRecord {
    pub id: i64,
    /// Milliseconds since 1970.
    pub at: i64,
    pub entries: Vec<ChangeEntry>,
}

/// The number of the newest change that was written. Jobs of the writer hold this rather than the store, which must not
/// end on the writer's own thread.
#[derive(Debug, Clone, Default)]
pub(crate) struct NewestChange(Arc<AtomicI64>);

impl NewestChange {
    pub(crate) fn new(id: i64) -> Self {
        Self(Arc::new(AtomicI64::new(id)))
    }

    pub(crate) fn get(&self) -> i64 {
        self.0.load(Ordering::Acquire)
    }

    /// Ends what one transaction tells, and takes note of it.
    pub(crate) fn finish(&self, keeper: Keeper<'_>) -> Result<(), StoreError> {
        if let Some(id) = keeper.finish()? {
            self.0.fetch_max(id, Ordering::AcqRel);
        }
        Ok(())
    }

    /// Tells of entities that look different although they were not written.
    pub(crate) fn tell(
        &self,
        connection: &Connection,
        now: i64,
        refs: &[String],
        happened: Happened,
    ) -> Result<(), StoreError> {
        let told = HashMap::new();
        let mut keeper = Keeper::new(connection, now, &told, None)?;
        for entity_ref in refs {
            keeper.say(happened, 0, entity_ref);
        }
        self.finish(keeper)
    }
}

/// The changes of the catalog.
#[derive(Clone)]
pub struct Changes {
    store: Store,
}

impl Changes {
    pub(crate) fn new(store: Store) -> Self {
        Self { store }
    }

    /// The number of the newest change that was written; it may not be committed yet.
    pub fn newest(&self) -> i64 {
        self.store.inner.newest_change.get()
    }

    /// Tells of entities that look different although nothing was written of them.
    ///
    /// # Errors
    /// When the database fails.
    pub fn tell_derived_blocking(&self, refs: Vec<String>) -> Result<(), StoreError> {
        if refs.is_empty() {
            return Ok(());
        }
        let (newest, now) = (self.store.inner.newest_change.clone(), self.store.now());
        self.store.write_blocking(Priority::Background, move |connection| {
            for refs in refs.chunks(MOST_OF_ONE) {
                newest.tell(connection, now, refs, Happened::Derived)?;
            }
            Ok(())
        })
    }

    /// A text that no other database has, so that a reader's place in one is not taken for a place in another.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn stream(&self) -> Result<String, StoreError> {
        self.store.read(|connection| Ok(fact(connection, STREAM)?.unwrap_or_default())).await
    }

    /// The oldest change that is still told; none when there is none at all.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn oldest(&self) -> Result<Option<i64>, StoreError> {
        self.store
            .read(|connection| Ok(connection.query_row("SELECT min(id) FROM changes", [], |row| row.get(0))?))
            .await
    }

    /// At most `limit` changes from `first` to `last`, in order.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn between(&self, first: i64, last: i64, limit: usize) -> Result<Vec<ChangeRecord>, StoreError> {
        self.store
            .read(move |connection| {
                let mut statement = connection.prepare_cached(
                    "SELECT id, at, entries FROM changes WHERE id >= ? AND id <= ? ORDER BY id LIMIT ?",
                )?;
                let rows = statement.query_map(params![first, last, limit as i64], |row| {
                    let entries: String = row.get(2)?;
                    Ok(ChangeRecord {
                        id: row.get(0)?,
                        at: row.get(1)?,
                        entries: entries.lines().filter_map(entry).collect(),
                    })
                })?;
                Ok(rows.collect::<Result<_, _>>()?)
            })
            .await
    }
}

fn entry(line: &str) -> Option<ChangeEntry> {
    let (what, rest) = line.split_once(' ')?;
    let (version, entity_ref) = rest.split_once(' ')?;
    let happened = match what {
        "c" => Happened::Created,
        "u" => Happened::Changed,
        "r" => Happened::Removed,
        "t" => Happened::Derived,
        "s" => Happened::Status,
        _ => return None,
    };
    let version = version.parse().ok().filter(|version| *version > 0);
    Some(ChangeEntry { happened, version, entity_ref: entity_ref.to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_read_and_what_a_later_binary_wrote_is_passed_over() {
        let read = |line| entry(line).map(|entry| (entry.happened, entry.version, entry.entity_ref));
        assert_eq!(read("c 1 api:default/a"), Some((Happened::Created, Some(1), "api:default/a".to_owned())));
        assert_eq!(read("t 0 api:default/a"), Some((Happened::Derived, None, "api:default/a".to_owned())));
        assert_eq!((read("z 1 x"), read("c"), read("")), (None, None, None));
    }
}
