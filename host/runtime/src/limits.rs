//! What one call may use.

use std::time::Duration;

/// The limits of one call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CallLimits {
    /// Processor time; when it is used up the call stops within one tick of 10 ms.
    pub processor: Duration,
    /// Time on the clock, waiting for the host included; counted from when an instance is to be had.
    pub wall: Duration,
    /// Bytes of all linear memories together. A guest that asks for more is refused, and most then stop themselves.
    pub memory: usize,
    /// Elements of all tables together.
    pub table_elements: usize,
    /// Core instances, memories and tables. A component of an interpreted language has some twenty core instances.
    pub instances: usize,
    /// Bytes that the guest may hand to the host at once: its answer, or the arguments of one host function.
    pub output: usize,
    /// Handles (open streams, requests, files) that may exist at once.
    pub handles: usize,
}

impl Default for CallLimits {
    /// 250 ms of processor time within 5 s, 64 MiB of memory, 4 MiB of output.
    fn default() -> Self {
        Self {
            processor: Duration::from_millis(250),
            wall: Duration::from_secs(5),
            memory: 64 << 20,
            table_elements: 100_000,
            instances: 64,
            output: 4 << 20,
            handles: 1_000,
        }
    }
}
