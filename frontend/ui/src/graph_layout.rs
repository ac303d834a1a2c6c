//! A simple layout for the small graphs of plugins: layers by distance, each in order of its neighbours. Graphs of the
//! catalog come with coordinates from the server's own layout.

use std::collections::HashMap;

/// The width of a node in pixels.
pub(crate) const NODE_WIDTH: f64 = 168.0;
/// The height of a node in pixels.
pub(crate) const NODE_HEIGHT: f64 = 40.0;
const GAP_X: f64 = 56.0;
const GAP_Y: f64 = 20.0;
const MARGIN: f64 = 8.0;

/// The middles of the nodes, in their order, and the size of the drawing.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Layout {
    pub(crate) places: Vec<(f64, f64)>,
    pub(crate) width: f64,
    pub(crate) height: f64,
}

/// Lays out `count` nodes whose edges lead from left to right. Edges that close a circle are not followed.
pub(crate) fn layered(count: usize, edges: &[(usize, usize)]) -> Layout {
    let layers = layers(count, edges);
    let depth = layers.iter().copied().max().map_or(0, |deepest| deepest + 1);
    let mut columns: Vec<Vec<usize>> = vec![Vec::new(); depth];
    for (node, &layer) in layers.iter().enumerate() {
        columns[layer].push(node);
    }
    let mut rank: HashMap<usize, f64> = HashMap::new();
    for column in &mut columns {
        // Each node goes where the middle of its predecessors is; nodes without any keep their order.
        let mut keyed: Vec<(f64, usize)> = column
            .iter()
            .enumerate()
            .map(|(order, &node)| {
                let above: Vec<f64> =
                    edges.iter().filter(|edge| edge.1 == node).filter_map(|edge| rank.get(&edge.0).copied()).collect();
                let middle =
                    if above.is_empty() { order as f64 } else { above.iter().sum::<f64>() / above.len() as f64 };
                (middle, node)
            })
            .collect();
        keyed.sort_by(|left, right| left.0.total_cmp(&right.0));
        *column = keyed.into_iter().map(|(_, node)| node).collect();
        for (order, &node) in column.iter().enumerate() {
            rank.insert(node, order as f64);
        }
    }
    let tallest = columns.iter().map(Vec::len).max().unwrap_or(0);
    let extent = |count: usize, size: f64, gap: f64| count as f64 * (size + gap) - gap;
    let height = extent(tallest, NODE_HEIGHT, GAP_Y);
    let mut places = vec![(0.0, 0.0); count];
    for (layer, column) in columns.iter().enumerate() {
        let top = MARGIN + (height - extent(column.len(), NODE_HEIGHT, GAP_Y)) / 2.0;
        for (order, &node) in column.iter().enumerate() {
            places[node] = (
                MARGIN + layer as f64 * (NODE_WIDTH + GAP_X) + NODE_WIDTH / 2.0,
                top + order as f64 * (NODE_HEIGHT + GAP_Y) + NODE_HEIGHT / 2.0,
            );
        }
    }
    Layout { places, width: extent(depth, NODE_WIDTH, GAP_X) + 2.0 * MARGIN, height: height + 2.0 * MARGIN }
}

/// The layer of each node: one more than the deepest of those before it.
fn layers(count: usize, edges: &[(usize, usize)]) -> Vec<usize> {
    let mut open = vec![0_usize; count];
    for &(source, target) in edges {
        if source != target {
            open[target] += 1;
        }
    }
    let mut layer = vec![0; count];
    let mut done = vec![false; count];
    for _ in 0..count {
        // The next node is one that waits for none; in a circle, the one that waits for fewest.
        let next = (0..count).filter(|&node| !done[node]).min_by_key(|&node| open[node]);
        let Some(next) = next else { break };
        done[next] = true;
        for &(source, target) in edges {
            if source == next && !done[target] {
                layer[target] = layer[target].max(layer[next] + 1);
                open[target] = open[target].saturating_sub(1);
            }
        }
    }
    layer
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn layers_follow_the_edges_and_survive_circles() {
        for (count, edges, expected) in [
            (0, vec![], vec![]),
            (3, vec![(0, 1), (1, 2)], vec![0, 1, 2]),
            (3, vec![(0, 1), (0, 2), (1, 2)], vec![0, 1, 2]),
            (2, vec![(0, 1), (1, 0)], vec![0, 1]),
            (1, vec![(0, 0)], vec![0]),
        ] {
            assert_eq!(layers(count, &edges), expected, "{edges:?}");
        }
    }

    #[test]
    fn nodes_do_not_overlap() {
        let layout = layered(5, &[(0, 1), (0, 2), (1, 3), (2, 3)]);
        for (index, one) in layout.places.iter().enumerate() {
            for other in &layout.places[index + 1..] {
                assert!((one.0 - other.0).abs() >= NODE_WIDTH || (one.1 - other.1).abs() >= NODE_HEIGHT);
            }
            assert!(one.0 + NODE_WIDTH / 2.0 <= layout.width && one.1 + NODE_HEIGHT / 2.0 <= layout.height);
        }
    }
}
