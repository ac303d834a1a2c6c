//! Who holds which entity, and which entities go.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use host_model::{Diagnostic, Place};

use super::pass::{Next, Request, Root, root_source};
use super::state::{Claim, EngineState, Finding, SourceState};

/// A sync may always delete this many entities of a location.
const FEW: usize = 10;
/// A sync may always delete one in this many entities of a location.
const SHARE: usize = 10;
/// How many entities a message names.
const NAMED: usize = 5;

/// Who holds what.
pub(super) struct Resolved {
    /// The number of the source that holds an entity.
    pub(super) winners: HashMap<String, usize>,
    /// Sources that are to be read again, since an entity fell to them that they had not been asked to process.
    pub(super) again: HashSet<String>,
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
    let mut losers: HashMap<usize, Vec<Finding>> = HashMap::new();
    for (at, source) in next.iter().enumerate() {
        let mut seen: HashSet<&str> = HashSet::new();
        for claim in source.state.claims.iter().filter(|claim| !claim.kept) {
            let winner = winners.get(&claim.entity_ref).copied().unwrap_or(at);
            let first = seen.insert(&claim.entity_ref);
            if winner == at && first {
                continue;
            }
            let file = |location: &str| location.strip_prefix("file:").unwrap_or(location).to_owned();
            let other = file(&next[winner].location);
            let message = format!("{} is already defined in {other}; this one is ignored", claim.entity_ref);
            let place = Place { file: Some(file(&source.location)), line: claim.line, column: claim.column };
            let diagnostic = Diagnostic::warning("entity/conflict", message).at(place);
            let diagnostic = diagnostic.hint("rename one of them, or remove it");
            losers.entry(at).or_default().push(Finding { diagnostic, entity: Some(claim.entity_ref.clone()) });
        }
    }
    let fell = winners.iter().filter(|(entity_ref, at)| !holds(&next[**at], entity_ref));
    let again = fell.map(|(_, at)| next[*at].location.to_string()).collect();
    for (at, source) in next.iter_mut().enumerate() {
        let conflicts = losers.remove(&at).unwrap_or_default();
        set_standing(source, |finding| finding.diagnostic.code == "entity/conflict", conflicts);
    }
    Resolved { winners, again }
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

/// The entities that nobody holds any more, without those that the deletion guard keeps, which is told how many there
/// were before.
pub(super) fn removed(
    winners: &HashMap<String, usize>,
    next: &mut [Next],
    roots: &[Root],
    state: &EngineState,
    had: &HashMap<Arc<str>, usize>,
    request: &Request,
) -> Vec<String> {
    let mut gone: HashMap<&str, Vec<&String>> = HashMap::new();
    for (entity_ref, meta) in &state.entities {
        if !winners.contains_key(entity_ref) {
            gone.entry(&meta.origin).or_default().push(entity_ref);
        }
    }
    let mut removed = Vec::new();
    for root in roots {
        let mut refs = gone.remove(root.location.as_str()).unwrap_or_default();
        refs.sort_unstable();
        let all = had.get(root.location.as_str()).copied().unwrap_or(0);
        let too_many = refs.len() > FEW && refs.len() * SHARE > all;
        let mut parked = Vec::new();
        if too_many && !request.approved.contains(&root.location) {
            let named: Vec<&str> = refs.iter().take(NAMED).map(|entity_ref| entity_ref.as_str()).collect();
            let more = if refs.len() > NAMED { ", …" } else { "" };
            let message = format!(
                "{} of the {all} entities from here are gone from their files; they are kept until an administrator agrees ({}{more})",
                refs.len(),
                named.join(", ")
            );
            let hint = "restore the files; or, if the entities should go, refresh this Location as administrator";
            let diagnostic = Diagnostic::error("location/parked-deletions", message).hint(hint);
            parked.push(Finding { diagnostic, entity: Some(root.entity_ref.clone()) });
        } else {
            removed.extend(refs.into_iter().cloned());
        }
        let source = root_source(&root.location);
        if let Some(source) = next.iter_mut().find(|next| *next.location == *source) {
            set_standing(source, |finding| finding.diagnostic.code == "location/parked-deletions", parked);
        }
    }
    // A location that is configured no longer takes everything with it.
    removed.extend(gone.into_values().flatten().cloned());
    removed
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
