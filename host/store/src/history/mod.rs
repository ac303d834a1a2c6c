//! The earlier versions of entities.
//!
//! A version is kept when it is replaced, as what it does not share with the one that follows; so an entity that never
//! changes costs nothing. Versions are counted from 1 without gaps, removals included. Times may jump with the machine's
//! clock; the order of versions does not.

mod keep;
mod prune;
mod splice;

use std::collections::HashSet;

use rusqlite::{Connection, OptionalExtension, Row, params};

pub(crate) use keep::Keeper;
pub use keep::Told;
pub use prune::HistoryLimits;

use crate::{Store, StoreError};
use splice::Splice;

/// The name of the fact that says since when the history is whole.
pub(crate) const FLOOR: &str = "whole-since";

/// How a version came to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Came {
    /// The entity was not known.
    Created,
    Changed,
    /// The entity is gone.
    Removed,
    /// The entity was gone and came back.
    Returned,
}

impl Came {
    fn number(self) -> i64 {
        match self {
            Self::Created => 0,
            Self::Changed => 1,
            Self::Removed => 2,
            Self::Returned => 3,
        }
    }

    fn from_number(number: i64) -> Self {
        match number {
            0 => Self::Created,
            2 => Self::Removed,
            3 => Self::Returned,
            _ => Self::Changed,
        }
    }
}

/// One version of an entity. Times are milliseconds since 1970.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VersionRecord {
    pub version: u64,
    pub came: Came,
    /// None when it is older than the history.
    pub since: Option<i64>,
    /// None for the present version.
    pub until: Option<i64>,
    pub source: String,
    pub origin: String,
    /// Who made it so; none when the source alone did.
    pub cause: Option<String>,
    /// What readers last saw of it; none for the present version.
    pub etag: Option<String>,
}

/// A version with its contents.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VersionText {
    pub record: VersionRecord,
    /// The entity as JSON, without relations; none for a removal.
    pub body: Option<String>,
    /// The relations that it states, as JSON.
    pub relations: String,
}

/// An entity as it was at an instant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PastEntity {
    pub entity_ref: String,
    pub source: String,
    pub origin: String,
    pub body: String,
    pub relations: String,
}

/// The earlier versions of entities.
#[derive(Clone)]
pub struct History {
    store: Store,
}

impl History {
    pub(crate) fn new(store: Store) -> Self {
        Self { store }
    }

    /// The versions of an entity, the newest first: at most `limit` of those before a version.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn versions(
        &self,
        entity_ref: &str,
        before: Option<u64>,
        limit: usize,
    ) -> Result<Vec<VersionRecord>, StoreError> {
        let entity_ref = entity_ref.to_owned();
        let before = before.and_then(|before| i64::try_from(before).ok()).unwrap_or(i64::MAX);
        self.store
            .read(move |connection| {
                let mut found: Vec<VersionRecord> = current(connection, &entity_ref)?
                    .map(|text| text.record)
                    .filter(|record| (record.version as i64) < before)
                    .into_iter()
                    .collect();
                let mut statement = connection.prepare_cached(
                    "SELECT version, came, since, until, source, origin, cause, etag FROM entity_versions
                     WHERE entity_ref = ? AND version < ? ORDER BY version DESC LIMIT ?",
                )?;
                let rest = statement.query_map(params![entity_ref, before, limit as i64], version)?;
                for record in rest {
                    found.push(record?);
                }
                found.truncate(limit);
                Ok(found)
            })
            .await
    }

    /// The versions of an entity with their contents, from the newest down to a version; at most `limit`.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn texts(&self, entity_ref: &str, down_to: u64, limit: usize) -> Result<Vec<VersionText>, StoreError> {
        let entity_ref = entity_ref.to_owned();
        let down_to = i64::try_from(down_to).unwrap_or(i64::MAX);
        self.store.read(move |connection| chain(connection, &entity_ref, down_to, limit)).await
    }

    /// The instant since which every change is known, unless an entity changed so often that its oldest versions went.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn whole_since(&self) -> Result<i64, StoreError> {
        self.store.read(|connection| Ok(fact(connection, FLOOR)?.and_then(|text| text.parse().ok()).unwrap_or(0))).await
    }

    /// Every entity as it was at an instant, and how many are left out because that version is no longer kept.
    ///
    /// # Errors
    /// When the database fails.
    pub fn as_of_blocking(&self, instant: i64) -> Result<(Vec<PastEntity>, usize), StoreError> {
        self.store.read_blocking(|connection| as_of(connection, instant))
    }
}

