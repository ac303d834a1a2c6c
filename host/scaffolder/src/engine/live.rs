//! The tasks that this process knows to be open or running: their secrets, who waits for their events, how to stop them.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use host_model::Principal;
use serde_json::{Map, Value};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

/// One task.
#[derive(Clone)]
pub(crate) struct Task {
    pub(crate) principal: Principal,
    /// None when the process that knew them has ended.
    pub(crate) secrets: Option<Map<String, Value>>,
    pub(crate) cancel: CancellationToken,
    /// Who cancelled it.
    pub(crate) cancelled_by: Arc<Mutex<Option<String>>>,
    /// Grows with every event that was stored.
    pub(crate) changed: Arc<watch::Sender<u64>>,
}

/// All of them, by id.
#[derive(Default)]
pub(crate) struct Live {
    tasks: Mutex<HashMap<String, Task>>,
}

impl Live {
    pub(crate) fn add(&self, id: &str, principal: Principal, secrets: Option<Map<String, Value>>) {
        let task = Task {
            principal,
            secrets,
            cancel: CancellationToken::new(),
            cancelled_by: Arc::default(),
            changed: Arc::new(watch::Sender::new(0)),
        };
        self.lock().insert(id.to_owned(), task);
    }

    pub(crate) fn get(&self, id: &str) -> Option<Task> {
        self.lock().get(id).cloned()
    }

    /// Forgets a task that ended and wakes whoever waits for it.
    pub(crate) fn remove(&self, id: &str) {
        if let Some(task) = self.lock().remove(id) {
            task.changed.send_modify(|number| *number += 1);
        }
    }

    pub(crate) fn knows(&self, id: &str) -> bool {
        self.lock().contains_key(id)
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<String, Task>> {
        // A map is whole at every moment, whoever panicked while holding it.
        self.tasks.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Task {
    /// Remembers who asked first, and stops the task.
    pub(crate) fn stop(&self, by: &str) {
        self.cancelled_by.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert_with(|| by.to_owned());
        self.cancel.cancel();
    }

    pub(crate) fn stopped_by(&self) -> String {
        let by = self.cancelled_by.lock().unwrap_or_else(PoisonError::into_inner);
        by.clone().unwrap_or_else(|| "somebody".to_owned())
    }
}
