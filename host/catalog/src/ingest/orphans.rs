//! Entities that nothing leads to any more: they are marked and stay, for good or for a while.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Instant;

use host_model::Entity;
use host_model::annotation::ORPHAN;
use host_store::{Batch, StoreError};

use super::pass::{Engine, Outcome};
use super::state::EngineState;
use super::{told, write};
use crate::Orphans;
use crate::index::{Body, Input};

/// What the source of an orphan begins with.
const SOURCE: &str = "orphan:";

/// Whether a source is that of an orphan.
pub(super) fn is_orphan(source: &str) -> bool {
    source.starts_with(SOURCE)
}

/// Of the entities that nothing leads to, those that go now, and those that become orphans.
pub(super) fn sort_out(engine: &Engine, state: &mut EngineState, gone: Vec<String>) -> (Vec<String>, Vec<String>) {
    let now = Instant::now();
    let (mut removed, mut new, mut since) = (Vec::new(), Vec::new(), HashMap::new());
    for entity_ref in gone {
        // The time counts from when this process saw it: clocks may jump, and a restart gives it the whole time again.
        let from = state.orphans.get(&entity_ref).copied().unwrap_or(now);
        match engine.config.orphans {
            Orphans::Delete { after } if now.saturating_duration_since(from) >= after => {
                removed.push(entity_ref);
                continue;
            }
            Orphans::Delete { .. } | Orphans::Keep => {}
        }
        if state.entities.get(&entity_ref).is_some_and(|meta| !is_orphan(&meta.source)) {
            new.push(entity_ref.clone());
        }
        since.insert(entity_ref, from);
    }
    state.orphans = since;
    (removed, new)
}

/// Marks entities as orphans, and tells which were written for it.
pub(super) fn mark(
    engine: &Engine,
    state: &mut EngineState,
    orphans: &[String],
    outcome: &mut Outcome,
) -> Result<Vec<Arc<str>>, StoreError> {
    if orphans.is_empty() {
        return Ok(Vec::new());
    }
    let mut sources: HashMap<String, Vec<&str>> = HashMap::new();
    for entity_ref in orphans {
        if let Some(meta) = state.entities.get(entity_ref) {
            sources.entry(meta.source.to_string()).or_default().push(entity_ref);
        }
    }
    let (mut records, mut inputs) = (Vec::new(), Vec::new());
    for (source, refs) in sources {
        for mut record in engine.store.catalog().entities_of_source_blocking(&source)? {
            if !refs.contains(&record.entity_ref.as_str()) {
                continue;
            }
            let mut entity: Entity = serde_json::from_str(&record.body)?;
            entity.set_annotation(ORPHAN, "true");
            let body = Body::new(entity.document());
            record.body = body.text().clone();
            record.source = format!("{SOURCE}{source}");
            // Whoever leads to it again has it read anew.
            record.raw_hash = String::new();
            inputs.push(Input {
                entity_ref: record.entity_ref.clone(),
                uid: record.uid.clone(),
                source: record.source.as_str().into(),
                origin: record.origin.as_str().into(),
                parent: None,
                entity,
                body,
                given: serde_json::from_str(&record.relations)?,
                findings: serde_json::from_str(&record.diagnostics)?,
            });
            records.push(record);
        }
    }
    let metas: Vec<_> = records.iter().map(|record| (record.entity_ref.clone(), write::meta(record, false))).collect();
    for part in records.chunks(write::BATCH) {
        let told = told::of_replaced(engine, state, part);
        engine.store.catalog().apply_blocking(Batch { entities: part.to_vec(), told, ..Batch::default() })?;
    }
    state.entities.extend(metas);
    outcome.changed.extend(write::publish(engine, write::make_ready(inputs)));
    Ok(orphans.iter().map(|entity_ref| entity_ref.as_str().into()).collect())
}
