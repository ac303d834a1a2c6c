//! Entities and the sources they came from.
//!
//! Rows are what is needed to serve the same catalog after a restart without reading a source again. Queries are answered
//! by the catalog's index in memory, which is built from these rows; so there are no search rows to keep in step.

use std::collections::HashMap;
use std::ops::ControlFlow;
use std::sync::Arc;

use rusqlite::{Connection, OptionalExtension, Row, params};

use crate::changes::NewestChange;
use crate::history::Keeper;
use crate::writer::Priority;
use crate::{AuditEntry, Store, StoreError, Told, audit};

/// A query for entities, with the columns that [`entity`] reads.
macro_rules! concat_columns {
    ($rest:literal) => {
        concat!(
            "SELECT entity_ref, uid, source, origin, raw_hash, signature, body, relations, diagnostics, outcomes",
            $rest
        )
    };
}

/// An entity after processing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EntityRecord {
    /// The complete reference, in lower case.
    pub entity_ref: String,
    pub uid: String,
    /// The location reference of the file or address that it is written in.
    pub source: String,
    /// The location reference of the configured or registered location that led there.
    pub origin: String,
    /// The hash of what was read.
    pub raw_hash: String,
    /// By what it was processed; with another signature it is processed again.
    pub signature: String,
    /// The entity as JSON, without relations.
    pub body: Arc<str>,
    /// The relations that it gives, to itself and to others, as JSON.
    pub relations: String,
    /// Findings about it, as JSON.
    pub diagnostics: String,
    /// What processors answered, as JSON, so that they need not be asked again.
    pub outcomes: Option<String>,
}

/// Where an entity came from, and what became of it then.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OriginRecord {
    pub entity_ref: String,
    pub source: String,
    pub origin: String,
    pub raw_hash: String,
    pub signature: String,
}

/// A file or address that was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceRecord {
    /// Its location reference.
    pub location: String,
    /// The configured or registered location that led to it.
    pub origin: String,
    /// Hashes, claims and findings, as JSON.
    pub state: String,
}

/// Changes that are made together or not at all.
#[derive(Debug, Clone, Default)]
pub struct Batch {
    /// Entities to add or to replace.
    pub entities: Vec<EntityRecord>,
    /// References of entities to remove.
    pub removed_entities: Vec<String>,
    /// Sources to add or to replace.
    pub sources: Vec<SourceRecord>,
    /// Location references of sources to forget.
    pub removed_sources: Vec<String>,
    /// What to write into the audit log.
    pub audit: Vec<AuditEntry>,
    /// What is known of changes besides what they write, by reference; nothing need be told of what is new.
    pub told: HashMap<String, Told>,
    /// Who makes the whole change, as audit name; none when the sources alone do.
    pub cause: Option<String>,
}

impl Batch {
    /// Whether there is nothing to do.
    pub fn is_empty(&self) -> bool {
        self.entities.is_empty()
            && self.removed_entities.is_empty()
            && self.sources.is_empty()
            && self.removed_sources.is_empty()
            && self.audit.is_empty()
    }
}

/// Entities and sources in the database.
#[derive(Clone)]
pub struct CatalogRecords {
    store: Store,
}

impl CatalogRecords {
    pub(crate) fn new(store: Store) -> Self {
        Self { store }
    }

    /// Applies a batch for a person or a task.
    ///
    /// # Errors
    /// When the database fails; then nothing of the batch is kept.
    pub async fn apply(&self, batch: Batch) -> Result<(), StoreError> {
        let (newest, now) = (self.store.inner.newest_change.clone(), self.store.now());
        self.store.write(move |connection| apply(&newest, connection, now, &batch)).await
    }

    /// Applies a batch of ingestion, behind what people and tasks wait for. An empty batch writes nothing.
    ///
    /// # Errors
    /// When the database fails; then nothing of the batch is kept.
    pub fn apply_blocking(&self, batch: Batch) -> Result<(), StoreError> {
        if batch.is_empty() {
            return Ok(());
        }
        let (newest, now) = (self.store.inner.newest_change.clone(), self.store.now());
        self.store.write_blocking(Priority::Background, move |connection| apply(&newest, connection, now, &batch))
    }

    /// Every entity, in the order in which they were first added.
    ///
    /// # Errors
    /// When the database fails, or from the visitor.
    pub fn each_entity_blocking(
        &self,
        mut visit: impl FnMut(EntityRecord) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        self.store.read_blocking(|connection| {
            let mut statement = connection.prepare_cached(concat_columns!(" FROM entities ORDER BY id"))?;
            let mut rows = statement.query([])?;
            while let Some(row) = rows.next()? {
                visit(entity(row)?)?;
            }
            Ok(())
        })
    }

