//! What a plugin has cost, and how it broke.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use host_contract::{Account, CallReport, Ending, Fault};
use host_model::plugin::{FaultCode, FaultRecord};
use host_telemetry::events::{CallEnding, PluginCallFinished};

use super::breaker::Breaker;

/// Faults that are kept for the plugin's page.
const RECENT: usize = 20;
/// The most bytes of one fault's message that are kept.
const MAX_MESSAGE: usize = 1_000;

/// The account of one plugin's file, kept while the file is there, also through changes of its contents.
#[derive(Debug, Default)]
pub(crate) struct FileAccount {
    calls: AtomicU64,
    faults: AtomicU64,
    cpu_nanoseconds: AtomicU64,
    peak_memory: AtomicU64,
    recent: Mutex<VecDeque<FaultRecord>>,
    breaker: Mutex<Breaker>,
}

/// A reading of an account.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Reading {
    pub(crate) calls: u64,
    pub(crate) faults: u64,
    pub(crate) cpu_ms: u64,
    pub(crate) peak_memory_bytes: u64,
    /// Newest first.
    pub(crate) recent_faults: Vec<FaultRecord>,
    /// How long the plugin still rests.
    pub(crate) rest: Option<Duration>,
}

impl FileAccount {
    pub(crate) fn read(&self) -> Reading {
        Reading {
            calls: self.calls.load(Relaxed),
            faults: self.faults.load(Relaxed),
            cpu_ms: self.cpu_nanoseconds.load(Relaxed) / 1_000_000,
            peak_memory_bytes: self.peak_memory.load(Relaxed),
            recent_faults: lock(&self.recent).iter().cloned().collect(),
            rest: lock(&self.breaker).rest(Instant::now()),
        }
    }

    /// Whether a call may be made now; if not, how long the plugin still rests.
    pub(crate) fn admit(&self) -> Result<(), Duration> {
        lock(&self.breaker).admit(Instant::now())
    }

    /// Another file has taken the place of the one that broke: it is given a chance.
    pub(crate) fn forgive(&self) {
        *lock(&self.breaker) = Breaker::default();
    }

    fn record(&self, call: &str, fault: &Fault) {
        self.faults.fetch_add(1, Relaxed);
        let cut = fault.message.floor_char_boundary(MAX_MESSAGE);
        let record = FaultRecord {
            at: jiff::Timestamp::now().to_string(),
            call: call.to_owned(),
            fault: fault.code,
            message: fault.message[..cut].to_owned(),
        };
        let mut recent = lock(&self.recent);
        recent.push_front(record);
        recent.truncate(RECENT);
    }
}

/// Charges the calls at one extension point of a plugin.
pub(crate) struct PointAccount {
    pub(crate) account: Arc<FileAccount>,
    pub(crate) plugin: Arc<str>,
    pub(crate) point: &'static str,
}

impl Account for PointAccount {
    fn charge(&self, report: &CallReport, ending: Ending<'_>) {
        let account = &self.account;
        account.calls.fetch_add(1, Relaxed);
        account.cpu_nanoseconds.fetch_add(u64::try_from(report.cpu.as_nanos()).unwrap_or(u64::MAX), Relaxed);
        account.peak_memory.fetch_max(report.peak_memory, Relaxed);
        PluginCallFinished {
            plugin: &self.plugin,
            extension_point: self.point,
            ending: match ending {
                Ending::Answered => CallEnding::Answered,
                Ending::Cancelled => CallEnding::Cancelled,
                Ending::Faulted(fault) => CallEnding::Faulted { code: fault.code.as_str(), message: &fault.message },
            },
            duration: report.wall,
            cpu: report.cpu,
            peak_memory_bytes: report.peak_memory,
            host_calls: report.host_calls,
            sent_bytes: report.bytes_out,
        }
        .emit();
        match ending {
            Ending::Answered => lock(&account.breaker).answered(),
            Ending::Cancelled => lock(&account.breaker).cancelled(),
            Ending::Faulted(fault) => {
                account.record(self.point, fault);
                if fault.code == FaultCode::Host {
                    // What the host did wrong says nothing of the plugin, not even of one that is on trial.
                    lock(&account.breaker).cancelled();
                } else if lock(&account.breaker).faulted(Instant::now()) {
                    tracing::warn!(plugin.id = &*self.plugin, "the plugin rests after repeated faults");
                }
            }
        }
    }
}

/// Charges what happens while a file is being looked at: only how it broke, since nobody has called it yet.
pub(crate) struct TrialAccount(pub(crate) Arc<FileAccount>);

impl Account for TrialAccount {
    fn charge(&self, report: &CallReport, ending: Ending<'_>) {
        self.0.peak_memory.fetch_max(report.peak_memory, Relaxed);
        if let Ending::Faulted(fault) = ending {
            self.0.record("describe", fault);
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn calls_are_charged_and_the_last_faults_kept() {
        let account = Arc::new(FileAccount::default());
        let point = PointAccount { account: Arc::clone(&account), plugin: "x".into(), point: "ui-card" };
        let report = CallReport { cpu: Duration::from_millis(3), peak_memory: 70, ..CallReport::default() };
        point.charge(&report, Ending::Answered);
        for number in 0..25 {
            let fault = Fault::new(FaultCode::Trap, format!("fault {number}"));
            point.charge(&report, Ending::Faulted(&fault));
        }
        point.charge(&CallReport { peak_memory: 50, ..report }, Ending::Cancelled);
        let reading = account.read();
        assert_eq!((reading.calls, reading.faults, reading.cpu_ms, reading.peak_memory_bytes), (27, 25, 81, 70));
        assert_eq!(reading.recent_faults.len(), 20);
        assert_eq!((&*reading.recent_faults[0].message, &*reading.recent_faults[0].call), ("fault 24", "ui-card"));
        assert!(account.admit().is_err() && reading.rest.is_some());
        account.forgive();
        assert!(account.admit().is_ok());
    }

    #[test]
    fn faults_of_the_host_do_not_make_a_plugin_rest() {
        let account = Arc::new(FileAccount::default());
        let point = PointAccount { account: Arc::clone(&account), plugin: "x".into(), point: "ui-card" };
        let fault = Fault::new(FaultCode::Host, "no threads");
        for _ in 0..20 {
            point.charge(&CallReport::default(), Ending::Faulted(&fault));
        }
        assert!(account.admit().is_ok());
    }

    #[test]
    fn describing_costs_nothing_but_its_faults_are_seen() {
        let account = Arc::new(FileAccount::default());
        let trial = TrialAccount(Arc::clone(&account));
        trial.charge(&CallReport::default(), Ending::Answered);
        trial.charge(&CallReport::default(), Ending::Faulted(&Fault::new(FaultCode::Deadline, "slow")));
        assert_eq!((account.read().calls, account.read().faults), (0, 1));
    }
}
