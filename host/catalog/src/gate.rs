//! Tells those who follow the catalog how far they may read.
//!
//! Changes are written to the store first and seen by readers a moment later. Whoever follows them must not be told of
//! one before the catalog answers accordingly, so everyone who changes something says when he begins and when readers
//! see it.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use host_store::Changes;
use tokio::sync::watch;

/// How far changes may be told.
pub(crate) struct Gate {
    changes: Changes,
    open: Mutex<Open>,
    visible: watch::Sender<i64>,
}

#[derive(Default)]
struct Open {
    next: u64,
    /// The newest change that there was when each began.
    began_at: BTreeMap<u64, i64>,
}

/// Somebody changes something, until this is dropped.
pub(crate) struct Passage {
    gate: Arc<Gate>,
    number: u64,
}

impl Gate {
    pub(crate) fn new(changes: Changes) -> Self {
        let visible = watch::Sender::new(changes.newest());
        Self { changes, open: Mutex::default(), visible }
    }

    /// The newest change that readers see, to be followed.
    pub(crate) fn visible(&self) -> watch::Receiver<i64> {
        self.visible.subscribe()
    }

    /// Begins a change.
    pub(crate) fn enter(self: &Arc<Self>) -> Passage {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        let number = open.next;
        open.next += 1;
        open.began_at.insert(number, self.changes.newest());
        Passage { gate: Arc::clone(self), number }
    }
}

impl Drop for Passage {
    fn drop(&mut self) {
        let mut open = self.gate.open.lock().unwrap_or_else(PoisonError::into_inner);
        open.began_at.remove(&self.number);
        let visible = open.began_at.values().copied().min().unwrap_or_else(|| self.gate.changes.newest());
        self.gate.visible.send_if_modified(|known| {
            let is_news = visible > *known;
            *known = visible.max(*known);
            is_news
        });
    }
}
