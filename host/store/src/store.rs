//! Opening, keeping and closing the database.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use rusqlite::Connection;
use rusqlite::backup::Backup;

use crate::changes::{Changes, NewestChange, STREAM};
use crate::clock::{Clock, system_clock};
use crate::history::{FLOOR, History, fact, set_fact};
use crate::lock::DataLock;
use crate::private::{create_private, keep_private, tighten};
use crate::readers::Readers;
use crate::statuses::Statuses;
use crate::writer::{Priority, Writer};
use crate::{
    Addresses, AuditLog, CatalogRecords, Locations, PluginDescriptions, PluginValues, Providers, StoreError, Tasks,
    migrate,
};

/// The database's file in the data folder.
const FILE: &str = "callboard.db";

/// The database of one data folder. Clones share it.
#[derive(Clone)]
pub struct Store {
    pub(crate) inner: Arc<Inner>,
}

pub(crate) struct Inner {
    writer: Writer,
    readers: Readers,
    path: PathBuf,
    pub(crate) clock: Clock,
    /// The number of the newest change that was written.
    pub(crate) newest_change: NewestChange,
    /// Tells tasks of this process from those of one that died.
    pub(crate) instance: String,
    _lock: DataLock,
}

impl Store {
    /// Locks the data folder, opens `callboard.db` in it and brings it to the present schema.
    ///
    /// # Errors
    /// When the folder is locked or unusable, or the database is newer than this binary or broken.
    pub fn open(data: &Path) -> Result<Self, StoreError> {
        Self::open_with_clock(data, system_clock())
    }

    /// As [`Store::open`], with a clock of the caller's.
    ///
    /// # Errors
    /// As [`Store::open`].
    pub fn open_with_clock(data: &Path, clock: Clock) -> Result<Self, StoreError> {
        let lock = DataLock::acquire(data)?;
        let path = data.join(FILE);
        let unreadable =
            |error: rusqlite::Error| StoreError::Unreadable { path: path.clone(), message: error.to_string() };
        let folder = |source| StoreError::Folder { path: path.clone(), source };
        keep_private(&path).map_err(folder)?;
        for beside in ["callboard.db-wal", "callboard.db-shm"] {
            tighten(&data.join(beside)).map_err(folder)?;
        }
        let mut connection = Connection::open(&path).map_err(unreadable)?;
        let prepared = connection.execute_batch(
            "PRAGMA busy_timeout = 5000; PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;
             PRAGMA foreign_keys = ON; PRAGMA wal_autocheckpoint = 4000; PRAGMA temp_store = MEMORY;",
        );
        prepared.map_err(unreadable)?;
        connection.set_prepared_statement_cache_capacity(64);
        migrate::migrate(&mut connection, &path, clock())?;
        let newest_change = NewestChange::new(begin_history(&connection, clock())?);
        let writer = Writer::start(connection, Some(data.to_owned())).map_err(folder)?;
        let readers = Readers::new(&path);
        let instance = uuid::Uuid::new_v4().to_string();
        Ok(Self { inner: Arc::new(Inner { writer, readers, path, clock, newest_change, instance, _lock: lock }) })
    }

    /// The database's file.
    pub fn path(&self) -> &Path {
        &self.inner.path
    }

    /// Entities and the sources they came from.
    pub fn catalog(&self) -> CatalogRecords {
        CatalogRecords::new(self.clone())
    }

    /// The earlier versions of entities.
    pub fn history(&self) -> History {
        History::new(self.clone())
    }

    /// What subscribers are told.
    pub fn catalog_changes(&self) -> Changes {
        Changes::new(self.clone())
    }

    /// What others say of entities.
    pub fn statuses(&self) -> Statuses {
        Statuses::new(self.clone())
    }

    /// Registered locations.
    pub fn locations(&self) -> Locations {
        Locations::new(self.clone())
    }

    /// What was last read from addresses.
    pub fn addresses(&self) -> Addresses {
        Addresses::new(self.clone())
    }

    /// What entity providers gave.
    pub fn providers(&self) -> Providers {
        Providers::new(self.clone())
    }

    /// Template tasks.
    pub fn tasks(&self) -> Tasks {
        Tasks::new(self.clone())
    }

    /// The values that plugins keep.
    pub fn plugin_values(&self) -> PluginValues {
        PluginValues::new(self.clone())
    }

    /// What plugin files said of themselves.
    pub fn plugin_descriptions(&self) -> PluginDescriptions {
        PluginDescriptions::new(self.clone())
    }

    /// Who changed what.
    pub fn audit_log(&self) -> AuditLog {
        AuditLog::new(self.clone())
    }

