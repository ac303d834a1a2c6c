//! What entity providers gave, as they gave it, and how far each of them is.

use std::sync::Arc;

use rusqlite::{Connection, params};

use crate::{AuditEntry, Store, StoreError, audit};

/// A provider that has given something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProviderRecord {
    pub name: String,
    /// What it goes on from.
    pub cursor: Option<String>,
    /// What the catalog remembers of it, as JSON.
    pub state: String,
}

/// An entity as a provider gave it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProvidedRecord {
    pub entity_ref: String,
    /// A small number made from the reference; entities are read by it.
    pub bucket: u8,
    pub location_key: Option<String>,
    /// The hash of body and key.
    pub hash: String,
    /// Whether the provider gives it no longer, and its removal is held back.
    pub parked: bool,
    /// The entity as JSON.
    pub body: Arc<str>,
}

/// A provided entity without its body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProvidedOutline {
    pub entity_ref: String,
    pub bucket: u8,
    pub hash: String,
    pub parked: bool,
}

/// A mutation, worked out.
#[derive(Debug, Clone, Default)]
pub struct ProviderChange {
    /// Entities to add or to replace.
    pub put: Vec<ProvidedRecord>,
    /// References of entities that go.
    pub removed: Vec<String>,
    /// References of entities whose removal is held back from now on (true) or no longer (false).
    pub parked: Vec<(String, bool)>,
    /// The new cursor, if there is one.
    pub cursor: Option<String>,
    /// What the catalog remembers of the provider, if that changed.
    pub state: Option<String>,
    /// What to write into the audit log.
    pub audit: Option<AuditEntry>,
}

impl ProviderChange {
    /// Whether there is nothing to do.
    pub fn is_empty(&self) -> bool {
        self.put.is_empty()
            && self.removed.is_empty()
            && self.parked.is_empty()
            && self.cursor.is_none()
            && self.state.is_none()
            && self.audit.is_none()
    }
}

/// Providers in the database.
#[derive(Clone)]
pub struct Providers {
    store: Store,
}

impl Providers {
    pub(crate) fn new(store: Store) -> Self {
        Self { store }
    }

    /// Every provider, by name.
    ///
    /// # Errors
    /// When the database fails.
    pub fn list_blocking(&self) -> Result<Vec<ProviderRecord>, StoreError> {
        self.store.read_blocking(|connection| {
            let mut statement = connection.prepare_cached("SELECT name, cursor, state FROM providers ORDER BY name")?;
            let record = |row: &rusqlite::Row<'_>| {
                Ok(ProviderRecord { name: row.get(0)?, cursor: row.get(1)?, state: row.get(2)? })
            };
            Ok(statement.query_map([], record)?.collect::<Result<_, _>>()?)
        })
    }

    /// What a provider gave, without bodies, in the order of references.
    ///
    /// # Errors
    /// When the database fails.
    pub fn outline_blocking(&self, provider: &str) -> Result<Vec<ProvidedOutline>, StoreError> {
        self.store.read_blocking(|connection| {
            let mut statement = connection.prepare_cached(
                "SELECT entity_ref, bucket, hash, parked FROM provided_entities WHERE provider = ? ORDER BY entity_ref",
            )?;
            let outline = |row: &rusqlite::Row<'_>| {
                Ok(ProvidedOutline {
                    entity_ref: row.get(0)?,
                    bucket: row.get(1)?,
                    hash: row.get(2)?,
                    parked: row.get(3)?,
                })
            };
            Ok(statement.query_map([provider], outline)?.collect::<Result<_, _>>()?)
        })
    }

    /// The entities of a provider in one bucket, in the order of references.
    ///
    /// # Errors
    /// When the database fails.
    pub fn bucket_blocking(&self, provider: &str, bucket: u8) -> Result<Vec<ProvidedRecord>, StoreError> {
        self.store.read_blocking(|connection| {
            let mut statement = connection.prepare_cached(
                "SELECT entity_ref, bucket, location_key, hash, parked, body FROM provided_entities
                 WHERE provider = ? AND bucket = ? ORDER BY entity_ref",
            )?;
            let record = |row: &rusqlite::Row<'_>| {
                Ok(ProvidedRecord {
                    entity_ref: row.get(0)?,
                    bucket: row.get(1)?,
                    location_key: row.get(2)?,
                    hash: row.get(3)?,
                    parked: row.get(4)?,
                    body: row.get(5)?,
                })
            };
            Ok(statement.query_map(params![provider, bucket], record)?.collect::<Result<_, _>>()?)
        })
    }

    /// Applies a change as a whole. An empty one writes nothing.
    ///
    /// # Errors
    /// When the database fails; then nothing of it is kept.
    pub async fn apply(&self, provider: &str, change: ProviderChange) -> Result<(), StoreError> {
        if change.is_empty() {
            return Ok(());
        }
        let (provider, now) = (provider.to_owned(), self.store.now());
        self.store.write_in_background(move |connection| apply(connection, now, &provider, &change)).await
    }

    /// Forgets a provider with all that it gave.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn forget(&self, provider: &str) -> Result<(), StoreError> {
        let provider = provider.to_owned();
        self.store
            .write_in_background(move |connection| {
                connection.prepare_cached("DELETE FROM providers WHERE name = ?")?.execute([&provider])?;
                Ok(())
            })
            .await
    }
}

fn apply(connection: &Connection, now: i64, provider: &str, change: &ProviderChange) -> Result<(), StoreError> {
    connection
        .prepare_cached("INSERT INTO providers (name, state) VALUES (?, '{}') ON CONFLICT (name) DO NOTHING")?
        .execute([provider])?;
    let mut remove =
        connection.prepare_cached("DELETE FROM provided_entities WHERE provider = ? AND entity_ref = ?")?;
    for entity_ref in &change.removed {
        remove.execute([provider, entity_ref])?;
    }
    let mut put = connection.prepare_cached(
        "INSERT INTO provided_entities (provider, entity_ref, bucket, location_key, hash, parked, body)
         VALUES (?, ?, ?, ?, ?, ?, ?)
         ON CONFLICT (provider, entity_ref) DO UPDATE SET bucket = excluded.bucket, location_key = excluded.location_key,
             hash = excluded.hash, parked = excluded.parked, body = excluded.body",
    )?;
    for record in &change.put {
        put.execute(params![
            provider,
            record.entity_ref,
            record.bucket,
            record.location_key,
            record.hash,
            record.parked,
            record.body
        ])?;
    }
    let mut park =
        connection.prepare_cached("UPDATE provided_entities SET parked = ? WHERE provider = ? AND entity_ref = ?")?;
    for (entity_ref, parked) in &change.parked {
        park.execute(params![parked, provider, entity_ref])?;
    }
    if let Some(cursor) = &change.cursor {
        connection.prepare_cached("UPDATE providers SET cursor = ? WHERE name = ?")?.execute([cursor, provider])?;
    }
    if let Some(state) = &change.state {
        connection.prepare_cached("UPDATE providers SET state = ? WHERE name = ?")?.execute([state, provider])?;
    }
    if let Some(entry) = &change.audit {
        audit::append(connection, now, entry)?;
    }
    Ok(())
}
