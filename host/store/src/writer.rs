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
/// Does the work, or takes note of why there is no transaction for it.
type Job = Box<dyn FnOnce(Result<&Connection, StoreError>) -> Answer + Send>;

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
            let result = connection.and_then(|connection| in_savepoint(connection, work));
            Box::new(move |committed| {
                // Its own error says more than that of the transaction. The one who asked may have gone.
                let _ = sender.send(result.and_then(|value| committed.map(|()| value)));
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
        let before = connection.total_changes();
        let started = Instant::now();
        if let Err(error) = connection.execute_batch("BEGIN IMMEDIATE") {
            first(Err(error.into()))(Ok(()));
            continue;
        }
        let mut answers = vec![first(Ok(connection))];
        // A disk that is full or fails ends the transaction by itself; nothing may be written outside of one.
        while started.elapsed() < BATCH && !connection.is_autocommit() {
            // Taken before the job runs: whoever hands over another must not wait for it.
            let job = next(&mut shared.queues());
            let Some(job) = job else { break };
            answers.push(job(Ok(connection)));
        }
        let failure = commit(connection).err();
        if failure.is_none() {
            shared.changes.fetch_add(connection.total_changes() - before, Ordering::AcqRel);
        }
        for answer in answers {
            answer(failure.as_ref().map_or(Ok(()), |message| Err(failed(message))));
        }
    }
}

/// Ends the transaction; if it cannot be kept, tells why.
fn commit(connection: &Connection) -> Result<(), String> {
    if connection.is_autocommit() {
        return Err("the disk is full or failed, and the changes that were made together were rolled back".to_owned());
    }
    connection.execute_batch("COMMIT").map_err(|error| {
        if !connection.is_autocommit() {
            // The error that led here is the one to report.
            let _ = connection.execute_batch("ROLLBACK");
        }
        error.to_string()
    })
}

fn failed(message: &str) -> StoreError {
    let code = rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_IOERR);
    StoreError::Database(rusqlite::Error::SqliteFailure(code, Some(message.to_owned())))
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
    if result.is_err() && connection.is_autocommit() {
        // The engine has rolled back everything by itself; there is no savepoint left.
        return result;
    }
    connection.execute_batch(if result.is_ok() { "RELEASE job" } else { "ROLLBACK TO job; RELEASE job" })?;
    result
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use super::*;

    fn writer(set_up: &str) -> Writer {
        let connection = Connection::open_in_memory().unwrap();
        connection.execute_batch(set_up).unwrap();
        Writer::start(connection).unwrap()
    }

    /// Keeps the thread busy until the result is sent to, so that what follows is in one transaction.
    fn hold(writer: &Writer) -> mpsc::Sender<()> {
        let (go, wait) = mpsc::channel();
        drop(writer.submit(Priority::Interactive, move |_| {
            wait.recv().unwrap();
            Ok(())
        }));
        go
    }

    #[test]
    fn others_may_hand_over_jobs_while_one_runs() {
        let writer = writer("");
        let go = hold(&writer);
        let shared = Arc::clone(&writer.shared);
        let free = writer.submit(Priority::Interactive, move |_| Ok(shared.queues.try_lock().is_ok()));
        go.send(()).unwrap();
        assert!(free.blocking_recv().unwrap().unwrap());
    }

    #[test]
    fn a_full_disk_is_named_and_only_what_was_confirmed_is_kept() {
        let writer = writer("PRAGMA max_page_count = 8; CREATE TABLE kept (body BLOB)");
        let go = hold(&writer);
        let insert = |bytes: usize| {
            writer.submit(Priority::Interactive, move |connection| {
                Ok(connection.execute("INSERT INTO kept VALUES (zeroblob(?))", [bytes as i64])?)
            })
        };
        let answers = [insert(1), insert(1 << 20), insert(1)];
        go.send(()).unwrap();
        let answers = answers.map(|answer| answer.blocking_recv().unwrap());
        assert!(answers[1].as_ref().unwrap_err().to_string().contains("disk is full"), "{answers:?}");
        let confirmed = answers.iter().filter(|answer| answer.is_ok()).count();
        let count = writer.submit(Priority::Background, |connection| {
            Ok(connection.query_row("SELECT count(*) FROM kept", [], |row| row.get::<_, i64>(0))?)
        });
        assert_eq!(count.blocking_recv().unwrap().unwrap(), confirmed as i64, "{answers:?}");
    }

    #[test]
    fn without_a_transaction_the_reason_is_told() {
        let folder = tempfile::tempdir().unwrap();
        let other = Connection::open(folder.path().join("x.db")).unwrap();
        other.execute_batch("BEGIN EXCLUSIVE").unwrap();
        let connection = Connection::open(folder.path().join("x.db")).unwrap();
        connection.busy_timeout(Duration::ZERO).unwrap();
        let writer = Writer::start(connection).unwrap();
        let error = writer.submit(Priority::Interactive, |_| Ok(())).blocking_recv().unwrap().unwrap_err();
        assert!(error.to_string().contains("locked"), "{error}");
    }
}
