//! Instances that wait for the next call, for bulk work whose calls are short.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::state::Live;

/// How long an instance waits before it is dropped.
pub(crate) const IDLE: Duration = Duration::from_secs(30);

/// The waiting instances of one component. One comes back only after a call that ended well, and is dropped after a
/// number of calls, so that a leak in a guest stays small.
pub(crate) struct WarmPool<D: 'static> {
    idle: Mutex<Vec<Warm<D>>>,
    keep: usize,
    calls: u32,
    slots: Arc<Semaphore>,
}

/// One instance, how often it was called, and its place in the engine's pool.
pub(crate) struct Warm<D: 'static> {
    pub(crate) live: Live<D>,
    calls: u32,
    since: Instant,
    slot: OwnedSemaphorePermit,
}

/// A warm instance that is out on a call, without the instance itself.
pub(crate) struct Lease {
    calls: u32,
    slot: Option<OwnedSemaphorePermit>,
}

/// Drops what has waited too long.
pub(crate) trait Sweep: Send + Sync {
    fn sweep(&self, now: Instant);
}

impl<D> WarmPool<D> {
    pub(crate) fn new(keep: usize, calls: u32, slots: Arc<Semaphore>) -> Self {
        Self { idle: Mutex::new(Vec::new()), keep, calls, slots }
    }

    /// An instance that waits, if there is one.
    pub(crate) fn take(&self) -> Option<(Live<D>, Lease)> {
        let Warm { live, calls, slot, .. } = self.lock().pop()?;
        Some((live, Lease { calls, slot: Some(slot) }))
    }

    /// The lease of an instance that was made for this call.
    pub(crate) fn lease_new() -> Lease {
        Lease { calls: 0, slot: None }
    }

    /// Takes an instance back after a call that ended well, or drops it.
    pub(crate) fn give_back(&self, live: Live<D>, lease: Lease) {
        let calls = lease.calls + 1;
        if calls >= self.calls {
            return;
        }
        let Some(slot) = lease.slot.or_else(|| Arc::clone(&self.slots).try_acquire_owned().ok()) else { return };
        let mut idle = self.lock();
        if idle.len() < self.keep {
            idle.push(Warm { live, calls, since: Instant::now(), slot });
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.lock().len()
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Warm<D>>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<D: Send + 'static> Sweep for WarmPool<D> {
    fn sweep(&self, now: Instant) {
        let old: Vec<_> =
            self.lock().extract_if(.., |warm| now.saturating_duration_since(warm.since) >= IDLE).collect();
        drop(old);
    }
}
