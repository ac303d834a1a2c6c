//! Writes the difference that a pass found, first to the store and then to the index.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::mpsc::Receiver;
use std::sync::{Arc, PoisonError};

use host_model::{Principal, Severity};
use host_store::{AuditEntry, Batch, EntityRecord, SourceRecord, Store, StoreError, Told};
use serde_json::json;

use super::flow::Part;
use super::pass::{Engine, Next, Outcome};
use super::state::{EngineState, Meta, SourceState};
use super::told;
use crate::hash;
use crate::index::{Body, Input, Ready};
use crate::shared::{Shared, SourceView};

/// How many entities are written in one transaction, so that others need not wait long.
pub(super) const BATCH: usize = 400;
/// How many bytes of sources are written in one transaction.
const BATCH_BYTES: usize = 1 << 20;
/// How many entities are put into the index before readers may look again.
const STEP: usize = 2500;
/// After so many changes, room that was made for more is given back.
const MANY: usize = 10_000;
/// Most errors that an entity's `status` shows.
const MOST_ITEMS: usize = 20;

/// What was written of a pass.
#[derive(Default)]
pub(super) struct Written {
    pub(super) metas: Vec<(String, Meta)>,
    /// References of entities whose text is another now.
    pub(super) changed: Vec<Arc<str>>,
}

/// Writes parts as they come, until none can come any more.
pub(super) fn parts(engine: &Engine, state: &EngineState, parts: Receiver<Part>) -> Result<Written, StoreError> {
    let mut written = Written::default();
    for part in parts {
        let (records, inputs) = changed_entities(engine, state, part);
        written.metas.extend(records.iter().map(|(record, retry)| (record.entity_ref.clone(), meta(record, *retry))));
        let records: Vec<EntityRecord> = records.into_iter().map(|(record, _)| record).collect();
        let told = told::of_replaced(engine, state, &records);
        let ready = std::thread::scope(|scope| {
            let storing = scope.spawn(|| store(&engine.store, records, told));
            let ready = make_ready(inputs);
            storing.join().unwrap_or(Err(StoreError::Internal)).map(|()| ready)
        })?;
        written.changed.extend(publish(engine, ready));
    }
    Ok(written)
}

/// Completes a pass: what is gone goes, and what was read is recorded last, so that a source whose entities are not all
/// there is read again.
pub(super) fn finish(
    engine: &Engine,
    state: &mut EngineState,
    next: Vec<Next>,
    old: HashMap<Arc<str>, SourceState>,
    written: usize,
    removed: Vec<String>,
    outcome: &mut Outcome,
) -> Result<(), StoreError> {
    let is_changed = |next: &&Next| next.before.as_ref().is_some_and(|before| before.as_ref() != Some(&next.state));
    let catalog = engine.store.catalog();
    for part in removed.chunks(BATCH) {
        let told = told::of_removed(engine, part);
        catalog.apply_blocking(Batch { removed_entities: part.to_vec(), told, ..Batch::default() })?;
    }
    let mut batch = Batch::default();
    let mut size = 0;
    for source in next.iter().filter(is_changed) {
        let text = serde_json::to_string(&source.state)?;
        size += text.len();
        let origin = source.state.origin.clone();
        batch.sources.push(SourceRecord { location: source.location.to_string(), origin, state: text });
        if size > BATCH_BYTES {
            size = 0;
            catalog.apply_blocking(std::mem::take(&mut batch))?;
        }
    }
    batch.removed_sources = old.keys().map(ToString::to_string).collect();
    if written > 0 || !removed.is_empty() {
        let detail = format!("{written} written, {} removed", removed.len());
        batch.audit.push(AuditEntry::new(&Principal::System, "catalog.sync", "catalog").detail(detail));
    }
    catalog.apply_blocking(batch)?;

    for entity_ref in &removed {
        state.entities.remove(entity_ref);
    }
    state.sources = next.into_iter().map(|next| (next.location, next.state)).collect();
    let mut shared = engine.shared.write().unwrap_or_else(PoisonError::into_inner);
    for entity_ref in &removed {
        shared.remove(entity_ref);
    }
    shared.sources = views(state);
    outcome.changed.extend(settle(&mut shared, state));
    if written > MANY {
        shared.index.shrink();
    }
    outcome.removed.extend(removed);
    Ok(())
}

