//! Lets old history go, a little at a time and behind everything else.

use std::time::Duration;

use host_store::{HistoryLimits, Store};
use tokio_util::sync::CancellationToken;

/// How long after the start it begins, and how often.
const FIRST: Duration = Duration::from_secs(60);
const EVERY: Duration = Duration::from_secs(60 * 60);
/// How long it leaves the writer to others between two batches.
const PAUSE: Duration = Duration::from_millis(200);

/// Runs until it is cancelled.
pub(crate) async fn prune(store: Store, limits: HistoryLimits, cancel: CancellationToken) {
    let mut wait = FIRST;
    loop {
        tokio::select! {
            () = cancel.cancelled() => return,
            () = tokio::time::sleep(wait) => {}
        }
        let history = store.history();
        wait = match tokio::task::spawn_blocking(move || history.prune_blocking(limits)).await {
            Ok(Ok(true)) => PAUSE,
            Ok(Ok(false)) => EVERY,
            Ok(Err(error)) => {
                tracing::warn!(%error, "old history could not be removed; it is tried again");
                EVERY
            }
            Err(_) => EVERY,
        };
    }
}
