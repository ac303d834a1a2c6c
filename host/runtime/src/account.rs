//! What calls cost, and who is told.

use std::time::Duration;

use crate::Fault;

/// What one call used, whatever came of it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct CallReport {
    /// Processor time of the guest and of the conversions made for it.
    pub cpu: Duration,
    /// From the moment an instance was to be had until the end.
    pub wall: Duration,
    /// The most bytes that all linear memories of the instance had together.
    pub peak_memory: u64,
    /// Calls of the host's own functions (those of WASI not counted).
    pub host_calls: u64,
    /// Bytes sent to other systems.
    pub bytes_out: u64,
    /// Whether a new instance was made for the call.
    pub fresh: bool,
}

/// How a call ended.
#[derive(Debug, Clone, Copy)]
pub enum Ending<'a> {
    /// It gave an answer, which may be an error that the contract knows.
    Answered,
    /// It broke.
    Faulted(&'a Fault),
    /// Whoever made it no longer waits.
    Cancelled,
}

/// Is charged for every call exactly once, also for those whose caller went away.
pub trait Account: Send + Sync {
    /// Takes note of one call; must not block.
    fn charge(&self, report: &CallReport, ending: Ending<'_>);
}

/// For calls that nobody pays for, such as those of benchmarks and command-line checks.
impl Account for () {
    fn charge(&self, _: &CallReport, _: Ending<'_>) {}
}