fn store(store: &Store, records: Vec<EntityRecord>, mut told: HashMap<String, Told>) -> Result<(), StoreError> {
    let catalog = store.catalog();
    let mut records = records.into_iter().peekable();
    while records.peek().is_some() {
        let entities: Vec<EntityRecord> = records.by_ref().take(BATCH).collect();
        let told = entities.iter().filter_map(|entity| told.remove_entry(&entity.entity_ref)).collect();
        catalog.apply_blocking(Batch { entities, told, ..Batch::default() })?;
    }
    Ok(())
}

/// Takes entities apart for the index, several at a time.
pub(super) fn make_ready(inputs: Vec<Input>) -> Vec<Ready> {
    let threads = std::thread::available_parallelism().map_or(1, std::num::NonZero::get).min(8);
    if threads < 2 || inputs.len() < STEP {
        return inputs.into_iter().map(Ready::from).collect();
    }
    let share = inputs.len().div_ceil(threads);
    let mut inputs = inputs.into_iter();
    let parts: Vec<Vec<Input>> = (0..threads).map(|_| inputs.by_ref().take(share).collect()).collect();
    std::thread::scope(|scope| {
        let working: Vec<_> = parts
            .into_iter()
            .map(|part| scope.spawn(move || part.into_iter().map(Ready::from).collect::<Vec<_>>()))
            .collect();
        working.into_iter().flat_map(|part| part.join().expect("taking an entity apart does not panic")).collect()
    })
}

/// The entities that differ from what is stored.
fn changed_entities(engine: &Engine, state: &EngineState, part: Part) -> (Vec<(EntityRecord, bool)>, Vec<Input>) {
    let shared = engine.shared.read().unwrap_or_else(PoisonError::into_inner);
    let Part { works, origins } = part;
    let (mut records, mut inputs) = (Vec::with_capacity(works.len()), Vec::with_capacity(works.len()));
    for work in works {
        let Some(source) = origins.get(&work.source) else { continue };
        let signature = work.signature();
        let candidate = work.candidate;
        let body = Body::new(candidate.entity.document());
        let known = state.entities.get(&candidate.entity_ref);
        let same =
            known.is_some_and(|meta| {
                meta.source == source.location
                    && meta.hash == candidate.hash
                    && meta.signature == signature
                    && meta.retry == work.retry
            }) && shared.index.get(&candidate.entity_ref).is_some_and(|entry| entry.is(&body, &candidate.findings));
        if same {
            continue;
        }
        let uid = hash::uid(&candidate.entity_ref);
        let outcomes = if work.outcomes.is_empty() { None } else { serde_json::to_string(&work.outcomes).ok() };
        records.push((
            EntityRecord {
                entity_ref: candidate.entity_ref.clone(),
                uid: uid.clone(),
                source: source.location.to_string(),
                origin: source.origin.to_string(),
                raw_hash: candidate.hash,
                signature,
                body: Arc::clone(body.text()),
                relations: serde_json::to_string(&candidate.given).unwrap_or_else(|_| "[]".to_owned()),
                diagnostics: serde_json::to_string(&candidate.findings).unwrap_or_else(|_| "[]".to_owned()),
                outcomes,
            },
            work.retry,
        ));
        inputs.push(Input {
            parent: candidate.parent.or_else(|| source.parent.clone()),
            entity_ref: candidate.entity_ref,
            uid,
            source: Arc::clone(&source.location),
            origin: Arc::clone(&source.origin),
            entity: candidate.entity,
            body,
            given: candidate.given,
            findings: candidate.findings,
        });
    }
    (records, inputs)
}

pub(super) fn meta(record: &EntityRecord, retry: bool) -> Meta {
    Meta {
        source: record.source.as_str().into(),
        origin: record.origin.as_str().into(),
        hash: record.raw_hash.clone(),
        signature: record.signature.clone(),
        retry,
    }
}

/// Lets readers see entities, a few at a time.
pub(super) fn publish(engine: &Engine, ready: Vec<Ready>) -> Vec<Arc<str>> {
    let mut changed = Vec::new();
    let mut ready = ready.into_iter().peekable();
    while ready.peek().is_some() {
        let mut shared = engine.shared.write().unwrap_or_else(PoisonError::into_inner);
        for ready in ready.by_ref().take(STEP) {
            shared.index.put(ready);
        }
        changed.extend(shared.index.settle());
    }
    changed
}

