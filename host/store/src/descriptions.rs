//! What plugin files said of themselves, so that a known file is not asked again.

use rusqlite::{OptionalExtension, params};
use serde_json::Value;

use crate::{Store, StoreError};

/// Descriptions by the hash of the file and by what asked (a version of the contract's reader).
#[derive(Clone)]
pub struct PluginDescriptions {
    store: Store,
}

impl PluginDescriptions {
    pub(crate) fn new(store: Store) -> Self {
        Self { store }
    }

    /// What the file with this hash said, if the same reader asked it before.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn get(&self, sha256: &str, asked_by: &str) -> Result<Option<Value>, StoreError> {
        let (sha256, asked_by) = (sha256.to_owned(), asked_by.to_owned());
        let text: Option<String> = self
            .store
            .read(move |connection| {
                Ok(connection
                    .prepare_cached("SELECT description FROM plugin_descriptions WHERE sha256 = ? AND asked_by = ?")?
                    .query_row(params![sha256, asked_by], |row| row.get(0))
                    .optional()?)
            })
            .await?;
        // A value that cannot be read is as good as none: the file is asked again.
        Ok(text.and_then(|text| serde_json::from_str(&text).ok()))
    }

    /// Remembers what a file said; what other readers were told is forgotten.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn put(&self, sha256: &str, asked_by: &str, description: &Value) -> Result<(), StoreError> {
        let (sha256, asked_by, text) = (sha256.to_owned(), asked_by.to_owned(), description.to_string());
        self.store
            .write(move |connection| {
                connection.prepare_cached("DELETE FROM plugin_descriptions WHERE sha256 = ?")?.execute([&sha256])?;
                connection
                    .prepare_cached("INSERT INTO plugin_descriptions (sha256, asked_by, description) VALUES (?, ?, ?)")?
                    .execute(params![sha256, asked_by, text])?;
                Ok(())
            })
            .await
    }
}
