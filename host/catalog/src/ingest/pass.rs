//! One pass over every source: what is there, what changed, what to write.

use std::collections::{HashMap, HashSet};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use host_model::Entity;
use host_ports::{Extensions, Processor};
use host_store::{Store, StoreError};

use super::claims::{self, Gone, Resolved};
use super::declarations;
use super::flow::{Flow, Setting};
use super::orphans;
use super::plugins;
use super::prepare::Context;
use super::reach::Allowed;
use super::roots::base;
use super::state::{EngineState, SourceState};
use super::walk::Walk;
use super::{told, write};
use crate::declared::Model;
use crate::gate::Gate;
use crate::providers::{Providers, inventory_name};
use crate::remote::{Demand, Remote};
use crate::rules::Rules;
use crate::shared::Shared;
use crate::{CatalogConfig, hash};

/// How often a pass is repeated for sources whose entities another gave up, or whose kinds are declared otherwise.
const MOST_ROUNDS: usize = 4;

/// What passes need.
pub(crate) struct Engine {
    pub(crate) config: CatalogConfig,
    pub(crate) store: Store,
    pub(crate) extensions: Arc<dyn Extensions>,
    pub(crate) shared: Arc<RwLock<Shared>>,
    pub(crate) runtime: tokio::runtime::Handle,
    /// Tells those who follow the catalog what readers see.
    pub(crate) gate: Arc<Gate>,
    pub(crate) remote: Arc<Remote>,
    pub(crate) providers: Arc<Providers>,
}

/// What a pass is asked for besides looking at everything.
#[derive(Debug, Clone, Default)]
pub(crate) struct Request {
    /// Files that are read even if their size and time say that nothing changed.
    pub(crate) touched: HashSet<PathBuf>,
    /// Sources whose entities are processed again.
    pub(crate) again: HashSet<String>,
    /// Origins whose parked deletions are carried out.
    pub(crate) approved: HashSet<String>,
    /// Whether plugins that are missing are gone for good, rather than about to start.
    pub(crate) extensions_settled: bool,
    /// Whether processors that failed in a way that may pass are asked again.
    pub(crate) retry: bool,
}

/// What came of a pass.
#[derive(Debug, Default)]
pub(crate) struct Outcome {
    /// Entities that are new or different.
    pub(crate) changed: Vec<Arc<str>>,
    pub(crate) removed: Vec<String>,
    /// How many entities there are now.
    pub(crate) entities: usize,
    /// Folders to watch, and whether with all that lies below them.
    pub(crate) watch: Vec<(PathBuf, bool)>,
    /// The addresses that were wanted, and who wants them.
    pub(super) wanted: HashMap<Arc<str>, Demand>,
}

/// A configured or registered location.
pub(crate) struct Root {
    /// Its location reference.
    pub(crate) location: String,
    pub(crate) location_type: String,
    pub(crate) target: String,
    pub(super) optional: bool,
    pub(super) rules: Rules,
    /// Changes when the rules for it do.
    pub(super) fingerprint: String,
    /// The Location entity that stands for it; empty for a provider.
    pub(crate) entity_ref: String,
}

/// The type of a root that is an entity provider.
pub(super) const PROVIDER: &str = "provider";

/// A source on its way through a pass.
pub(super) struct Next {
    pub(super) location: Arc<str>,
    pub(super) state: SourceState,
    /// As it was before; none when it is as it was.
    pub(super) before: Option<Option<SourceState>>,
    /// The root that led to it.
    pub(super) root: usize,
}

impl Engine {
    /// Looks at everything once, and again as long as one source gives up what another wants or declares what another
    /// needs.
    pub(crate) fn pass(
        &self,
        mut state: EngineState,
        mut request: Request,
    ) -> Result<(EngineState, Outcome), StoreError> {
        let mut outcome = Outcome::default();
        if request.extensions_settled && !self.config.keep_orphan_providers {
            self.forget_providers()?;
        }
        for _ in 0..MOST_ROUNDS {
            let (next, again) = self.round(state, &request, &mut outcome)?;
            state = next;
            let is_declared_otherwise = declarations::follow(&state, &self.shared);
            if again.is_empty() && !is_declared_otherwise {
                break;
            }
            request = Request { again, retry: false, ..request };
        }
        outcome.changed.sort_unstable();
        outcome.changed.dedup();
        self.remote.demand(std::mem::take(&mut outcome.wanted))?;
        // What placeholders include may lie in folders that no location names.
        let mut watch: HashMap<PathBuf, bool> = std::mem::take(&mut outcome.watch).into_iter().collect();
        let stamps = state.sources.values().flat_map(|source| &source.stamps);
        for stamp in stamps.filter(|stamp| !stamp.is_no_file()) {
            if let Some(folder) = stamp.path.parent().filter(|folder| !watch.contains_key(*folder)) {
                watch.insert(folder.to_owned(), false);
            }
        }
        outcome.watch = watch.into_iter().collect();
        outcome.entities = self.shared.read().unwrap_or_else(PoisonError::into_inner).index.len();
        Ok((state, outcome))
    }

