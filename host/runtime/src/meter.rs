//! Measures one call while it runs, from inside and outside of the guest.

use std::future::poll_fn;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;
use std::{pin::pin, sync::Arc};

use crate::CallReport;
use crate::cpu::thread_time;

/// The most bytes of a guest's last words that are kept.
const MAX_LAST_WORDS: usize = 500;

/// What one call has used so far. Every field has one writer at a time, since a call runs on one thread at a time.
#[derive(Debug)]
pub(crate) struct Meter {
    budget: Duration,
    /// Nanoseconds of all finished polls.
    used: AtomicU64,
    /// The thread's processor time when the present poll began, in nanoseconds.
    began: AtomicU64,
    budget_exceeded: AtomicBool,
    memory: AtomicU64,
    memory_refused: AtomicBool,
    table_refused: AtomicBool,
    host_calls: AtomicU64,
    bytes_out: AtomicU64,
    last_words: Mutex<Option<String>>,
}

impl Meter {
    pub(crate) fn new(budget: Duration) -> Self {
        Self {
            budget,
            used: AtomicU64::new(0),
            began: AtomicU64::new(0),
            budget_exceeded: AtomicBool::new(false),
            memory: AtomicU64::new(0),
            memory_refused: AtomicBool::new(false),
            table_refused: AtomicBool::new(false),
            host_calls: AtomicU64::new(0),
            bytes_out: AtomicU64::new(0),
            last_words: Mutex::new(None),
        }
    }

    /// Runs a future and adds up the processor time that it uses.
    pub(crate) async fn measure<F: Future>(self: Arc<Self>, future: F) -> F::Output {
        let mut future = pin!(future);
        poll_fn(|context| {
            let began = nanoseconds(thread_time());
            self.began.store(began, Relaxed);
            let result = future.as_mut().poll(context);
            self.used.fetch_add(nanoseconds(thread_time()).saturating_sub(began), Relaxed);
            result
        })
        .await
    }

    /// Whether the budget is used up, as seen from within a poll. Once it is, that is remembered.
    pub(crate) fn check_budget(&self) -> bool {
        let present = nanoseconds(thread_time()).saturating_sub(self.began.load(Relaxed));
        let exceeded = Duration::from_nanos(self.used.load(Relaxed).saturating_add(present)) >= self.budget;
        if exceeded {
            self.budget_exceeded.store(true, Relaxed);
        }
        exceeded
    }

    pub(crate) fn budget_exceeded(&self) -> bool {
        self.budget_exceeded.load(Relaxed)
    }

    pub(crate) fn saw_memory(&self, bytes: usize) {
        self.memory.fetch_max(bytes as u64, Relaxed);
    }

    pub(crate) fn refuse_memory(&self) {
        self.memory_refused.store(true, Relaxed);
    }

    pub(crate) fn memory_refused(&self) -> bool {
        self.memory_refused.load(Relaxed)
    }

    pub(crate) fn refuse_table(&self) {
        self.table_refused.store(true, Relaxed);
    }

    pub(crate) fn table_refused(&self) -> bool {
        self.table_refused.load(Relaxed)
    }

    /// Remembers the last line on standard error, or a panic from its first line on.
    pub(crate) fn hear(&self, text: &str) {
        let mut words = self.last_words.lock().unwrap_or_else(PoisonError::into_inner);
        for line in text.lines().map(str::trim) {
            // The note is Rust's advice on backtraces, which nobody can follow here.
            if line.is_empty() || line.starts_with("note: ") {
                continue;
            }
            let mut kept = match words.take() {
                Some(panic) if panic.contains("panicked at") || panic.starts_with("panic: ") => {
                    format!("{panic} {line}")
                }
                _ => line.to_owned(),
            };
            kept.truncate(kept.floor_char_boundary(MAX_LAST_WORDS));
            *words = Some(kept);
        }
    }

    pub(crate) fn last_words(&self) -> Option<String> {
        self.last_words.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(crate) fn report(&self, wall: Duration, fresh: bool) -> CallReport {
        CallReport {
            cpu: Duration::from_nanos(self.used.load(Relaxed)),
            wall,
            peak_memory: self.memory.load(Relaxed),
            host_calls: self.host_calls.load(Relaxed),
            bytes_out: self.bytes_out.load(Relaxed),
            fresh,
        }
    }
}

/// On which host functions note what they do for a call.
#[derive(Debug, Clone)]
pub struct Tally(Arc<Meter>);

impl Tally {
    pub(crate) fn new(meter: Arc<Meter>) -> Self {
        Self(meter)
    }

    /// Notes a call of a host function.
    pub fn host_call(&self) {
        self.0.host_calls.fetch_add(1, Relaxed);
    }

    /// Notes bytes that are sent to another system.
    pub fn bytes_out(&self, bytes: u64) {
        self.0.bytes_out.fetch_add(bytes, Relaxed);
    }
}

fn nanoseconds(time: Duration) -> u64 {
    u64::try_from(time.as_nanos()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keeps_the_last_words_of_a_guest() {
        let meter = Meter::new(Duration::ZERO);
        for (text, kept) in [
            ("", None),
            ("warning: x\n", Some("warning: x")),
            ("\nthread 'a' panicked at src/lib.rs:3:5:\n", Some("thread 'a' panicked at src/lib.rs:3:5:")),
            ("no name\nnote: run with", Some("thread 'a' panicked at src/lib.rs:3:5: no name")),
            ("\n \n", Some("thread 'a' panicked at src/lib.rs:3:5: no name")),
        ] {
            meter.hear(text);
            assert_eq!(meter.last_words().as_deref(), kept, "{text:?}");
        }
    }
}
