//! Gives graphs their coordinates, so that pages only draw.

use dagre::graph::{Graph, GraphOptions};
use dagre::{EdgeLabel, LayoutOptions, NodeLabel, RankDir};
use host_api::EntityGraph;

/// The height of a node, in pixels.
const NODE_HEIGHT: f64 = 40.0;
/// The narrowest and the widest node, in pixels.
const NODE_WIDTH: (f64, f64) = (96.0, 240.0);
/// The average width of a character of a node's title, in pixels.
const CHARACTER_WIDTH: f64 = 7.2;
/// The same for the kind and the type below the title.
const SMALL_CHARACTER_WIDTH: f64 = 6.4;
/// The room that a node needs beside its title: its icon and its padding, in pixels.
const NODE_PADDING: f64 = 46.0;
/// The room around the drawing, in pixels.
const MARGIN: f64 = 12.0;

/// Something that places nodes and lines.
pub(crate) trait GraphLayout: Send + Sync {
    /// Sets sizes, positions and lines of a graph.
    fn place(&self, graph: &mut EntityGraph);
}

/// Layers from left to right, as the dagre algorithm makes them.
pub(crate) struct Layered;

impl GraphLayout for Layered {
    fn place(&self, graph: &mut EntityGraph) {
        for node in &mut graph.nodes {
            let length = |text: &str| f64::from(u16::try_from(text.chars().count()).unwrap_or(u16::MAX));
            let kind = node.spec_type.as_deref().map_or(0.0, |name| length(name) + 3.0) + length(&node.kind);
            let text = (length(&node.title) * CHARACTER_WIDTH).max(kind * SMALL_CHARACTER_WIDTH);
            node.width = (text + NODE_PADDING).clamp(NODE_WIDTH.0, NODE_WIDTH.1);
            node.height = NODE_HEIGHT;
        }
        let mut placed = Graph::with_options(GraphOptions { directed: true, multigraph: true, compound: false });
        for node in &graph.nodes {
            let label = NodeLabel { width: node.width, height: node.height, ..NodeLabel::default() };
            placed.set_node(node.entity_ref.to_string(), Some(label));
        }
        for (index, edge) in graph.edges.iter().enumerate() {
            let (source, target) = (edge.source.to_string(), edge.target.to_string());
            placed.set_edge(source, target, Some(EdgeLabel::default()), Some(index.to_string().as_str()));
        }
        let options = LayoutOptions {
            rankdir: RankDir::LR,
            nodesep: 14.0,
            ranksep: 64.0,
            edgesep: 8.0,
            ..LayoutOptions::default()
        };
        dagre::layout(&mut placed, Some(options));
        self.take(graph, &placed);
    }
}

impl Layered {
    /// Takes the coordinates over and moves the whole so that it begins at the margin.
    fn take(&self, graph: &mut EntityGraph, placed: &Graph<NodeLabel, EdgeLabel>) {
        for node in &mut graph.nodes {
            if let Some(label) = placed.node(&node.entity_ref.to_string()) {
                node.x = label.x.unwrap_or_default();
                node.y = label.y.unwrap_or_default();
            }
        }
        for (index, edge) in graph.edges.iter_mut().enumerate() {
            let label =
                placed.edge(&edge.source.to_string(), &edge.target.to_string(), Some(index.to_string().as_str()));
            edge.points =
                label.map(|label| label.points.iter().map(|point| (point.x, point.y)).collect()).unwrap_or_default();
        }
        let left = graph.nodes.iter().map(|node| node.x - node.width / 2.0).fold(f64::INFINITY, f64::min);
        let top = graph.nodes.iter().map(|node| node.y - node.height / 2.0).fold(f64::INFINITY, f64::min);
        if !left.is_finite() || !top.is_finite() {
            return;
        }
        let (x, y) = (MARGIN - left, MARGIN - top);
        for node in &mut graph.nodes {
            node.x += x;
            node.y += y;
        }
        for point in graph.edges.iter_mut().flat_map(|edge| &mut edge.points) {
            *point = (point.0 + x, point.1 + y);
        }
        graph.width = graph.nodes.iter().map(|node| node.x + node.width / 2.0).fold(0.0, f64::max) + MARGIN;
        graph.height = graph.nodes.iter().map(|node| node.y + node.height / 2.0).fold(0.0, f64::max) + MARGIN;
    }
}

#[cfg(test)]
mod tests {
    use host_api::{GraphEdge, GraphNode};
    use host_model::EntityRef;

    use super::*;

    fn node(name: &str) -> GraphNode {
        GraphNode {
            entity_ref: EntityRef::new("component", "default", name),
            title: name.to_owned(),
            kind: "Component".to_owned(),
            spec_type: None,
            exists: true,
            x: 0.0,
            y: 0.0,
            width: 0.0,
            height: 0.0,
        }
    }

    fn edge(source: &str, target: &str) -> GraphEdge {
        let reference = |name| EntityRef::new("component", "default", name);
        GraphEdge {
            source: reference(source),
            target: reference(target),
            relation: "dependsOn".to_owned(),
            points: Vec::new(),
        }
    }

    #[test]
    fn places_nodes_apart_and_within_the_drawing() {
        let mut graph = EntityGraph {
            nodes: ["a", "b", "c", "alone"].map(node).to_vec(),
            edges: vec![edge("a", "b"), edge("b", "c"), edge("c", "a"), edge("a", "b"), edge("a", "a")],
            ..EntityGraph::default()
        };
        Layered.place(&mut graph);
        for (index, one) in graph.nodes.iter().enumerate() {
            assert!(one.x - one.width / 2.0 >= 0.0 && one.x + one.width / 2.0 <= graph.width);
            assert!(one.y - one.height / 2.0 >= 0.0 && one.y + one.height / 2.0 <= graph.height);
            for other in &graph.nodes[index + 1..] {
                let apart =
                    (one.x - other.x).abs() >= (one.width + other.width) / 2.0 || (one.y - other.y).abs() >= one.height;
                assert!(apart, "{one:?} {other:?}");
            }
        }
        assert!(graph.edges.iter().all(|edge| edge.points.len() >= 2));
    }

    #[test]
    fn an_empty_graph_has_no_size() {
        let mut graph = EntityGraph::default();
        Layered.place(&mut graph);
        assert_eq!((graph.width, graph.height), (0.0, 0.0));
    }
}
