//! Runs providers on their schedules, each on its own, a few at a time.

use std::collections::{BTreeMap, BTreeSet};
use std::panic::AssertUnwindSafe;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures::FutureExt;
use host_ports::{EntityProvider, Extensions, ProviderSchedule};
use tokio::sync::Semaphore;
use tokio::task::AbortHandle;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::Providers;
use super::connection::Connection;
use crate::remote::Remote;

/// How many providers run at a time.
const MOST: usize = 4;
/// However often a provider is to run, it rests for this long.
const SHORTEST: Duration = Duration::from_millis(100);
/// The pause after a first failure; it doubles with every failure in a row.
const FIRST_PAUSE: Duration = Duration::from_secs(15);

/// What runs need.
pub(crate) struct Runner {
    pub(super) providers: Arc<Providers>,
    pub(super) remote: Arc<Remote>,
    /// Called when passes should look again.
    pub(super) changed: Box<dyn Fn() + Send + Sync>,
    slots: Semaphore,
}

impl Runner {
    pub(crate) fn new(
        providers: Arc<Providers>,
        remote: Arc<Remote>,
        changed: impl Fn() + Send + Sync + 'static,
    ) -> Self {
        Self { providers, remote, changed: Box::new(changed), slots: Semaphore::new(MOST) }
    }

    /// Runs the providers that are built in and those that plugins bring, as these come and go.
    pub(crate) async fn run(
        self: Arc<Self>,
        built_in: Arc<[Arc<dyn EntityProvider>]>,
        extensions: Arc<dyn Extensions>,
        cancel: CancellationToken,
    ) {
        let mut running: BTreeMap<String, (Arc<dyn EntityProvider>, AbortHandle)> = BTreeMap::new();
        let mut changes = extensions.changes();
        loop {
            let present: Vec<Arc<dyn EntityProvider>> =
                built_in.iter().cloned().chain(extensions.providers()).collect();
            let names: BTreeSet<String> = present.iter().map(|provider| provider.name().to_owned()).collect();
            self.providers.set_present(&names);
            running.retain(|name, (provider, task)| {
                let keep = present.iter().any(|present| present.name() == name && Arc::ptr_eq(present, provider));
                if !keep {
                    task.abort();
                }
                keep && !task.is_finished()
            });
            for provider in present {
                running.entry(provider.name().to_owned()).or_insert_with(|| {
                    let (runner, provider_) = (Arc::clone(&self), Arc::clone(&provider));
                    let task = tokio::spawn(async move { runner.repeat(&*provider_).await });
                    (provider, task.abort_handle())
                });
            }
            tokio::select! {
                () = cancel.cancelled() => break,
                changed = changes.changed() => if changed.is_err() {
                    // No plugin will ever come or go again.
                    cancel.cancelled().await;
                    break;
                },
            }
        }
        for (_, task) in running.into_values() {
            task.abort();
        }
    }

    async fn repeat(&self, provider: &dyn EntityProvider) {
        let schedule = provider.schedule();
        let ask = {
            let mut inner = self.providers.inner();
            Arc::clone(&inner.entry(provider.name().to_owned()).or_default().ask)
        };
        let mut next = Some(Instant::now() + schedule.initial_delay);
        loop {
            if let Some(known) = self.providers.inner().get_mut(provider.name()) {
                known.progress.plans(&schedule, next);
            }
            let due = async {
                match next {
                    Some(next) => tokio::time::sleep_until(next).await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                () = due => {}
                () = ask.notified() => {}
            }
            let Ok(_slot) = self.slots.acquire().await else { return };
            let failures = self.once(provider, &schedule).await;
            next = pause(&schedule, failures).map(|pause| Instant::now() + pause);
        }
    }

    /// Runs a provider once, and tells how many runs in a row have failed by then.
    async fn once(&self, provider: &dyn EntityProvider, schedule: &ProviderSchedule) -> u32 {
        let name = provider.name();
        let cursor = {
            let mut inner = self.providers.inner();
            let known = inner.entry(name.to_owned()).or_default();
            known.progress.begins();
            known.cursor.clone()
        };
        let connection = Connection { runner: self, name, seen: Mutex::default() };
        let run = AssertUnwindSafe(provider.run(&connection, cursor.as_deref())).catch_unwind();
        let error = match tokio::time::timeout(schedule.timeout, run).await {
            Ok(Ok(Ok(()))) => None,
            Ok(Ok(Err(error))) => Some(error.to_string()),
            Ok(Err(_)) => Some("it failed internally; see the log".to_owned()),
            Err(_) => Some(format!("it was stopped after {} s", schedule.timeout.as_secs())),
        };
        if let Some(error) = &error {
            tracing::warn!(provider = name, %error, "an entity provider failed; what it gave before is kept");
        }
        let mut inner = self.providers.inner();
        let Some(known) = inner.get_mut(name) else { return 0 };
        known.progress.ends(error);
        known.progress.failures
    }
}

/// How long to wait after a run.
fn pause(schedule: &ProviderSchedule, failures: u32) -> Option<Duration> {
    let frequency = schedule.frequency?.max(SHORTEST);
    if failures == 0 {
        return Some(frequency);
    }
    Some(frequency.min(FIRST_PAUSE.saturating_mul(1 << (failures - 1).min(16))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_is_tried_again_sooner() {
        let schedule = ProviderSchedule { frequency: Some(Duration::from_secs(60)), ..ProviderSchedule::default() };
        let seconds = |failures| pause(&schedule, failures).map(|pause| pause.as_secs());
        assert_eq!([seconds(0), seconds(1), seconds(2), seconds(3), seconds(40)], [60, 15, 30, 60, 60].map(Some));
        assert_eq!(pause(&ProviderSchedule { frequency: None, ..schedule }, 1), None);
    }
}
