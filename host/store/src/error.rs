//! Why the store did not do what was asked.

use std::path::PathBuf;

/// Why the store could not be opened, read or written.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// Another process serves the same folder.
    #[error("{path} is in use by another callboard process{holder}; stop that one or serve another folder with --data")]
    Locked { path: PathBuf, holder: String },
    /// The folder or a file in it cannot be used.
    #[error("cannot use {path}: {source}")]
    Folder { path: PathBuf, source: std::io::Error },
    /// A newer binary wrote the database.
    #[error(
        "the database {path} has schema version {found}, but this callboard knows versions up to {known}; \
         serve it with the newer callboard that wrote it, or restore a backup"
    )]
    Newer { path: PathBuf, found: u32, known: u32 },
    /// A recorded migration is not the one that this binary holds.
    #[error(
        "the database {path} was migrated by another history: migration {number} is recorded as {recorded:?} but is {known:?} here"
    )]
    History { path: PathBuf, number: u32, recorded: String, known: String },
    /// A migration could not be carried out; nothing of it was kept.
    #[error("migration {name} of the database {path} failed: {source}")]
    Migration { path: PathBuf, name: String, source: rusqlite::Error },
    /// The file is no database that can be opened.
    #[error("{path} cannot be opened as a database: {message}; move it away, or put a backup in its place")]
    Unreadable { path: PathBuf, message: String },
    /// An older database could not be copied, so it was not migrated either.
    #[error("the database could not be copied to {path} before its migration, and is as it was: {source}")]
    Backup { path: PathBuf, source: Box<StoreError> },
    /// The disk takes no changes at the moment; what is there can still be read.
    #[error("nothing can be changed at the moment: {0}")]
    Unwritable(&'static str),
    /// SQLite refused.
    #[error("the database failed: {0}")]
    Database(#[from] rusqlite::Error),
    /// A stored value cannot be read back.
    #[error("the database holds a value that cannot be read: {0}")]
    Corrupt(String),
    /// The store was closed.
    #[error("the store is closed")]
    Closed,
    /// Code in the store failed; the change was rolled back.
    #[error("the store failed internally; the change was not kept")]
    Internal,
    /// Something that was to be changed does not exist.
    #[error("{0} does not exist")]
    NotFound(String),
    /// A plugin's values would exceed its quota, in bytes.
    #[error("the quota of {0} bytes is used up")]
    QuotaExceeded(u64),
    /// A key or value breaks a limit.
    #[error("{0}")]
    InvalidInput(String),
}

impl From<serde_json::Error> for StoreError {
    fn from(error: serde_json::Error) -> Self {
        Self::Corrupt(error.to_string())
    }
}