    /// Why nothing can be changed at the moment, such as a full disk; none when all is well. What is there can be read.
    pub fn refusal(&self) -> Option<&'static str> {
        self.inner.writer.refusal()
    }

    /// How many rows have been changed since the store was opened.
    pub fn changes(&self) -> u64 {
        self.inner.writer.changes()
    }

    /// Whether the database answers.
    ///
    /// # Errors
    /// When it does not.
    pub async fn ping(&self) -> Result<(), StoreError> {
        self.read(|connection| Ok(connection.query_row("SELECT 1", [], |_| Ok(()))?)).await
    }

    /// What SQLite's integrity check finds; empty when all is well.
    ///
    /// # Errors
    /// When the check cannot be run.
    pub async fn integrity(&self) -> Result<Vec<String>, StoreError> {
        self.read(|connection| {
            let mut statement = connection.prepare("PRAGMA integrity_check")?;
            let lines = statement.query_map([], |row| row.get::<_, String>(0))?.collect::<Result<Vec<_>, _>>()?;
            Ok(lines.into_iter().filter(|line| line != "ok").collect())
        })
        .await
    }

    /// Writes a complete copy of the database to a new file while serving.
    ///
    /// # Errors
    /// When the file exists or cannot be written.
    pub async fn backup(&self, target: &Path) -> Result<(), StoreError> {
        let target = target.to_owned();
        self.read(move |connection| backup(connection, &target)).await
    }

    /// Moves what the write-ahead log holds into the database's file.
    ///
    /// # Errors
    /// When the disk refuses.
    pub async fn checkpoint(&self) -> Result<(), StoreError> {
        let path = self.inner.path.clone();
        // A connection of its own, since a checkpoint cannot run inside the writer's transaction.
        blocking(move || {
            let connection = Connection::open(path)?;
            connection.execute_batch("PRAGMA busy_timeout = 5000")?;
            Ok(connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?)
        })
        .await
    }

    /// Finishes what waits and takes no further changes. Reading goes on until the last clone is dropped.
    pub async fn close(&self) {
        let inner = Arc::clone(&self.inner);
        let closed = blocking(move || {
            inner.writer.close();
            inner.readers.close();
            Ok(())
        });
        if closed.await.is_err() {
            tracing::warn!("the store was not closed in order");
        }
    }

    pub(crate) async fn read<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Connection) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let inner = Arc::clone(&self.inner);
        blocking(move || inner.readers.read(work)).await
    }

    pub(crate) fn read_blocking<T>(
        &self,
        work: impl FnOnce(&Connection) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        self.inner.readers.read(work)
    }

    pub(crate) async fn write<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Connection) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        self.inner.writer.submit(Priority::Interactive, work).await.unwrap_or(Err(StoreError::Closed))
    }

    /// Behind what people and tasks wait for.
    pub(crate) async fn write_in_background<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Connection) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        self.inner.writer.submit(Priority::Background, work).await.unwrap_or(Err(StoreError::Closed))
    }

    /// For threads that may block; never called from within the asynchronous runtime.
    pub(crate) fn write_blocking<T: Send + 'static>(
        &self,
        priority: Priority,
        work: impl FnOnce(&Connection) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        self.inner.writer.submit(priority, work).blocking_recv().unwrap_or(Err(StoreError::Closed))
    }

    /// The time in milliseconds since 1970.
    pub fn now(&self) -> i64 {
        (self.inner.clock)()
    }
}

/// Writes a complete copy of a data folder's database to a new file, also while another process serves it. Takes no
/// lock and changes nothing in the folder.
///
/// # Errors
/// When there is no database, or the file exists or cannot be written.
pub fn backup_database(data: &Path, target: &Path) -> Result<(), StoreError> {
    let path = data.join(FILE);
    if !path.is_file() {
        return Err(StoreError::NotFound(path.display().to_string()));
    }
    let flags = rusqlite::OpenFlags::SQLITE_OPEN_READ_ONLY | rusqlite::OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    // One view of the database, so that writes of the other process do not begin the copy anew.
    connection.execute_batch("PRAGMA busy_timeout = 5000; BEGIN; SELECT count(*) FROM sqlite_schema")?;
    backup(&connection, target)
}

/// Notes when the history of a database begins, once, and gives the number of its newest change.
fn begin_history(connection: &Connection, now: i64) -> Result<i64, StoreError> {
    if fact(connection, FLOOR)?.is_none() {
        set_fact(connection, FLOOR, &now.to_string())?;
        set_fact(connection, STREAM, &uuid::Uuid::new_v4().simple().to_string()[..12])?;
    }
    Ok(connection.query_row("SELECT coalesce(max(id), 0) FROM changes", [], |row| row.get(0))?)
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, StoreError> + Send + 'static,
) -> Result<T, StoreError> {
    tokio::task::spawn_blocking(work).await.unwrap_or(Err(StoreError::Internal))
}

pub(crate) fn backup(connection: &Connection, target: &Path) -> Result<(), StoreError> {
    let folder = |source| StoreError::Folder { path: target.to_owned(), source };
    // Never write over something: an earlier backup may be the only good one.
    create_private(target).map_err(folder)?;
    let copied = (|| {
        let mut copy = Connection::open(target)?;
        Backup::new(connection, &mut copy)?.run_to_completion(4096, Duration::ZERO, None)?;
        // A single file that can be moved about.
        copy.execute_batch("PRAGMA journal_mode = DELETE")?;
        Ok(())
    })();
    if copied.is_err() {
        // A half copy must not be taken for a backup.
        let _ = std::fs::remove_file(target);
    }
    copied
}
