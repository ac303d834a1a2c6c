//! What is new on its way through a pass, a part at a time: sorted out, shown to processors, and handed to the writer,
//! which works on one part while the next one is read.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::Arc;
use std::sync::mpsc::SyncSender;

use host_model::Diagnostic;
use host_ports::Processor;
use host_store::StoreError;

use super::claims;
use super::pass::{Engine, Next, PROVIDER, Root, root_source};
use super::plugins::{self, Outcomes, Work};
use super::prepare::{self, Candidate};
use super::read::FileRead;
use super::state::{Claim, EngineState, Finding, SourceState};
use crate::declared::Model;
use crate::hash;
use crate::rules::Rules;

/// How often emitted entities may emit further ones.
const MOST_GENERATIONS: usize = 3;

/// Where the works of a part come from.
#[derive(Debug, Clone)]
pub(super) struct Origin {
    pub(super) location: Arc<str>,
    pub(super) origin: Arc<str>,
    pub(super) parent: Option<String>,
}

/// Entities to write, with their sources by number.
#[derive(Default)]
pub(super) struct Part {
    pub(super) works: Vec<Work>,
    pub(super) origins: HashMap<usize, Origin>,
}

/// What holds throughout a pass.
pub(super) struct Setting<'a> {
    pub(super) engine: &'a Engine,
    pub(super) roots: &'a [Root],
    pub(super) rules: &'a Rules,
    pub(super) model: &'a Model,
    pub(super) processors: &'a [Arc<dyn Processor>],
    /// As it was before the pass.
    pub(super) state: &'a EngineState,
    /// Entities that are processed although they did not change.
    pub(super) refs_again: &'a HashSet<String>,
}

/// The way from what was read to what is written.
pub(super) struct Flow<'a> {
    setting: &'a Setting<'a>,
    /// Takes finished parts.
    writer: SyncSender<Part>,
    /// The numbers of sources that have been looked at.
    places: HashMap<Arc<str>, usize>,
    /// What this pass has handed to the writer, and from which source: who comes first has it.
    taken: HashMap<String, usize>,
}

impl<'a> Flow<'a> {
    pub(super) fn new(setting: &'a Setting<'a>, writer: SyncSender<Part>) -> Self {
        // The sources of roots are numbered like the roots, and come before all others.
        let taken = setting.roots.iter().enumerate().map(|(number, root)| (root.entity_ref.clone(), number)).collect();
        Self { setting, writer, places: HashMap::new(), taken }
    }

    /// Takes what some files gave.
    pub(super) fn take(
        &mut self,
        reads: Vec<(usize, FileRead)>,
        next: &mut [Next],
        old: &HashMap<Arc<str>, SourceState>,
    ) -> Result<(), StoreError> {
        self.see(next);
        let mut works = Vec::new();
        for (at, read) in reads {
            self.sort_out(at, read, next, old, &mut works)?;
        }
        self.hand_over(works, next, old);
        Ok(())
    }

    /// Every root has a Location entity and a source of its own, so that it has a page and a place for findings.
    pub(super) fn root_entities(&mut self, next: &mut Vec<Next>, old: &mut HashMap<Arc<str>, SourceState>) {
        self.see(next);
        let mut works = Vec::new();
        for (number, root) in self.setting.roots.iter().enumerate() {
            let location: Arc<str> = root_source(&root.location).into();
            if root.location_type == PROVIDER {
                // It has no page; its source holds what is found at every pass.
                if let Some(at) = self.places.get(&location) {
                    next[*at].state.origin.clone_from(&root.location);
                    next[*at].before = Some(old.remove(&location));
                }
                continue;
            }
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
            let context = self.setting.engine.context(root, &root.location, None, self.setting.model, &|_| false);
            let object = document.as_object().cloned().unwrap_or_default();
            let before = old.remove(&location);
            let mut source = SourceState { origin: root.location.clone(), ..SourceState::default() };
            let at = self.places.get(&location).copied();
            if let Some(at) = at {
                source.standing = std::mem::take(&mut next[at].state.standing);
            }
            match prepare::prepare(object, 0, None, None, &context, false) {
                Ok(candidate) => {
                    source.claims.push(claim(&candidate));
                    if self.is_new(&location, &candidate) {
                        works.push(Work::new(at.unwrap_or(next.len()), candidate, Outcomes::new()));
                    }
                }
                Err(diagnostics) => {
                    let finding = |diagnostic| Finding::new(diagnostic, Some(root.entity_ref.clone()));
                    source.findings = diagnostics.into_iter().map(finding).collect();
                }
            }
            let source = Next { location, state: source, before: Some(before), root: number };
            match at {
                Some(at) => next[at] = source,
                None => next.push(source),
            }
        }
        self.see(next);
        self.hand_over(works, next, old);
    }

