//! From what a provider says to what changes.

use std::collections::{BTreeMap, BTreeSet};

use host_model::Entity;
use host_ports::{Applied, Mutation, ProvidedEntity};
use host_store::{ProvidedRecord, ProviderChange};
use serde_json::Value;

use super::{Outline, bucket};
use crate::hash;
use crate::ingest::is_too_many;

/// Longest entity, in bytes of JSON.
const LONGEST: usize = 4 << 20;
/// How many refusals a status names.
const NAMED: usize = 5;

/// A mutation, worked out.
#[derive(Debug, Default)]
pub(super) struct Worked {
    pub(super) change: ProviderChange,
    pub(super) applied: Applied,
    /// Why some entities were not taken, the first few of them.
    pub(super) refused: Vec<String>,
    /// How many were not taken.
    pub(super) refusals: usize,
}

/// Compares a mutation with what is known. `seen` holds what earlier pages of the same run named.
pub(super) fn work_out(outline: &BTreeMap<String, Outline>, mutation: Mutation, seen: &mut BTreeSet<String>) -> Worked {
    let mut worked = Worked::default();
    match mutation {
        Mutation::Full(entities) => {
            let mut named = BTreeSet::new();
            worked.take(outline, entities, &mut named);
            worked.leave_out(outline, &named);
        }
        Mutation::Page { entities, is_last } => {
            worked.take(outline, entities, seen);
            if is_last {
                worked.leave_out(outline, seen);
                seen.clear();
            }
        }
        Mutation::Delta { added, removed } => {
            let mut named = BTreeSet::new();
            worked.take(outline, added, &mut named);
            let removed: BTreeSet<String> = removed.iter().map(ToString::to_string).collect();
            let gone = removed.into_iter().filter(|gone| outline.contains_key(gone) && !named.contains(gone));
            worked.change.removed = gone.collect();
        }
    }
    worked.applied.written = worked.change.put.len();
    worked.applied.removed = worked.change.removed.len();
    worked
}

impl Worked {
    fn take(
        &mut self,
        outline: &BTreeMap<String, Outline>,
        entities: Vec<ProvidedEntity>,
        named: &mut BTreeSet<String>,
    ) {
        for provided in entities {
            let entity_ref = provided.entity.entity_ref().to_string();
            if provided.entity.kind().is_empty() || provided.entity.name().is_empty() {
                self.refuse(format!("an entity has no kind or no name ({entity_ref})"));
                continue;
            }
            if !named.insert(entity_ref.clone()) {
                self.refuse(format!("{entity_ref} is given more than once; the first one counts"));
                continue;
            }
            let body = body(provided.entity);
            if body.len() > LONGEST {
                self.refuse(format!("{entity_ref} is longer than {LONGEST} bytes"));
                continue;
            }
            let key = provided.location_key.as_deref().unwrap_or_default();
            let hash = hash::of_parts(&[body.as_bytes(), key.as_bytes()]);
            match outline.get(&entity_ref) {
                Some(known) if known.hash == hash && !known.parked => {}
                Some(known) if known.hash == hash => self.change.parked.push((entity_ref, false)),
                _ => self.change.put.push(ProvidedRecord {
                    bucket: bucket(&entity_ref),
                    entity_ref,
                    location_key: provided.location_key,
                    hash,
                    parked: false,
                    body: body.into(),
                }),
            }
        }
    }

    /// What a complete list does not name goes, or is held back when that would be too much.
    fn leave_out(&mut self, outline: &BTreeMap<String, Outline>, named: &BTreeSet<String>) {
        let missing: Vec<&String> = outline.keys().filter(|entity_ref| !named.contains(*entity_ref)).collect();
        if !missing.is_empty() && (named.is_empty() || is_too_many(missing.len(), outline.len())) {
            self.applied.parked = missing.len();
            let new = missing.into_iter().filter(|entity_ref| !outline[*entity_ref].parked);
            self.change.parked.extend(new.map(|entity_ref| (entity_ref.clone(), true)));
        } else {
            self.change.removed.extend(missing.into_iter().cloned());
        }
    }

    fn refuse(&mut self, reason: String) {
        self.refusals += 1;
        if self.refused.len() < NAMED {
            self.refused.push(reason);
        }
    }
}

/// The entity as JSON, without what the catalog itself adds.
fn body(entity: Entity) -> String {
    let mut document = entity.into_value();
    if let Value::Object(document) = &mut document {
        document.shift_remove("relations");
        document.shift_remove("status");
        if let Some(Value::Object(metadata)) = document.get_mut("metadata") {
            metadata.shift_remove("uid");
            metadata.shift_remove("etag");
        }
    }
    document.to_string()
}
