//! What the history is told of a change besides what is written: what readers last saw, and who made it.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, PoisonError};

use host_store::{EntityRecord, StoreError, Told};

use super::pass::Engine;
use super::state::{EngineState, Meta};

/// Of entities that are about to be replaced; nothing need be told of new ones.
pub(super) fn of_replaced(engine: &Engine, state: &EngineState, records: &[EntityRecord]) -> HashMap<String, Told> {
    let shared = engine.shared.read().unwrap_or_else(PoisonError::into_inner);
    let of = |record: &EntityRecord| {
        let meta = state.entities.get(&record.entity_ref)?;
        let etag = shared.index.get(&record.entity_ref).map(|entry| entry.etag().to_owned());
        Some((record.entity_ref.clone(), Told { etag, cause: cause(meta, record) }))
    };
    records.iter().filter_map(of).collect()
}

/// Of entities that are about to go.
pub(super) fn of_removed(engine: &Engine, removed: &[String]) -> HashMap<String, Told> {
    let shared = engine.shared.read().unwrap_or_else(PoisonError::into_inner);
    let of = |entity_ref: &String| {
        let etag = shared.index.get(entity_ref)?.etag().to_owned();
        Some((entity_ref.clone(), Told { etag: Some(etag), cause: None }))
    };
    removed.iter().filter_map(of).collect()
}

/// Tells subscribers of entities that look different although they were not written.
pub(super) fn tell_derived(
    engine: &Engine,
    changed: &[Arc<str>],
    written: &HashSet<Arc<str>>,
) -> Result<(), StoreError> {
    let mut derived: Vec<String> =
        changed.iter().filter(|changed| !written.contains(*changed)).map(ToString::to_string).collect();
    derived.sort_unstable();
    derived.dedup();
    engine.store.catalog_changes().tell_derived_blocking(derived)
}

/// Who made a change: none when the source did, else the plugin that came, went or answers otherwise.
fn cause(before: &Meta, now: &EntityRecord) -> Option<String> {
    if before.hash != now.raw_hash || *before.source != *now.source || *before.origin != *now.origin {
        return None;
    }
    let (old, new): (HashSet<&str>, HashSet<&str>) =
        (before.signature.lines().collect(), now.signature.lines().collect());
    let mut names: Vec<&str> =
        old.symmetric_difference(&new).filter_map(|signed| Some(signed.split_once('@')?.0)).collect();
    if names.is_empty() {
        // Those that were asked are the same, so one of them answers otherwise.
        names = new.iter().filter_map(|signed| Some(signed.split_once('@')?.0)).collect();
    }
    names.sort_unstable();
    names.dedup();
    Some(if names.is_empty() { "system".to_owned() } else { format!("plugin:{}", names.join(", ")) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plugin_is_named_when_the_source_is_the_same() {
        let before = |signature: &str| Meta {
            source: "file:/a".into(),
            origin: "file:/a".into(),
            hash: "1".into(),
            signature: signature.into(),
            retry: false,
        };
        let now = |hash: &str, signature: &str| EntityRecord {
            entity_ref: "api:default/a".into(),
            uid: String::new(),
            source: "file:/a".into(),
            origin: "file:/a".into(),
            raw_hash: hash.into(),
            signature: signature.into(),
            body: "{}".into(),
            relations: "[]".into(),
            diagnostics: "[]".into(),
            outcomes: None,
        };
        for (before, now, expected) in [
            (before("a@1"), now("2", "a@2"), None),
            (before("a@1"), now("1", "a@2"), Some("plugin:a")),
            (before("a@1\nb@1"), now("1", "a@1"), Some("plugin:b")),
            (before("a@1"), now("1", "a@1"), Some("plugin:a")),
            (before(""), now("1", ""), Some("system")),
        ] {
            assert_eq!(cause(&before, &now).as_deref(), expected, "{before:?}");
        }
    }
}
