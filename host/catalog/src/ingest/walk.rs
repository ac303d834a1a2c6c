//! Finds the files that locations lead to, and reads those that changed.

use std::collections::{HashMap, HashSet};
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use host_model::{Diagnostic, Entity, Place};
use host_store::StoreError;

use super::addresses::Wanted;
use super::pass::{Engine, Next, PROVIDER, Request, Root, root_source};
use super::reach::Allowed;
use super::read::FileRead;
use super::roots::expand;
use super::state::{Claim, Finding, SourceState, Target};
use super::visit::{Found, Visit, What};
use crate::declared::Model;
use crate::rules::Rules;

/// A location that something points to.
pub(super) struct Pointed<'a> {
    pub(super) root: usize,
    pub(super) location_type: &'a str,
    pub(super) target: &'a str,
    pub(super) optional: bool,
    /// The Location entity that points to it.
    pub(super) parent: &'a str,
    pub(super) depth: usize,
    /// Whether the one who points to it is itself a file.
    pub(super) from_file: bool,
    /// Where that is written; nowhere for what the configuration names.
    pub(super) from: Option<Place>,
}

/// What is said of a location whose type nothing reads.
pub(crate) fn unreadable_type(location_type: &str, target: &str) -> Diagnostic {
    let message = format!("locations of type {location_type} are not read ({target})");
    Diagnostic::warning("location/type", message).hint("give a location of type file or url")
}

impl Pointed<'_> {
    /// The Location entity that points to it, if there is one.
    pub(super) fn parent_ref(&self) -> Option<String> {
        (!self.parent.is_empty()).then(|| self.parent.to_owned())
    }
}

/// Finds the files that roots and Location entities lead to.
pub(super) struct Walk<'a> {
    pub(super) engine: &'a Engine,
    pub(super) roots: &'a [Root],
    pub(super) allowed: &'a Allowed,
    pub(super) rules: &'a Rules,
    pub(super) model: &'a Model,
    pub(super) request: &'a Request,
    pub(super) keeps_places: &'a (dyn Fn(&Entity) -> bool + Sync),
    /// Sources that are read again although their files did not change.
    pub(super) again: &'a HashSet<String>,
    /// Folders to watch, and whether with all that lies below them.
    pub(super) watch: HashMap<PathBuf, bool>,
    /// The addresses that locations and placeholders lead to.
    pub(super) wanted: Mutex<Wanted>,
}

/// After reading so many bytes of changed files, what they gave is handed on before more is read.
pub(super) const PART: usize = 2 << 20;

/// Takes what was read of some sources, with every source so far and those that have not been looked at yet.
type Sink<'s> = dyn FnMut(Vec<(usize, FileRead)>, &mut Vec<Next>, &Sources) -> Result<(), StoreError> + 's;
type Sources = HashMap<Arc<str>, SourceState>;

