//! What mutations do to what is kept, on a store of its own.

use std::collections::{BTreeMap, BTreeSet};

use host_model::Entity;
use host_ports::{Mutation, ProvidedEntity};
use serde_json::json;

use super::mutation::{Worked, work_out};
use super::{Outline, bucket};

fn user(name: &str, title: &str) -> ProvidedEntity {
    let document = json!({
        "apiVersion": "backstage.io/v1alpha1", "kind": "User",
        "metadata": {"name": name, "title": title, "uid": "x", "etag": "y"}, "relations": [],
    });
    ProvidedEntity { entity: Entity::from_value(document).unwrap(), location_key: None }
}

fn users(names: std::ops::Range<u32>) -> Vec<ProvidedEntity> {
    names.map(|number| user(&format!("u{number}"), "")).collect()
}

/// A provider of which only the outline is kept.
#[derive(Default)]
struct Kept {
    outline: BTreeMap<String, Outline>,
    seen: BTreeSet<String>,
}

impl Kept {
    fn apply(&mut self, mutation: Mutation) -> Worked {
        let worked = work_out(&self.outline, mutation, &mut self.seen);
        for gone in &worked.change.removed {
            self.outline.remove(gone);
        }
        for put in &worked.change.put {
            let outline = Outline { bucket: put.bucket, hash: put.hash.clone(), parked: put.parked };
            self.outline.insert(put.entity_ref.clone(), outline);
        }
        for (entity_ref, parked) in &worked.change.parked {
            self.outline.get_mut(entity_ref).unwrap().parked = *parked;
        }
        worked
    }

    /// What a mutation wrote, removed and holds back, and how many entities there are then.
    fn counts(&mut self, mutation: Mutation) -> [usize; 4] {
        let applied = self.apply(mutation).applied;
        [applied.written, applied.removed, applied.parked, self.outline.len()]
    }
}

#[test]
fn a_full_list_replaces_what_was_given_and_too_many_removals_wait() {
    let mut kept = Kept::default();
    assert_eq!(kept.counts(Mutation::Full(users(0..30))), [30, 0, 0, 30]);
    assert!(kept.apply(Mutation::Full(users(0..30))).change.is_empty(), "the same again writes nothing");
    assert_eq!(kept.counts(Mutation::Full(users(0..28))), [0, 2, 0, 28]);
    assert_eq!(kept.counts(Mutation::Full(users(12..29))), [1, 0, 12, 29]);
    // An empty list is never believed.
    assert_eq!(kept.counts(Mutation::Full(Vec::new())), [0, 0, 29, 29]);
    // Whatever comes back is no longer about to go.
    assert_eq!(kept.counts(Mutation::Full(users(0..29))), [0, 0, 0, 29]);
    assert!(kept.outline.values().all(|outline| !outline.parked));
    let mut few = Kept::default();
    few.apply(Mutation::Full(users(0..1)));
    assert_eq!(few.counts(Mutation::Full(Vec::new())), [0, 0, 1, 1]);
}

#[test]
fn pages_make_one_list() {
    let mut kept = Kept::default();
    kept.apply(Mutation::Full(users(0..5)));
    assert_eq!(kept.counts(Mutation::Page { entities: users(1..3), is_last: false }), [0, 0, 0, 5]);
    assert_eq!(kept.counts(Mutation::Page { entities: users(3..7), is_last: true }), [2, 1, 0, 6]);
    assert!(kept.seen.is_empty());
}

#[test]
fn a_delta_says_what_it_means() {
    let mut kept = Kept::default();
    kept.apply(Mutation::Full(users(0..30)));
    let removed = (0..20).map(|number| format!("user:default/u{number}").parse().unwrap()).collect();
    let delta = Mutation::Delta { added: vec![user("u1", "Ada"), user("new", "")], removed };
    assert_eq!(kept.counts(delta), [2, 19, 0, 12], "what is given and removed at once is given");
}

#[test]
fn what_cannot_be_told_apart_is_refused_alone() {
    let mut kept = Kept::default();
    let nameless = ProvidedEntity { entity: Entity::new(serde_json::Map::new()), location_key: None };
    let worked = kept.apply(Mutation::Full(vec![user("a", "1"), user("A", "2"), nameless]));
    assert_eq!((worked.applied.written, worked.refusals), (1, 2));
    assert!(worked.refused[0].contains("given more than once"), "{:?}", worked.refused);
    let body = &worked.change.put[0].body;
    assert!(!body.contains("uid") && !body.contains("etag") && !body.contains("relations"), "{body}");
    assert_eq!(worked.change.put[0].bucket, bucket("user:default/a"));
}