/// Removes an entity that nobody may want back before its file changes, and says so in the audit log.
pub(crate) fn delete(
    engine: &Engine,
    state: &mut EngineState,
    entity_ref: &str,
    audit: AuditEntry,
) -> Result<bool, StoreError> {
    let Some(meta) = state.entities.get(entity_ref) else { return Ok(false) };
    let removed = vec![entity_ref.to_owned()];
    let told = told::of_removed(engine, &removed);
    let cause = Some(audit.actor.clone());
    let mut batch = Batch { removed_entities: removed, audit: vec![audit], told, cause, ..Batch::default() };
    let location = Arc::clone(&meta.source);
    let mut source = state.sources.get(&location).cloned();
    if let Some(source) = &mut source {
        source.claims.retain(|claim| claim.entity_ref != entity_ref);
        let text = serde_json::to_string(source)?;
        let origin = source.origin.clone();
        batch.sources.push(SourceRecord { location: location.to_string(), origin, state: text });
    }
    engine.store.catalog().apply_blocking(batch)?;
    state.entities.remove(entity_ref);
    state.sources.extend(source.map(|source| (location, source)));
    let mut shared = engine.shared.write().unwrap_or_else(PoisonError::into_inner);
    shared.remove(entity_ref);
    shared.sources = views(state);
    let changed = settle(&mut shared, state);
    drop(shared);
    told::tell_derived(engine, &changed, &HashSet::new())?;
    Ok(true)
}

/// What readers see of the sources.
pub(super) fn views(state: &EngineState) -> HashMap<Arc<str>, SourceView> {
    let view = |source: &SourceState| SourceView {
        origin: source.origin.as_str().into(),
        parent: source.parent.as_deref().map(Into::into),
        addresses: source.addresses().map(Into::into).collect(),
        findings: source.findings.iter().chain(&source.standing).cloned().collect(),
    };
    state.sources.iter().map(|(location, source)| (Arc::clone(location), view(source))).collect()
}

/// Completes the index after a change: `status` and relations.
pub(super) fn settle(shared: &mut Shared, state: &mut EngineState) -> Vec<Arc<str>> {
    let mut changed = shared.index.settle();
    let statuses = statuses(state, shared);
    for entity_ref in state.statuses.keys().filter(|known| !statuses.contains_key(*known)) {
        shared.set_own_status(entity_ref, None);
    }
    for (entity_ref, status) in &statuses {
        shared.set_own_status(entity_ref, Some(Arc::clone(status)));
    }
    state.statuses = statuses;
    changed.extend(shared.index.settle());
    changed
}

/// The errors of entities: about themselves, and for Locations about what they led to that is no entity.
fn statuses(state: &EngineState, shared: &Shared) -> HashMap<String, Arc<str>> {
    let mut errors: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for (location, source) in &state.sources {
        for finding in source.findings.iter().chain(&source.standing) {
            if finding.diagnostic.severity != Severity::Error {
                continue;
            }
            let own = finding
                .entity
                .as_deref()
                .filter(|entity_ref| state.entities.get(*entity_ref).is_some_and(|meta| meta.source == *location));
            if let Some(entity_ref) = own.or(source.parent.as_deref()) {
                errors.entry(entity_ref).or_default().push(finding.diagnostic.to_string());
            }
        }
    }
    for (entity_ref, entry) in shared.index.iter() {
        for finding in entry.findings.iter().filter(|finding| finding.code.starts_with("processor/")) {
            errors.entry(entity_ref).or_default().push(finding.to_string());
        }
    }
    let status = |mut messages: Vec<String>| -> Arc<str> {
        messages.sort_unstable();
        messages.dedup();
        messages.truncate(MOST_ITEMS);
        let item = |message: String| {
            json!({
                "type": "backstage.io/catalog-processing",
                "level": "error",
                "message": format!("InputError: {message}"),
                "error": {"name": "InputError", "message": message},
            })
        };
        json!({"items": messages.into_iter().map(item).collect::<Vec<_>>()}).to_string().into()
    };
    errors.into_iter().map(|(entity_ref, messages)| (entity_ref.to_owned(), status(messages))).collect()
}
