//! Who holds which entity, and which entities go.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use host_model::{Diagnostic, Place};

use super::orphans;
use super::pass::{Next, PROVIDER, Request, Root, root_source};
use super::state::{Claim, EngineState, Finding, SourceState};

/// A sync may always delete this many entities of a location.
const FEW: usize = 10;
/// A sync may always delete one in this many entities of a location.
const SHARE: usize = 10;
/// How many entities a message names.
const NAMED: usize = 5;

/// Whether a sync may not delete so many of so many entities by itself.
pub(crate) fn is_too_many(gone: usize, all: usize) -> bool {
    gone > FEW && gone * SHARE > all
}

/// Who holds what.
pub(super) struct Resolved {
    /// The number of the source that holds an entity.
    pub(super) winners: HashMap<String, usize>,
    /// Sources that are to be read again, since an entity fell to them that they had not been asked to process.
    pub(super) again: HashSet<String>,
    /// Whether nothing was claimed twice.
    pub(super) is_undisputed: bool,
}

/// Whether every source claims what it did before, whatever else changed in it.
pub(super) fn are_unchanged(next: &[Next], gone: &HashMap<Arc<str>, SourceState>) -> bool {
    gone.is_empty()
        && next.iter().all(|source| match &source.before {
            None => true,
            Some(None) => false,
            Some(Some(before)) => claimed(before).eq(claimed(&source.state)),
        })
}

fn claimed(source: &SourceState) -> impl Iterator<Item = (&str, bool)> {
    source.claims.iter().map(|claim| (claim.entity_ref.as_str(), claim.kept))
}

/// Documents that are broken now keep the entities that they held before: those they name, or else those that had their
/// place in the file.
pub(super) fn keep_last_good(
    next: &mut Next,
    broken: &[(usize, Option<String>)],
    before: Option<&SourceState>,
    present: &HashSet<String>,
) {
    let Some(before) = before else { return };
    let mut kept: HashSet<&str> = HashSet::new();
    for (document, named) in broken {
        let named = named.as_deref().and_then(|named| before.claims.iter().find(|claim| claim.entity_ref == named));
        let placed = || before.claims.iter().find(|claim| claim.document == *document && claim.parent.is_none());
        let Some(claim) = named.or_else(placed) else { continue };
        if present.contains(&claim.entity_ref) || !kept.insert(&claim.entity_ref) {
            continue;
        }
        let family = before
            .claims
            .iter()
            .filter(|other| other.entity_ref == claim.entity_ref || other.parent.as_ref() == Some(&claim.entity_ref));
        next.state.claims.extend(family.map(|claim| Claim { kept: true, ..claim.clone() }));
        // What it pointed to stays as well.
        next.state.targets.extend(before.targets.iter().filter(|target| target.parent == claim.entity_ref).cloned());
    }
}

/// Decides who holds each entity: who held it before, or else who comes first. Others are told.
pub(super) fn resolve(next: &mut [Next], state: &EngineState) -> Resolved {
    let mut winners: HashMap<String, usize> = HashMap::with_capacity(state.entities.len());
    let holds =
        |next: &Next, entity_ref: &str| state.entities.get(entity_ref).is_some_and(|meta| meta.source == next.location);
    for (at, source) in next.iter().enumerate() {
        for claim in &source.state.claims {
            let held = holds(source, &claim.entity_ref);
            if claim.kept && !held {
                continue;
            }
            match winners.get(claim.entity_ref.as_str()) {
                Some(_) if !held => {}
                _ => {
                    winners.insert(claim.entity_ref.clone(), at);
                }
            }
        }
    }
    let mut told: HashMap<usize, Vec<Finding>> = HashMap::new();
    for (at, source) in next.iter().enumerate() {
        let mut seen: HashSet<&str> = HashSet::new();
        for claim in source.state.claims.iter().filter(|claim| !claim.kept) {
            let winner = winners.get(&claim.entity_ref).copied().unwrap_or(at);
            let first = seen.insert(&claim.entity_ref);
            if winner == at && first {
                continue;
            }
            let (mine, other) = (shown(&source.location), shown(&next[winner].location));
            let message = format!("{} is already defined in {other}; this one is ignored", claim.entity_ref);
            told.entry(at).or_default().push(conflict(message, &source.location, claim));
            // Whoever looks at what led to the one that counts learns of the other as well.
            let is_seen = winner == at || next[winner].state.parent == source.state.parent;
            let counting = next[winner].state.claims.iter().find(|held| held.entity_ref == claim.entity_ref);
            if let Some(counting) = counting.filter(|_| !is_seen) {
                let message = format!("{} is defined in {mine} too; that one is ignored", claim.entity_ref);
                told.entry(winner).or_default().push(conflict(message, &next[winner].location, counting));
            }
        }
    }
    let fell = winners.iter().filter(|(entity_ref, at)| !holds(&next[**at], entity_ref));
    let again = fell.map(|(_, at)| next[*at].location.to_string()).collect();
    let is_undisputed = told.is_empty();
    for (at, source) in next.iter_mut().enumerate() {
        let conflicts = told.remove(&at).unwrap_or_default();
        set_standing(source, |finding| finding.diagnostic.code == "entity/conflict", conflicts);
    }
    Resolved { winners, again, is_undisputed }
}

