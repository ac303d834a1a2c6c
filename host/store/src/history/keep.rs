//! Writes an entity, and keeps what that replaces. Part of the transaction that makes the change.

use std::collections::HashMap;
use std::fmt::Write as _;

use rusqlite::{Connection, OptionalExtension, params};

use super::Came;
use super::splice::Splice;
use crate::{EntityRecord, Happened, StoreError};

/// What is known of a change besides what it writes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Told {
    /// The etag that readers last saw of what is replaced.
    pub etag: Option<String>,
    /// Who makes the change (`plugin:ID`, or a principal's audit name); none when the source alone does.
    pub cause: Option<String>,
}

/// The row of an entity, as far as its history goes.
struct Row {
    version: i64,
    since: Option<i64>,
    came: i64,
    cause: Option<String>,
    source: String,
    origin: String,
    body: String,
    relations: String,
}

/// What one transaction does to entities, line by line for the subscribers.
pub(crate) struct Keeper<'a> {
    connection: &'a Connection,
    now: i64,
    told: &'a HashMap<String, Told>,
    /// Who makes the whole change, where nothing else is told.
    cause: Option<&'a str>,
    has_versions: bool,
    entries: String,
}

/// The text of a version: the body, and in a line below it the relations that it states.
pub(super) fn text_of(body: &str, relations: &str) -> String {
    format!("{body}\n{relations}")
}

impl<'a> Keeper<'a> {
    pub(crate) fn new(
        connection: &'a Connection,
        now: i64,
        told: &'a HashMap<String, Told>,
        cause: Option<&'a str>,
    ) -> Result<Self, StoreError> {
        let has_versions =
            connection.query_row("SELECT EXISTS (SELECT 1 FROM entity_versions)", [], |row| row.get(0))?;
        Ok(Self { connection, now, told, cause, has_versions, entries: String::new() })
    }

