//! The neighbourhood of entities: what they touch, a few steps far.

use std::collections::{BTreeSet, HashMap, VecDeque};
use std::sync::Arc;

use host_model::Entity;
use host_model::relation::PAIRS;

use super::{Id, Index};

/// Entities with the relations between them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Graph {
    /// The roots first, then what is nearest.
    pub nodes: Vec<GraphNode>,
    /// Each relation once, in the direction of the pair's first name (`ownedBy`, `partOf`, …).
    pub edges: Vec<GraphEdge>,
    /// Whether there is more than was allowed.
    pub truncated: bool,
}

/// An entity of a graph, or a reference to one that does not exist.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GraphNode {
    pub entity_ref: Arc<str>,
    pub kind: String,
    pub title: String,
    pub spec_type: Option<String>,
    /// Whether the catalog has it.
    pub exists: bool,
    /// Steps from the nearest root.
    pub distance: usize,
}

/// A relation of a graph.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct GraphEdge {
    pub source: Arc<str>,
    pub target: Arc<str>,
    /// The relation's name as seen from the source.
    pub name: Arc<str>,
}

impl Index {
    /// What lies within some steps of the roots, at most this many entities. With names, only these relations (in
    /// either direction of their pair) are followed.
    pub(crate) fn graph(&self, roots: &[String], steps: usize, names: &[String], most: usize) -> Graph {
        let follows = |name: &str| names.is_empty() || names.iter().any(|wanted| wanted == name);
        let mut distance: HashMap<Id, usize> = HashMap::new();
        let mut order = Vec::new();
        let mut queue = VecDeque::new();
        for root in roots {
            if let Some(&id) = self.by_ref.get(root.as_str())
                && !distance.contains_key(&id)
                && order.len() < most
            {
                distance.insert(id, 0);
                order.push(id);
                queue.push_back(id);
            }
        }
        let mut truncated = false;
        while let Some(id) = queue.pop_front() {
            let far = distance[&id];
            if far >= steps {
                continue;
            }
            let mut next: Vec<(&Arc<str>, Id)> = self.held[id as usize]
                .iter()
                .filter(|held| follows(self.canonical(held.name, id, held.target).0))
                .map(|held| (&self.refs[held.target as usize], held.target))
                .collect();
            next.sort_unstable();
            for (_, target) in next {
                if distance.contains_key(&target) {
                    continue;
                }
                if order.len() >= most {
                    truncated = true;
                    break;
                }
                distance.insert(target, far + 1);
                order.push(target);
                queue.push_back(target);
            }
        }
        let mut edges = BTreeSet::new();
        for &id in &order {
            for held in self.held[id as usize].iter().filter(|held| distance.contains_key(&held.target)) {
                let (name, source, target) = self.canonical(held.name, id, held.target);
                if follows(name) {
                    edges.insert(GraphEdge {
                        source: Arc::clone(&self.refs[source as usize]),
                        target: Arc::clone(&self.refs[target as usize]),
                        name: name.into(),
                    });
                }
            }
        }
        let nodes = order.iter().map(|id| self.node(*id, distance[id])).collect();
        Graph { nodes, edges: edges.into_iter().collect(), truncated }
    }

    /// A relation in the direction of the pair's first name.
    fn canonical(&self, name: u32, source: Id, target: Id) -> (&str, Id, Id) {
        let name = &*self.names[name as usize];
        match PAIRS.iter().find(|(_, backward)| *backward == name) {
            Some((forward, _)) => (forward, target, source),
            None => (name, source, target),
        }
    }

    fn node(&self, id: Id, distance: usize) -> GraphNode {
        let entity_ref = Arc::clone(self.reference(id));
        let entity: Option<Entity> = self.entry(id).and_then(|entry| serde_json::from_str(entry.text()).ok());
        match entity {
            Some(entity) => GraphNode {
                entity_ref,
                kind: entity.kind().to_owned(),
                title: entity.title().to_owned(),
                spec_type: entity.spec_type().map(str::to_owned),
                exists: true,
                distance,
            },
            None => {
                let (kind, rest) = entity_ref.split_once(':').unwrap_or(("", &entity_ref));
                let name = rest.split_once('/').map_or(rest, |(_, name)| name);
                let (kind, title) = (kind.to_owned(), name.to_owned());
                GraphNode { kind, title, spec_type: None, exists: false, distance, entity_ref }
            }
        }
    }
}
