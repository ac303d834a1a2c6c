//! Locations that were registered while serving.

use host_model::Principal;
use rusqlite::{Connection, OptionalExtension, Row, params};

use crate::{AuditEntry, Store, StoreError, audit};

/// A registered location.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LocationRecord {
    pub id: String,
    /// `url` or `file`.
    pub location_type: String,
    pub target: String,
    /// Whether it may be empty or missing.
    pub optional: bool,
}

/// What came of changing a location.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LocationChange {
    /// It is this now.
    Changed(LocationRecord),
    /// Another location leads there already.
    Taken,
    /// There is no such location.
    Missing,
}

/// Registered locations in the database.
#[derive(Clone)]
pub struct Locations {
    store: Store,
}

const COLUMNS: &str = "SELECT id, type, target, optional FROM locations";

impl Locations {
    pub(crate) fn new(store: Store) -> Self {
        Self { store }
    }

    /// Registers a location; the second value tells whether it was there already, in which case nothing is written.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn add(
        &self,
        principal: &Principal,
        location_type: &str,
        target: &str,
        optional: bool,
    ) -> Result<(LocationRecord, bool), StoreError> {
        let entry = AuditEntry::new(principal, "location.register", format!("{location_type}:{target}"));
        let record = LocationRecord {
            id: uuid::Uuid::new_v4().to_string(),
            location_type: location_type.to_owned(),
            target: target.to_owned(),
            optional,
        };
        let now = self.store.now();
        self.store
            .write(move |connection| {
                if let Some(known) = find(connection, &record.location_type, &record.target)? {
                    return Ok((known, true));
                }
                connection
                    .prepare_cached(
                        "INSERT INTO locations (id, type, target, optional, created_at, created_by) VALUES (?, ?, ?, ?, ?, ?)",
                    )?
                    .execute(params![
                        record.id,
                        record.location_type,
                        record.target,
                        record.optional,
                        now,
                        entry.actor
                    ])?;
                audit::append(connection, now, &entry)?;
                Ok((record, false))
            })
            .await
    }

    /// Has a registered location lead elsewhere.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn update(
        &self,
        principal: &Principal,
        id: &str,
        location_type: &str,
        target: &str,
        optional: bool,
    ) -> Result<LocationChange, StoreError> {
        let (principal, now) = (principal.clone(), self.store.now());
        let record = LocationRecord {
            id: id.to_owned(),
            location_type: location_type.to_owned(),
            target: target.to_owned(),
            optional,
        };
        self.store
            .write(move |connection| {
                let Some(before) = get(connection, &record.id)? else { return Ok(LocationChange::Missing) };
                let other = find(connection, &record.location_type, &record.target)?;
                if other.is_some_and(|other| other.id != record.id) {
                    return Ok(LocationChange::Taken);
                }
                connection
                    .prepare_cached("UPDATE locations SET type = ?, target = ?, optional = ? WHERE id = ?")?
                    .execute(params![record.location_type, record.target, record.optional, record.id])?;
                let subject =
                    format!("{}:{} to {}:{}", before.location_type, before.target, record.location_type, record.target);
                audit::append(connection, now, &AuditEntry::new(&principal, "location.update", subject))?;
                Ok(LocationChange::Changed(record))
            })
            .await
    }

    /// Removes a registration and tells what it was; none when there is no such location.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn remove(&self, principal: &Principal, id: &str) -> Result<Option<LocationRecord>, StoreError> {
        let (id, principal, now) = (id.to_owned(), principal.clone(), self.store.now());
        self.store
            .write(move |connection| {
                let Some(record) = get(connection, &id)? else { return Ok(None) };
                connection.prepare_cached("DELETE FROM locations WHERE id = ?")?.execute([&id])?;
                let subject = format!("{}:{}", record.location_type, record.target);
                audit::append(connection, now, &AuditEntry::new(&principal, "location.remove", subject))?;
                Ok(Some(record))
            })
            .await
    }

    /// The location with this id.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn get(&self, id: &str) -> Result<Option<LocationRecord>, StoreError> {
        let id = id.to_owned();
        self.store.read(move |connection| get(connection, &id)).await
    }

    /// All locations, oldest first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn list(&self) -> Result<Vec<LocationRecord>, StoreError> {
        self.store.read(list).await
    }

    /// As [`Locations::list`], for threads that may block.
    ///
    /// # Errors
    /// When the database fails.
    pub fn list_blocking(&self) -> Result<Vec<LocationRecord>, StoreError> {
        self.store.read_blocking(list)
    }
}

fn list(connection: &Connection) -> Result<Vec<LocationRecord>, StoreError> {
    let mut statement = connection.prepare_cached(&format!("{COLUMNS} ORDER BY created_at, id"))?;
    Ok(statement.query_map([], record)?.collect::<Result<_, _>>()?)
}

fn get(connection: &Connection, id: &str) -> Result<Option<LocationRecord>, StoreError> {
    let mut statement = connection.prepare_cached(&format!("{COLUMNS} WHERE id = ?"))?;
    Ok(statement.query_row([id], record).optional()?)
}

fn find(connection: &Connection, location_type: &str, target: &str) -> Result<Option<LocationRecord>, StoreError> {
    let mut statement = connection.prepare_cached(&format!("{COLUMNS} WHERE type = ? AND target = ?"))?;
    Ok(statement.query_row([location_type, target], record).optional()?)
}

fn record(row: &Row<'_>) -> rusqlite::Result<LocationRecord> {
    Ok(LocationRecord { id: row.get(0)?, location_type: row.get(1)?, target: row.get(2)?, optional: row.get(3)? })
}
