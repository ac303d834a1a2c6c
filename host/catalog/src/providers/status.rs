//! How providers are doing, for their administrators.

use std::time::{Duration, SystemTime};

use host_ports::{Applied, ProviderSchedule};
use tokio::time::Instant;

use super::Known;
use crate::time::to_text;

/// How a provider is doing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ProviderStatus {
    pub name: String,
    /// False when nothing of this name runs any more, and what it gave is kept.
    pub is_present: bool,
    pub is_running: bool,
    /// How often it has run in this process.
    pub runs: u64,
    /// The time between runs; none: only when somebody asks.
    pub frequency: Option<Duration>,
    /// When it ran last, in this process (RFC 3339).
    pub last_run: Option<String>,
    /// How long that took.
    pub took: Option<Duration>,
    /// When it runs next (RFC 3339).
    pub next_run: Option<String>,
    /// Why the last run failed.
    pub error: Option<String>,
    /// How many entities it has given, those that are held back included.
    pub entities: usize,
    /// How many entities it no longer gives, and whose removal waits for an administrator.
    pub parked: usize,
    /// Entities that the last run wrote and removed.
    pub written: usize,
    pub removed: usize,
    /// How many entities of the last run were not taken, and why the first few were not.
    pub refusals: usize,
    pub refused: Vec<String>,
}

/// What is remembered of runs.
#[derive(Debug, Default)]
pub(super) struct Progress {
    frequency: Option<Duration>,
    running_since: Option<(SystemTime, Instant)>,
    last_run: Option<SystemTime>,
    runs: u64,
    took: Option<Duration>,
    next: Option<Instant>,
    pub(super) failures: u32,
    error: Option<String>,
    applied: Applied,
    refusals: usize,
    refused: Vec<String>,
    /// Whether it runs and has given nothing yet.
    is_unheard: bool,
}

impl Progress {
    pub(super) fn plans(&mut self, schedule: &ProviderSchedule, next: Option<Instant>) {
        self.frequency = schedule.frequency;
        self.next = next;
    }

    pub(super) fn begins(&mut self) {
        self.running_since = Some((SystemTime::now(), Instant::now()));
        self.next = None;
        self.applied = Applied::default();
        self.is_unheard = true;
    }

    pub(super) fn took(&mut self, applied: Applied, refused: Vec<String>, refusals: usize) {
        // Whoever says that nothing is new has not taken back what was refused.
        if std::mem::take(&mut self.is_unheard) {
            self.refusals = 0;
            self.refused.clear();
        }
        self.applied.written += applied.written;
        self.applied.removed += applied.removed;
        self.refusals += refusals;
        self.refused.extend(refused);
        self.refused.truncate(5);
    }

    pub(super) fn ends(&mut self, error: Option<String>) {
        if let Some((at, since)) = self.running_since.take() {
            self.last_run = Some(at);
            self.took = Some(since.elapsed());
            self.runs += 1;
        }
        self.failures = if error.is_some() { self.failures.saturating_add(1) } else { 0 };
        self.error = error;
    }
}

pub(super) fn of(name: &str, known: &Known) -> ProviderStatus {
    let Progress { runs, frequency, running_since, last_run, took, next, error, applied, refusals, refused, .. } =
        &known.progress;
    let wait = next.map(|next| next.saturating_duration_since(Instant::now()));
    ProviderStatus {
        name: name.to_owned(),
        is_present: known.is_present,
        is_running: running_since.is_some(),
        runs: *runs,
        frequency: *frequency,
        last_run: last_run.map(to_text),
        took: *took,
        next_run: wait.map(|wait| to_text(SystemTime::now() + wait)),
        error: error.clone(),
        entities: known.outline.len(),
        parked: known.outline.values().filter(|outline| outline.parked).count(),
        written: applied.written,
        removed: applied.removed,
        refusals: *refusals,
        refused: refused.clone(),
    }
}
