//! The one task that loads, decides, swaps and removes. Everything that happens to a plugin's file happens here, one
//! thing after the other; only reading and loading run beside it.

mod entry;

use std::collections::BTreeMap;
use std::panic::AssertUnwindSafe;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use futures::FutureExt;
use host_model::plugin::{Grants, Reason, Source, State};
use host_runtime::sha256_hex;
use host_store::PluginValues;
use host_telemetry::events::PluginsCounted;
use tokio::sync::{Semaphore, mpsc, oneshot};
use tokio::task::JoinSet;

use self::entry::{Entry, Found};
use crate::host::{PluginHost, Shared};
use crate::life::decide::{Candidate, Decision, decide};
use crate::life::folder::{self, FolderWatch};
use crate::life::loaded::{Loaded, Rejected};
use crate::life::loader::{FileBytes, Loader};
use crate::life::settle::{Settler, Stamp};
use crate::options::BuiltIn;
use crate::serve::account::TrialAccount;
use crate::serve::live::{Live, Queues};
use crate::serve::registry::Registry;
use crate::serve::upstreams::PluginUpstreams;
use crate::serve::values::Values;
use crate::settings::{Bindings, PluginSettings, PluginsConfig};
use crate::table::{self, Row};

/// How often the folder is listed although nothing was heard.
const LIST_EVERY: Duration = Duration::from_secs(2);
/// Changes come in bursts; what follows within this time is looked at together.
const BURST: Duration = Duration::from_millis(20);
/// Files that are read and loaded at the same time.
const CONCURRENT_LOADS: usize = 4;

/// What the host is asked to do.
pub(crate) enum Command {
    Configure(Box<PluginsConfig>, oneshot::Sender<()>),
    Stop(oneshot::Sender<()>),
}

/// A file is told by where it is and by its name.
type Key = (Source, String);
/// A file's bytes, their hash, and the file's stamp at the time.
type Read = (Arc<[u8]>, String, Option<Stamp>);

pub(crate) struct Supervisor {
    shared: Arc<Shared>,
    folder: PathBuf,
    loader: Arc<dyn Loader>,
    config: PluginsConfig,
    bindings: Bindings,
    values: PluginValues,
    files: BTreeMap<Key, Entry>,
    settler: Settler,
    loads: JoinSet<Finished>,
    load_slots: Arc<Semaphore>,
    next_load: u64,
    listed: bool,
}

/// A load that has ended.
struct Finished {
    key: Key,
    number: u64,
    sha256: String,
    stamp: Option<Stamp>,
    outcome: Option<Result<Loaded, Rejected>>,
}

impl Supervisor {
    pub(crate) fn new(
        shared: Arc<Shared>,
        folder: PathBuf,
        loader: Arc<dyn Loader>,
        config: PluginsConfig,
        bindings: Bindings,
        values: PluginValues,
    ) -> Self {
        Self {
            shared,
            folder,
            loader,
            config,
            bindings,
            values,
            files: BTreeMap::new(),
            settler: Settler::default(),
            loads: JoinSet::new(),
            load_slots: Arc::new(Semaphore::new(CONCURRENT_LOADS)),
            next_load: 0,
            listed: false,
        }
    }

    /// Supervises until it is told to stop or nobody is left to tell it.
    pub(crate) async fn run(mut self, built_in: Vec<BuiltIn>, mut commands: mpsc::Receiver<Command>) {
        let watch = FolderWatch::start(&self.folder);
        for plugin in built_in {
            let key = (Source::BuiltIn, plugin.file.to_owned());
            self.files.insert(key.clone(), Entry::new(plugin.file));
            self.load(key, Origin::Memory(plugin.wasm));
        }
        let patience = tokio::time::Instant::now() + PluginHost::start_patience();
        let mut look_again = self.look().await;
        self.publish();
        let stopped = loop {
            let starting = !*self.shared.settled.borrow();
            tokio::select! {
                command = commands.recv() => match command {
                    None => break None,
                    Some(Command::Stop(done)) => break Some(done),
                    Some(Command::Configure(config, done)) => {
                        self.configure(*config);
                        self.publish();
                        let _ = done.send(());
                        continue;
                    }
                },
                Some(finished) = self.loads.join_next() => match finished {
                    Ok(finished) => self.take(finished),
                    Err(error) => tracing::error!(%error, "loading a plugin broke the portal's own code"),
                },
                () = watch.changed.notified() => {
                    tokio::time::sleep(BURST).await;
                    look_again = self.look().await;
                }
                () = tokio::time::sleep(look_again.unwrap_or(LIST_EVERY).min(LIST_EVERY)) => {
                    look_again = self.look().await;
                }
                () = tokio::time::sleep_until(patience), if starting => {
                    tracing::warn!(pending = ?self.pending(), "plugins are still loading; the portal goes on without them");
                    self.shared.settled.send_replace(true);
                }
            }
            self.publish();
        };
        self.files.clear();
        self.publish();
        if let Some(done) = stopped {
            let _ = done.send(());
        }
    }

