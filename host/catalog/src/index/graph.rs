//! The neighbourhood of entities: what they touch, a few steps far.
//!
//! Relations come in pairs; here each counts once, in the direction of the pair's first name (`dependsOn`, `partOf`,
//! `ownedBy`), whoever states it.

use std::collections::{HashSet, VecDeque};
use std::sync::Arc;

use host_model::relation::PAIRS;

use super::face::Face;
use super::{Id, Index, Selection};

/// The most relations of one graph.
const MOST_EDGES: usize = 20_000;
/// The distance of what is not in the graph.
const OUTSIDE: u32 = u32::MAX;

/// Which way relations are followed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Direction {
    /// To what an entity depends on, is part of, is owned by.
    Out,
    /// To what depends on it, is part of it, is owned by it.
    In,
    #[default]
    Both,
}

/// Asks for a neighbourhood.
#[derive(Debug, Clone, Default)]
pub struct GraphRequest {
    /// References of the entities where it begins.
    pub roots: Vec<String>,
    /// What else is a root.
    pub selection: Option<Selection>,
    /// How many relations away at most.
    pub steps: usize,
    /// Names of the relations to follow, either one of a pair; none means all.
    pub names: Vec<String>,
    /// Kinds to which the way leads; none means all. Roots are always there.
    pub kinds: Vec<String>,
    pub direction: Direction,
    /// At most this many entities, the nearest first.
    pub most: usize,
}

/// Entities with the relations between them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Graph {
    /// The roots first, then what is nearest.
    pub nodes: Vec<GraphNode>,
    /// Each relation once, in the direction of the pair's first name (`ownedBy`, `partOf`, …).
    pub edges: Vec<GraphEdge>,
    /// Whether something was left out for want of room.
    pub truncated: bool,
    /// How many entities within reach were left out; what lies behind them is not counted.
    pub omitted: usize,
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
    /// How many entities that the same relations lead to are not in the graph.
    pub hidden: usize,
}

/// A relation of a graph.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct GraphEdge {
    pub source: Arc<str>,
    pub target: Arc<str>,
    /// The relation's name as seen from the source.
    pub name: Arc<str>,
}

/// How a relation counts for a request.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Way {
    /// Whether it is followed from the entity that has it.
    is_followed: bool,
    /// Whether it is drawn.
    is_drawn: bool,
    /// Whether the entity that has it is the source.
    is_forward: bool,
}

impl Index {
    /// What lies within some steps of the roots.
    pub(crate) fn graph(&self, request: &GraphRequest) -> Graph {
        let ways = self.ways(request);
        let kinds: Vec<String> = request.kinds.iter().map(|kind| format!("{}:", kind.to_lowercase())).collect();
        let wanted =
            |id: Id| kinds.is_empty() || kinds.iter().any(|kind| self.reference(id).starts_with(kind.as_str()));
        let mut distance = vec![OUTSIDE; self.size()];
        let mut order: Vec<Id> = Vec::new();
        let mut dropped: HashSet<Id> = HashSet::new();
        for id in self.roots(request) {
            if distance[id as usize] != OUTSIDE {
                continue;
            }
            if order.len() < request.most {
                distance[id as usize] = 0;
                order.push(id);
            } else {
                dropped.insert(id);
            }
        }
        let mut queue: VecDeque<Id> = order.iter().copied().collect();
        while let Some(id) = queue.pop_front() {
            let far = distance[id as usize];
            if far as usize >= request.steps {
                break;
            }
            let mut next: Vec<Id> = self.followed(id, &ways).filter(|target| wanted(*target)).collect();
            next.sort_unstable_by(|a, b| self.reference(*a).cmp(self.reference(*b)));
            for target in next {
                if distance[target as usize] != OUTSIDE {
                    continue;
                }
                if order.len() >= request.most {
                    dropped.insert(target);
                    continue;
                }
                distance[target as usize] = far + 1;
                order.push(target);
                queue.push_back(target);
            }
        }
        let (edges, cut) = self.drawn(&order, &distance, &ways);
        let nodes = order.iter().map(|id| {
            let outside = self.followed(*id, &ways).filter(|target| wanted(*target));
            let mut hidden: Vec<Id> = outside.filter(|target| distance[*target as usize] == OUTSIDE).collect();
            hidden.sort_unstable();
            hidden.dedup();
            self.node(*id, distance[*id as usize] as usize, hidden.len())
        });
        Graph { nodes: nodes.collect(), edges, truncated: cut || !dropped.is_empty(), omitted: dropped.len() }
    }

