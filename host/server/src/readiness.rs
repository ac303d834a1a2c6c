//! Whether the portal can answer for its catalog yet, and whether it still does.

use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};

/// What start-up still waits for. Ready means that nothing is left and that no shutdown has begun.
#[derive(Debug, Default)]
pub struct Readiness {
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    pending: BTreeSet<String>,
    stopping: bool,
}

impl Readiness {
    /// Waits for these things, each named in words for people.
    pub fn new<'a>(pending: impl IntoIterator<Item = &'a str>) -> Self {
        let pending = pending.into_iter().map(str::to_owned).collect();
        Self { state: Mutex::new(State { pending, stopping: false }) }
    }

    /// One thing is done.
    pub fn done(&self, what: &str) {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).pending.remove(what);
    }

    /// Shutdown has begun: from now on the portal is not ready.
    pub fn stop(&self) {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).stopping = true;
    }

    /// Whether shutdown has begun.
    pub fn is_stopping(&self) -> bool {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).stopping
    }

    /// What is left, or an empty list when the portal is ready.
    pub fn pending(&self) -> Vec<String> {
        let state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let stopping = state.stopping.then(|| "shutdown has begun".to_owned());
        stopping.into_iter().chain(state.pending.iter().cloned()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_ready_between_start_and_shutdown() {
        let readiness = Readiness::new(["database", "catalog"]);
        assert_eq!(readiness.pending(), ["catalog", "database"]);
        readiness.done("database");
        readiness.done("catalog");
        assert!(readiness.pending().is_empty());
        readiness.stop();
        assert_eq!(readiness.pending(), ["shutdown has begun"]);
    }
}
