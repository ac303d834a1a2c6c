//! Small graphs: layers from left to right, with few crossings.

use dagre::graph::{Graph, GraphOptions};
use dagre::{EdgeLabel, LayoutOptions, NodeLabel, RankDir};
use host_api::EntityGraph;

use super::GraphLayout;

/// What stands before the number of a group, so that it is no entity's name.
const GROUP: &str = "#";

/// Layers from left to right, as the dagre algorithm makes them.
pub(super) struct Layered;

impl GraphLayout for Layered {
    fn place(&self, graph: &mut EntityGraph) {
        let mut placed = Graph::with_options(GraphOptions { directed: true, multigraph: true, compound: false });
        for node in &graph.nodes {
            let label = NodeLabel { width: node.width, height: node.height, ..NodeLabel::default() };
            placed.set_node(node.entity_ref.to_string(), Some(label));
        }
        for (index, edge) in graph.edges.iter().enumerate() {
            let (source, target) = (edge.source.to_string(), edge.target.to_string());
            placed.set_edge(source, target, Some(EdgeLabel::default()), Some(index.to_string().as_str()));
        }
        for (number, group) in graph.groups.iter().enumerate() {
            let label = NodeLabel { width: group.width, height: group.height, ..NodeLabel::default() };
            placed.set_node(format!("{GROUP}{number}"), Some(label));
            for (index, link) in group.links.iter().enumerate() {
                let (source, target) = ends(number, &link.entity_ref.to_string(), link.outward);
                placed.set_edge(source, target, Some(EdgeLabel::default()), Some(format!("{GROUP}{index}").as_str()));
            }
        }
        let options = LayoutOptions {
            rankdir: RankDir::LR,
            nodesep: 14.0,
            ranksep: 64.0,
            edgesep: 8.0,
            ..LayoutOptions::default()
        };
        dagre::layout(&mut placed, Some(options));
        take(graph, &placed);
    }
}

/// The ends of a group's line, from source to target.
fn ends(number: usize, entity: &str, outward: bool) -> (String, String) {
    let group = format!("{GROUP}{number}");
    if outward { (group, entity.to_owned()) } else { (entity.to_owned(), group) }
}

/// Takes the coordinates over.
fn take(graph: &mut EntityGraph, placed: &Graph<NodeLabel, EdgeLabel>) {
    let middle = |name: &str| {
        let label = placed.node(name);
        label.map_or((0.0, 0.0), |label| (label.x.unwrap_or_default(), label.y.unwrap_or_default()))
    };
    let line = |source: &str, target: &str, name: &str| {
        let label = placed.edge(source, target, Some(name));
        label.map(|label| label.points.iter().map(|point| (point.x, point.y)).collect()).unwrap_or_default()
    };
    for node in &mut graph.nodes {
        (node.x, node.y) = middle(&node.entity_ref.to_string());
    }
    for (index, edge) in graph.edges.iter_mut().enumerate() {
        edge.points = line(&edge.source.to_string(), &edge.target.to_string(), &index.to_string());
    }
    for (number, group) in graph.groups.iter_mut().enumerate() {
        (group.x, group.y) = middle(&format!("{GROUP}{number}"));
        for (index, link) in group.links.iter_mut().enumerate() {
            let (source, target) = ends(number, &link.entity_ref.to_string(), link.outward);
            link.points = line(&source, &target, &format!("{GROUP}{index}"));
        }
    }
}