    fn round(
        &self,
        mut state: EngineState,
        request: &Request,
        outcome: &mut Outcome,
    ) -> Result<(EngineState, HashSet<String>), StoreError> {
        let roots = self.roots()?;
        let (again, refs_again) = self.to_process_again(&state, request);
        let folders = roots.iter().filter(|root| root.location_type == "file").map(|root| base(&root.target));
        let folders: Vec<PathBuf> = folders.chain(self.config.readable_folders.iter().cloned()).collect();
        let allowed = Allowed::new(folders.iter().map(PathBuf::as_path));
        let rules = Rules::new(&self.config.rules);

        let model = Arc::clone(&self.shared.read().unwrap_or_else(PoisonError::into_inner).model);

        let processors = self.extensions.processors();
        let keeps_places = |entity: &Entity| processors.iter().any(|processor| plugins::wants(&**processor, entity));
        let mut walk = Walk {
            engine: self,
            keeps_places: &keeps_places,
            roots: &roots,
            allowed: &allowed,
            rules: &rules,
            model: &model,
            request,
            again: &again,
            watch: HashMap::new(),
            wanted: Mutex::default(),
        };
        let had = claims::count(&state);
        let old = std::mem::take(&mut state.sources);
        let setting = Setting {
            engine: self,
            roots: &roots,
            rules: &rules,
            model: &model,
            processors: &processors,
            state: &state,
            refs_again: &refs_again,
        };
        let (sender, receiver) = std::sync::mpsc::sync_channel(1);
        let mut flow = Flow::new(&setting, sender);
        let (walked, written) = std::thread::scope(|scope| {
            let writing = scope.spawn(|| write::parts(self, &state, receiver));
            let walked = walk.sources(old, &mut |reads, next, old| flow.take(reads, next, old));
            let walked = walked.map(|(mut next, mut old)| {
                flow.root_entities(&mut next, &mut old);
                (next, old)
            });
            // The writer ends when nothing can come any more.
            drop(flow);
            (walked, writing.join().unwrap_or(Err(StoreError::Internal)))
        });
        let ((mut next, old), written) = (walked?, written?);
        outcome.watch = walk.watch.drain().collect();
        outcome.wanted = std::mem::take(&mut *walk.wanted.lock().unwrap_or_else(PoisonError::into_inner));
        let count = written.metas.len();
        let metas: HashSet<&str> = written.metas.iter().map(|(entity_ref, _)| entity_ref.as_str()).collect();
        let mut fresh: HashSet<Arc<str>> =
            written.changed.iter().filter(|changed| metas.contains(&***changed)).cloned().collect();
        drop(metas);
        state.entities.extend(written.metas);
        let first = outcome.changed.len();
        outcome.changed.extend(written.changed);

        for source in &mut next {
            source.state.claims.sort_by_key(|claim| claim.document);
        }
        let (again, Gone { mut removed, unclaimed }) = decide(&mut next, &old, &roots, &mut state, &had, request);
        let (expired, orphans) = orphans::sort_out(self, &mut state, unclaimed);
        removed.extend(expired);
        fresh.extend(orphans::mark(self, &mut state, &orphans, outcome)?);
        write::finish(self, &mut state, next, old, count, removed, outcome)?;
        told::tell_derived(self, &outcome.changed[first..], &fresh)?;
        Ok((state, again))
    }

    /// What a provider gave that does not run any more goes.
    fn forget_providers(&self) -> Result<(), StoreError> {
        let mut present: HashSet<String> = self.config.inventories.iter().map(inventory_name).collect();
        present.extend(self.extensions.providers().iter().map(|provider| provider.name().to_owned()));
        for name in self.providers.names() {
            if !present.contains(&name) {
                self.runtime.block_on(self.providers.forget(&name))?;
            }
        }
        Ok(())
    }

