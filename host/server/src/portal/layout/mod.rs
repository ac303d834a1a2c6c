//! Gives graphs their coordinates, so that pages only draw.

mod collapse;
mod layered;
mod levels;

use host_api::{EntityGraph, width_in_letters};

pub(super) use collapse::collapse;
use layered::Layered;
use levels::Levels;

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
/// Beyond this many nodes, or twice as many lines, a careful layout takes longer than a reader waits.
const MOST_CAREFUL: usize = 120;

/// Something that places nodes and lines.
pub(crate) trait GraphLayout: Send + Sync {
    /// Sets sizes, positions and lines of a graph.
    fn place(&self, graph: &mut EntityGraph);
}

/// Careful layers for small graphs, plain levels for large ones, so that the time is bounded.
pub(crate) struct Fitting;

impl GraphLayout for Fitting {
    fn place(&self, graph: &mut EntityGraph) {
        set_sizes(graph);
        let lines = graph.edges.len() + graph.groups.iter().map(|group| group.links.len()).sum::<usize>();
        if graph.nodes.len() + graph.groups.len() <= MOST_CAREFUL && lines <= 2 * MOST_CAREFUL {
            Layered.place(graph);
        } else {
            Levels.place(graph);
        }
        fit(graph);
    }
}

fn set_sizes(graph: &mut EntityGraph) {
    for node in &mut graph.nodes {
        let kind = node.spec_type.as_deref().map_or(0.0, |name| width_in_letters(name) + 3.0);
        let kind = kind + width_in_letters(&node.kind);
        let text = (width_in_letters(&node.title) * CHARACTER_WIDTH).max(kind * SMALL_CHARACTER_WIDTH);
        node.width = (text + NODE_PADDING).clamp(NODE_WIDTH.0, NODE_WIDTH.1);
        node.height = NODE_HEIGHT;
    }
    for group in &mut graph.groups {
        group.width = NODE_WIDTH.0 * 1.75;
        group.height = NODE_HEIGHT;
    }
}

/// Moves the whole so that it begins at the margin, and sets its size.
fn fit(graph: &mut EntityGraph) {
    let boxes = || {
        let nodes = graph.nodes.iter().map(|node| (node.x, node.y, node.width, node.height));
        nodes.chain(graph.groups.iter().map(|group| (group.x, group.y, group.width, group.height)))
    };
    let lines = || {
        graph
            .edges
            .iter()
            .map(|edge| &edge.points)
            .chain(graph.groups.iter().flat_map(|group| group.links.iter().map(|link| &link.points)))
            .flatten()
    };
    let left = boxes()
        .map(|(x, _, width, _)| x - width / 2.0)
        .chain(lines().map(|point| point.0))
        .fold(f64::INFINITY, f64::min);
    let top = boxes()
        .map(|(_, y, _, height)| y - height / 2.0)
        .chain(lines().map(|point| point.1))
        .fold(f64::INFINITY, f64::min);
    if !left.is_finite() || !top.is_finite() {
        return;
    }
    let right =
        boxes().map(|(x, _, width, _)| x + width / 2.0).chain(lines().map(|point| point.0)).fold(left, f64::max);
    let bottom =
        boxes().map(|(_, y, _, height)| y + height / 2.0).chain(lines().map(|point| point.1)).fold(top, f64::max);
    let (x, y) = (MARGIN - left, MARGIN - top);
    for node in &mut graph.nodes {
        (node.x, node.y) = (node.x + x, node.y + y);
    }
    for group in &mut graph.groups {
        (group.x, group.y) = (group.x + x, group.y + y);
    }
    let links = graph.groups.iter_mut().flat_map(|group| group.links.iter_mut().map(|link| &mut link.points));
    for point in graph.edges.iter_mut().map(|edge| &mut edge.points).chain(links).flatten() {
        *point = (point.0 + x, point.1 + y);
    }
    (graph.width, graph.height) = (right - left + 2.0 * MARGIN, bottom - top + 2.0 * MARGIN);
}

#[cfg(test)]
pub(super) mod tests {
    use std::time::{Duration, Instant};

    use host_api::{GraphEdge, GraphNode};
    use host_model::EntityRef;

    use super::*;

    pub(crate) fn reference(name: &str) -> EntityRef {
        EntityRef::new("component", "default", name)
    }

