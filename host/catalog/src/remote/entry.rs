//! What is known of one address, and when it is read next.

use std::hash::{BuildHasher, Hasher, RandomState};
use std::sync::Arc;
use std::time::Duration;

use host_ports::SourceError;
use tokio::time::Instant;

use super::{Demand, Snapshot, View};

/// After a start, addresses that are known already are read again within this time.
const FIRST_LOOK: Duration = Duration::from_secs(5);
/// However often addresses are to be read, a server is left alone for this long.
const SHORTEST: Duration = Duration::from_millis(100);
/// The pause after a first failure, unless addresses are read more often than that.
const FIRST_PAUSE: Duration = Duration::from_secs(15);
/// The longest pause between attempts.
const LONGEST_PAUSE: Duration = Duration::from_secs(30 * 60);

/// One address.
#[derive(Debug, Default)]
pub(super) struct Entry {
    pub(super) snapshot: Option<Arc<Snapshot>>,
    pub(super) failure: Option<Arc<SourceError>>,
    /// How many attempts in a row have failed.
    pub(super) failures: u32,
    /// Who wants it; nobody yet when it is only known from an earlier start.
    pub(super) demand: Option<Demand>,
    pub(super) is_running: bool,
    /// Whether somebody waits for it to be read.
    pub(super) is_asked: bool,
    /// Whether the read that runs began after somebody asked.
    pub(super) answers: bool,
    /// Whether passes have not seen yet what it gave last.
    pub(super) is_different: bool,
}

impl Entry {
    /// An address that an earlier start has read.
    pub(super) fn known(snapshot: Arc<Snapshot>) -> Self {
        Self { snapshot: Some(snapshot), ..Self::default() }
    }

    pub(super) fn view(&self) -> View {
        View { snapshot: self.snapshot.clone(), failure: self.failure.clone() }
    }

    /// When an address that has just become wanted is read: at once if it is new.
    pub(super) fn first_due(&self, now: Instant) -> Instant {
        if self.snapshot.is_none() { now } else { now + FIRST_LOOK.mul_f64(random()) }
    }

    /// How long to wait after a read that succeeded (no failure) or failed; none: until somebody asks.
    pub(super) fn pause(&self, interval: Option<Duration>) -> Option<Duration> {
        let jitter = 1.0 + random() / 2.0;
        let Some(failure) = &self.failure else {
            return interval.map(|interval| interval.max(SHORTEST).mul_f64(jitter));
        };
        let first = interval.map_or(FIRST_PAUSE, |interval| interval.clamp(SHORTEST, FIRST_PAUSE));
        let doubled = first.saturating_mul(1 << self.failures.saturating_sub(1).min(16));
        let pause = doubled.min(LONGEST_PAUSE).mul_f64(jitter);
        Some(failure.retry_after.map_or(pause, |asked| asked.max(pause)))
    }
}

/// A number from 0 to 1, so that not everything happens at the same moment.
pub(super) fn random() -> f64 {
    let number = RandomState::new().build_hasher().finish() >> 40;
    // 24 bits, which the type holds exactly.
    number as f64 / f64::from(1_u32 << 24)
}
