//! Graphs: nodes that are links and edges with their names, drawn from given coordinates.

use std::fmt::Write as _;

use host_api::{EntityGraph, GraphGroup, letters, width_in_letters};
use host_model::EntityRef;
use host_model::view::Graph;
use leptos::prelude::*;

use crate::format::group_digits;
use crate::graph_layout::{NODE_HEIGHT, NODE_WIDTH, layered};
use crate::tone::{level_icon, level_word};
use crate::{Icon, Tone, safe_url, short_name};

/// The most nodes of a plugin's graph that are drawn; beyond it the graph is a list.
const MAX_NODES: usize = 60;
/// Beyond this many edges their names are left out of the drawing; the list has them.
const MOST_NAMED: usize = 80;
/// The room that an average letter takes in a node, in pixels.
const LETTER: f64 = 7.2;

/// A graph with coordinates in pixels.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Drawing {
    pub width: f64,
    pub height: f64,
    pub nodes: Vec<DrawnNode>,
    pub edges: Vec<DrawnEdge>,
}

/// A node; `x` and `y` are its middle.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct DrawnNode {
    pub label: String,
    /// Small print: a kind and type, or a status.
    pub note: String,
    /// The kind of entity, by which icon and hue are chosen.
    pub kind: String,
    pub tone: Tone,
    pub icon: Option<Icon>,
    /// An address that pages may link to.
    pub href: Option<String>,
    /// The node that the graph is about.
    pub current: bool,
    /// It is referred to, but does not exist.
    pub missing: bool,
    pub x: f64,
    pub y: f64,
    pub width: f64,
    pub height: f64,
}

/// An edge along its points; `from` and `to` are the labels of its nodes.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct DrawnEdge {
    pub from: String,
    pub to: String,
    pub label: String,
    pub points: Vec<(f64, f64)>,
}

/// A graph. Its nodes are links in reading order, and its edges are there as a list for those who do not see them.
///
/// ```ignore
/// view! { <GraphView drawing=entity_drawing(&graph, &entity) label="Relations of Checkout"/> }
/// ```
#[component]
pub fn GraphView(drawing: Drawing, #[prop(into)] label: String) -> AnyView {
    let Drawing { width, height, nodes, edges } = drawing;
    let relations: Vec<_> = edges
        .iter()
        .map(|edge| view! { <li>{format!("{} {} {}", edge.from, words_of(&edge.label), edge.to)}</li> })
        .collect();
    let is_named = edges.len() <= MOST_NAMED;
    let lines: Vec<_> = edges.into_iter().map(|edge| draw_edge(edge, is_named)).collect();
    let nodes: Vec<_> = nodes.into_iter().map(draw_node).collect();
    // How far the drawing may shrink.
    let size = match width {
        narrow if narrow <= 540.0 => None,
        narrow if narrow <= 840.0 => Some("small"),
        middle if middle <= 1_280.0 => Some("medium"),
        _ => Some("large"),
    };
    view! {
        <div class="graph" tabindex="0" role="region" aria-label=label>
            <svg class="graph-drawing" data-size=size viewBox=format!("0 0 {width:.0} {height:.0}") width=format!("{width:.0}")
                height=format!("{height:.0}")>
                <g aria-hidden="true">{lines}</g>
                {nodes}
            </svg>
            <ul class="visually-hidden">{relations}</ul>
        </div>
    }
    .into_any()
}

/// The neighbourhood of an entity as a drawing.
pub fn entity_drawing(graph: &EntityGraph, root: &EntityRef) -> Drawing {
    let title = |reference: &EntityRef| {
        let node = graph.nodes.iter().find(|node| node.entity_ref == *reference);
        node.map_or_else(|| short_name(reference), |node| node.title.clone())
    };
    let nodes = graph.nodes.iter().map(|node| DrawnNode {
        label: node.title.clone(),
        note: match (&node.spec_type, node.exists) {
            (_, false) => "not in the catalog".to_owned(),
            (Some(spec_type), true) => format!("{} · {spec_type}", node.kind),
            (None, true) => node.kind.clone(),
        },
        kind: node.kind.to_lowercase(),
        href: node.exists.then(|| node.entity_ref.page_path()),
        current: node.entity_ref == *root,
        missing: !node.exists,
        x: node.x,
        y: node.y,
        width: node.width,
        height: node.height,
        ..DrawnNode::default()
    });
    let edges = graph.edges.iter().map(|edge| DrawnEdge {
        from: title(&edge.source),
        to: title(&edge.target),
        label: edge.relation.clone(),
        points: edge.points.clone(),
    });
    let groups = graph.groups.iter().enumerate().map(|(number, group)| DrawnNode {
        label: group_label(group),
        note: "the same relations".to_owned(),
        kind: group.kind.to_lowercase(),
        // Their names stand in the list below the drawing.
        href: Some(format!("#group-{number}")),
        x: group.x,
        y: group.y,
        width: group.width,
        height: group.height,
        ..DrawnNode::default()
    });
    let links = graph.groups.iter().flat_map(|group| {
        group.links.iter().map(move |link| {
            let ends = (group_label(group), title(&link.entity_ref));
            let (from, to) = if link.outward { ends } else { (ends.1, ends.0) };
            DrawnEdge { from, to, label: link.relation.clone(), points: link.points.clone() }
        })
    });
    Drawing {
        width: graph.width,
        height: graph.height,
        edges: edges.chain(links).collect(),
        nodes: nodes.chain(groups).collect(),
    }
}

