//! Walks from entity to entity along relations, one round of questions for each step.

use std::collections::{BTreeMap, HashMap};

use crate::catalogs::{Entity, Source};

/// What is known of an entity without its whole document.
const FIELDS: &[&str] = &[
    "kind",
    "metadata.name",
    "metadata.namespace",
    "metadata.title",
    "metadata.annotations",
    "spec.type",
    "spec.owner",
    "spec.profile.displayName",
    "relations",
];

/// Entities in the order in which they were reached.
#[derive(Debug, Default)]
pub(super) struct Walk {
    pub(super) nodes: Vec<Node>,
    by_ref: HashMap<String, usize>,
    /// Whether there is more than was allowed.
    pub(super) truncated: bool,
}

/// An entity that was reached.
#[derive(Debug)]
pub(super) struct Node {
    pub(super) entity_ref: String,
    /// None when a relation names what the catalog does not have.
    pub(super) entity: Option<Entity>,
    /// Steps from the root.
    pub(super) distance: usize,
    /// From where it was reached first, and by which relation.
    pub(super) reached: Option<(usize, String)>,
}

impl Node {
    pub(super) fn title(&self) -> &str {
        self.entity.as_ref().map_or(self.entity_ref.as_str(), Entity::title)
    }

    pub(super) fn relations(&self) -> Vec<(String, String)> {
        self.entity.as_ref().map(Entity::relations).unwrap_or_default()
    }
}

impl Walk {
    /// Goes from the root at most so many steps and to at most so many entities, along the relations that `follows`
    /// chooses: it is told the entity at hand, the relation's name, and the other entity's reference.
    pub(super) async fn from(
        source: &Source,
        root: &str,
        depth: usize,
        most: usize,
        follows: impl Fn(&Node, &str, &str) -> bool,
    ) -> anyhow::Result<Self> {
        let mut walk = Self::default();
        let mut wanted = vec![(root.to_owned(), None)];
        for distance in 0..=depth {
            let refs: Vec<String> = wanted.iter().map(|(entity_ref, _)| entity_ref.clone()).collect();
            let found = source.by_refs(&refs, FIELDS).await?;
            let first = walk.nodes.len();
            for ((entity_ref, reached), entity) in wanted.into_iter().zip(found) {
                walk.by_ref.insert(entity_ref.clone(), walk.nodes.len());
                walk.nodes.push(Node { entity_ref, entity, distance, reached });
            }
            // A map, so that what is reached twice in one step is reached by the same way each time.
            let mut next: BTreeMap<String, (usize, String)> = BTreeMap::new();
            for (at, node) in walk.nodes.iter().enumerate().skip(first) {
                for (name, target) in node.relations() {
                    if !walk.by_ref.contains_key(&target)
                        && !next.contains_key(&target)
                        && follows(node, &name, &target)
                    {
                        next.insert(target, (at, name));
                    }
                }
            }
            if next.is_empty() {
                break;
            }
            if distance == depth {
                break;
            }
            wanted = next.into_iter().map(|(entity_ref, reached)| (entity_ref, Some(reached))).collect();
            let room = most.saturating_sub(walk.nodes.len());
            if wanted.len() > room {
                wanted.truncate(room);
                walk.truncated = true;
            }
            if wanted.is_empty() {
                break;
            }
        }
        Ok(walk)
    }

    pub(super) fn position(&self, entity_ref: &str) -> Option<usize> {
        self.by_ref.get(entity_ref).copied()
    }

    /// The nodes on the way from the root to a node, the root first.
    pub(super) fn way_to(&self, mut at: usize) -> Vec<usize> {
        let mut way = vec![at];
        while let Some((before, _)) = &self.nodes[at].reached {
            at = *before;
            way.push(at);
        }
        way.reverse();
        way
    }
}
