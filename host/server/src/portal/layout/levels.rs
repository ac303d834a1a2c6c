//! Large graphs: a column for each level, what leads away from the roots to the right and what leads to them to the left.

use std::collections::{HashMap, VecDeque};

use host_api::EntityGraph;
use host_model::EntityRef;

use super::GraphLayout;

/// The most nodes of one column; more go into further columns of the same level.
const TALLEST: usize = 40;
/// The room between nodes of one column, between columns of one level and between levels, in pixels.
const GAP_Y: f64 = 12.0;
const GAP_COLUMN: f64 = 20.0;
const GAP_LEVEL: f64 = 96.0;

/// Levels by distance. It takes one pass over nodes and lines.
pub(super) struct Levels;

/// A box in the order of nodes, then groups.
#[derive(Debug, Clone, Copy, Default)]
struct Placed {
    x: f64,
    y: f64,
    width: f64,
    height: f64,
}

impl GraphLayout for Levels {
    fn place(&self, graph: &mut EntityGraph) {
        let nodes = graph.nodes.iter().map(|node| Placed { x: 0.0, y: 0.0, width: node.width, height: node.height });
        let groups =
            graph.groups.iter().map(|group| Placed { x: 0.0, y: 0.0, width: group.width, height: group.height });
        let mut boxes: Vec<Placed> = nodes.chain(groups).collect();
        let (levels, order) = levels(graph);
        let mut columns: std::collections::BTreeMap<i64, Vec<usize>> = std::collections::BTreeMap::new();
        for at in order {
            columns.entry(levels[at]).or_default().push(at);
        }
        let mut left = 0.0;
        for members in columns.values() {
            for column in members.chunks(TALLEST) {
                let width = column.iter().map(|at| boxes[*at].width).fold(0.0, f64::max);
                let height: f64 = column.iter().map(|at| boxes[*at].height + GAP_Y).sum::<f64>() - GAP_Y;
                let mut top = -height / 2.0;
                for at in column {
                    boxes[*at].x = left + width / 2.0;
                    boxes[*at].y = top + boxes[*at].height / 2.0;
                    top += boxes[*at].height + GAP_Y;
                }
                left += width + GAP_COLUMN;
            }
            left += GAP_LEVEL - GAP_COLUMN;
        }
        take(graph, &boxes);
    }
}

/// For each box its level, and the boxes in the order in which they are reached.
fn levels(graph: &EntityGraph) -> (Vec<i64>, Vec<usize>) {
    let count = graph.nodes.len() + graph.groups.len();
    let numbers: HashMap<&EntityRef, usize> =
        graph.nodes.iter().enumerate().map(|(at, node)| (&node.entity_ref, at)).collect();
    let mut next: Vec<Vec<(usize, i64)>> = vec![Vec::new(); count];
    let mut join = |source: usize, target: usize| {
        next[source].push((target, 1));
        next[target].push((source, -1));
    };
    for edge in &graph.edges {
        if let (Some(&source), Some(&target)) = (numbers.get(&edge.source), numbers.get(&edge.target)) {
            join(source, target);
        }
    }
    for (group, at) in graph.groups.iter().zip(graph.nodes.len()..) {
        for link in &group.links {
            match numbers.get(&link.entity_ref) {
                Some(&end) if link.outward => join(at, end),
                Some(&end) => join(end, at),
                None => {}
            }
        }
    }
    let mut level: Vec<Option<i64>> = vec![None; count];
    let mut order = Vec::with_capacity(count);
    let roots = (0..graph.nodes.len()).filter(|at| graph.nodes[*at].distance == 0);
    // What no root leads to (with filters there may be much of it) begins anew.
    for start in roots.chain(0..count) {
        if level[start].is_some() {
            continue;
        }
        level[start] = Some(0);
        let mut queue = VecDeque::from([start]);
        while let Some(at) = queue.pop_front() {
            order.push(at);
            let here = level[at].unwrap_or(0);
            for &(other, side) in &next[at] {
                if level[other].is_none() {
                    // Away from the root on the side where it began.
                    level[other] = Some(here + if here == 0 { side } else { here.signum() });
                    queue.push_back(other);
                }
            }
        }
    }
    (level.into_iter().map(|level| level.unwrap_or(0)).collect(), order)
}

fn take(graph: &mut EntityGraph, boxes: &[Placed]) {
    let ends: HashMap<EntityRef, Placed> =
        graph.nodes.iter().zip(boxes).map(|(node, placed)| (node.entity_ref.clone(), *placed)).collect();
    for (node, placed) in graph.nodes.iter_mut().zip(boxes) {
        (node.x, node.y) = (placed.x, placed.y);
    }
    let at = |entity: &EntityRef| ends.get(entity).copied().unwrap_or_default();
    for edge in &mut graph.edges {
        edge.points = line(at(&edge.source), at(&edge.target));
    }
    for (group, placed) in graph.groups.iter_mut().zip(&boxes[graph.nodes.len()..]) {
        (group.x, group.y) = (placed.x, placed.y);
        for link in &mut group.links {
            let end = at(&link.entity_ref);
            link.points = if link.outward { line(*placed, end) } else { line(end, *placed) };
        }
    }
}

/// From the side of one box to that of another.
fn line(from: Placed, to: Placed) -> Vec<(f64, f64)> {
    let side = if from.x < to.x { 1.0 } else { -1.0 };
    if (from.x - to.x).abs() < f64::EPSILON {
        // In one column: around on the right.
        let out = from.x + from.width.max(to.width) / 2.0 + GAP_COLUMN / 2.0;
        return vec![(from.x + from.width / 2.0, from.y), (out, (from.y + to.y) / 2.0), (to.x + to.width / 2.0, to.y)];
    }
    vec![(from.x + side * from.width / 2.0, from.y), (to.x - side * to.width / 2.0, to.y)]
}