impl Walk<'_> {
    /// Every source with what it held before, and the sources that are gone. What is read is handed on a few files at a
    /// time, in the order of the sources, so that memory does not grow with the catalog.
    pub(super) fn sources(
        &mut self,
        mut old: Sources,
        sink: &mut Sink<'_>,
    ) -> Result<(Vec<Next>, Sources), StoreError> {
        let mut next: Vec<Next> = Vec::new();
        let mut visited: HashSet<Arc<str>> = HashSet::new();
        let mut wave = Vec::new();
        for (number, root) in self.roots.iter().enumerate() {
            let mut standing = Vec::new();
            wave.extend(self.expand(
                Pointed {
                    root: number,
                    location_type: &root.location_type,
                    target: &root.target,
                    optional: root.optional,
                    parent: &root.entity_ref,
                    depth: 0,
                    from_file: true,
                    from: None,
                },
                &mut standing,
            ));
            let finding = |diagnostic| Finding::new(diagnostic, Some(root.entity_ref.clone()));
            let state = SourceState { standing: standing.into_iter().map(finding).collect(), ..SourceState::default() };
            next.push(Next { location: root_source(&root.location).into(), state, before: None, root: number });
        }
        while !wave.is_empty() {
            wave.retain(|visit: &Visit| visited.insert(Arc::clone(&visit.location)));
            let mut following = Vec::new();
            let mut open = wave.as_slice();
            while !open.is_empty() {
                let found = self.look(open, &old);
                let (looked_at, rest) = open.split_at(found.len());
                let mut reads = Vec::new();
                for (visit, found) in looked_at.iter().zip(found) {
                    let (mut source, read) = self.source(visit, found, old.remove(&visit.location));
                    let targets = read.as_ref().map_or(&source.state.targets, |read| &read.targets).clone();
                    let mut standing = self.follow(visit, &targets, &mut following);
                    let stamps = read.as_ref().map_or(&source.state.stamps, |read| &read.stamps);
                    standing.extend(self.want_includes(visit, stamps));
                    if source.before.is_none() && source.state.standing != standing {
                        source.before = Some(Some(source.state.clone()));
                    }
                    source.state.standing = standing;
                    reads.extend(read.map(|read| (next.len(), read)));
                    next.push(source);
                }
                sink(reads, &mut next, &old)?;
                open = rest;
            }
            wave = following;
        }
        Ok((next, old))
    }

    /// Adds the files that a file's Location entities point to, and tells what is wrong with these.
    fn follow(&mut self, visit: &Visit, targets: &[Target], following: &mut Vec<Visit>) -> Vec<Finding> {
        let mut standing = Vec::new();
        for target in targets {
            let mut problems = Vec::new();
            let from = Place { file: Some(visit.label()), line: target.line, column: target.column };
            following.extend(self.expand(
                Pointed {
                    root: visit.root,
                    location_type: &target.location_type,
                    target: &target.target,
                    optional: target.optional,
                    parent: &target.parent,
                    depth: visit.depth + 1,
                    from_file: matches!(visit.what, What::File(_)),
                    from: Some(from),
                },
                &mut problems,
            ));
            let finding = |diagnostic| Finding::new(diagnostic, Some(target.parent.clone()));
            standing.extend(problems.into_iter().map(finding));
        }
        standing
    }

    /// The sources of a target, and what is wrong with it.
    fn expand(&mut self, pointed: Pointed<'_>, problems: &mut Vec<Diagnostic>) -> Vec<Visit> {
        let mut found = Vec::new();
        let visits = self.expand_any(&pointed, &mut found);
        problems.extend(found.into_iter().map(|found| Diagnostic { place: pointed.from.clone(), ..found }));
        visits
    }

    fn expand_any(&mut self, pointed: &Pointed<'_>, problems: &mut Vec<Diagnostic>) -> Vec<Visit> {
        let (most, target) = (self.engine.config.limits.location_depth, pointed.target);
        if pointed.depth > most {
            let message = format!("{target} is not read: more than {most} Location entities lead to it");
            problems.push(Diagnostic::error("location/depth", message));
            return Vec::new();
        }
        match pointed.location_type {
            "file" if pointed.from_file => self.expand_files(pointed, problems),
            "file" => {
                let message = format!("{target} is a file of this machine, which only files of this machine may name");
                problems.push(Diagnostic::error("location/outside", message).hint("give an address"));
                Vec::new()
            }
            "url" => self.expand_address(pointed, problems),
            PROVIDER => self.expand_provider(pointed),
            other => {
                problems.push(unreadable_type(other, target));
                Vec::new()
            }
        }
    }

    fn expand_files(&mut self, pointed: &Pointed<'_>, problems: &mut Vec<Diagnostic>) -> Vec<Visit> {
        let expanded = expand(pointed.target, pointed.optional, self.engine.config.limits.files);
        problems.extend(expanded.problem);
        let (folder, below) = expanded.watch;
        *self.watch.entry(folder).or_default() |= below;
        let visit = |path: PathBuf| Visit {
            location: format!("file:{}", path.display()).into(),
            what: What::File(path),
            root: pointed.root,
            parent: pointed.parent_ref(),
            depth: pointed.depth,
            is_listing: expanded.is_listing,
            from: pointed.from.clone(),
        };
        expanded.files.into_iter().map(visit).collect()
    }

    /// Looks at files, several at a time, and stops when enough has been read; what is left is looked at next.
    fn look(&self, visits: &[Visit], old: &Sources) -> Vec<Found> {
        let (taken, bytes) = (AtomicUsize::new(0), AtomicUsize::new(0));
        let next = || {
            let is_enough = bytes.load(Ordering::Relaxed) >= PART;
            let at = (!is_enough).then(|| taken.fetch_add(1, Ordering::Relaxed))?;
            Some((at, visits.get(at)?))
        };
        let threads = std::thread::available_parallelism().map_or(1, std::num::NonZero::get).min(8).min(visits.len());
        let found: Mutex<Vec<(usize, Found)>> = Mutex::new(Vec::new());
        let work = || {
            while let Some((at, visit)) = next() {
                let one = self.look_at(visit, old);
                bytes.fetch_add(one.bytes(), Ordering::Relaxed);
                found.lock().unwrap_or_else(PoisonError::into_inner).push((at, one));
            }
        };
        if threads < 2 {
            work();
        } else {
            std::thread::scope(|scope| {
                for _ in 0..threads {
                    scope.spawn(work);
                }
            });
        }
        let mut found = found.into_inner().unwrap_or_else(PoisonError::into_inner);
        found.sort_unstable_by_key(|(at, _)| *at);
        found.into_iter().map(|(_, found)| found).collect()
    }

    fn source(&self, visit: &Visit, found: Found, before: Option<SourceState>) -> (Next, Option<FileRead>) {
        let location = Arc::clone(&visit.location);
        let root = visit.root;
        let fresh = |before: Option<&SourceState>| SourceState {
            origin: self.roots[root].location.clone(),
            parent: visit.parent.clone(),
            address: visit.address(),
            context: self.fingerprint(visit),
            stamps: before.map(|before| before.stamps.clone()).unwrap_or_default(),
            ..SourceState::default()
        };
        let (state, before, read) = match found {
            Found::Same => (before.unwrap_or_else(|| fresh(None)), None, None),
            Found::Touched(stamps) => (SourceState { stamps, ..before.unwrap_or_else(|| fresh(None)) }, None, None),
            Found::Read(read) => (fresh(before.as_ref()), Some(before), Some(*read)),
            Found::Failed(diagnostic) => {
                let mut state = fresh(None);
                if let Some(before) = &before {
                    state.claims = before.claims.iter().cloned().map(|claim| Claim { kept: true, ..claim }).collect();
                    state.targets.clone_from(&before.targets);
                }
                let place = || Place { file: Some(visit.label()), line: 1, column: 1 };
                let place = visit.from.clone().unwrap_or_else(place);
                state.findings = vec![Finding::new(diagnostic.at(place), None)];
                (state, Some(before), None)
            }
        };
        (Next { location, state, before, root }, read)
    }
}
