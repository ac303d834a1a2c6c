//! The one thread that writes.
//!
//! Jobs that wait together are committed together, each inside its own savepoint, so that one that fails undoes nothing
//! of another. People and tasks go before ingestion: a background job runs only when no interactive one waits, and a
//! transaction takes no further jobs once it has lasted [`BATCH`].

use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use rusqlite::Connection;
use tokio::sync::oneshot;

use crate::StoreError;

/// How long a transaction goes on taking jobs.
const BATCH: Duration = Duration::from_millis(25);

/// Who waits for a change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Priority {
    /// A person or a running task.
    Interactive,
    /// Ingestion and housekeeping.
    Background,
}

/// Tells the one who asked what came of it, once the transaction has ended.
type Answer = Box<dyn FnOnce(Result<(), StoreError>) + Send>;
type Job = Box<dyn FnOnce(&Connection) -> Answer + Send>;

#[derive(Default)]
struct Queues {
    interactive: VecDeque<Job>,
    background: VecDeque<Job>,
    closed: bool,
}

#[derive(Default)]
struct Shared {
    queues: Mutex<Queues>,
    wake: Condvar,
    changes: AtomicU64,
}

impl Shared {
    fn queues(&self) -> MutexGuard<'_, Queues> {
        self.queues.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Takes jobs for the writing thread.
pub(crate) struct Writer {
    shared: Arc<Shared>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

impl Writer {
    /// Starts the thread, which owns the connection until [`Writer::close`].
    pub(crate) fn start(connection: Connection) -> Result<Self, std::io::Error> {
        let shared = Arc::new(Shared::default());
        let worker = Arc::clone(&shared);
        let thread =
            std::thread::Builder::new().name("store-writer".to_owned()).spawn(move || run(&worker, &connection))?;
        Ok(Self { shared, thread: Mutex::new(Some(thread)) })
    }

    /// Hands over a change; it is carried out even when nobody waits for the answer.
    pub(crate) fn submit<T: Send + 'static>(
        &self,
        priority: Priority,
        work: impl FnOnce(&Connection) -> Result<T, StoreError> + Send + 'static,
    ) -> oneshot::Receiver<Result<T, StoreError>> {
        let (sender, receiver) = oneshot::channel();
        let job: Job = Box::new(move |connection| {
            let result = in_savepoint(connection, work);
            Box::new(move |committed| {
                // The one who asked may have gone.
                let _ = sender.send(committed.and(result));
            })
        });
        let mut queues = self.shared.queues();
        if !queues.closed {
            match priority {
                Priority::Interactive => queues.interactive.push_back(job),
                Priority::Background => queues.background.push_back(job),
            }
            self.shared.wake.notify_one();
        }
        receiver
    }

    /// How many rows have been changed since the start.
    pub(crate) fn changes(&self) -> u64 {
        self.shared.changes.load(Ordering::Acquire)
    }

    /// Finishes what waits and ends the thread.
    pub(crate) fn close(&self) {
        self.shared.queues().closed = true;
        self.shared.wake.notify_all();
        let thread = self.thread.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(thread) = thread
            && thread.join().is_err()
        {
            tracing::error!("the store's writing thread had failed");
        }
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        self.close();
    }
}

fn run(shared: &Shared, connection: &Connection) {
    while let Some(first) = wait(shared) {
        let mut answers = Vec::new();
        let before = connection.total_changes();
        let started = Instant::now();
        let result = connection.execute_batch("BEGIN IMMEDIATE").and_then(|()| {
            answers.push(first(connection));
            while started.elapsed() < BATCH
                && let Some(job) = next(&mut shared.queues())
            {
                answers.push(job(connection));
            }
            connection.execute_batch("COMMIT")
        });
        if result.is_err() && !connection.is_autocommit() {
            // The error that led here is the one to report.
            let _ = connection.execute_batch("ROLLBACK");
        }
        if result.is_ok() {
            shared.changes.fetch_add(connection.total_changes() - before, Ordering::AcqRel);
        }
        let message = result.err().map(|error| error.to_string());
        for answer in answers {
            answer(match &message {
                None => Ok(()),
                Some(message) => Err(StoreError::Database(rusqlite::Error::SqliteFailure(
                    rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_IOERR),
                    Some(message.clone()),
                ))),
            });
        }
    }
}

/// The next job, or none once the store is closed and everything is done.
fn wait(shared: &Shared) -> Option<Job> {
    let mut queues = shared.queues();
    loop {
        if let Some(job) = next(&mut queues) {
            return Some(job);
        }
        if queues.closed {
            return None;
        }
        queues = shared.wake.wait(queues).unwrap_or_else(PoisonError::into_inner);
    }
}

fn next(queues: &mut Queues) -> Option<Job> {
    queues.interactive.pop_front().or_else(|| queues.background.pop_front())
}

fn in_savepoint<T>(
    connection: &Connection,
    work: impl FnOnce(&Connection) -> Result<T, StoreError>,
) -> Result<T, StoreError> {
    connection.execute_batch("SAVEPOINT job")?;
    let result = catch_unwind(AssertUnwindSafe(|| work(connection))).unwrap_or(Err(StoreError::Internal));
    connection.execute_batch(if result.is_ok() { "RELEASE job" } else { "ROLLBACK TO job; RELEASE job" })?;
    result
}
