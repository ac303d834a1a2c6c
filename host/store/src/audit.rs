//! Who changed what, written in the same transaction as the change.

use host_model::Principal;
use rusqlite::{Connection, params};

use crate::{Store, StoreError, clock};

/// A change, as the audit log tells of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditEntry {
    /// The principal's audit name.
    pub actor: String,
    /// A verb with its noun in front, such as `location.register`.
    pub action: String,
    /// What was changed: a reference, a location, a task's or plugin's id.
    pub subject: String,
    /// More, as text or JSON. Never a secret.
    pub detail: Option<String>,
}

impl AuditEntry {
    /// An entry without detail.
    pub fn new(actor: &Principal, action: impl Into<String>, subject: impl Into<String>) -> Self {
        Self { actor: actor.audit_name(), action: action.into(), subject: subject.into(), detail: None }
    }

    /// Adds detail.
    #[must_use]
    pub fn detail(mut self, detail: impl Into<String>) -> Self {
        self.detail = Some(detail.into());
        self
    }
}

/// An entry with its number and time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditRecord {
    pub id: i64,
    /// RFC 3339 with milliseconds.
    pub at: String,
    pub entry: AuditEntry,
}

/// The audit log.
#[derive(Clone)]
pub struct AuditLog {
    store: Store,
}

impl AuditLog {
    pub(crate) fn new(store: Store) -> Self {
        Self { store }
    }

    /// Appends an entry for a change that was made outside the database.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn append(&self, entry: AuditEntry) -> Result<(), StoreError> {
        let now = self.store.now();
        self.store.write(move |connection| append(connection, now, &entry)).await
    }

    /// The newest entries, or those before an id, newest first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn list(&self, before: Option<i64>, limit: usize) -> Result<Vec<AuditRecord>, StoreError> {
        self.store
            .read(move |connection| {
                let mut statement = connection.prepare_cached(
                    "SELECT id, at, actor, action, subject, detail FROM audit_log WHERE id < ? ORDER BY id DESC LIMIT ?",
                )?;
                let rows = statement.query_map(params![before.unwrap_or(i64::MAX), limit.min(1000) as i64], |row| {
                    Ok(AuditRecord {
                        id: row.get(0)?,
                        at: clock::to_text(row.get(1)?),
                        entry: AuditEntry {
                            actor: row.get(2)?,
                            action: row.get(3)?,
                            subject: row.get(4)?,
                            detail: row.get(5)?,
                        },
                    })
                })?;
                Ok(rows.collect::<Result<_, _>>()?)
            })
            .await
    }
}

/// Appends within the transaction of the change.
pub(crate) fn append(connection: &Connection, now: i64, entry: &AuditEntry) -> Result<(), StoreError> {
    connection
        .prepare_cached("INSERT INTO audit_log (at, actor, action, subject, detail) VALUES (?, ?, ?, ?, ?)")?
        .execute(params![now, entry.actor, entry.action, entry.subject, entry.detail])?;
    Ok(())
}