    /// Learns the numbers of the sources that have come since.
    fn see(&mut self, next: &[Next]) {
        for (at, source) in next.iter().enumerate().skip(self.places.len()) {
            self.places.insert(Arc::clone(&source.location), at);
        }
    }

    /// Takes what a file gave apart: what is new goes to work, what is not is only claimed.
    fn sort_out(
        &mut self,
        at: usize,
        read: FileRead,
        next: &mut [Next],
        old: &HashMap<Arc<str>, SourceState>,
        works: &mut Vec<Work>,
    ) -> Result<(), StoreError> {
        let location = Arc::clone(&next[at].location);
        let before = next[at].before.clone().flatten();
        let mut remembered: Option<HashMap<String, Outcomes>> = None;
        let mut seen = HashSet::new();
        for candidate in read.candidates {
            let meta = self.setting.state.entities.get(&candidate.entity_ref);
            next[at].state.claims.push(claim(&candidate));
            if !seen.insert(candidate.entity_ref.clone()) {
                continue;
            }
            let mine = meta.is_some_and(|meta| meta.source == location);
            if mine && meta.is_some_and(|meta| meta.hash == candidate.hash) {
                if !self.setting.refs_again.contains(&candidate.entity_ref) {
                    let emitted = before.iter().flat_map(|before| &before.claims);
                    let emitted = emitted.filter(|claim| claim.parent.as_ref() == Some(&candidate.entity_ref));
                    next[at].state.claims.extend(emitted.cloned());
                    continue;
                }
                if remembered.is_none() {
                    remembered = Some(self.remembered(&location)?);
                }
            }
            if self.may_take(at, &candidate.entity_ref, next, old) {
                self.taken.insert(candidate.entity_ref.clone(), at);
                let outcomes =
                    remembered.as_mut().and_then(|all| all.remove(&candidate.entity_ref)).unwrap_or_default();
                works.push(Work::new(at, candidate, outcomes));
            }
        }
        claims::keep_last_good(&mut next[at], &read.broken, before.as_ref(), &seen);
        let claimed = next[at].state.claims.iter().map(|claim| claim.entity_ref.as_str());
        let named = read.broken.iter().filter_map(|(_, entity_ref)| entity_ref.as_deref());
        let mut kinds: BTreeSet<String> = claimed.chain(named).map(|one| kind_of(one).to_owned()).collect();
        kinds.extend(read.kinds);
        for kind in kinds {
            next[at].state.depends_on(&kind, self.setting.model);
        }
        next[at].state.findings = read.findings;
        next[at].state.targets = read.targets;
        next[at].state.stamps = read.stamps;
        Ok(())
    }

    /// Whether an entity is free for a source. What another source holds is not processed before it is given up; what no
    /// source holds belongs to the one that comes first.
    fn may_take(&self, at: usize, entity_ref: &str, next: &[Next], old: &HashMap<Arc<str>, SourceState>) -> bool {
        if self.taken.get(entity_ref).is_some_and(|other| *other != at) {
            return false;
        }
        let holder = self.setting.state.entities.get(entity_ref).map(|meta| &meta.source);
        let Some(holder) = holder.filter(|holder| **holder != next[at].location) else { return true };
        // Of a source that has not been looked at, it is known what it claimed.
        let holder = match self.places.get(holder) {
            Some(at) => Some(&next[*at].state),
            None => old.get(holder),
        };
        !holder.is_some_and(|state| state.claims(entity_ref))
    }