    /// Lists the folder, drops what is gone and loads what has settled. Gives when to look again.
    async fn look(&mut self) -> Option<Duration> {
        let folder = self.folder.clone();
        let listing = tokio::task::spawn_blocking(move || folder::list(&folder)).await;
        let listing = match listing {
            Ok(Ok(listing)) => listing,
            Ok(Err(error)) if error.kind() == std::io::ErrorKind::NotFound => BTreeMap::new(),
            other => {
                if let Ok(Err(error)) = other {
                    tracing::warn!(folder = %self.folder.display(), %error, "the plugin folder cannot be listed");
                }
                return None;
            }
        };
        self.listed = true;
        let seen = self.settler.observe(&listing, Instant::now(), SystemTime::now());
        for name in seen.gone {
            tracing::info!(file = name, "a plugin's file is gone");
            self.files.remove(&(Source::Folder, name));
        }
        for name in seen.appeared {
            let entry = Entry::new(&name);
            self.files.insert((Source::Folder, name), entry);
        }
        let unreadable = self
            .files
            .iter()
            .filter(|((source, _), entry)| *source == Source::Folder && entry.load.is_none() && entry.is_unreadable());
        // Permissions may change without a trace in size and time.
        let again: Vec<String> = unreadable.map(|((_, name), _)| name.clone()).collect();
        for name in seen.settled.into_iter().chain(again) {
            let path = self.folder.join(&name);
            self.load((Source::Folder, name), Origin::File(path));
        }
        seen.look_again
    }

    /// Reads and loads a file beside the supervision. What was loaded of it before serves until that has ended.
    fn load(&mut self, key: Key, origin: Origin) {
        let Some(entry) = self.files.get_mut(&key) else { return };
        self.next_load += 1;
        let number = self.next_load;
        entry.load = Some(number);
        // What could not be loaded is tried again even when it is the same.
        let known = if matches!(entry.found, Found::Plugin(_)) { entry.sha256.clone() } else { String::new() };
        let (account, log) = (Arc::clone(&entry.account), Arc::clone(&entry.log));
        let (loader, slots) = (Arc::clone(&self.loader), Arc::clone(&self.load_slots));
        self.loads.spawn(async move {
            let _slot = slots.acquire().await;
            let mut finished = Finished { key, number, sha256: String::new(), stamp: None, outcome: None };
            let read = tokio::task::spawn_blocking(move || origin.read()).await;
            let (bytes, sha256, stamp) = match read {
                Ok(Ok(read)) => read,
                Ok(Err(reason)) => {
                    finished.outcome = Some(Err(Rejected::new(&reason.code, reason.message)));
                    return finished;
                }
                Err(error) => {
                    finished.outcome = Some(Err(Rejected::new("host", format!("it could not be read: {error}"))));
                    return finished;
                }
            };
            finished.sha256.clone_from(&sha256);
            finished.stamp = stamp;
            if sha256 != known {
                let file = FileBytes { sha256, bytes, account: Arc::new(TrialAccount(account)), log };
                // Nothing that a plugin says may end the supervision, not even a fault of the portal's own.
                let loading = AssertUnwindSafe(loader.load(file)).catch_unwind();
                finished.outcome = Some(loading.await.unwrap_or_else(|_| {
                    Err(Rejected::new("host", "it broke the portal's own code while it was loaded; please report it"))
                }));
            }
            finished
        });
    }

    /// Takes the outcome of a load, unless the file has changed or gone since.
    fn take(&mut self, finished: Finished) {
        let Some(entry) = self.files.get_mut(&finished.key) else { return };
        if entry.load != Some(finished.number) {
            return;
        }
        entry.load = None;
        let (_, name) = &finished.key;
        if let Some(stamp) = finished.stamp
            && !self.settler.is_current(name, stamp)
        {
            self.settler.unsettle(name, Instant::now());
        }
        let Some(outcome) = finished.outcome else { return };
        entry.sha256 = finished.sha256;
        entry.account.forgive();
        entry.found = match outcome {
            Ok(loaded) => Found::Plugin(Arc::new(loaded)),
            Err(rejected) => Found::Rejected(Box::new(rejected)),
        };
    }