    fn roots(&self) -> Result<Vec<Root>, StoreError> {
        let configured =
            self.config.locations.iter().map(|location| {
                (location.location_type.clone(), location.target.clone(), false, location.rules.clone())
            });
        let registered = self.store.locations().list_blocking()?.into_iter();
        let registered = registered.map(|record| (record.location_type, record.target, record.optional, Vec::new()));
        let mut roots: Vec<Root> = Vec::new();
        let providers = self.providers.names().into_iter();
        let providers = providers.map(|name| (PROVIDER.to_owned(), name, false, Vec::new()));
        for (location_type, target, optional, rules) in configured.chain(registered).chain(providers) {
            let location = format!("{location_type}:{target}");
            if roots.iter().any(|root| root.location == location) {
                continue;
            }
            let is_provider = location_type == PROVIDER;
            let entity_ref = format!("location:default/{}", hash::location_name(&location));
            let entity_ref = if is_provider { String::new() } else { entity_ref };
            let fingerprint = format!("{:?}{rules:?}", self.config.rules);
            roots.push(Root {
                location,
                location_type,
                target,
                optional,
                rules: Rules::new(&rules),
                fingerprint,
                entity_ref,
            });
        }
        Ok(roots)
    }

    /// Sources that are read again although their files did not change, and which of their entities that is for.
    fn to_process_again(&self, state: &EngineState, request: &Request) -> (HashSet<String>, HashSet<String>) {
        let processors = self.extensions.processors();
        let (mut sources, mut refs) = (request.again.clone(), HashSet::new());
        let shared = self.shared.read().unwrap_or_else(PoisonError::into_inner);
        // Most entities were shown to the same processors.
        let mut standings: HashMap<&str, Standing> = HashMap::new();
        for (entity_ref, meta) in &state.entities {
            let standing =
                standings.entry(&meta.signature).or_insert_with(|| Standing::of(&meta.signature, &processors));
            let gone = request.extensions_settled && standing.has_gone;
            let missed = || {
                !standing.missing.is_empty()
                    && shared
                        .index
                        .get(entity_ref)
                        .and_then(|entry| serde_json::from_str(entry.text()).ok())
                        .is_some_and(|entity| standing.missing.iter().any(|one| plugins::wants(&***one, &entity)))
            };
            if gone || (request.retry && meta.retry) || request.again.contains(&*meta.source) || missed() {
                sources.insert(meta.source.to_string());
                refs.insert(entity_ref.clone());
            }
        }
        (sources, refs)
    }

    pub(super) fn context<'a>(
        &'a self,
        root: &'a Root,
        location: &'a str,
        rules: Option<(&'a Rules, &'a Rules)>,
        model: &'a Model,
        keeps_places: &'a (dyn Fn(&Entity) -> bool + Sync),
    ) -> Context<'a> {
        Context {
            location,
            origin: &root.location,
            origin_type: &root.location_type,
            origin_target: &root.target,
            rules,
            model,
            limits: &self.config.limits,
            forges: &self.config.forges,
            keeps_places,
        }
    }
}

/// Decides who holds what and what goes, and gives the sources to be read again with the latter. This takes time with
/// every entity of the catalog, so that it is not done where it was clear before and claims are the same.
fn decide(
    next: &mut [Next],
    old: &HashMap<Arc<str>, SourceState>,
    roots: &[Root],
    state: &mut EngineState,
    had: &HashMap<Arc<str>, usize>,
    request: &Request,
) -> (HashSet<String>, Gone) {
    if state.is_undisputed && request.approved.is_empty() && claims::are_unchanged(next, old) {
        return (HashSet::new(), Gone::default());
    }
    let Resolved { winners, again, is_undisputed } = claims::resolve(next, state);
    let gone = claims::gone(&winners, next, old, roots, state, had, request);
    let is_complete = winners.len() == state.entities.len();
    state.is_undisputed = is_undisputed && is_complete && again.is_empty() && gone.is_empty();
    (again, gone)
}

/// How the processors that an entity was shown to compare with those that there are.
struct Standing<'a> {
    /// Whether one of them is not there any more.
    has_gone: bool,
    /// Those that it was not shown to.
    missing: Vec<&'a Arc<dyn Processor>>,
}

impl<'a> Standing<'a> {
    fn of(signature: &str, processors: &'a [Arc<dyn Processor>]) -> Self {
        let asked: HashSet<&str> = signature.lines().collect();
        let present: HashSet<String> = processors.iter().map(|one| plugins::signed(&**one)).collect();
        let missing = processors.iter().filter(|one| !asked.contains(plugins::signed(&***one).as_str())).collect();
        Self { has_gone: asked.iter().any(|asked| !present.contains(*asked)), missing }
    }
}

/// The source that holds a root's own Location entity.
pub(crate) fn root_source(location: &str) -> String {
    format!("root:{location}")
}