    /// Whether an entity differs from what is known, or is to be processed again.
    fn is_new(&self, location: &Arc<str>, candidate: &Candidate) -> bool {
        let meta = self.setting.state.entities.get(&candidate.entity_ref);
        let same = meta.is_some_and(|meta| meta.source == *location && meta.hash == candidate.hash);
        !same || self.setting.refs_again.contains(&candidate.entity_ref)
    }

    fn remembered(&self, source: &str) -> Result<HashMap<String, Outcomes>, StoreError> {
        let records = self.setting.engine.store.catalog().entities_of_source_blocking(source)?.into_iter();
        // What cannot be read is asked for again.
        let outcomes =
            |text: Option<String>| text.and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default();
        Ok(records.map(|record| (record.entity_ref, outcomes(record.outcomes))).collect())
    }

    /// Shows what is new to the processors and hands it, with what they emit, to the writer.
    fn hand_over(&mut self, mut works: Vec<Work>, next: &mut [Next], old: &HashMap<Arc<str>, SourceState>) {
        if works.is_empty() {
            return;
        }
        self.process(&mut works, next, old);
        let mut part = Part { works, origins: HashMap::new() };
        for work in &part.works {
            part.origins.entry(work.source).or_insert_with(|| {
                let Next { location, state, .. } = &next[work.source];
                Origin {
                    location: Arc::clone(location),
                    origin: state.origin.as_str().into(),
                    parent: state.parent.clone(),
                }
            });
        }
        // A writer that has failed tells why when it is joined.
        let _ = self.writer.send(part);
    }

    fn process(&mut self, works: &mut Vec<Work>, next: &mut [Next], old: &HashMap<Arc<str>, SourceState>) {
        if self.setting.processors.is_empty() {
            return;
        }
        let mut from = 0;
        for _ in 0..MOST_GENERATIONS {
            let location = |source: usize| next[source].location.to_string();
            let setting = self.setting;
            let (runtime, model) = (&setting.engine.runtime, setting.model);
            plugins::process(runtime, setting.processors, model, &mut works[from..], &location);
            let mut emitted = Vec::new();
            for work in &mut works[from..] {
                let limit = self.setting.engine.config.limits.emitted;
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
                let root = &self.setting.roots[next[at].root];
                let location = Arc::clone(&next[at].location);
                let rules = Some((self.setting.rules, &root.rules));
                let context = self.setting.engine.context(root, &location, rules, self.setting.model, &|_| false);
                let object = entity.document().clone();
                match prepare::prepare(object, document, Some(parent.clone()), None, &context, true) {
                    Ok(candidate) => {
                        if next[at].state.claims(&candidate.entity_ref) {
                            continue;
                        }
                        next[at].state.depends_on(kind_of(&candidate.entity_ref), self.setting.model);
                        next[at].state.claims.push(claim(&candidate));
                        if self.is_new(&location, &candidate) && self.may_take(at, &candidate.entity_ref, next, old) {
                            self.taken.insert(candidate.entity_ref.clone(), at);
                            works.push(Work::new(at, candidate, Outcomes::new()));
                        }
                    }
                    Err(diagnostics) => {
                        let told = |mut diagnostic: Diagnostic| {
                            diagnostic.message =
                                format!("an entity that a processor made of {parent}: {}", diagnostic.message);
                            Finding::new(diagnostic, Some(parent.clone()))
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
}

/// The kind of a complete reference.
fn kind_of(entity_ref: &str) -> &str {
    entity_ref.split(':').next().unwrap_or_default()
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