fn group_label(group: &GraphGroup) -> String {
    format!("{} × {}", group_digits(group.members.len() as u64), group.kind)
}

/// A plugin's graph as a drawing; none when it is too large to be drawn.
pub(crate) fn plugin_drawing(graph: &Graph) -> Option<Drawing> {
    if graph.nodes.is_empty() || graph.nodes.len() > MAX_NODES || graph.edges.len() > 4 * MAX_NODES {
        return None;
    }
    let position = |id: &str| graph.nodes.iter().position(|node| node.id == id);
    let ends: Vec<(usize, usize)> =
        graph.edges.iter().filter_map(|edge| Some((position(&edge.source)?, position(&edge.target)?))).collect();
    let layout = layered(graph.nodes.len(), &ends);
    let nodes = graph.nodes.iter().zip(&layout.places).map(|(node, &(x, y))| {
        let entity = node.entity.as_deref().and_then(|reference| reference.parse::<EntityRef>().ok());
        let status = node.status.as_ref();
        let address = node.url.as_deref().and_then(safe_url).map(str::to_owned);
        DrawnNode {
            label: node.label.clone(),
            note: status.map(|status| non_empty(&status.text, level_word(status.level))).unwrap_or_default(),
            kind: entity.as_ref().map(|entity| entity.kind().to_owned()).unwrap_or_default(),
            tone: status.map_or(Tone::Neutral, |status| status.level.into()),
            icon: status.map(|status| level_icon(status.level)),
            href: entity.map(|entity| entity.page_path()).or(address),
            x,
            y,
            width: NODE_WIDTH,
            height: NODE_HEIGHT,
            ..DrawnNode::default()
        }
    });
    let nodes: Vec<DrawnNode> = nodes.collect();
    let edges = graph.edges.iter().zip(&ends).map(|(edge, &(source, target))| {
        let (from, to) = (&nodes[source], &nodes[target]);
        // Edges that lead on leave at the right; others go from middle to middle.
        let points = if to.x > from.x {
            vec![(from.x + from.width / 2.0, from.y), (to.x - to.width / 2.0, to.y)]
        } else {
            let side = if to.y > from.y { 1.0 } else { -1.0 };
            vec![(from.x, from.y + side * from.height / 2.0), (to.x, to.y - side * to.height / 2.0)]
        };
        DrawnEdge {
            from: from.label.clone(),
            to: to.label.clone(),
            label: edge.label.clone().unwrap_or_default(),
            points,
        }
    });
    let edges = edges.collect();
    Some(Drawing { width: layout.width, height: layout.height, nodes, edges })
}

fn non_empty(text: &str, otherwise: &str) -> String {
    if text.trim().is_empty() { otherwise.to_owned() } else { text.to_owned() }
}

/// The name of a relation in words: `dependsOn` is `depends on`.
fn words_of(relation: &str) -> String {
    if relation.is_empty() {
        return "→".to_owned();
    }
    let mut words = String::with_capacity(relation.len() + 4);
    for character in relation.chars() {
        if character.is_ascii_uppercase() && !words.is_empty() {
            words.push(' ');
        }
        words.push(character.to_ascii_lowercase());
    }
    words
}

/// A line with its arrow, and its name at the middle.
fn draw_edge(edge: DrawnEdge, is_named: bool) -> AnyView {
    let (path, arrow) = match edge.points.as_slice() {
        // Two points are joined by a curve that leaves and arrives level.
        &[(x1, y1), (x2, y2)] if (x2 - x1).abs() > (y2 - y1).abs() / 4.0 => {
            let middle = f64::midpoint(x1, x2);
            let path = format!("M{x1:.1} {y1:.1}C{middle:.1} {y1:.1} {middle:.1} {y2:.1} {x2:.1} {y2:.1}");
            (path, arrow_head((x2, y2), ((x2 - x1).signum(), 0.0)))
        }
        [.., before, end] => (smooth(&edge.points), arrow_head(*end, (end.0 - before.0, end.1 - before.1))),
        _ => return ().into_any(),
    };
    let middle = middle_of(&edge.points);
    let label = words_of(&edge.label);
    let half = label.chars().count() as f64 * 3.1 + 4.0;
    view! {
        <g class="graph-edge">
            <path class="graph-line" d=path></path>
            <path class="graph-line" d=arrow></path>
            {(is_named && !edge.label.is_empty()).then(|| view! {
                <rect class="graph-label-ground" x=format!("{:.1}", middle.0 - half) y=format!("{:.1}", middle.1 - 8.0)
                    width=format!("{:.1}", half * 2.0) height="16" rx="4"></rect>
                <text class="graph-label" x=format!("{:.1}", middle.0) y=format!("{:.1}", middle.1 + 3.5)
                    text-anchor="middle">{label}</text>
            })}
        </g>
    }
    .into_any()
}