    /// The entity with a reference.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn entity(&self, entity_ref: &str) -> Result<Option<EntityRecord>, StoreError> {
        let entity_ref = entity_ref.to_owned();
        self.store
            .read(move |connection| {
                let mut statement =
                    connection.prepare_cached(concat_columns!(" FROM entities WHERE entity_ref = ?"))?;
                Ok(statement.query_row([entity_ref], entity).optional()?)
            })
            .await
    }

    /// A number that is another one after every change of entities.
    ///
    /// # Errors
    /// When the database fails.
    pub fn generation_blocking(&self) -> Result<u64, StoreError> {
        self.store.read_blocking(generation)
    }

    /// What is known of every entity besides its text, relations and findings.
    ///
    /// # Errors
    /// When the database fails.
    pub fn each_origin_blocking(&self, mut visit: impl FnMut(OriginRecord)) -> Result<(), StoreError> {
        self.store.read_blocking(|connection| {
            let columns = "SELECT entity_ref, source, origin, raw_hash, signature FROM entities";
            let mut statement = connection.prepare_cached(columns)?;
            let mut rows = statement.query([])?;
            while let Some(row) = rows.next()? {
                visit(OriginRecord {
                    entity_ref: row.get(0)?,
                    source: row.get(1)?,
                    origin: row.get(2)?,
                    raw_hash: row.get(3)?,
                    signature: row.get(4)?,
                });
            }
            Ok(())
        })
    }

    /// The text of an entity, without its relations.
    ///
    /// # Errors
    /// When the database fails.
    pub fn body_blocking(&self, entity_ref: &str) -> Result<Option<Arc<str>>, StoreError> {
        self.store.read_blocking(|connection| {
            let mut statement = connection.prepare_cached("SELECT body FROM entities WHERE entity_ref = ?")?;
            Ok(statement.query_row([entity_ref], |row| row.get(0)).optional()?)
        })
    }

    /// References and texts of all entities, until the visitor has enough.
    ///
    /// # Errors
    /// When the database fails.
    pub fn each_body_blocking(
        &self,
        mut visit: impl FnMut(&str, Arc<str>) -> ControlFlow<()>,
    ) -> Result<(), StoreError> {
        self.store.read_blocking(|connection| {
            let mut statement = connection.prepare_cached("SELECT entity_ref, body FROM entities ORDER BY id")?;
            let mut rows = statement.query([])?;
            while let Some(row) = rows.next()? {
                let entity_ref = row.get_ref(0)?.as_str().map_err(rusqlite::Error::from)?;
                if visit(entity_ref, row.get(1)?).is_break() {
                    break;
                }
            }
            Ok(())
        })
    }

    /// The entities that are written in one source.
    ///
    /// # Errors
    /// When the database fails.
    pub fn entities_of_source_blocking(&self, source: &str) -> Result<Vec<EntityRecord>, StoreError> {
        self.store.read_blocking(|connection| {
            let mut statement =
                connection.prepare_cached(concat_columns!(" FROM entities WHERE source = ? ORDER BY id"))?;
            Ok(statement.query_map([source], entity)?.collect::<Result<_, _>>()?)
        })
    }

    /// Every source, by location.
    ///
    /// # Errors
    /// When the database fails.
    pub fn sources_blocking(&self) -> Result<Vec<SourceRecord>, StoreError> {
        self.store.read_blocking(|connection| {
            let mut statement =
                connection.prepare_cached("SELECT location, origin, state FROM sources ORDER BY location")?;
            let rows = statement.query_map([], |row| {
                Ok(SourceRecord { location: row.get(0)?, origin: row.get(1)?, state: row.get(2)? })
            })?;
            Ok(rows.collect::<Result<_, _>>()?)
        })
    }
}

fn entity(row: &Row<'_>) -> rusqlite::Result<EntityRecord> {
    Ok(EntityRecord {
        entity_ref: row.get(0)?,
        uid: row.get(1)?,
        source: row.get(2)?,
        origin: row.get(3)?,
        raw_hash: row.get(4)?,
        signature: row.get(5)?,
        body: row.get(6)?,
        relations: row.get(7)?,
        diagnostics: row.get(8)?,
        outcomes: row.get(9)?,
    })
}

fn generation(connection: &Connection) -> Result<u64, StoreError> {
    Ok(connection.query_row("PRAGMA user_version", [], |row| row.get::<_, u32>(0))?.into())
}

fn apply(newest: &NewestChange, connection: &Connection, now: i64, batch: &Batch) -> Result<(), StoreError> {
    if !(batch.entities.is_empty() && batch.removed_entities.is_empty()) {
        // It is kept in the file's header, and is part of the transaction. It does not count, so that a database that was
        // put back and went on in another way never has a number of its former life.
        let random = uuid::Uuid::new_v4().as_fields().0 >> 1;
        connection.execute_batch(&format!("PRAGMA user_version = {random}"))?;
    }
    let mut keeper = Keeper::new(connection, now, &batch.told, batch.cause.as_deref())?;
    for entity_ref in &batch.removed_entities {
        keeper.remove(entity_ref)?;
    }
    for entity in &batch.entities {
        keeper.put(entity)?;
    }
    newest.finish(keeper)?;
    let mut forget = connection.prepare_cached("DELETE FROM sources WHERE location = ?")?;
    for location in &batch.removed_sources {
        forget.execute([location])?;
    }
    let mut keep = connection.prepare_cached(
        "INSERT INTO sources (location, origin, state) VALUES (?, ?, ?)
         ON CONFLICT (location) DO UPDATE SET origin = excluded.origin, state = excluded.state",
    )?;
    for source in &batch.sources {
        keep.execute(params![source.location, source.origin, source.state])?;
    }
    for entry in &batch.audit {
        audit::append(connection, now, entry)?;
    }
    Ok(())
}
