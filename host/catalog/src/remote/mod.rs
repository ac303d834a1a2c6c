//! What lies behind addresses, read beside the passes.
//!
//! A pass says which addresses it wants and takes what is there; it never waits for a network. Each address that is wanted
//! is read on a schedule of its own: at once when it is new, from time to time afterwards, later and later while it fails.
//! What it gave last is kept in the store, so that neither a failure nor a restart loses an entity. Only what is different
//! causes a write and a pass.

mod entry;
mod queue;
mod run;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use host_ports::{SourceError, SourceFailure, SourceReader};
use host_store::{Store, StoreError};
use tokio::sync::{Notify, watch};
use tokio::time::Instant;

use self::entry::Entry;
use self::queue::Queue;

/// How addresses are read.
#[derive(Debug, Clone)]
pub(crate) struct RemoteOptions {
    /// How often an address is read again; none: only when somebody asks.
    pub(crate) interval: Option<Duration>,
    /// Longest file.
    pub(crate) file_bytes: u64,
    /// Most files of one address.
    pub(crate) files: usize,
}

/// The files that an address gave, without their contents.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Snapshot {
    pub(crate) version: Option<String>,
    pub(crate) files: Vec<SnapshotFile>,
}

/// A file of an address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SnapshotFile {
    /// Its own address.
    pub(crate) url: Arc<str>,
    pub(crate) hash: String,
    /// Its length in bytes.
    pub(crate) size: u64,
}

/// What is known of an address.
#[derive(Debug, Clone, Default)]
pub(crate) struct View {
    /// What it gave last, if it ever gave anything.
    pub(crate) snapshot: Option<Arc<Snapshot>>,
    /// Why the last attempt to read it failed.
    pub(crate) failure: Option<Arc<SourceError>>,
}

/// Who wants an address.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Demand {
    /// The location references of the configured or registered locations that lead to it.
    pub(crate) origins: Vec<String>,
    /// The Location entities that point to it, and the sources that include it.
    pub(crate) parents: Vec<String>,
}

/// Every address that is wanted.
pub(crate) struct Remote {
    reader: Option<Arc<dyn SourceReader>>,
    store: Store,
    options: RemoteOptions,
    inner: Mutex<Inner>,
    /// Wakes the one who reads.
    wake: Notify,
    /// Grows whenever an address has been read, or could not be.
    settled: watch::Sender<u64>,
}

#[derive(Default)]
struct Inner {
    entries: HashMap<Arc<str>, Entry>,
    queue: Queue,
}

impl Remote {
    /// Knows what the store knows; nothing is read before it is wanted.
    pub(crate) fn load(
        store: Store,
        reader: Option<Arc<dyn SourceReader>>,
        options: RemoteOptions,
    ) -> Result<Self, StoreError> {
        let mut inner = Inner::default();
        for record in store.addresses().list_blocking()? {
            let file =
                |file: host_store::AddressFile| SnapshotFile { url: file.url.into(), hash: file.hash, size: file.size };
            let files = record.files.into_iter().map(file).collect();
            let snapshot = Snapshot { version: record.version, files };
            inner.entries.insert(record.address.into(), Entry::known(Arc::new(snapshot)));
        }
        let (wake, settled) = (Notify::new(), watch::Sender::new(0));
        Ok(Self { reader, store, options, inner: Mutex::new(inner), wake, settled })
    }

    /// The one who reads addresses.
    ///
    /// # Errors
    /// When this catalog was started without one.
    pub(crate) fn reader(&self) -> Result<&Arc<dyn SourceReader>, SourceError> {
        let message = "this catalog reads no addresses";
        self.reader.as_ref().ok_or_else(|| SourceError::new(SourceFailure::NotAllowed, message))
    }

    /// What is known of an address.
    pub(crate) fn view(&self, address: &str) -> View {
        self.inner().entries.get(address).map(Entry::view).unwrap_or_default()
    }

    /// The content of a file that an address gave.
    pub(crate) fn content(&self, address: &str, url: &str) -> Result<Option<Vec<u8>>, StoreError> {
        self.store.addresses().content_blocking(address, url)
    }

    /// Reads these addresses from now on and no others; what others gave is forgotten.
    pub(crate) fn demand(&self, wanted: HashMap<Arc<str>, Demand>) -> Result<(), StoreError> {
        let forgotten = {
            let mut inner = self.inner();
            let Inner { entries, queue } = &mut *inner;
            let now = Instant::now();
            let mut forgotten = Vec::new();
            entries.retain(|address, entry| {
                let keep = wanted.contains_key(address);
                if !keep {
                    queue.remove(address);
                    forgotten.extend(entry.snapshot.is_some().then(|| address.to_string()));
                }
                keep
            });
            for (address, demand) in wanted {
                let entry = entries.entry(Arc::clone(&address)).or_default();
                if entry.demand.is_none() && self.reader.is_some() {
                    let due = entry.first_due(now);
                    entry.is_asked = entry.snapshot.is_none();
                    queue.put(&address, due);
                }
                entry.demand = Some(demand);
            }
            forgotten
        };
        self.wake.notify_one();
        // Nobody need wait for what is not wanted any more.
        self.settled.send_modify(|settled| *settled += 1);
        self.store.addresses().forget_blocking(forgotten)
    }

    /// Reads addresses again at once. What is not wanted is left alone.
    pub(crate) fn refetch(&self, addresses: &[Arc<str>]) {
        let mut inner = self.inner();
        let Inner { entries, queue } = &mut *inner;
        for address in addresses {
            let Some(entry) = entries.get_mut(address).filter(|entry| entry.demand.is_some()) else { continue };
            entry.is_asked = true;
            // A read that has begun already may not see what is there now.
            entry.answers = false;
            if !entry.is_running {
                queue.put(address, Instant::now());
            }
        }
        drop(inner);
        self.wake.notify_one();
    }

    /// The addresses whose demand fits.
    pub(crate) fn wanted_by(&self, fits: impl Fn(&str, &Demand) -> bool) -> Vec<Arc<str>> {
        let inner = self.inner();
        let wanted = inner
            .entries
            .iter()
            .filter(|(address, entry)| entry.demand.as_ref().is_some_and(|demand| fits(address, demand)));
        wanted.map(|(address, _)| Arc::clone(address)).collect()
    }

    /// Waits until none of the addresses whose demand fits is about to be read because somebody asked, or for as long.
    pub(crate) async fn wait(&self, fits: impl Fn(&str, &Demand) -> bool, patience: Duration) {
        let mut settled = self.settled.subscribe();
        let open = || {
            let inner = self.inner();
            inner.entries.iter().any(|(address, entry)| {
                entry.is_asked && entry.demand.as_ref().is_some_and(|demand| fits(address, demand))
            })
        };
        let waiting = async {
            // Looked at first: what is settled meanwhile is seen by the next turn.
            while open() && settled.changed().await.is_ok() {}
        };
        // Whoever waits goes on with what is there by then.
        let _ = tokio::time::timeout(patience, waiting).await;
    }

    /// When addresses that failed are tried again, by the message that tells of the failure.
    pub(crate) fn next_tries(&self) -> HashMap<String, SystemTime> {
        let inner = self.inner();
        let tries = inner.entries.iter().filter_map(|(address, entry)| {
            let wait = inner.queue.due(address)?.saturating_duration_since(Instant::now());
            Some((entry.failure.as_ref()?.message.clone(), SystemTime::now() + wait))
        });
        tries.collect()
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests;
