//! Background work that is named, started again when it fails, and ended in order.
//!
//! A job is a future that runs until it is cancelled. It knows nothing of what the others do.

use std::future::Future;
use std::panic::AssertUnwindSafe;
use std::time::Duration;

use futures::FutureExt;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// The pause before a job that failed is started again; it doubles with every failure in a row.
const FIRST_PAUSE: Duration = Duration::from_millis(500);
/// The longest pause. A job that ran for longer than this before it failed begins with the first one again.
const LONGEST_PAUSE: Duration = Duration::from_secs(60);

/// The jobs of one process. Clones share them.
#[derive(Debug, Clone, Default)]
pub struct Jobs {
    cancel: CancellationToken,
    tracker: TaskTracker,
}

impl Jobs {
    /// No jobs yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Starts a job. It is made anew whenever it panics, and is done when it returns. It should return soon after the
    /// token is cancelled; the process ends without it otherwise.
    ///
    /// Must be called from within a runtime.
    pub fn spawn<Make, Work>(&self, name: &'static str, mut make: Make)
    where
        Make: FnMut(CancellationToken) -> Work + Send + 'static,
        Work: Future<Output = ()> + Send + 'static,
    {
        let cancel = self.cancel.clone();
        self.tracker.spawn(async move {
            let mut pause = FIRST_PAUSE;
            while !cancel.is_cancelled() {
                let started = Instant::now();
                let work = AssertUnwindSafe(make(cancel.clone())).catch_unwind();
                let outcome = work.await;
                if started.elapsed() > LONGEST_PAUSE {
                    pause = FIRST_PAUSE;
                }
                match outcome {
                    Ok(()) => return,
                    Err(_) => tracing::error!(
                        job = name,
                        pause_ms = u64::try_from(pause.as_millis()).unwrap_or(u64::MAX),
                        "a background job failed; it is started again after a pause"
                    ),
                }
                tokio::select! {
                    () = cancel.cancelled() => {}
                    () = tokio::time::sleep(pause) => pause = (pause * 2).min(LONGEST_PAUSE),
                }
            }
        });
    }

    /// Cancelled when the jobs are to end.
    pub fn token(&self) -> CancellationToken {
        self.cancel.clone()
    }

    /// Asks every job to end and waits for them, at most this long; false when some had not ended by then.
    pub async fn shut_down(&self, patience: Duration) -> bool {
        self.cancel.cancel();
        self.tracker.close();
        tokio::time::timeout(patience, self.tracker.wait()).await.is_ok()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicU32, Ordering};

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_job_that_panics_is_started_again_and_all_end_at_shutdown() {
        let jobs = Jobs::new();
        let starts = Arc::new(AtomicU32::new(0));
        let counted = Arc::clone(&starts);
        jobs.spawn("faulty", move |cancel| {
            let start = counted.fetch_add(1, Ordering::SeqCst);
            async move {
                assert!(start > 1, "the first two starts fail");
                cancel.cancelled().await;
            }
        });
        tokio::time::sleep(Duration::from_secs(5)).await;
        assert_eq!(starts.load(Ordering::SeqCst), 3);
        assert!(jobs.shut_down(Duration::from_secs(1)).await);
    }

    #[tokio::test(start_paused = true)]
    async fn a_failure_after_a_long_while_is_the_first_again() {
        let jobs = Jobs::new();
        let starts = Arc::new(AtomicU32::new(0));
        let counted = Arc::clone(&starts);
        jobs.spawn("seldom", move |cancel| {
            let start = counted.fetch_add(1, Ordering::SeqCst);
            async move {
                match start {
                    0..7 => panic!("failures in a row"),
                    7 => {
                        tokio::time::sleep(Duration::from_secs(3600)).await;
                        panic!("a failure after a long while");
                    }
                    _ => cancel.cancelled().await,
                }
            }
        });
        tokio::time::sleep(Duration::from_secs(64 + 3600 + 1)).await;
        assert_eq!(starts.load(Ordering::SeqCst), 9, "it is started again after the shortest pause");
        assert!(jobs.shut_down(Duration::from_secs(1)).await);
    }

    #[tokio::test(start_paused = true)]
    async fn shutdown_does_not_wait_for_ever() {
        let jobs = Jobs::new();
        jobs.spawn("deaf", |_| std::future::pending());
        tokio::task::yield_now().await;
        assert!(!jobs.shut_down(Duration::from_secs(1)).await);
    }
}
