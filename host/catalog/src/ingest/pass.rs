//! One pass over every source: what is there, what changed, what to write.

use std::collections::{HashMap, HashSet};
use std::path::PathBuf;
use std::sync::{Arc, PoisonError, RwLock};

use host_model::{Diagnostic, Entity};
use host_ports::Extensions;
use host_store::{Store, StoreError};

use super::claims::{self, Resolved};
use super::plugins::{self, Outcomes, Work};
use super::prepare::{self, Candidate, Context};
use super::reach::Allowed;
use super::read::FileRead;
use super::roots::base;
use super::state::{Claim, EngineState, Finding, SourceState};
use super::walk::Walk;
use super::write;
use crate::rules::Rules;
use crate::shared::Shared;
use crate::{CatalogConfig, hash};

/// How often emitted entities may emit further ones.
const MOST_GENERATIONS: usize = 3;
/// How often a pass is repeated for sources whose entities another gave up.
const MOST_ROUNDS: usize = 4;

/// What passes need.
pub(crate) struct Engine {
    pub(crate) config: CatalogConfig,
    pub(crate) store: Store,
    pub(crate) extensions: Arc<dyn Extensions>,
    pub(crate) shared: Arc<RwLock<Shared>>,
    pub(crate) runtime: tokio::runtime::Handle,
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
    /// The Location entity that stands for it.
    pub(crate) entity_ref: String,
}

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
    /// Looks at everything once, and again as long as one source gives up what another wants.
    pub(crate) fn pass(
        &self,
        mut state: EngineState,
        mut request: Request,
    ) -> Result<(EngineState, Outcome), StoreError> {
        let mut outcome = Outcome::default();
        for _ in 0..MOST_ROUNDS {
            let (next, again) = self.round(state, &request, &mut outcome)?;
            state = next;
            if again.is_empty() {
                break;
            }
            request = Request { again, retry: false, ..request };
        }
        outcome.changed.sort_unstable();
        outcome.changed.dedup();
        // What placeholders include may lie in folders that no location names.
        let mut watch: HashMap<PathBuf, bool> = std::mem::take(&mut outcome.watch).into_iter().collect();
        for stamp in state.sources.values().flat_map(|source| &source.stamps) {
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

        let processors = self.extensions.processors();
        let keeps_places = |entity: &Entity| processors.iter().any(|processor| plugins::wants(&**processor, entity));
        let mut walk = Walk {
            engine: self,
            keeps_places: &keeps_places,
            roots: &roots,
            allowed: &allowed,
            rules: &rules,
            request,
            again: &again,
            watch: HashMap::new(),
        };
        let (mut next, reads, mut old) = walk.sources(std::mem::take(&mut state.sources));
        outcome.watch = walk.watch.drain().collect();

        let mut works = Vec::new();
        for (at, read) in reads {
            self.sort_out(at, read, &mut next, &state, &refs_again, &mut works)?;
        }
        self.root_entities(&roots, &mut next, &mut old, &state, &refs_again, &mut works);
        self.process(&mut works, &mut next, &roots, &rules, &state, &refs_again);
        for source in &mut next {
            source.state.claims.sort_by_key(|claim| claim.document);
        }
        let Resolved { winners, again } = claims::resolve(&mut next, &state, &works);
        let removed = claims::removed(&winners, &mut next, &roots, &state, request);
        write::write(self, &mut state, next, old, works, &winners, removed, outcome)?;
        Ok((state, again))
    }

    fn roots(&self) -> Result<Vec<Root>, StoreError> {
        let configured =
            self.config.locations.iter().map(|location| {
                (location.location_type.clone(), location.target.clone(), false, location.rules.clone())
            });
        let registered = self.store.locations().list_blocking()?.into_iter();
        let registered = registered.map(|record| (record.location_type, record.target, record.optional, Vec::new()));
        let mut roots: Vec<Root> = Vec::new();
        for (location_type, target, optional, rules) in configured.chain(registered) {
            let location = format!("{location_type}:{target}");
            if roots.iter().any(|root| root.location == location) {
                continue;
            }
            let entity_ref = format!("location:default/{}", hash::location_name(&location));
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
        let present: HashSet<String> = processors.iter().map(|processor| plugins::signed(&**processor)).collect();
        let (mut sources, mut refs) = (request.again.clone(), HashSet::new());
        let shared = self.shared.read().unwrap_or_else(PoisonError::into_inner);
        for (entity_ref, meta) in &state.entities {
            let asked: HashSet<&str> = meta.signature.lines().collect();
            let gone = request.extensions_settled && asked.iter().any(|asked| !present.contains(*asked));
            let missed = || {
                let missing: Vec<_> = processors
                    .iter()
                    .filter(|processor| !asked.contains(plugins::signed(&***processor).as_str()))
                    .collect();
                !missing.is_empty()
                    && shared
                        .index
                        .get(entity_ref)
                        .and_then(|entry| serde_json::from_str(entry.text()).ok())
                        .is_some_and(|entity| missing.iter().any(|processor| plugins::wants(&***processor, &entity)))
            };
            if gone || (request.retry && meta.retry) || request.again.contains(&*meta.source) || missed() {
                sources.insert(meta.source.to_string());
                refs.insert(entity_ref.clone());
            }
        }
        (sources, refs)
    }

    /// Takes what a file gave apart: what is new goes to work, what is not is only claimed.
    fn sort_out(
        &self,
        at: usize,
        read: FileRead,
        next: &mut [Next],
        state: &EngineState,
        refs_again: &HashSet<String>,
        works: &mut Vec<Work>,
    ) -> Result<(), StoreError> {
        let location = Arc::clone(&next[at].location);
        let before = next[at].before.clone().flatten();
        let mut remembered: Option<HashMap<String, Outcomes>> = None;
        let mut seen = HashSet::new();
        for candidate in read.candidates {
            let meta = state.entities.get(&candidate.entity_ref);
            next[at].state.claims.push(claim(&candidate));
            if !seen.insert(candidate.entity_ref.clone()) {
                continue;
            }
            let mine = meta.is_some_and(|meta| meta.source == location);
            if mine && meta.is_some_and(|meta| meta.hash == candidate.hash) {
                if !refs_again.contains(&candidate.entity_ref) {
                    let emitted = before.iter().flat_map(|before| &before.claims);
                    let emitted = emitted.filter(|claim| claim.parent.as_ref() == Some(&candidate.entity_ref));
                    next[at].state.claims.extend(emitted.cloned());
                    continue;
                }
                if remembered.is_none() {
                    remembered = Some(self.remembered(&location)?);
                }
            }
            // What another source holds is not processed before it is given up.
            let held = meta.is_some_and(|meta| {
                meta.source != location
                    && next.iter().any(|next| next.location == meta.source && next.claims(&candidate.entity_ref))
            });
            if !held {
                let outcomes =
                    remembered.as_mut().and_then(|all| all.remove(&candidate.entity_ref)).unwrap_or_default();
                works.push(Work::new(at, candidate, outcomes));
            }
        }
        claims::keep_last_good(&mut next[at], &read.broken, before.as_ref(), &seen);
        next[at].state.findings = read.findings;
        next[at].state.targets = read.targets;
        next[at].state.stamps = read.stamps;
        Ok(())
    }

    fn remembered(&self, source: &str) -> Result<HashMap<String, Outcomes>, StoreError> {
        let records = self.store.catalog().entities_of_source_blocking(source)?.into_iter();
        // What cannot be read is asked for again.
        let outcomes =
            |text: Option<String>| text.and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default();
        Ok(records.map(|record| (record.entity_ref, outcomes(record.outcomes))).collect())
    }

    /// Every root has a Location entity and a source of its own, so that it has a page and a place for findings.
    fn root_entities(
        &self,
        roots: &[Root],
        next: &mut Vec<Next>,
        old: &mut HashMap<Arc<str>, SourceState>,
        state: &EngineState,
        refs_again: &HashSet<String>,
        works: &mut Vec<Work>,
    ) {
        for (number, root) in roots.iter().enumerate() {
            let location: Arc<str> = root_source(&root.location).into();
            let mut spec = serde_json::json!({"type": root.location_type, "target": root.target});
            if root.optional {
                spec["presence"] = "optional".into();
            }
            let document = serde_json::json!({
                "apiVersion": "backstage.io/v1alpha1",
                "kind": "Location",
                "metadata": {"name": hash::location_name(&root.location)},
                "spec": spec,
            });
            let context = self.context(root, &root.location, None, &|_| false);
            let object = document.as_object().cloned().unwrap_or_default();
            let before = old.remove(&location);
            let mut source = SourceState { origin: root.location.clone(), ..SourceState::default() };
            let at = next.iter().position(|next| next.location == location);
            if let Some(at) = at {
                source.standing = std::mem::take(&mut next[at].state.standing);
            }
            match prepare::prepare(object, 0, None, None, &context, false) {
                Ok(candidate) => {
                    source.claims.push(claim(&candidate));
                    let meta = state.entities.get(&candidate.entity_ref);
                    let same = meta.is_some_and(|meta| meta.source == location && meta.hash == candidate.hash);
                    if !same || refs_again.contains(&candidate.entity_ref) {
                        let slot = at.unwrap_or(next.len());
                        works.push(Work::new(slot, candidate, Outcomes::new()));
                    }
                }
                Err(diagnostics) => {
                    let finding = |diagnostic| Finding { diagnostic, entity: Some(root.entity_ref.clone()) };
                    source.findings = diagnostics.into_iter().map(finding).collect();
                }
            }
            let source = Next { location, state: source, before: Some(before), root: number };
            match at {
                Some(at) => next[at] = source,
                None => next.push(source),
            }
        }
    }

    /// Shows what is new to the processors, and what they emit as well.
    fn process(
        &self,
        works: &mut Vec<Work>,
        next: &mut [Next],
        roots: &[Root],
        rules: &Rules,
        state: &EngineState,
        refs_again: &HashSet<String>,
    ) {
        let processors = self.extensions.processors();
        if processors.is_empty() {
            return;
        }
        let mut from = 0;
        for _ in 0..MOST_GENERATIONS {
            let locations: Vec<String> = next.iter().map(|next| next.location.to_string()).collect();
            plugins::process(&self.runtime, &processors, &mut works[from..], &|source| locations[source].clone());
            let mut emitted = Vec::new();
            for work in &mut works[from..] {
                let limit = self.config.limits.emitted;
                if work.emitted.len() > limit {
                    let message = format!(
                        "processors made {} entities of this one; at most {limit} are kept",
                        work.emitted.len()
                    );
                    work.candidate.findings.push(Diagnostic::error("processor/too-many", message));
                    work.emitted.truncate(limit);
                }
                let parent = work.candidate.entity_ref.clone();
                let document = work.candidate.document;
                let made = std::mem::take(&mut work.emitted).into_iter();
                emitted.extend(made.map(|entity| (work.source, parent.clone(), document, entity)));
            }
            from = works.len();
            for (at, parent, document, entity) in emitted {
                let root = &roots[next[at].root];
                let location = next[at].location.to_string();
                let context = self.context(root, &location, Some((rules, &root.rules)), &|_| false);
                let object = entity.document().clone();
                match prepare::prepare(object, document, Some(parent.clone()), None, &context, true) {
                    Ok(candidate) => {
                        if next[at].claims(&candidate.entity_ref) {
                            continue;
                        }
                        next[at].state.claims.push(claim(&candidate));
                        let meta = state.entities.get(&candidate.entity_ref);
                        let same =
                            meta.is_some_and(|meta| meta.source == next[at].location && meta.hash == candidate.hash);
                        if !same || refs_again.contains(&candidate.entity_ref) {
                            works.push(Work::new(at, candidate, Outcomes::new()));
                        }
                    }
                    Err(diagnostics) => {
                        let told = |mut diagnostic: Diagnostic| {
                            diagnostic.message =
                                format!("an entity that a processor made of {parent}: {}", diagnostic.message);
                            Finding { diagnostic, entity: Some(parent.clone()) }
                        };
                        next[at].state.findings.extend(diagnostics.into_iter().map(told));
                    }
                }
            }
            if from == works.len() {
                break;
            }
        }
    }

    pub(super) fn context<'a>(
        &'a self,
        root: &'a Root,
        location: &'a str,
        rules: Option<(&'a Rules, &'a Rules)>,
        keeps_places: &'a (dyn Fn(&Entity) -> bool + Sync),
    ) -> Context<'a> {
        Context {
            location,
            origin: &root.location,
            origin_type: &root.location_type,
            origin_target: &root.target,
            rules,
            limits: &self.config.limits,
            keeps_places,
        }
    }
}

impl Next {
    fn claims(&self, entity_ref: &str) -> bool {
        self.state.claims.iter().any(|claim| claim.entity_ref == entity_ref)
    }
}

/// The source that holds a root's own Location entity.
pub(crate) fn root_source(location: &str) -> String {
    format!("root:{location}")
}

fn claim(candidate: &Candidate) -> Claim {
    let place = candidate.place.as_ref();
    Claim {
        entity_ref: candidate.entity_ref.clone(),
        hash: candidate.hash.clone(),
        document: candidate.document,
        line: place.map_or(1, |place| place.line),
        column: place.map_or(1, |place| place.column),
        parent: candidate.parent.clone(),
        kept: false,
    }
}