    pub(crate) fn node(name: &str) -> GraphNode {
        GraphNode {
            entity_ref: reference(name),
            title: name.to_owned(),
            kind: "Component".to_owned(),
            spec_type: None,
            exists: true,
            distance: 0,
            hidden: 0,
            x: 0.0,
            y: 0.0,
            width: 0.0,
            height: 0.0,
        }
    }

    pub(crate) fn edge(source: &str, target: &str) -> GraphEdge {
        GraphEdge {
            source: reference(source),
            target: reference(target),
            relation: "dependsOn".to_owned(),
            points: Vec::new(),
        }
    }

    fn check(graph: &EntityGraph) {
        let nodes = graph.nodes.iter().map(|node| (node.x, node.y, node.width, node.height));
        let groups = graph.groups.iter().map(|group| (group.x, group.y, group.width, group.height));
        let boxes: Vec<_> = nodes.chain(groups).collect();
        for (index, one) in boxes.iter().enumerate() {
            assert!(one.0 - one.2 / 2.0 >= 0.0 && one.0 + one.2 / 2.0 <= graph.width, "{one:?}");
            assert!(one.1 - one.3 / 2.0 >= 0.0 && one.1 + one.3 / 2.0 <= graph.height, "{one:?}");
            for other in &boxes[index + 1..] {
                let apart = (one.0 - other.0).abs() >= (one.2 + other.2) / 2.0 - 0.001
                    || (one.1 - other.1).abs() >= (one.3 + other.3) / 2.0 - 0.001;
                assert!(apart, "{one:?} {other:?}");
            }
        }
        assert!(graph.edges.iter().all(|edge| edge.points.len() >= 2));
        assert!(graph.groups.iter().flat_map(|group| &group.links).all(|link| link.points.len() >= 2));
    }

    #[test]
    fn places_nodes_apart_and_within_the_drawing() {
        let mut graph = EntityGraph {
            nodes: ["a", "b", "c", "alone"].map(node).to_vec(),
            edges: vec![edge("a", "b"), edge("b", "c"), edge("c", "a"), edge("a", "b"), edge("a", "a")],
            ..EntityGraph::default()
        };
        Fitting.place(&mut graph);
        check(&graph);
    }

    #[test]
    fn wide_characters_get_more_room() {
        let width = |title: &str| {
            let mut graph = EntityGraph { nodes: vec![node(title)], ..EntityGraph::default() };
            Fitting.place(&mut graph);
            graph.nodes[0].width
        };
        assert!(width("支払いサービス") > width("service"));
    }

    #[test]
    fn an_empty_graph_has_no_size() {
        let mut graph = EntityGraph::default();
        Fitting.place(&mut graph);
        assert_eq!((graph.width, graph.height), (0.0, 0.0));
    }

    #[test]
    fn thousands_of_nodes_are_placed_apart_in_bounded_time() {
        let name = |at: usize| format!("n{at}");
        let mut graph = EntityGraph {
            nodes: (0..2000)
                .map(|at| GraphNode { distance: u32::from(at > 0) + u32::from(at > 300), ..node(&name(at)) })
                .collect(),
            edges: (1..2000)
                .flat_map(|at| {
                    [edge(&name(at), &name(if at > 300 { at % 300 + 1 } else { 0 })), edge(&name(at % 7), &name(at))]
                })
                .collect(),
            ..EntityGraph::default()
        };
        let started = Instant::now();
        collapse(&mut graph, 8);
        Fitting.place(&mut graph);
        assert!(started.elapsed() < Duration::from_secs(2), "{:?}", started.elapsed());
        check(&graph);
    }

    #[test]
    fn groups_are_placed_like_nodes() {
        let mut graph = EntityGraph { nodes: vec![node("root")], ..EntityGraph::default() };
        for at in 0..20 {
            graph.nodes.push(GraphNode { distance: 1, ..node(&format!("n{at}")) });
            graph.edges.push(edge(&format!("n{at}"), "root"));
        }
        graph.edges.push(edge("root", "n0"));
        collapse(&mut graph, 8);
        Fitting.place(&mut graph);
        check(&graph);
        assert_eq!((graph.nodes.len(), graph.edges.len(), graph.groups.len()), (2, 2, 1));
        assert_eq!((graph.groups[0].members.len(), graph.groups[0].links.len()), (19, 1));
    }
}
