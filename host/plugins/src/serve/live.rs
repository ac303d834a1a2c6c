//! A plugin that serves. Whoever holds it can call it to the end, also when another has taken its place.

use std::future::Future;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::time::Duration;

use host_contract::{Call, CallLimits, Outcome};
use host_model::Principal;
use host_model::plugin::{ExtensionPoint, Grants, PluginError};
use host_ports::{CallServices, CatalogReader, KeyValueStore, LogSink, UpstreamClient};
use tokio::sync::Semaphore;

use super::account::{FileAccount, PointAccount};
use super::log::LogBook;
use super::running::Running;
use crate::life::loaded::Loaded;

/// Calls of one plugin that run at the same time, by extension point; further ones wait in the order of their coming.
const CONCURRENT_CARDS: usize = 8;
const CONCURRENT_BATCHES: usize = 4;
const CONCURRENT_RUNS: usize = 16;
/// Calls that may wait; more are turned away at once.
const WAITING: usize = 256;

/// A serving plugin with everything that its calls may reach.
pub(crate) struct Live {
    pub(crate) loaded: Arc<Loaded>,
    pub(crate) granted: Grants,
    pub(crate) config: Arc<str>,
    pub(crate) account: Arc<FileAccount>,
    pub(crate) log: Arc<LogBook>,
    pub(crate) values: Arc<dyn KeyValueStore>,
    pub(crate) catalog: Arc<dyn CatalogReader>,
    pub(crate) upstreams: Arc<dyn UpstreamClient>,
    pub(crate) running: Running,
    pub(crate) queues: Queues,
}

/// One queue for each extension point, so that a long template step does not keep cards waiting.
pub(crate) struct Queues {
    cards: Queue,
    batches: Queue,
    runs: Queue,
}

struct Queue {
    slots: Semaphore,
    waiting: AtomicUsize,
}

/// For whom and with what a call is made.
pub(crate) struct Setting {
    pub(crate) point: ExtensionPoint,
    pub(crate) limits: CallLimits,
    pub(crate) principal: Principal,
    /// None writes to the plugin's own log.
    pub(crate) log: Option<Arc<dyn LogSink>>,
    pub(crate) workspace: Option<PathBuf>,
}

impl Default for Queues {
    fn default() -> Self {
        let queue = |slots| Queue { slots: Semaphore::new(slots), waiting: AtomicUsize::new(0) };
        Self { cards: queue(CONCURRENT_CARDS), batches: queue(CONCURRENT_BATCHES), runs: queue(CONCURRENT_RUNS) }
    }
}

impl Live {
    pub(crate) fn id(&self) -> &str {
        self.loaded.id()
    }

    /// Makes a call: waits for its turn, sees whether the plugin rests, and hands it what it may reach.
    pub(crate) async fn call<T, F, R>(&self, setting: Setting, make: F) -> Result<T, PluginError>
    where
        F: FnOnce(Call) -> R,
        R: Future<Output = Outcome<T>>,
    {
        let not_serving = |message: String| PluginError::NotServing { message };
        let Some(_running) = self.running.begin() else {
            return Err(not_serving("the portal is stopping; try again in a moment".into()));
        };
        let _turn = self.queue(setting.point).turn(setting.limits.wall).await?;
        self.account.admit().map_err(|rest| {
            not_serving(format!("{} rests after repeated faults; it is tried again in {} s", self.id(), seconds(rest)))
        })?;
        let account = PointAccount {
            account: Arc::clone(&self.account),
            plugin: self.id().into(),
            point: setting.point.as_str(),
        };
        let services = CallServices {
            principal: setting.principal,
            log: setting.log.unwrap_or_else(|| Arc::clone(&self.log) as Arc<dyn LogSink>),
            config: Arc::clone(&self.config),
            kv: Arc::clone(&self.values),
            catalog: Arc::clone(&self.catalog),
            upstreams: Arc::clone(&self.upstreams),
            workspace: setting.workspace,
        };
        make(Call { limits: setting.limits, account: Arc::new(account), services }).await.result
    }

    fn queue(&self, point: ExtensionPoint) -> &Queue {
        match point {
            ExtensionPoint::UiCard => &self.queues.cards,
            ExtensionPoint::CatalogProcessor => &self.queues.batches,
            ExtensionPoint::ScaffolderAction => &self.queues.runs,
        }
    }
}

impl Queue {
    async fn turn(&self, patience: Duration) -> Result<tokio::sync::SemaphorePermit<'_>, PluginError> {
        let busy = |message: &str| PluginError::Unavailable { message: message.to_owned() };
        if let Ok(permit) = self.slots.try_acquire() {
            return Ok(permit);
        }
        if self.waiting.fetch_add(1, Relaxed) >= WAITING {
            self.waiting.fetch_sub(1, Relaxed);
            return Err(busy("the plugin is busy; too many calls are waiting for it"));
        }
        let _leave = Leave(&self.waiting);
        match tokio::time::timeout(patience, self.slots.acquire()).await {
            Ok(Ok(permit)) => Ok(permit),
            _ => Err(busy("the plugin is busy; its turn did not come in time")),
        }
    }
}

/// Leaves the queue, also when the caller goes away.
struct Leave<'a>(&'a AtomicUsize);

impl Drop for Leave<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Relaxed);
    }
}

/// Whole seconds, rounded up.
pub(crate) fn seconds(time: Duration) -> u64 {
    time.as_secs() + u64::from(time.subsec_nanos() > 0)
}