    fn configure(&mut self, config: PluginsConfig) {
        self.bindings = Bindings::read(&config.upstreams);
        self.shared.upstreams.replace(self.bindings.usable.clone());
        self.config = config;
    }

    /// Decides anew and shows the outcome to everybody.
    fn publish(&mut self) {
        let loaded: Vec<(Key, Arc<Loaded>)> = self
            .files
            .iter()
            .filter_map(|(key, entry)| match &entry.found {
                Found::Plugin(loaded) => Some((key.clone(), Arc::clone(loaded))),
                _ => None,
            })
            .collect();
        let candidates: Vec<Candidate<'_>> =
            loaded.iter().map(|((source, file), loaded)| Candidate { file, source: *source, loaded }).collect();
        let decisions = decide(&candidates, &self.config, &self.bindings);
        let decisions: BTreeMap<Key, Decision> = loaded.iter().map(|(key, _)| key.clone()).zip(decisions).collect();

        self.serve(&decisions);
        let mut rows: Vec<Row> = self.files.iter_mut().map(|(key, entry)| entry.row(key, decisions.get(key))).collect();
        table::sort(&mut rows);
        for state in State::ALL {
            let plugins = rows.iter().filter(|row| row.status.state == state).count();
            PluginsCounted { state: state.as_str(), plugins }.emit();
        }
        self.shared.rows.send_replace(Arc::new(rows));
        if self.listed && !*self.shared.settled.borrow() && self.pending().is_empty() {
            self.shared.settled.send_replace(true);
        }
    }

    /// Brings the registry to what was decided. What goes on unchanged keeps its queues and running calls.
    fn serve(&self, decisions: &BTreeMap<Key, Decision>) {
        let present = self.shared.registry.load();
        let mut live = BTreeMap::new();
        for (key, decision) in decisions.iter().filter(|(_, decision)| decision.state == State::Serving) {
            let Some(entry) = self.files.get(key) else { continue };
            let Found::Plugin(loaded) = &entry.found else { continue };
            let config = self.config_of(loaded.id());
            let same = present.live.get(loaded.id()).filter(|live| {
                Arc::ptr_eq(&live.loaded, loaded) && live.granted == decision.granted && live.config == config
            });
            let plugin = match same {
                Some(same) => Arc::clone(same),
                None => Arc::new(self.make(entry, loaded, &decision.granted, config)),
            };
            live.insert(loaded.id().to_owned(), plugin);
        }
        let unchanged = live.len() == present.live.len()
            && live.iter().all(|(id, plugin)| present.live.get(id).is_some_and(|other| Arc::ptr_eq(plugin, other)));
        if unchanged {
            return;
        }
        self.shared.registry.store(Arc::new(Registry::of(live)));
        self.shared.changes.send_modify(|number| *number += 1);
    }

    fn config_of(&self, id: &str) -> Arc<str> {
        let config = self.config.plugins.get(id).map(|settings: &PluginSettings| &settings.config);
        config.filter(|config| !config.is_null()).map_or_else(|| "{}".into(), |config| config.to_string().into())
    }

    fn make(&self, entry: &Entry, loaded: &Arc<Loaded>, granted: &Grants, config: Arc<str>) -> Live {
        let id = loaded.id();
        let log = Arc::clone(&entry.log);
        let declared = &loaded.told.description.upstreams;
        let upstreams = PluginUpstreams::new(id, declared, granted, self.shared.upstreams.clone());
        Live {
            loaded: Arc::clone(loaded),
            granted: granted.clone(),
            config,
            account: Arc::clone(&entry.account),
            log,
            values: Arc::new(Values { plugin: id.to_owned(), store: Some(self.values.clone()) }),
            catalog: Arc::clone(&self.shared.catalog) as _,
            upstreams: Arc::new(upstreams),
            running: self.shared.running.clone(),
            queues: Queues::default(),
        }
    }

    fn pending(&self) -> Vec<&str> {
        let starting = self.files.iter().filter(|(_, entry)| matches!(entry.found, Found::Nothing));
        starting.map(|((_, name), _)| name.as_str()).collect()
    }
}

/// Where a plugin's bytes are.
enum Origin {
    Memory(&'static [u8]),
    File(PathBuf),
}

impl Origin {
    fn read(self) -> Result<Read, Reason> {
        let (bytes, stamp) = match self {
            Self::Memory(bytes) => (bytes.into(), None),
            Self::File(path) => folder::read(&path).map(|(bytes, stamp)| (bytes, Some(stamp)))?,
        };
        let sha256 = sha256_hex(&bytes);
        Ok((bytes, sha256, stamp))
    }
}

#[cfg(test)]
mod tests;
