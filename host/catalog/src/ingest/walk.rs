//! Finds the files that locations lead to, and reads those that changed.

use std::collections::{HashMap, HashSet};
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use host_model::{Diagnostic, Entity, Place};
use host_store::StoreError;

use super::pass::{Engine, Next, Request, Root, root_source};
use super::prepare::VERSION;
use super::reach::{Allowed, Files};
use super::read::{self, FileRead, looks_like_descriptors, read_file};
use super::roots::expand;
use super::state::{Claim, Finding, SourceState, Stamp, Target};
use crate::hash;
use crate::rules::Rules;

/// A file to look at.
#[derive(Clone)]
struct Visit {
    location: Arc<str>,
    path: PathBuf,
    root: usize,
    parent: String,
    depth: usize,
    is_listing: bool,
    /// Where its location is written.
    from: Option<Place>,
}

/// What looking at a file gave.
enum Found {
    /// Nothing changed.
    Same,
    /// Nothing changed but times.
    Touched(Vec<Stamp>),
    Read(Box<FileRead>),
    Failed(Diagnostic),
}

impl Found {
    /// How much was read.
    fn bytes(&self) -> usize {
        let Self::Read(read) = self else { return 0 };
        read.stamps.iter().map(|stamp| usize::try_from(stamp.size).unwrap_or(PART)).sum()
    }
}

/// A location that something points to.
struct Pointed<'a> {
    root: usize,
    location_type: &'a str,
    target: &'a str,
    optional: bool,
    /// The Location entity that points to it.
    parent: &'a str,
    depth: usize,
    /// Where that is written; nowhere for what the configuration names.
    from: Option<Place>,
}

/// Finds the files that roots and Location entities lead to.
pub(super) struct Walk<'a> {
    pub(super) engine: &'a Engine,
    pub(super) roots: &'a [Root],
    pub(super) allowed: &'a Allowed,
    pub(super) rules: &'a Rules,
    pub(super) request: &'a Request,
    pub(super) keeps_places: &'a (dyn Fn(&Entity) -> bool + Sync),
    /// Sources that are read again although their files did not change.
    pub(super) again: &'a HashSet<String>,
    /// Folders to watch, and whether with all that lies below them.
    pub(super) watch: HashMap<PathBuf, bool>,
}

