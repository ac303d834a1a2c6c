//! Calls that are under way, so that the end of the portal can wait for them.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;

/// Counts running calls.
#[derive(Debug, Clone)]
pub(crate) struct Running {
    state: Arc<watch::Sender<State>>,
}

#[derive(Debug, Clone, Copy)]
struct State {
    calls: usize,
    closed: bool,
}

/// Stands for one running call until it is dropped.
#[derive(Debug)]
pub(crate) struct Call(Running);

impl Default for Running {
    fn default() -> Self {
        Self { state: Arc::new(watch::Sender::new(State { calls: 0, closed: false })) }
    }
}

impl Running {
    /// Begins a call; none when no more calls are made.
    pub(crate) fn begin(&self) -> Option<Call> {
        let begun = self.state.send_if_modified(|state| {
            state.calls += usize::from(!state.closed);
            !state.closed
        });
        begun.then(|| Call(self.clone()))
    }

    #[cfg(test)]
    pub(crate) fn count(&self) -> usize {
        self.state.borrow().calls
    }

    #[cfg(test)]
    pub(crate) fn is_closed(&self) -> bool {
        self.state.borrow().closed
    }

    /// Lets no further call begin and waits until those that run have ended. Gives how many were left.
    pub(crate) async fn close(&self, patience: Duration) -> usize {
        self.state.send_modify(|state| state.closed = true);
        let mut receiver = self.state.subscribe();
        let ended = tokio::time::timeout(patience, receiver.wait_for(|state| state.calls == 0)).await;
        if ended.is_ok() { 0 } else { self.state.borrow().calls }
    }
}

impl Drop for Call {
    fn drop(&mut self) {
        self.0.state.send_modify(|state| state.calls -= 1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn the_end_waits_for_running_calls() {
        let running = Running::default();
        let call = running.begin().unwrap();
        assert_eq!(running.close(Duration::from_secs(10)).await, 1);
        assert!(running.begin().is_none());
        let waiting = tokio::spawn({
            let running = running.clone();
            async move { running.close(Duration::from_secs(10)).await }
        });
        drop(call);
        assert_eq!(waiting.await.unwrap(), 0);
    }
}
