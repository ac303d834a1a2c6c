//! Waiting for something to become true, by looking again and again, with an end.

use std::time::{Duration, Instant};

/// How long anything may take before a test gives up. Nothing is expected to come near it: it is there so that a test
/// on a slow and crowded machine still ends.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// How long to pause between two looks.
const PAUSE: Duration = Duration::from_millis(20);

/// Looks until there is something to see, and gives that. Fails the test, with `what` was waited for, when
/// [`PATIENCE`] has passed.
pub async fn eventually<T>(what: &str, mut look: impl AsyncFnMut() -> Option<T>) -> T {
    let start = Instant::now();
    loop {
        if let Some(found) = look().await {
            return found;
        }
        assert!(start.elapsed() < PATIENCE, "waited {} s in vain for: {what}", PATIENCE.as_secs());
        tokio::time::sleep(PAUSE).await;
    }
}
