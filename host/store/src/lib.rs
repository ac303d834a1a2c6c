//! The embedded database: entities with their sources, history and changes, registered locations, tasks, plugins' values and the audit log.
//!
//! This is the only crate that knows SQL or SQLite. Its interface is intentions ("apply this batch", "claim this task"),
//! so that another engine can stand behind the same interface. It knows nothing of YAML, HTTP, plugins or templates:
//! what it keeps for them is text.
//!
//! - One file, `DATA/callboard.db`, in WAL mode, held by one process at a time ([`StoreError::Locked`]).
//! - One thread writes. What waits together is committed together; people and tasks go before ingestion.
//! - Every committed change survives the end of the process at any moment.
//! - Schema changes are numbered files in `migrations/`, only ever appended. A newer database is refused.
//! - Methods whose names end in `_blocking` are for threads that may block; the others are for the asynchronous runtime.

mod addresses;
mod audit;
mod catalog;
mod changes;
mod clock;
mod descriptions;
mod error;
mod history;
mod locations;
mod lock;
mod migrate;
mod private;
mod providers;
mod readers;
mod room;
mod statuses;
mod store;
mod task_query;
mod tasks;
mod values;
mod writer;

pub use addresses::{AddressFile, AddressRecord, Addresses};
pub use audit::{AuditEntry, AuditLog, AuditRecord};
pub use catalog::{Batch, CatalogRecords, EntityRecord, OriginRecord, SourceRecord};
pub use changes::{ChangeEntry, ChangeRecord, Changes, Happened};
pub use clock::{Clock, parse_instant, system_clock, to_text as instant_text};
pub use descriptions::PluginDescriptions;
pub use error::StoreError;
pub use history::{Came, History, HistoryLimits, PastEntity, Told, VersionRecord, VersionText};
pub use locations::{LocationChange, LocationRecord, Locations};
pub use lock::DataLock;
pub use private::{create_private, keep_private};
pub use providers::{ProvidedOutline, ProvidedRecord, ProviderChange, ProviderRecord, Providers};
pub use statuses::{StatusRecord, Statuses};
pub use store::{Store, backup_database};
pub use task_query::{TaskOrder, TaskPage, TaskQuery};
pub use tasks::{NewEvent, NewTask, Tasks};
pub use values::{MAX_KEY_BYTES, MAX_KEYS, PluginValues};

#[cfg(test)]
mod tests;