fn as_of(connection: &Connection, instant: i64) -> Result<(Vec<PastEntity>, usize), StoreError> {
    let (mut found, mut missing) = (Vec::new(), 0);
    let mut later = connection.prepare_cached("SELECT DISTINCT entity_ref FROM entity_versions WHERE until > ?")?;
    let later: HashSet<String> = later.query_map([instant], |row| row.get(0))?.collect::<Result<_, _>>()?;
    for entity_ref in &later {
        let versions = chain(connection, entity_ref, 0, usize::MAX)?;
        let oldest = versions.last().map(|oldest| oldest.record.came);
        let past = versions.into_iter().find(|text| text.record.since.is_none_or(|since| since <= instant));
        match past {
            Some(VersionText { record, body: Some(body), relations }) => found.push(PastEntity {
                entity_ref: entity_ref.clone(),
                source: record.source,
                origin: record.origin,
                body,
                relations,
            }),
            // Gone at that time.
            Some(_) => {}
            None => missing += usize::from(!matches!(oldest, Some(Came::Created | Came::Returned))),
        }
    }
    let mut present = connection
        .prepare_cached("SELECT entity_ref, source, origin, body, relations, since, came FROM entities ORDER BY id")?;
    let mut rows = present.query([])?;
    while let Some(row) = rows.next()? {
        let entity_ref: String = row.get(0)?;
        if later.contains(&entity_ref) {
            continue;
        }
        if row.get::<_, Option<i64>>(5)?.is_none_or(|since| since <= instant) {
            found.push(PastEntity {
                entity_ref,
                source: row.get(1)?,
                origin: row.get(2)?,
                body: row.get(3)?,
                relations: row.get(4)?,
            });
        } else {
            missing += usize::from(Came::from_number(row.get(6)?) == Came::Changed);
        }
    }
    Ok((found, missing))
}

/// The versions from the newest down, each made from the one that follows it.
fn chain(
    connection: &Connection,
    entity_ref: &str,
    down_to: i64,
    limit: usize,
) -> Result<Vec<VersionText>, StoreError> {
    let mut texts: Vec<VersionText> = current(connection, entity_ref)?.into_iter().collect();
    let mut next = texts.first().map(|text| keep::text_of(text.body.as_deref().unwrap_or_default(), &text.relations));
    let mut statement = connection.prepare_cached(
        "SELECT version, came, since, until, source, origin, cause, etag, head, tail, unpacked, kept FROM entity_versions
         WHERE entity_ref = ? AND version >= ? ORDER BY version DESC",
    )?;
    let mut rows = statement.query(params![entity_ref, down_to])?;
    while let Some(row) = rows.next()? {
        if texts.len() >= limit {
            break;
        }
        let record = version(row)?;
        if record.came == Came::Removed {
            next = None;
            texts.push(VersionText { record, body: None, relations: "[]".to_owned() });
            continue;
        }
        let length =
            |at: usize| -> rusqlite::Result<usize> { Ok(usize::try_from(row.get::<_, i64>(at)?).unwrap_or(0)) };
        let unpacked: Option<i64> = row.get(10)?;
        let splice = Splice {
            head: length(8)?,
            tail: length(9)?,
            unpacked: unpacked.and_then(|length| usize::try_from(length).ok()),
            kept: row.get(11)?,
        };
        let text = splice.text(next.as_deref())?;
        let (body, relations) = text.rsplit_once('\n').unwrap_or((&text, "[]"));
        texts.push(VersionText { record, body: Some(body.to_owned()), relations: relations.to_owned() });
        next = Some(text);
    }
    Ok(texts)
}

fn current(connection: &Connection, entity_ref: &str) -> Result<Option<VersionText>, StoreError> {
    let mut statement = connection.prepare_cached(
        "SELECT version, came, since, NULL, source, origin, cause, NULL, body, relations FROM entities
         WHERE entity_ref = ?",
    )?;
    let found = statement.query_row([entity_ref], |row| {
        Ok(VersionText { record: version(row)?, body: Some(row.get(8)?), relations: row.get(9)? })
    });
    Ok(found.optional()?)
}

fn version(row: &Row<'_>) -> rusqlite::Result<VersionRecord> {
    Ok(VersionRecord {
        version: u64::try_from(row.get::<_, i64>(0)?).unwrap_or(0),
        came: Came::from_number(row.get(1)?),
        since: row.get(2)?,
        until: row.get(3)?,
        source: row.get(4)?,
        origin: row.get(5)?,
        cause: row.get(6)?,
        etag: row.get(7)?,
    })
}

/// A fact about the history.
pub(crate) fn fact(connection: &Connection, name: &str) -> Result<Option<String>, StoreError> {
    let mut statement = connection.prepare_cached("SELECT value FROM history_facts WHERE name = ?")?;
    Ok(statement.query_row([name], |row| row.get(0)).optional()?)
}

/// Notes a fact about the history.
pub(crate) fn set_fact(connection: &Connection, name: &str, value: &str) -> Result<(), StoreError> {
    connection
        .prepare_cached(
            "INSERT INTO history_facts (name, value) VALUES (?, ?)
             ON CONFLICT (name) DO UPDATE SET value = excluded.value",
        )?
        .execute([name, value])?;
    Ok(())
}

#[cfg(test)]
mod tests;
