//! The one task that ingests: it runs passes, one at a time, when there is a reason to.

use std::collections::HashSet;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use host_store::{AuditEntry, StoreError};
use host_telemetry::events::IngestionFinished;
use tokio::sync::{Notify, broadcast, oneshot, watch};
use tokio::time::Instant;

use crate::ingest::{self, Engine, EngineState, Outcome, Request};
use crate::watch::Watch;

/// How long plugins may take to start before those that are missing count as gone.
const EXTENSIONS_PATIENCE: Duration = Duration::from_secs(10);
/// However often files change, they are read after this long.
const LONGEST_SETTLE: Duration = Duration::from_secs(1);
/// After so many changes, texts are put together before anybody asks for them.
const MANY: usize = 1_000;
/// How often it is looked whether too many texts are kept.
const BOUND_TEXTS: Duration = Duration::from_secs(1);
/// How often files are listed where they cannot be watched.
const LIST_UNWATCHED: Duration = Duration::from_secs(5);

/// Something that changed in the catalog.
#[derive(Debug, Clone)]
pub struct CatalogEvent {
    /// References of entities that are new or different.
    pub changed: Arc<[Arc<str>]>,
    /// References of entities that are gone.
    pub removed: Arc<[String]>,
}

/// An entity to remove: its reference, what to write into the audit log, and who waits for the answer.
type Deletion = (String, AuditEntry, oneshot::Sender<Result<bool, StoreError>>);

/// What the next pass is for.
#[derive(Default)]
struct Pending {
    request: Request,
    deletions: Vec<Deletion>,
    waiting: Vec<oneshot::Sender<()>>,
    /// Whether a person or a task waits, so that files need not be still first.
    is_urgent: bool,
    closed: bool,
}

/// Takes requests for passes.
pub(crate) struct Service {
    engine: Arc<Engine>,
    pending: Mutex<Pending>,
    wake: Notify,
    state: Mutex<Option<EngineState>>,
    ready: watch::Sender<bool>,
    events: broadcast::Sender<CatalogEvent>,
}

impl Service {
    pub(crate) fn new(engine: Arc<Engine>, state: EngineState, is_ready: bool) -> Self {
        Self {
            engine,
            pending: Mutex::default(),
            wake: Notify::new(),
            state: Mutex::new(Some(state)),
            ready: watch::Sender::new(is_ready),
            events: broadcast::Sender::new(64),
        }
    }

    pub(crate) fn ready(&self) -> watch::Receiver<bool> {
        self.ready.subscribe()
    }

    pub(crate) fn events(&self) -> broadcast::Receiver<CatalogEvent> {
        self.events.subscribe()
    }

    /// Plugins that have not come by now are gone.
    pub(crate) fn extensions_settled(&self) {
        self.pending().request.extensions_settled = true;
        self.wake.notify_one();
    }

    /// Something is different behind an address or in what a provider gives.
    pub(crate) fn look_again(&self) {
        self.wake.notify_one();
    }

    /// Runs a pass and waits for its end; false when there will be none any more.
    pub(crate) async fn sync(&self, again: HashSet<String>, approved: HashSet<String>) -> bool {
        let (sender, receiver) = oneshot::channel();
        {
            let mut pending = self.pending();
            if pending.closed {
                return false;
            }
            pending.request.again.extend(again);
            pending.request.approved.extend(approved);
            pending.waiting.push(sender);
            pending.is_urgent = true;
        }
        self.wake.notify_one();
        receiver.await.is_ok()
    }

    /// Removes an entity; none when the catalog takes no further changes.
    pub(crate) async fn delete(&self, entity_ref: String, audit: AuditEntry) -> Option<Result<bool, StoreError>> {
        let (sender, receiver) = oneshot::channel();
        {
            let mut pending = self.pending();
            if pending.closed {
                return None;
            }
            pending.deletions.push((entity_ref, audit, sender));
            pending.is_urgent = true;
        }
        self.wake.notify_one();
        receiver.await.ok()
    }

    fn pending(&self) -> MutexGuard<'_, Pending> {
        self.pending.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Runs passes until it is cancelled.
    pub(crate) async fn run(self: Arc<Self>, cancel: tokio_util::sync::CancellationToken) {
        let touch = Arc::downgrade(&self);
        let mut watch = Watch::new(self.engine.config.watch, move |paths| {
            if let Some(service) = touch.upgrade() {
                service.pending().request.touched.extend(paths);
                service.wake.notify_one();
            }
        });
        let mut extensions = self.engine.extensions.changes();
        let settled_at = Instant::now() + EXTENSIONS_PATIENCE;
        let mut settled = false;
        // By the clock and not by silence: where something always changes, what failed is asked for again as well.
        let mut retry_at = Instant::now() + self.engine.config.list_every;
        self.prepare_texts();
        loop {
            let retry = Instant::now() >= retry_at;
            let folders = Arc::clone(&self).turn(retry).await;
            if let Some(folders) = folders {
                watch = set_watch(watch, folders).await;
            }
            let every = self.engine.config.list_every;
            let every = if watch.is_partial { every.min(LIST_UNWATCHED) } else { every };
            let latest = Instant::now() + every;
            retry_at = if retry { latest } else { retry_at.min(latest) };
            tokio::select! {
                () = cancel.cancelled() => break,
                () = self.wake.notified() => self.wait_until_still().await,
                () = tokio::time::sleep_until(retry_at) => {}
                () = tokio::time::sleep_until(settled_at), if !settled => {
                    settled = true;
                    self.pending().request.extensions_settled = true;
                }
                changed = extensions.changed() => if changed.is_err() {
                    // No plugin will ever come or go again; do not ask in vain.
                    extensions = watch::Sender::new(0).subscribe();
                    tokio::time::sleep(every).await;
                },
            }
        }
        let mut pending = self.pending();
        pending.closed = true;
        pending.waiting.clear();
        pending.deletions.clear();
    }