/// The two strokes of an arrow that ends at a point and comes from a direction.
fn arrow_head((x, y): (f64, f64), (dx, dy): (f64, f64)) -> String {
    let length = dx.hypot(dy).max(f64::EPSILON);
    let (dx, dy) = (dx / length * 6.0, dy / length * 6.0);
    let (left_x, left_y) = (x - dx - dy * 0.6, y - dy + dx * 0.6);
    let (right_x, right_y) = (x - dx + dy * 0.6, y - dy - dx * 0.6);
    format!("M{left_x:.1} {left_y:.1}L{x:.1} {y:.1}L{right_x:.1} {right_y:.1}")
}

/// A curve through the middles of the pieces between the points.
fn smooth(points: &[(f64, f64)]) -> String {
    let mut path = String::new();
    for (index, &(x, y)) in points.iter().enumerate() {
        // Writing to a text does not fail.
        _ = match (index, points.get(index + 1)) {
            (0, _) => write!(path, "M{x:.1} {y:.1}"),
            (_, None) => write!(path, "L{x:.1} {y:.1}"),
            (_, Some(&(next_x, next_y))) => {
                write!(path, "Q{x:.1} {y:.1} {:.1} {:.1}", f64::midpoint(x, next_x), f64::midpoint(y, next_y))
            }
        };
    }
    path
}

fn middle_of(points: &[(f64, f64)]) -> (f64, f64) {
    match points.len() {
        0 => (0.0, 0.0),
        odd if odd % 2 == 1 => points[odd / 2],
        even => {
            let (one, other) = (points[even / 2 - 1], points[even / 2]);
            (f64::midpoint(one.0, other.0), f64::midpoint(one.1, other.1))
        }
    }
}

/// A node: a frame with icon, label and small print.
fn draw_node(node: DrawnNode) -> AnyView {
    let icon = node.icon.or_else(|| (!node.kind.is_empty()).then(|| Icon::of_kind(&node.kind)));
    let left = node.x - node.width / 2.0;
    let top = node.y - node.height / 2.0;
    let inset = if icon.is_some() { 32.0 } else { 12.0 };
    let label = shorten(&node.label, node.width - inset - 8.0, LETTER);
    let note = shorten(&node.note, node.width - inset - 8.0, LETTER * 0.84);
    let text_x = format!("{:.1}", left + inset);
    let label_y = format!("{:.1}", if note.is_empty() { node.y + 4.5 } else { node.y - 2.5 });
    let title = if node.note.is_empty() { node.label.clone() } else { format!("{} ({})", node.label, node.note) };
    let drawing = view! {
        <title>{title}</title>
        <rect class="graph-frame" x=format!("{left:.1}") y=format!("{top:.1}") width=format!("{:.1}", node.width)
            height=format!("{:.1}", node.height) rx="7"></rect>
        {icon.map(|icon| view! {
            <path class="graph-icon" d=icon.path() transform=format!("translate({:.1} {:.1})", left + 10.0, node.y - 8.0)>
            </path>
        })}
        <text class="graph-text" x=text_x.clone() y=label_y>{label}</text>
        {(!note.is_empty()).then(|| view! {
            <text class="graph-note" x=text_x y=format!("{:.1}", node.y + 12.0)>{note}</text>
        })}
    };
    let kind = (!node.kind.is_empty()).then_some(node.kind);
    let tone = node.tone.as_str();
    let current = node.current.then_some("true");
    let missing = node.missing.then_some("");
    match node.href {
        Some(href) => view! {
            <a class="graph-node" href=href data-kind=kind data-tone=tone data-missing=missing aria-current=current>
                {drawing}
            </a>
        }
        .into_any(),
        None => view! {
            <g class="graph-node" data-kind=kind data-tone=tone data-missing=missing aria-current=current>{drawing}</g>
        }
        .into_any(),
    }
}

/// Cuts a text to the letters that fit.
fn shorten(text: &str, room: f64, letter: f64) -> String {
    let fit = (room / letter).max(1.0);
    if width_in_letters(text) <= fit {
        return text.to_owned();
    }
    // The dots take the room of a letter.
    let mut used = 1.0;
    let fits = |character: &char| {
        used += letters(*character);
        used <= fit
    };
    let kept: String = text.chars().take_while(fits).collect();
    format!("{}…", kept.trim_end())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn relations_are_read_as_words() {
        for (relation, words) in [("dependsOn", "depends on"), ("apiProvidedBy", "api provided by"), ("", "→")] {
            assert_eq!(words_of(relation), words);
        }
    }

    #[test]
    fn long_labels_are_cut() {
        assert_eq!(shorten("checkout", 80.0, 8.0), "checkout");
        assert_eq!(shorten("checkout-service", 80.0, 8.0), "checkout-…");
        assert_eq!(shorten("ééé", 0.0, 8.0), "…");
        assert_eq!(shorten("支払いサービス", 80.0, 8.0), "支払いサー…");
        assert_eq!(shorten("MMMM WWWW", 84.0, 8.0), "MMMM W…");
    }
}