    /// Adds or replaces an entity.
    pub(crate) fn put(&mut self, entity: &EntityRecord) -> Result<(), StoreError> {
        let added = self
            .connection
            .prepare_cached(
                "INSERT INTO entities (entity_ref, uid, source, origin, raw_hash, signature, body, relations, diagnostics,
                                       outcomes, since, cause)
                 VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (entity_ref) DO NOTHING",
            )?
            .execute(params![
                entity.entity_ref,
                entity.uid,
                entity.source,
                entity.origin,
                entity.raw_hash,
                entity.signature,
                entity.body,
                entity.relations,
                entity.diagnostics,
                entity.outcomes,
                self.now,
                self.cause_of(&entity.entity_ref),
            ])?;
        if added == 1 {
            let version = self.mark_return(&entity.entity_ref)?;
            self.say(Happened::Created, version, &entity.entity_ref);
            return Ok(());
        }
        let Some(old) = self.row(&entity.entity_ref)? else { return Err(StoreError::Internal) };
        let same = (&*old.body, &*old.relations, &*old.source, &*old.origin)
            == (&*entity.body, &*entity.relations, &*entity.source, &*entity.origin);
        let mut version = old.version;
        if !same {
            let new = text_of(&entity.body, &entity.relations);
            self.keep(&entity.entity_ref, &old, Some(&new))?;
            version += 1;
        }
        let cause = if same { old.cause } else { self.cause_of(&entity.entity_ref).map(str::to_owned) };
        let (since, came) = if same { (old.since, old.came) } else { (Some(self.now), Came::Changed.number()) };
        self.connection
            .prepare_cached(
                "UPDATE entities SET source = ?, origin = ?, raw_hash = ?, signature = ?, body = ?, relations = ?,
                        diagnostics = ?, outcomes = ?, version = ?, since = ?, came = ?, cause = ?
                 WHERE entity_ref = ?",
            )?
            .execute(params![
                entity.source,
                entity.origin,
                entity.raw_hash,
                entity.signature,
                entity.body,
                entity.relations,
                entity.diagnostics,
                entity.outcomes,
                version,
                since,
                came,
                cause,
                entity.entity_ref,
            ])?;
        if !same {
            self.say(Happened::Changed, version, &entity.entity_ref);
        }
        Ok(())
    }

    /// Removes an entity, and what others said of it. Removing what is not there does nothing.
    pub(crate) fn remove(&mut self, entity_ref: &str) -> Result<(), StoreError> {
        let Some(old) = self.row(entity_ref)? else { return Ok(()) };
        self.keep(entity_ref, &old, None)?;
        let gone = Row { version: old.version + 1, since: Some(self.now), came: Came::Removed.number(), ..old };
        let gone = Row {
            cause: self.cause_of(entity_ref).map(str::to_owned),
            body: String::new(),
            relations: String::new(),
            ..gone
        };
        self.keep(entity_ref, &gone, None)?;
        for delete in ["DELETE FROM entities WHERE entity_ref = ?", "DELETE FROM entity_statuses WHERE entity_ref = ?"]
        {
            self.connection.prepare_cached(delete)?.execute([entity_ref])?;
        }
        self.say(Happened::Removed, gone.version, entity_ref);
        Ok(())
    }

    /// Writes the row of the subscribers; its number, if there was anything to tell.
    pub(crate) fn finish(self) -> Result<Option<i64>, StoreError> {
        if self.entries.is_empty() {
            return Ok(None);
        }
        self.connection
            .prepare_cached("INSERT INTO changes (at, entries) VALUES (?, ?)")?
            .execute(params![self.now, self.entries])?;
        Ok(Some(self.connection.last_insert_rowid()))
    }

    fn cause_of(&self, entity_ref: &str) -> Option<&str> {
        self.told.get(entity_ref).and_then(|told| told.cause.as_deref()).or(self.cause)
    }

    /// A new row of an entity that was here before goes on counting where that one ended.
    fn mark_return(&self, entity_ref: &str) -> Result<i64, StoreError> {
        if !self.has_versions {
            return Ok(1);
        }
        let last: Option<i64> = self
            .connection
            .prepare_cached("SELECT max(version) FROM entity_versions WHERE entity_ref = ?")?
            .query_row([entity_ref], |row| row.get(0))?;
        let Some(last) = last else { return Ok(1) };
        self.connection
            .prepare_cached("UPDATE entities SET version = ?, came = ? WHERE entity_ref = ?")?
            .execute(params![last + 1, Came::Returned.number(), entity_ref])?;
        Ok(last + 1)
    }

    fn row(&self, entity_ref: &str) -> Result<Option<Row>, StoreError> {
        let mut statement = self.connection.prepare_cached(
            "SELECT version, since, came, cause, source, origin, body, relations FROM entities WHERE entity_ref = ?",
        )?;
        let row = statement.query_row([entity_ref], |row| {
            Ok(Row {
                version: row.get(0)?,
                since: row.get(1)?,
                came: row.get(2)?,
                cause: row.get(3)?,
                source: row.get(4)?,
                origin: row.get(5)?,
                body: row.get(6)?,
                relations: row.get(7)?,
            })
        });
        Ok(row.optional()?)
    }

    fn keep(&mut self, entity_ref: &str, old: &Row, new: Option<&str>) -> Result<(), StoreError> {
        let splice = if old.came == Came::Removed.number() {
            Splice::new("", None)
        } else {
            Splice::new(&text_of(&old.body, &old.relations), new)
        };
        let etag = self.told.get(entity_ref).and_then(|told| told.etag.as_deref());
        self.connection
            .prepare_cached(
                "INSERT OR REPLACE INTO entity_versions
                     (entity_ref, version, came, since, until, source, origin, cause, etag, head, tail, unpacked, kept)
                 VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            )?
            .execute(params![
                entity_ref,
                old.version,
                old.came,
                old.since,
                self.now,
                old.source,
                old.origin,
                old.cause,
                if old.came == Came::Removed.number() { None } else { etag },
                splice.head as i64,
                splice.tail as i64,
                splice.unpacked.map(|length| length as i64),
                splice.kept,
            ])?;
        self.has_versions = true;
        Ok(())
    }

    /// Takes a line down for the subscribers; the version is 0 where none was made.
    pub(crate) fn say(&mut self, happened: Happened, version: i64, entity_ref: &str) {
        let _ = writeln!(self.entries, "{} {version} {entity_ref}", happened.letter());
    }
}