    /// Puts texts together beside everything else.
    fn prepare_texts(&self) {
        let engine = Arc::clone(&self.engine);
        drop(tokio::task::spawn_blocking(move || ingest::prepare_texts(&engine.store, &engine.shared)));
    }

    /// Gives up texts whenever too many are kept, until it is cancelled.
    pub(crate) async fn bound_texts(self: Arc<Self>, cancel: tokio_util::sync::CancellationToken) {
        let mut from = 0;
        while cancel.run_until_cancelled(tokio::time::sleep(BOUND_TEXTS)).await.is_some() {
            let engine = Arc::clone(&self.engine);
            let bounded = tokio::task::spawn_blocking(move || ingest::bound_texts(&engine.shared, from)).await;
            from = bounded.unwrap_or(0);
        }
    }

    /// Waits until files have been still for a moment, unless somebody waits.
    async fn wait_until_still(&self) {
        let latest = Instant::now() + LONGEST_SETTLE;
        while !self.pending().is_urgent && Instant::now() < latest {
            tokio::select! {
                () = tokio::time::sleep(self.engine.config.settle) => return,
                () = self.wake.notified() => {}
            }
        }
    }

    /// One pass with everything that was asked for; gives the folders to watch.
    async fn turn(self: Arc<Self>, retry: bool) -> Option<Vec<(PathBuf, bool)>> {
        let pending = {
            let mut pending = self.pending();
            let settled = pending.request.extensions_settled;
            let taken = std::mem::take(&mut *pending);
            pending.request.extensions_settled = settled;
            taken
        };
        let request = Request { retry, ..pending.request };
        let service = Arc::clone(&self);
        let deletions = pending.deletions;
        let started = Instant::now();
        let result = tokio::task::spawn_blocking(move || service.pass(request, deletions)).await;
        let folders = match result {
            Ok(Ok(outcome)) => {
                IngestionFinished {
                    source: "every location",
                    entities: outcome.entities as u64,
                    written: outcome.changed.len() as u64,
                    removed: outcome.removed.len() as u64,
                    // What is wrong in files is shown to their owners, not logged with every pass.
                    errors: 0,
                    failure: None,
                    duration: started.elapsed(),
                }
                .emit();
                if outcome.changed.len() > MANY {
                    self.prepare_texts();
                }
                if !outcome.changed.is_empty() || !outcome.removed.is_empty() {
                    let event = CatalogEvent { changed: outcome.changed.into(), removed: outcome.removed.into() };
                    // Nobody may be listening.
                    let _ = self.events.send(event);
                }
                self.ready.send_replace(true);
                Some(outcome.watch)
            }
            Ok(Err(error)) => {
                tracing::error!(%error, "the catalog could not be brought up to date; it is tried again");
                None
            }
            Err(error) => {
                tracing::error!(%error, "a pass over the catalog's sources failed; it is tried again");
                None
            }
        };
        for waiting in pending.waiting {
            // The one who waited may have gone.
            let _ = waiting.send(());
        }
        folders
    }

    /// Leaves the index in the cache, if it is what the store holds.
    pub(crate) fn save(&self) {
        let Some(cache) = &self.engine.config.cache else { return };
        // A pass that still runs has not written everything.
        let Ok(slot) = self.state.try_lock() else { return };
        if slot.is_none() {
            return;
        }
        let shared = self.engine.shared.read().unwrap_or_else(PoisonError::into_inner);
        if let Err(error) = ingest::save(&self.engine.store, &shared, cache) {
            tracing::warn!(%error, "the catalog was not left for a quick start");
        }
    }

    fn pass(&self, request: Request, deletions: Vec<Deletion>) -> Result<Outcome, StoreError> {
        // Those who follow the catalog hear of it when readers see it.
        let _passage = self.engine.gate.enter();
        let mut slot = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let mut state = match slot.take() {
            Some(state) => state,
            // An earlier pass failed half way: what the store has is what holds.
            None => {
                let (state, shared, _) = ingest::load(&self.engine.store)?;
                *self.engine.shared.write().unwrap_or_else(PoisonError::into_inner) = shared;
                state
            }
        };
        let mut removed = Vec::new();
        for (entity_ref, audit, answer) in deletions {
            let result = ingest::delete(&self.engine, &mut state, &entity_ref, audit);
            removed.extend(matches!(result, Ok(true)).then_some(entity_ref));
            // The one who asked may have gone.
            let _ = answer.send(result);
        }
        let (state, mut outcome) = self.engine.pass(state, request)?;
        *slot = Some(state);
        outcome.removed.extend(removed);
        Ok(outcome)
    }
}

/// Watching a large folder takes a while, so it is done beside the runtime.
async fn set_watch(mut watch: Watch, folders: Vec<(PathBuf, bool)>) -> Watch {
    let set = tokio::task::spawn_blocking(move || {
        watch.set(&folders);
        watch
    });
    match set.await {
        Ok(watch) => watch,
        Err(error) => {
            tracing::error!(%error, "watching files failed; they are listed from time to time instead");
            Watch::new(false, |_| {})
        }
    }
}
