//! The one thread that writes.
//!
//! Jobs that wait together are committed together, each inside its own savepoint, so that one that fails undoes nothing
//! of another. People and tasks go before ingestion: a background job runs only when no interactive one waits, and a
//! transaction takes no further jobs once it has lasted [`BATCH`].
//!
//! A disk that is full or fails is remembered until a change is kept again; meanwhile the thread looks from time to time
//! whether there is room, so that nobody has to try in vain to find out.

use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use rusqlite::Connection;
use tokio::sync::oneshot;

use crate::{StoreError, room};

/// How often a disk that refused is tried again.
const RETRY: Duration = Duration::from_secs(2);
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
    /// Why nothing can be changed, as long as that is so.
    refusal: Mutex<Option<&'static str>>,
}

impl Shared {
    fn queues(&self) -> MutexGuard<'_, Queues> {
        self.queues.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn refusal(&self) -> MutexGuard<'_, Option<&'static str>> {
        self.refusal.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes note of a disk that refuses; other errors stay what they are.
    fn examined(&self, error: StoreError) -> StoreError {
        let StoreError::Database(inner) = &error else { return error };
        let Some(why) = room::refusal(inner) else { return error };
        if self.refusal().replace(why).is_none() {
            tracing::error!(error = %inner, "{why}: nothing can be changed until there is room again");
        }
        StoreError::Unwritable(why)
    }
}

/// Takes jobs for the writing thread.
pub(crate) struct Writer {
    shared: Arc<Shared>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

impl Writer {
    /// Starts the thread, which looks for room in the folder and owns the connection until [`Writer::close`].
    pub(crate) fn start(connection: Connection, folder: Option<PathBuf>) -> Result<Self, std::io::Error> {
        let shared = Arc::new(Shared::default());
        let worker = Arc::clone(&shared);
        let thread = std::thread::Builder::new()
            .name("store-writer".to_owned())
            .spawn(move || run(&worker, &connection, folder.as_deref()))?;
        Ok(Self { shared, thread: Mutex::new(Some(thread)) })
    }

    /// Hands over a change; it is carried out even when nobody waits for the answer.
    pub(crate) fn submit<T: Send + 'static>(
        &self,
        priority: Priority,
        work: impl FnOnce(&Connection) -> Result<T, StoreError> + Send + 'static,
    ) -> oneshot::Receiver<Result<T, StoreError>> {
        let (sender, receiver) = oneshot::channel();
        let shared = Arc::clone(&self.shared);
        let job: Job = Box::new(move |connection| {
            let result = connection.and_then(|connection| in_savepoint(connection, work));
            let result = result.map_err(|error| shared.examined(error));
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

    /// Why nothing can be changed at the moment; none when all is well.
    pub(crate) fn refusal(&self) -> Option<&'static str> {
        *self.shared.refusal()
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

fn run(shared: &Shared, connection: &Connection, folder: Option<&Path>) {
    while let Some(first) = wait(shared, || room::is_there(connection, folder)) {
        let before = connection.total_changes();
        let started = Instant::now();
        if let Err(error) = connection.execute_batch("BEGIN IMMEDIATE") {
            first(Err(shared.examined(error.into())))(Ok(()));
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
        let failure = commit(connection).map_err(|error| shared.examined(error)).err();
        let changed = connection.total_changes() - before;
        if failure.is_none() {
            shared.changes.fetch_add(changed, Ordering::AcqRel);
        }
        for answer in answers {
            answer(failure.as_ref().map_or(Ok(()), |error| Err(again(error))));
        }
    }
}

/// Ends the transaction; if it cannot be kept, tells why.
fn commit(connection: &Connection) -> Result<(), StoreError> {
    if connection.is_autocommit() {
        // The engine has rolled back everything by itself, as it does when the disk refuses.
        let code = rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_FULL);
        let message = "the changes that were made together were rolled back".to_owned();
        return Err(rusqlite::Error::SqliteFailure(code, Some(message)).into());
    }
    connection.execute_batch("COMMIT").map_err(|error| {
        if !connection.is_autocommit() {
            // The error that led here is the one to report.
            let _ = connection.execute_batch("ROLLBACK");
        }
        error.into()
    })
}

/// The error of a transaction, for one more of those who waited for it.
fn again(error: &StoreError) -> StoreError {
    if let StoreError::Unwritable(why) = error {
        return StoreError::Unwritable(why);
    }
    let code = rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_IOERR);
    StoreError::Database(rusqlite::Error::SqliteFailure(code, Some(error.to_string())))
}

/// The next job, or none once the store is closed and everything is done.
fn wait(shared: &Shared, has_room: impl Fn() -> bool) -> Option<Job> {
    let mut tried = Instant::now();
    let mut queues = shared.queues();
    loop {
        if let Some(job) = next(&mut queues) {
            return Some(job);
        }
        if queues.closed {
            return None;
        }
        if shared.refusal().is_none() {
            queues = shared.wake.wait(queues).unwrap_or_else(PoisonError::into_inner);
            continue;
        }
        if tried.elapsed() >= RETRY {
            drop(queues);
            if has_room() {
                *shared.refusal() = None;
                tracing::info!("there is room on the disk again, and changes are kept");
            }
            tried = Instant::now();
            queues = shared.queues();
            continue;
        }
        queues = shared.wake.wait_timeout(queues, RETRY).unwrap_or_else(PoisonError::into_inner).0;
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
        Writer::start(connection, None).unwrap()
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
    fn people_and_tasks_go_before_ingestion() {
        let writer = writer("");
        let go = hold(&writer);
        let order = Arc::new(Mutex::new(Vec::new()));
        let note = |priority, what: &'static str| {
            let order = Arc::clone(&order);
            writer.submit(priority, move |_| {
                order.lock().unwrap().push(what);
                Ok(())
            })
        };
        let ingestion: Vec<_> = (0..50).map(|_| note(Priority::Background, "ingestion")).collect();
        let task = note(Priority::Interactive, "task");
        go.send(()).unwrap();
        task.blocking_recv().unwrap().unwrap();
        ingestion.into_iter().for_each(|one| one.blocking_recv().unwrap().unwrap());
        assert_eq!(order.lock().unwrap().iter().position(|what| *what == "task"), Some(0));
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
        assert_eq!(writer.refusal(), Some("the disk is full"));
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
        let writer = Writer::start(connection, None).unwrap();
        let error = writer.submit(Priority::Interactive, |_| Ok(())).blocking_recv().unwrap().unwrap_err();
        assert!(error.to_string().contains("locked"), "{error}");
    }
}
