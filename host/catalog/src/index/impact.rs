//! What fails when an entity fails.
//!
//! A failure spreads from an entity to what depends on it (`dependencyOf`), from a component to the APIs that it provides
//! (`providesApi`), from an API to those that consume it (`apiConsumedBy`), and from a whole to its parts (`hasPart`). It
//! does not spread from a part to the whole, since then everything in a system would fail with any piece of it, nor along
//! ownership and membership. The provider of an API does not fail with it.

use std::collections::{BTreeSet, HashMap, VecDeque};
use std::sync::Arc;

use super::face::Face;
use super::{Id, Index};

/// The relations along which failures spread, seen from what fails.
pub const IMPACT_RELATIONS: [&str; 4] = ["dependencyOf", "providesApi", "apiConsumedBy", "hasPart"];

const OWNED_BY: &str = "ownedBy";

/// Asks what a failure reaches.
#[derive(Debug, Clone)]
pub struct ImpactRequest {
    /// The reference of what fails.
    pub root: String,
    /// Names of relations, seen from what fails; none means [`IMPACT_RELATIONS`].
    pub names: Vec<String>,
    /// How many relations away at most.
    pub steps: usize,
    /// At most this many entities, the nearest first.
    pub most: usize,
}

/// What a failure reaches.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Impact {
    pub root: Affected,
    /// The nearest first.
    pub items: Vec<Affected>,
    /// The owners of what is reached, those with the most first.
    pub owners: Vec<AffectedOwner>,
    /// How many entities are reached in all.
    pub total: usize,
    /// Whether entities were left out for want of room, or for being too far away.
    pub truncated: bool,
}

/// An entity that a failure reaches.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Affected {
    pub entity_ref: Arc<str>,
    pub title: String,
    pub kind: String,
    pub spec_type: Option<String>,
    pub exists: bool,
    pub owner: Option<Arc<str>>,
    /// Who is called: its own annotations, or else those of its owners.
    pub on_call: Vec<Annotation>,
    /// How the failure gets there, from the root on: source, relation, target.
    pub path: Vec<(Arc<str>, Arc<str>, Arc<str>)>,
}

/// An annotation that tells who is called, and the entity that has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Annotation {
    pub key: String,
    pub value: String,
    pub from: Arc<str>,
}

/// An owner of what a failure reaches.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AffectedOwner {
    pub entity_ref: Arc<str>,
    pub title: String,
    /// How many of the entities it owns.
    pub count: usize,
    pub on_call: Vec<Annotation>,
}

impl Index {
    /// What a failure of an entity reaches; none when there is no such entity.
    pub(crate) fn impact(&self, request: &ImpactRequest) -> Option<Impact> {
        let (root, _) = self.find(&request.root)?;
        let follows: Vec<bool> = self
            .edges
            .names()
            .iter()
            .map(|name| match request.names.is_empty() {
                true => IMPACT_RELATIONS.contains(&&**name),
                false => request.names.iter().any(|wanted| *wanted == **name),
            })
            .collect();
        let mut from: HashMap<Id, (Id, u32)> = HashMap::new();
        let mut order: Vec<Id> = Vec::new();
        let mut queue = VecDeque::from([(root, 0)]);
        let mut too_far = false;
        while let Some((id, far)) = queue.pop_front() {
            let mut next: Vec<(&Arc<str>, u32, Id)> = self
                .edges
                .held(id)
                .filter(|held| follows[held.name as usize])
                .map(|held| (self.reference(held.target), held.name, held.target))
                .collect();
            next.sort_unstable();
            for (_, name, target) in next {
                if target == root || from.contains_key(&target) {
                    continue;
                }
                if far >= request.steps {
                    too_far = true;
                    break;
                }
                from.insert(target, (id, name));
                order.push(target);
                queue.push_back((target, far + 1));
            }
        }
        let mut counts: HashMap<Id, usize> = HashMap::new();
        for id in &order {
            for owner in self.owners(*id) {
                *counts.entry(owner).or_default() += 1;
            }
        }
        let mut faces: HashMap<Id, Face> = HashMap::new();
        let mut owners: Vec<AffectedOwner> =
            counts.into_iter().map(|(id, count)| self.owner(id, count, &mut faces)).collect();
        owners.sort_by(|a, b| b.count.cmp(&a.count).then_with(|| a.entity_ref.cmp(&b.entity_ref)));
        let items =
            order.iter().take(request.most).map(|id| self.affected(*id, self.path(*id, root, &from), &mut faces));
        let items = items.collect();
        Some(Impact {
            root: self.affected(root, Vec::new(), &mut faces),
            items,
            owners,
            total: order.len(),
            truncated: too_far || order.len() > request.most,
        })
    }

    fn path(&self, mut id: Id, root: Id, from: &HashMap<Id, (Id, u32)>) -> Vec<(Arc<str>, Arc<str>, Arc<str>)> {
        let mut path = Vec::new();
        while id != root
            && let Some((source, name)) = from.get(&id)
        {
            let step = (self.reference(*source), &self.edges.names()[*name as usize], self.reference(id));
            path.push((Arc::clone(step.0), Arc::clone(step.1), Arc::clone(step.2)));
            id = *source;
        }
        path.reverse();
        path
    }

    /// The owners of an entity, in order.
    fn owners(&self, id: Id) -> BTreeSet<Id> {
        let held = self.edges.held(id);
        held.filter(|held| &*self.edges.names()[held.name as usize] == OWNED_BY).map(|held| held.target).collect()
    }

    fn affected(&self, id: Id, path: Vec<(Arc<str>, Arc<str>, Arc<str>)>, faces: &mut HashMap<Id, Face>) -> Affected {
        let mut owners: Vec<Id> = self.owners(id).into_iter().collect();
        owners.sort_unstable_by_key(|owner| self.reference(*owner));
        let face = self.face(id);
        let mut on_call = self.annotations(id, &face);
        if on_call.is_empty() {
            for owner in &owners {
                let face = faces.entry(*owner).or_insert_with(|| self.face(*owner));
                on_call.extend(self.annotations(*owner, face));
            }
        }
        Affected {
            entity_ref: Arc::clone(self.reference(id)),
            title: face.title,
            kind: face.kind,
            spec_type: face.spec_type,
            exists: face.exists,
            owner: owners.first().map(|owner| Arc::clone(self.reference(*owner))),
            on_call,
            path,
        }
    }

    fn owner(&self, id: Id, count: usize, faces: &mut HashMap<Id, Face>) -> AffectedOwner {
        let face = faces.entry(id).or_insert_with(|| self.face(id));
        AffectedOwner {
            entity_ref: Arc::clone(self.reference(id)),
            title: face.title.clone(),
            count,
            on_call: self.annotations(id, face),
        }
    }

    fn annotations(&self, id: Id, face: &Face) -> Vec<Annotation> {
        let annotation = |(key, value): &(String, String)| Annotation {
            key: key.clone(),
            value: value.clone(),
            from: Arc::clone(self.reference(id)),
        };
        face.on_call.iter().map(annotation).collect()
    }
}