/// How many entities every origin has given.
pub(super) fn count(state: &EngineState) -> HashMap<Arc<str>, usize> {
    let mut had: HashMap<Arc<str>, usize> = HashMap::new();
    for meta in state.entities.values() {
        match had.get_mut(&meta.origin) {
            Some(count) => *count += 1,
            None => drop(had.insert(Arc::clone(&meta.origin), 1)),
        }
    }
    had
}

/// A conflict, told at one of the claims.
fn conflict(message: String, location: &str, claim: &Claim) -> Finding {
    let place = Place { file: Some(shown(location)), line: claim.line, column: claim.column };
    let diagnostic = Diagnostic::warning("entity/conflict", message).at(place);
    let diagnostic = diagnostic.hint("rename one of them, or remove it");
    Finding::new(diagnostic, Some(claim.entity_ref.clone()))
}

/// A source as messages call it: its path or address, or the name of a provider.
fn shown(location: &str) -> String {
    let is_provider = location.starts_with("provider:");
    let name = ["file:", "url:"].iter().find_map(|sort| location.strip_prefix(sort)).unwrap_or(location);
    let name = name.rsplit_once('#').filter(|_| is_provider).map_or(name, |(name, _)| name);
    name.to_owned()
}

/// Entities that nobody holds any more, without those that the deletion guard keeps.
#[derive(Debug, Default)]
pub(super) struct Gone {
    /// Somebody took them back: a location that is registered no longer, or their provider.
    pub(super) removed: Vec<String>,
    /// Nothing leads to them any more.
    pub(super) unclaimed: Vec<String>,
}

impl Gone {
    pub(super) fn is_empty(&self) -> bool {
        self.removed.is_empty() && self.unclaimed.is_empty()
    }
}

/// Sorts out what becomes of the entities that nobody holds any more. The deletion guard is told how many every origin had
/// given before.
pub(super) fn gone(
    winners: &HashMap<String, usize>,
    next: &mut [Next],
    old: &HashMap<Arc<str>, SourceState>,
    roots: &[Root],
    state: &EngineState,
    had: &HashMap<Arc<str>, usize>,
    request: &Request,
) -> Gone {
    let mut open: HashMap<&str, Vec<&String>> = HashMap::new();
    for (entity_ref, meta) in &state.entities {
        if !winners.contains_key(entity_ref) {
            open.entry(&meta.origin).or_default().push(entity_ref);
        }
    }
    // What a provider takes back is gone with all that it led to; the provider's own guard has looked at it.
    let is_taken_back = |entity_ref: &str| {
        let source = state.entities.get(entity_ref).map(|meta| &meta.source);
        source.is_some_and(|source| {
            let parent = old.get(source).and_then(|source| source.parent.as_ref());
            source.starts_with("provider:") || parent.is_some_and(|parent| !winners.contains_key(parent))
        })
    };
    let is_orphan =
        |entity_ref: &str| state.entities.get(entity_ref).is_some_and(|meta| orphans::is_orphan(&meta.source));
    let mut gone = Gone::default();
    for root in roots {
        let mut refs = open.remove(root.location.as_str()).unwrap_or_default();
        refs.sort_unstable();
        let orphans = refs.extract_if(.., |entity_ref| is_orphan(entity_ref));
        gone.unclaimed.extend(orphans.cloned());
        if root.location_type == PROVIDER {
            let taken_back = refs.extract_if(.., |entity_ref| is_taken_back(entity_ref));
            gone.removed.extend(taken_back.cloned());
        }
        let all = had.get(root.location.as_str()).copied().unwrap_or(0);
        let mut parked = Vec::new();
        if is_too_many(refs.len(), all) && !request.approved.contains(&root.location) {
            parked.push(parked_deletions(root, &refs, all));
        } else {
            gone.unclaimed.extend(refs.into_iter().cloned());
        }
        let source = root_source(&root.location);
        if let Some(source) = next.iter_mut().find(|next| *next.location == *source) {
            set_standing(source, |finding| finding.diagnostic.code == "location/parked-deletions", parked);
        }
    }
    // A location that is configured no longer takes everything with it.
    gone.removed.extend(open.into_values().flatten().cloned());
    gone
}

fn parked_deletions(root: &Root, refs: &[&String], all: usize) -> Finding {
    let named: Vec<&str> = refs.iter().take(NAMED).map(|entity_ref| entity_ref.as_str()).collect();
    let more = if refs.len() > NAMED { ", …" } else { "" };
    let message = format!(
        "{} of the {all} entities from here are gone from their files; they are kept until an administrator agrees ({}{more})",
        refs.len(),
        named.join(", ")
    );
    let hint = "restore the files; or, if the entities should go, refresh this Location as administrator";
    let diagnostic = Diagnostic::error("location/parked-deletions", message).hint(hint);
    Finding::new(diagnostic, (root.location_type != PROVIDER).then(|| root.entity_ref.clone()))
}

/// Replaces the standing findings of one sort.
fn set_standing(source: &mut Next, sort: impl Fn(&Finding) -> bool, findings: Vec<Finding>) {
    let old: Vec<Finding> = source.state.standing.iter().filter(|finding| sort(finding)).cloned().collect();
    if old == findings {
        return;
    }
    if source.before.is_none() {
        source.before = Some(Some(source.state.clone()));
    }
    source.state.standing.retain(|finding| !sort(finding));
    source.state.standing.extend(findings);
}