/// After reading so many bytes of changed files, what they gave is handed on before more is read.
const PART: usize = 2 << 20;

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
                    from: None,
                },
                &mut standing,
            ));
            let finding = |diagnostic| Finding { diagnostic, entity: Some(root.entity_ref.clone()) };
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
                    let standing = self.follow(visit, &targets, &mut following);
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
            let from = Place { file: Some(visit.path.display().to_string()), line: target.line, column: target.column };
            following.extend(self.expand(
                Pointed {
                    root: visit.root,
                    location_type: &target.location_type,
                    target: &target.target,
                    optional: target.optional,
                    parent: &target.parent,
                    depth: visit.depth + 1,
                    from: Some(from),
                },
                &mut problems,
            ));
            let finding = |diagnostic| Finding { diagnostic, entity: Some(target.parent.clone()) };
            standing.extend(problems.into_iter().map(finding));
        }
        standing
    }

    /// The files of a target, and what is wrong with it.
    fn expand(&mut self, pointed: Pointed<'_>, problems: &mut Vec<Diagnostic>) -> Vec<Visit> {
        let limits = &self.engine.config.limits;
        let (location_type, target, from) = (pointed.location_type, pointed.target, pointed.from);
        let mut problem = |diagnostic: Diagnostic| problems.push(Diagnostic { place: from.clone(), ..diagnostic });
        if location_type != "file" {
            let message = format!("locations of type {location_type} are not read yet ({target})");
            problem(Diagnostic::warning("location/type", message).hint("give a location of type file"));
            return Vec::new();
        }
        if pointed.depth > limits.location_depth {
            let message =
                format!("{target} is not read: more than {} Location entities lead to it", limits.location_depth);
            problem(Diagnostic::error("location/depth", message));
            return Vec::new();
        }
        let expanded = expand(target, pointed.optional, limits.files);
        if let Some(found) = expanded.problem {
            problem(found);
        }
        let (folder, below) = expanded.watch;
        *self.watch.entry(folder).or_default() |= below;
        let visit = |path: PathBuf| Visit {
            location: format!("file:{}", path.display()).into(),
            path,
            root: pointed.root,
            parent: pointed.parent.to_owned(),
            depth: pointed.depth,
            is_listing: expanded.is_listing,
            from: from.clone(),
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

    fn look_at(&self, visit: &Visit, old: &Sources) -> Found {
        let root = &self.roots[visit.root];
        let before = old.get(&visit.location).filter(|before| {
            before.context == self.fingerprint(visit)
                && !self.again.contains(&*visit.location)
                && !before.stamps.is_empty()
        });
        let touched = |stamp: &Stamp| self.request.touched.contains(&stamp.path);
        if before
            .is_some_and(|before| before.stamps.iter().all(|stamp| !touched(stamp) && read::seems_unchanged(stamp)))
        {
            return Found::Same;
        }
        let limits = &self.engine.config.limits;
        let (bytes, stamp) = match read::open(&visit.path, self.allowed, limits.file_bytes) {
            Ok(opened) => opened,
            Err(diagnostic) => return Found::Failed(*diagnostic),
        };
        if let Some(stamps) = before.and_then(|before| same_content(before, &stamp, limits.include_bytes)) {
            return Found::Touched(stamps);
        }
        if visit.is_listing && !looks_like_descriptors(&visit.path, &bytes) {
            return Found::Read(Box::new(FileRead { stamps: vec![stamp], ..FileRead::default() }));
        }
        let rules = Some((self.rules, &root.rules));
        let context = self.engine.context(root, &visit.location, rules, self.keeps_places);
        let label = visit.path.display().to_string();
        let mut files = Files::new(self.allowed, limits.include_bytes, stamp);
        let read = read_file(&label, &label, &bytes, &mut files, &context);
        Found::Read(Box::new(FileRead { stamps: files.stamps, ..read }))
    }

    /// What the outcome of reading a file depends on besides its content.
    fn fingerprint(&self, visit: &Visit) -> String {
        let root = &self.roots[visit.root];
        let parts = [VERSION, &root.location, &root.fingerprint, &visit.parent, &self.allowed.fingerprint()];
        hash::of_parts(&parts.map(str::as_bytes))
    }

    fn source(&self, visit: &Visit, found: Found, before: Option<SourceState>) -> (Next, Option<FileRead>) {
        let location = Arc::clone(&visit.location);
        let root = visit.root;
        let fresh = |before: Option<&SourceState>| SourceState {
            origin: self.roots[root].location.clone(),
            parent: Some(visit.parent.clone()),
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
                let place = || Place { file: Some(visit.path.display().to_string()), line: 1, column: 1 };
                let place = visit.from.clone().unwrap_or_else(place);
                state.findings = vec![Finding { diagnostic: diagnostic.at(place), entity: None }];
                (state, Some(before), None)
            }
        };
        (Next { location, state, before, root }, read)
    }
}

/// New stamps, if every file still holds what it held.
fn same_content(before: &SourceState, first: &Stamp, include_limit: u64) -> Option<Vec<Stamp>> {
    let (known, includes) = before.stamps.split_first()?;
    if known != first {
        return None;
    }
    let mut stamps = vec![first.clone()];
    for include in includes {
        let stamp = match read::read_bounded(&include.path, include_limit) {
            Ok((_, stamp)) => stamp,
            Err(_) if include.is_missing() => include.clone(),
            Err(_) => return None,
        };
        if stamp != *include {
            return None;
        }
        stamps.push(stamp);
    }
    Some(stamps)
}
