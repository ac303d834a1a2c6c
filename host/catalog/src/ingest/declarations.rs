//! Keeps the model of declared kinds in step with the descriptors that declare them.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use host_model::{Entity, Severity};

use super::state::EngineState;
use crate::declared::{Model, is_declaration};
use crate::hash;
use crate::shared::Shared;

/// Takes over what descriptors declare now. True when that is not what it was.
pub(super) fn follow(state: &EngineState, shared: &RwLock<Shared>) -> bool {
    let changed = changed(state, &shared.read().unwrap_or_else(PoisonError::into_inner));
    let Some(model) = changed else { return false };
    shared.write().unwrap_or_else(PoisonError::into_inner).model = Arc::new(model);
    true
}

/// The model that descriptors make, unless it is the one that is there.
pub(super) fn changed(state: &EngineState, shared: &Shared) -> Option<Model> {
    let mut declared: Vec<(&str, &str)> = state
        .entities
        .iter()
        .filter(|(entity_ref, _)| is_declaration(entity_ref))
        .map(|(entity_ref, meta)| (entity_ref.as_str(), meta.hash.as_str()))
        .collect();
    declared.sort_unstable();
    let troubles = troubles(state);
    if declared.is_empty() && troubles.is_empty() && shared.model.fingerprint.is_empty() {
        return None;
    }
    let mut parts: Vec<String> = declared.iter().map(|(entity_ref, hash)| format!("{entity_ref} {hash}")).collect();
    parts.extend(troubles.iter().map(|(entity_ref, place)| format!("{entity_ref} {place}")));
    parts.sort_unstable();
    let fingerprint = hash::of(parts.join("\n").as_bytes());
    if fingerprint == shared.model.fingerprint {
        return None;
    }
    let entities: Vec<(&str, Entity)> = declared
        .into_iter()
        .filter_map(|(entity_ref, _)| {
            let entry = shared.index.get(entity_ref)?;
            Some((entity_ref, serde_json::from_str(entry.text()).ok()?))
        })
        .collect();
    Some(Model::new(entities.iter().map(|(entity_ref, entity)| (*entity_ref, entity)), troubles, fingerprint))
}

/// Descriptors that are wrong now, and where.
fn troubles(state: &EngineState) -> HashMap<String, String> {
    let mut troubles = HashMap::new();
    for finding in state.sources.values().flat_map(|source| &source.findings) {
        let entity_ref = finding.entity.as_deref().filter(|entity_ref| entity_ref.starts_with("kind:"));
        if let (Some(entity_ref), Severity::Error) = (entity_ref, finding.diagnostic.severity) {
            let place = finding.diagnostic.place.as_ref().map_or_else(|| entity_ref.to_owned(), ToString::to_string);
            // The first of several, whatever the order of the sources.
            let known = troubles.entry(entity_ref.to_owned()).or_insert_with(|| place.clone());
            if place < *known {
                *known = place;
            }
        }
    }
    troubles
}
