//! A task's log: lines are taken without waiting, stored in small batches, and told to whoever waits once they are stored.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use host_model::task::TaskEventKind;
use host_ports::{LogLevel, LogSink};
use host_store::{NewEvent, Tasks};
use serde_json::{Map, Value};
use tokio::sync::{mpsc, oneshot, watch};

use crate::engine::Redactor;

/// How long one line may be, in bytes.
const MAX_LINE: usize = 64 * 1024;
/// How much the actions of a task may write, in lines and bytes.
const MAX_LINES: usize = 20_000;
const MAX_BYTES: usize = 16 * 1024 * 1024;
/// How many events are stored together.
const BATCH: usize = 256;

/// Takes the events of one task. Clones write to the same log.
#[derive(Clone)]
pub(crate) struct TaskLog {
    target: Target,
    redactor: Redactor,
    lines: Arc<AtomicUsize>,
    bytes: Arc<AtomicUsize>,
    closed: Arc<AtomicBool>,
}

#[derive(Clone)]
enum Target {
    Store(mpsc::UnboundedSender<Item>),
    Memory(Arc<Mutex<Vec<Value>>>),
}

enum Item {
    Event(Value),
    Flush(oneshot::Sender<()>),
}

/// The log of one step, as actions see it.
pub(crate) struct StepLog {
    pub(crate) log: TaskLog,
    pub(crate) step: String,
}

impl TaskLog {
    /// A log that ends up in the store.
    pub(crate) fn stored(tasks: Tasks, id: &str, changed: Arc<watch::Sender<u64>>, redactor: Redactor) -> Self {
        // Unbounded in length, but what is sent is counted and bounded.
        let (sender, receiver) = mpsc::unbounded_channel();
        tokio::spawn(pump(tasks, id.to_owned(), changed, receiver));
        Self::new(Target::Store(sender), redactor)
    }

    /// A log that is kept in memory.
    pub(crate) fn in_memory(redactor: Redactor) -> Self {
        Self::new(Target::Memory(Arc::default()), redactor)
    }

    /// Says something of the task, or of a step and its status.
    pub(crate) fn say(&self, message: &str, step: Option<(&str, &str)>) {
        let mut body = Map::from_iter([("message".to_owned(), self.clean(message))]);
        if let Some((step, status)) = step {
            body.insert("stepId".to_owned(), Value::String(step.to_owned()));
            body.insert("status".to_owned(), Value::String(status.to_owned()));
        }
        self.send(Value::Object(body));
    }

    /// A line of a step's action.
    pub(crate) fn line(&self, step: &str, level: LogLevel, message: &str) {
        let lines = self.lines.fetch_add(1, Ordering::Relaxed) + 1;
        let bytes = self.bytes.fetch_add(message.len().min(MAX_LINE), Ordering::Relaxed);
        let is_last = lines == MAX_LINES || (lines < MAX_LINES && bytes > MAX_BYTES);
        if is_last {
            self.lines.store(MAX_LINES, Ordering::Relaxed);
        }
        let message = match level {
            _ if is_last => "The log is full; further lines of steps are left out".to_owned(),
            _ if lines > MAX_LINES => return,
            LogLevel::Info => message.to_owned(),
            LogLevel::Debug => format!("debug: {message}"),
            LogLevel::Warn => format!("warning: {message}"),
            LogLevel::Error => format!("error: {message}"),
        };
        self.send(Value::Object(Map::from_iter([
            ("message".to_owned(), self.clean(&message)),
            ("stepId".to_owned(), Value::String(step.to_owned())),
        ])));
    }

    /// Takes nothing more, and waits until everything that was said is stored.
    pub(crate) async fn close(&self) {
        self.closed.store(true, Ordering::SeqCst);
        if let Target::Store(sender) = &self.target {
            let (done, stored) = oneshot::channel();
            if sender.send(Item::Flush(done)).is_ok() {
                // The other side is gone only when the runtime ends.
                let _ = stored.await;
            }
        }
    }

    /// What was said, for a log in memory.
    pub(crate) fn bodies(&self) -> Vec<Value> {
        match &self.target {
            Target::Memory(bodies) => bodies.lock().unwrap_or_else(PoisonError::into_inner).clone(),
            Target::Store(_) => Vec::new(),
        }
    }

    fn clean(&self, message: &str) -> Value {
        let mut message = self.redactor.text(message);
        if message.len() > MAX_LINE {
            let end = (0..=MAX_LINE).rev().find(|at| message.is_char_boundary(*at)).unwrap_or_default();
            message.truncate(end);
            message.push_str("… (shortened)");
        }
        Value::String(message)
    }

    fn new(target: Target, redactor: Redactor) -> Self {
        Self { target, redactor, lines: Arc::default(), bytes: Arc::default(), closed: Arc::default() }
    }

    fn send(&self, body: Value) {
        // Work that was stopped may still have something to say, but nobody reads on behind the end of a log.
        if self.closed.load(Ordering::SeqCst) {
            return;
        }
        match &self.target {
            // The pump ends only with the log.
            Target::Store(sender) => drop(sender.send(Item::Event(body))),
            Target::Memory(bodies) => bodies.lock().unwrap_or_else(PoisonError::into_inner).push(body),
        }
    }
}

impl LogSink for StepLog {
    fn line(&self, level: LogLevel, message: &str) {
        self.log.line(&self.step, level, message.trim_end());
    }
}

async fn pump(tasks: Tasks, id: String, changed: Arc<watch::Sender<u64>>, mut receiver: mpsc::UnboundedReceiver<Item>) {
    let mut items = Vec::new();
    while receiver.recv_many(&mut items, BATCH).await > 0 {
        let mut events = Vec::new();
        let mut flushes = Vec::new();
        for item in items.drain(..) {
            match item {
                Item::Event(body) => events.push(NewEvent { kind: TaskEventKind::Log, body }),
                Item::Flush(done) => flushes.push(done),
            }
        }
        if !events.is_empty() {
            if let Err(error) = tasks.append_events(&id, events).await {
                tracing::error!(task = id, %error, "lines of a task's log could not be stored");
            }
            changed.send_modify(|number| *number += 1);
        }
        for done in flushes {
            // Whoever waited may have been stopped.
            let _ = done.send(());
        }
    }
}