    /// The roots in the order of the request.
    fn roots(&self, request: &GraphRequest) -> Vec<Id> {
        let mut roots: Vec<Id> =
            request.roots.iter().filter_map(|root| self.by_ref.get(root.as_str()).copied()).collect();
        if let Some(selection) = &request.selection {
            let bits = selection.evaluate(self);
            roots.extend(self.ordered.iter().copied().filter(|id| bits.contains(*id)));
        }
        roots
    }

    /// For each name of a relation how it counts.
    fn ways(&self, request: &GraphRequest) -> Vec<Way> {
        let forward_of = |name: &str| {
            let pair = PAIRS.iter().find(|(forward, backward)| *forward == name || *backward == name);
            let declared = || self.edges.forward(name).map_or_else(|| name.to_owned(), ToString::to_string);
            pair.map_or_else(declared, |(forward, _)| (*forward).to_owned())
        };
        let wanted: Vec<String> = request.names.iter().map(|name| forward_of(name)).collect();
        let way = |name: &Arc<str>| {
            let forward = forward_of(name);
            let is_forward = *forward == **name;
            let is_drawn = wanted.is_empty() || wanted.contains(&forward);
            let is_followed = is_drawn
                && match request.direction {
                    Direction::Both => true,
                    Direction::Out => is_forward,
                    Direction::In => !is_forward,
                };
            Way { is_followed, is_drawn, is_forward }
        };
        self.edges.names().iter().map(way).collect()
    }

    fn followed<'a>(&'a self, id: Id, ways: &'a [Way]) -> impl Iterator<Item = Id> + 'a {
        self.edges.held(id).filter(|held| ways[held.name as usize].is_followed).map(|held| held.target)
    }

    /// The relations between entities of the graph, and whether there are more than are told.
    fn drawn(&self, order: &[Id], distance: &[u32], ways: &[Way]) -> (Vec<GraphEdge>, bool) {
        let mut found: Vec<(Id, Id, u32)> = Vec::new();
        for &id in order {
            for held in self.edges.held(id) {
                let way = ways[held.name as usize];
                if !way.is_drawn || distance[held.target as usize] == OUTSIDE {
                    continue;
                }
                // Each relation is held at both ends; a name without an opposite at one only.
                if way.is_forward {
                    found.push((id, held.target, held.name));
                }
            }
        }
        found.sort_unstable();
        found.dedup();
        let cut = found.len() > MOST_EDGES;
        found.truncate(MOST_EDGES);
        let mut edges: Vec<GraphEdge> = found
            .into_iter()
            .map(|(source, target, name)| GraphEdge {
                source: Arc::clone(self.reference(source)),
                target: Arc::clone(self.reference(target)),
                name: Arc::clone(&self.edges.names()[name as usize]),
            })
            .collect();
        edges.sort_unstable();
        (edges, cut)
    }

    fn node(&self, id: Id, distance: usize, hidden: usize) -> GraphNode {
        let entity_ref = Arc::clone(self.reference(id));
        let face = self.face(id);
        GraphNode {
            entity_ref,
            kind: face.kind,
            title: face.title,
            spec_type: face.spec_type,
            exists: face.exists,
            distance,
            hidden,
        }
    }

    /// What is shown of an entity, or of a reference to one that does not exist.
    pub(super) fn face(&self, id: Id) -> Face {
        let entry = self.entry(id);
        let read = entry.and_then(|entry| Face::of(entry.text()));
        read.unwrap_or_else(|| Face { exists: entry.is_some(), ..Face::of_reference(self.reference(id)) })
    }
}
