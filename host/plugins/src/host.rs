//! The plugin host as the rest of the portal sees it.

use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwap;
use host_contract::{Contract, Runtime, RuntimeOptions};
use host_fetch::Upstreams;
use host_model::plugin::{State, Status};
use host_ports::{Action, CardRenderer, CatalogReader, Extensions, Processor};
use tokio::sync::{mpsc, oneshot, watch};

use crate::life::folder;
use crate::life::loader::{ContractLoader, Loader};
use crate::options::{PluginHostError, PluginHostOptions};
use crate::serve::catalog::LateCatalog;
use crate::serve::registry::Registry;
use crate::serve::running::Running;
use crate::settings::{Bindings, PluginsConfig};
use crate::supervisor::{Command, Supervisor};
use crate::table::Row;

/// How long files that were there at the start may hold back readiness.
const START_PATIENCE: Duration = Duration::from_secs(10);
/// How long running calls may take when the portal stops.
const STOP_PATIENCE: Duration = Duration::from_secs(10);

/// Supervises all plugins. Cheap to clone; when the last clone is dropped the supervision ends.
#[derive(Clone)]
pub struct PluginHost {
    shared: Arc<Shared>,
    commands: mpsc::Sender<Command>,
}

/// What the supervisor writes and everybody reads.
pub(crate) struct Shared {
    pub(crate) registry: ArcSwap<Registry>,
    pub(crate) changes: watch::Sender<u64>,
    pub(crate) rows: watch::Sender<Arc<Vec<Row>>>,
    pub(crate) settled: watch::Sender<bool>,
    pub(crate) running: Running,
    pub(crate) catalog: Arc<LateCatalog>,
    pub(crate) upstreams: Upstreams,
}

impl PluginHost {
    /// Starts the runtime and looks at all plugins. Returns before they are loaded; see [`PluginHost::settled`].
    ///
    /// # Errors
    /// When the folder cannot be made or the runtime cannot be started; never because of a plugin.
    pub fn start(options: PluginHostOptions) -> Result<Self, PluginHostError> {
        let runtime = Runtime::new(RuntimeOptions {
            cache: Some(options.data.join("cache").join("plugins")),
            compiler: options.compiler.clone(),
            ..RuntimeOptions::default()
        })?;
        let contract = Contract::new(runtime.clone())?;
        let descriptions = Some(options.store.plugin_descriptions());
        Self::start_with(options, Arc::new(ContractLoader { runtime, contract, descriptions }))
    }

    pub(crate) fn start_with(options: PluginHostOptions, loader: Arc<dyn Loader>) -> Result<Self, PluginHostError> {
        let folder = folder::of(&options.data);
        std::fs::create_dir_all(&folder)
            .map_err(|error| PluginHostError::Folder { path: folder.display().to_string(), error })?;
        let bindings = Bindings::read(&options.config.upstreams);
        let shared = Arc::new(Shared {
            registry: ArcSwap::default(),
            changes: watch::Sender::new(0),
            rows: watch::Sender::default(),
            settled: watch::Sender::new(false),
            running: Running::default(),
            catalog: Arc::default(),
            upstreams: Upstreams::new(options.fetcher, bindings.usable.clone()),
        });
        let (commands, receiver) = mpsc::channel(16);
        let values = options.store.plugin_values();
        let supervisor = Supervisor::new(Arc::clone(&shared), folder, loader, options.config, bindings, values);
        tokio::spawn(supervisor.run(options.built_in, receiver));
        Ok(Self { shared, commands })
    }

    /// Gives plugins the catalog to read. Until then they are told that it is still starting.
    pub fn set_catalog(&self, catalog: Arc<dyn CatalogReader>) {
        self.shared.catalog.set(catalog);
    }

    /// Every plugin file and how it is doing, by id.
    pub fn list(&self) -> Vec<Status> {
        self.rows().iter().map(Row::status).collect()
    }

    /// The last lines of a plugin, oldest first; none when there is no plugin or file of that name. Of several files
    /// with one id the one that serves is meant.
    pub fn logs(&self, id: &str) -> Option<Vec<String>> {
        let rows = self.rows();
        let of = |id: &str| {
            let mut found: Vec<&Row> = rows.iter().filter(|row| row.status.id.as_deref() == Some(id)).collect();
            found.sort_by_key(|row| row.status.state != State::Serving);
            found.first().copied()
        };
        let row = of(id).or_else(|| rows.iter().find(|row| row.status.file == id))?;
        Some(row.log.lines())
    }

    /// Waits until every file that was there at the start has reached a final state, or ten seconds have passed.
    pub async fn settled(&self) {
        // The supervisor ends the wait by itself; that it is gone ends it as well.
        drop(self.shared.settled.subscribe().wait_for(|settled| *settled).await);
    }

    /// Whether [`PluginHost::settled`] would return at once.
    pub fn is_settled(&self) -> bool {
        *self.shared.settled.borrow()
    }

    /// The files that have not reached a final state.
    pub fn pending(&self) -> Vec<String> {
        let rows = self.rows();
        rows.iter().filter(|row| row.status.state == State::Starting).map(|row| row.status.file.clone()).collect()
    }

    /// Applies another configuration: what it grants serves, what it no longer grants ends, and what did not change is
    /// left alone. Returns when that has been done.
    pub async fn apply_config(&self, config: PluginsConfig) {
        self.ask(|done| Command::Configure(Box::new(config), done)).await;
    }

    /// Lets no further call begin, waits for those that run for at most ten seconds, and ends the supervision.
    pub async fn shutdown(&self) {
        let left = self.shared.running.close(STOP_PATIENCE).await;
        if left > 0 {
            tracing::warn!(left, "plugin calls were given up because they did not end in time");
        }
        self.ask(Command::Stop).await;
    }

    fn rows(&self) -> Arc<Vec<Row>> {
        Arc::clone(&self.shared.rows.borrow())
    }

    #[cfg(test)]
    pub(crate) fn shared(&self) -> &Shared {
        &self.shared
    }

    /// Waits until the table fulfils a condition.
    #[cfg(test)]
    pub(crate) async fn until(&self, mut condition: impl FnMut(&[Status]) -> bool) -> Vec<Status> {
        let mut receiver = self.shared.rows.subscribe();
        let wait = receiver.wait_for(|rows| condition(&rows.iter().map(Row::status).collect::<Vec<_>>()));
        drop(tokio::time::timeout(Duration::from_secs(20), wait).await.expect("it comes to pass"));
        self.list()
    }

    async fn ask(&self, command: impl FnOnce(oneshot::Sender<()>) -> Command) {
        let (done, answer) = oneshot::channel();
        if self.commands.send(command(done)).await.is_ok() {
            // A supervisor that ends in between has nothing more to do.
            drop(answer.await);
        }
    }

    pub(crate) const fn start_patience() -> Duration {
        START_PATIENCE
    }
}

impl Extensions for PluginHost {
    fn processors(&self) -> Vec<Arc<dyn Processor>> {
        self.shared.registry.load().processors.clone()
    }

    fn actions(&self) -> Vec<Arc<dyn Action>> {
        self.shared.registry.load().actions.clone()
    }

    fn cards(&self) -> Vec<Arc<dyn CardRenderer>> {
        self.shared.registry.load().cards.clone()
    }

    fn changes(&self) -> watch::Receiver<u64> {
        self.shared.changes.subscribe()
    }
}

impl std::fmt::Debug for PluginHost {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("PluginHost").finish_non_exhaustive()
    }
}
