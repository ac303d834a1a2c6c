//! What others say of entities, each source for itself, until it expires.

use rusqlite::{Connection, params};

use crate::changes::NewestChange;
use crate::writer::Priority;
use crate::{AuditEntry, Happened, Store, StoreError, audit};

/// What one source says of one entity.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StatusRecord {
    pub entity_ref: String,
    pub source: String,
    /// As JSON.
    pub status: String,
    /// Milliseconds since 1970.
    pub set_at: i64,
    /// The audit name of who said it.
    pub set_by: String,
    /// Milliseconds since 1970; none when it does not expire.
    pub expires_at: Option<i64>,
}

/// What others say of entities.
#[derive(Clone)]
pub struct Statuses {
    store: Store,
}

impl Statuses {
    pub(crate) fn new(store: Store) -> Self {
        Self { store }
    }

    /// Everything that is said, by entity and source.
    ///
    /// # Errors
    /// When the database fails.
    pub fn list_blocking(&self) -> Result<Vec<StatusRecord>, StoreError> {
        self.store.read_blocking(|connection| {
            let mut statement = connection.prepare_cached(
                "SELECT entity_ref, source, status, set_at, set_by, expires_at FROM entity_statuses
                 ORDER BY entity_ref, source",
            )?;
            let rows = statement.query_map([], |row| {
                Ok(StatusRecord {
                    entity_ref: row.get(0)?,
                    source: row.get(1)?,
                    status: row.get(2)?,
                    set_at: row.get(3)?,
                    set_by: row.get(4)?,
                    expires_at: row.get(5)?,
                })
            })?;
            Ok(rows.collect::<Result<_, _>>()?)
        })
    }

    /// Sets and removes what sources say (entity and source), and tells subscribers of these entities.
    ///
    /// # Errors
    /// When the database fails; then nothing of it is kept.
    pub async fn apply(
        &self,
        set: Vec<StatusRecord>,
        removed: Vec<(String, String)>,
        tell: Vec<String>,
        audit: Vec<AuditEntry>,
    ) -> Result<(), StoreError> {
        let newest = self.store.inner.newest_change.clone();
        let now = self.store.now();
        self.store.write(move |connection| apply(&newest, connection, now, &set, &removed, &tell, &audit)).await
    }

    /// Removes what had expired at a time, and tells subscribers of these entities.
    ///
    /// # Errors
    /// When the database fails; then nothing of it is kept.
    pub fn expire_blocking(&self, at: i64, tell: Vec<String>) -> Result<(), StoreError> {
        let newest = self.store.inner.newest_change.clone();
        let now = self.store.now();
        self.store.write_blocking(Priority::Background, move |connection| {
            connection.prepare_cached("DELETE FROM entity_statuses WHERE expires_at <= ?")?.execute([at])?;
            newest.tell(connection, now, &tell, Happened::Status)
        })
    }
}

fn apply(
    newest: &NewestChange,
    connection: &Connection,
    now: i64,
    set: &[StatusRecord],
    removed: &[(String, String)],
    tell: &[String],
    entries: &[AuditEntry],
) -> Result<(), StoreError> {
    let mut remove = connection.prepare_cached("DELETE FROM entity_statuses WHERE entity_ref = ? AND source = ?")?;
    for (entity_ref, source) in removed {
        remove.execute([entity_ref, source])?;
    }
    let mut put = connection.prepare_cached(
        "INSERT INTO entity_statuses (entity_ref, source, status, set_at, set_by, expires_at) VALUES (?, ?, ?, ?, ?, ?)
         ON CONFLICT (entity_ref, source) DO UPDATE SET status = excluded.status, set_at = excluded.set_at,
             set_by = excluded.set_by, expires_at = excluded.expires_at",
    )?;
    for record in set {
        put.execute(params![
            record.entity_ref,
            record.source,
            record.status,
            record.set_at,
            record.set_by,
            record.expires_at
        ])?;
    }
    newest.tell(connection, now, tell, Happened::Status)?;
    for entry in entries {
        audit::append(connection, now, entry)?;
    }
    Ok(())
}
