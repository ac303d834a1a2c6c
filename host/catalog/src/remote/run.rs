//! The one who reads: starts reads as they become due and takes note of what they gave.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use futures::FutureExt;
use host_ports::{SourceError, SourceFailure, SourceLimits, SourceRead};
use host_store::AddressFile;
use tokio::task::JoinSet;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::entry::Entry;
use super::{Inner, Remote, Snapshot, SnapshotFile};
use crate::hash;

/// However patient the reader is, a read that takes longer has failed.
const LONGEST_READ: Duration = Duration::from_secs(5 * 60);

/// What a read gave.
enum Outcome {
    Same,
    /// The same files; only the version to ask with is another.
    SameFiles(Option<String>),
    New(Snapshot),
    Failed(SourceError),
}

impl Remote {
    /// Reads what is due until it is cancelled. `changed` is called when something is different from what passes have
    /// seen.
    pub(crate) async fn run(self: Arc<Self>, cancel: CancellationToken, changed: impl Fn()) {
        let mut reads: JoinSet<Arc<str>> = JoinSet::new();
        // After a failure of this job, what was being read then is read anew.
        self.inner().restart();
        loop {
            while let Some(address) = self.begin() {
                let remote = Arc::clone(&self);
                reads.spawn(async move {
                    let outcome = AssertUnwindSafe(remote.ask(&address)).catch_unwind().await;
                    let failed = |_| unavailable(format!("reading {address} failed internally; see the log"));
                    remote.take(&address, outcome.unwrap_or_else(failed));
                    address
                });
            }
            let wake_at = self.inner().queue.wake_at();
            let due = async {
                match wake_at {
                    Some(at) => tokio::time::sleep_until(at).await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                () = cancel.cancelled() => break,
                () = self.wake.notified() => {}
                () = due => {}
                Some(ended) = reads.join_next() => match ended {
                    Ok(address) => {
                        // Whoever waits for the address goes on when passes have been told.
                        if self.is_different(&address) {
                            changed();
                        }
                        self.end(&address);
                    }
                    Err(error) => tracing::error!(%error, "reading an address failed internally"),
                },
            }
        }
        reads.abort_all();
    }

    fn begin(&self) -> Option<Arc<str>> {
        let mut inner = self.inner();
        let address = inner.queue.next(Instant::now())?;
        if let Some(entry) = inner.entries.get_mut(&address) {
            entry.is_running = true;
            entry.answers = entry.is_asked;
        }
        Some(address)
    }

    fn take(&self, address: &Arc<str>, outcome: Outcome) {
        let mut inner = self.inner();
        let Some(entry) = inner.entries.get_mut(address) else {
            // Nobody wants it any more; the next pass forgets what was kept late.
            if let Outcome::New(snapshot) = outcome {
                inner.entries.insert(Arc::clone(address), Entry::known(Arc::new(snapshot)));
            }
            return;
        };
        match outcome {
            Outcome::Failed(error) => {
                entry.failures = entry.failures.saturating_add(1);
                let is_new = entry.failure.as_ref().is_none_or(|failure| failure.message != error.message);
                if is_new {
                    tracing::warn!(address = &**address, %error, "an address could not be read; what it gave before is kept");
                }
                entry.is_different |= is_new;
                entry.failure = Some(Arc::new(error));
                return;
            }
            Outcome::Same => {}
            Outcome::SameFiles(version) => {
                let files = entry.snapshot.as_ref().map(|known| known.files.clone()).unwrap_or_default();
                entry.snapshot = Some(Arc::new(Snapshot { version, files }));
            }
            Outcome::New(snapshot) => {
                entry.snapshot = Some(Arc::new(snapshot));
                entry.is_different = true;
            }
        }
        entry.failures = 0;
        entry.is_different |= entry.failure.take().is_some();
    }

    async fn ask(&self, address: &str) -> Outcome {
        let known = self.view(address).snapshot;
        let limits =
            SourceLimits { file_bytes: self.options.file_bytes, files: self.options.files, ..SourceLimits::default() };
        let reader = match self.reader() {
            Ok(reader) => reader,
            Err(error) => return Outcome::Failed(error),
        };
        let version = known.as_ref().and_then(|known| known.version.as_deref());
        let read = tokio::time::timeout(LONGEST_READ, reader.read(address, version, &limits)).await;
        let (files, version) = match read {
            Ok(Ok(SourceRead::Unchanged)) => return Outcome::Same,
            Ok(Ok(SourceRead::Files { files, version })) => (files, version),
            Ok(Err(error)) => return Outcome::Failed(error),
            Err(_) => {
                return unavailable(format!("{address} did not answer within {} minutes", LONGEST_READ.as_secs() / 60));
            }
        };
        let mut kept = Vec::with_capacity(files.len());
        let mut snapshot = Snapshot { version, files: Vec::with_capacity(files.len()) };
        for file in files {
            let hash = hash::of(&file.bytes);
            let size = file.bytes.len() as u64;
            snapshot.files.push(SnapshotFile { url: file.url.as_str().into(), hash: hash.clone(), size });
            kept.push((AddressFile { url: file.url, hash, size }, file.bytes));
        }
        if known.is_some_and(|known| known.files == snapshot.files) {
            // Not worth a write: after a restart it is read once without a version.
            return Outcome::SameFiles(snapshot.version);
        }
        match self.store.addresses().keep(address, snapshot.version.as_deref(), kept).await {
            Ok(_) => Outcome::New(snapshot),
            Err(error) => unavailable(format!("{address} was read but could not be kept: {error}")),
        }
    }

    /// Whether passes should look at what an address gave.
    fn is_different(&self, address: &Arc<str>) -> bool {
        self.inner().entries.get_mut(address).is_some_and(|entry| std::mem::take(&mut entry.is_different))
    }

    /// Sets when an address is read next, and lets those who wait for it go on.
    fn end(&self, address: &Arc<str>) {
        self.inner().end(address, self.options.interval);
        self.settled.send_modify(|settled| *settled += 1);
    }
}

fn unavailable(message: String) -> Outcome {
    Outcome::Failed(SourceError::new(SourceFailure::Unavailable, message))
}

impl Inner {
    fn end(&mut self, address: &Arc<str>, interval: Option<Duration>) {
        let Self { entries, queue } = self;
        queue.ended(address);
        // Nobody may want it any more.
        let Some(entry) = entries.get_mut(address).filter(|entry| entry.demand.is_some()) else { return };
        entry.is_running = false;
        if std::mem::take(&mut entry.answers) {
            entry.is_asked = false;
        }
        let now = Instant::now();
        if entry.is_asked {
            queue.put(address, now);
        } else if let Some(pause) = entry.pause(interval) {
            queue.put(address, now + pause);
        }
    }

    fn restart(&mut self) {
        let Self { entries, queue } = self;
        for (address, entry) in entries.iter_mut().filter(|(_, entry)| entry.is_running) {
            entry.is_running = false;
            queue.ended(address);
            queue.put(address, Instant::now());
        }
    }
}
