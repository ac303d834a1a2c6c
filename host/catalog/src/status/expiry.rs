//! Lets go of what others said once its time is over.

use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use host_store::{Store, StoreError};
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use crate::gate::Gate;
use crate::shared::Shared;

/// However far the next expiry is, the clock is looked at this often, since it may jump.
const LOOK_EVERY: Duration = Duration::from_secs(20);

/// Runs until it is cancelled.
pub(crate) async fn expire(
    store: Store,
    shared: Arc<RwLock<Shared>>,
    gate: Arc<Gate>,
    wake: Arc<Notify>,
    cancel: CancellationToken,
) {
    loop {
        let next = shared.read().unwrap_or_else(PoisonError::into_inner).statuses.next_expiry();
        let left = next.map(|at| u64::try_from(at.saturating_sub(store.now())).unwrap_or(0));
        let wait = left.map_or(LOOK_EVERY, |left| Duration::from_millis(left).min(LOOK_EVERY));
        tokio::select! {
            () = cancel.cancelled() => return,
            () = wake.notified() => continue,
            () = tokio::time::sleep(wait) => {}
        }
        let (store, shared, gate) = (store.clone(), Arc::clone(&shared), Arc::clone(&gate));
        let done = tokio::task::spawn_blocking(move || let_go(&store, &shared, &gate)).await;
        if let Ok(Err(error)) = done {
            tracing::warn!(%error, "statuses that have expired could not be removed; it is tried again");
            tokio::time::sleep(LOOK_EVERY).await;
        }
    }
}

fn let_go(store: &Store, shared: &RwLock<Shared>, gate: &Arc<Gate>) -> Result<(), StoreError> {
    let now = store.now();
    let expired = shared.read().unwrap_or_else(PoisonError::into_inner).statuses.expired(now);
    if expired.is_empty() {
        return Ok(());
    }
    let mut refs: Vec<String> = expired.iter().map(|(entity_ref, _)| entity_ref.clone()).collect();
    refs.sort_unstable();
    refs.dedup();
    let passage = gate.enter();
    store.statuses().expire_blocking(now, refs)?;
    let mut shared = shared.write().unwrap_or_else(PoisonError::into_inner);
    // What was said again meanwhile lasts longer.
    let expired = shared.statuses.expired(now);
    super::take_back(&mut shared, &expired);
    drop(shared);
    drop(passage);
    Ok(())
}
