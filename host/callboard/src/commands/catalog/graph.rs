//! `callboard catalog graph`.

use std::collections::{BTreeSet, HashSet};
use std::fmt::Write as _;
use std::process::ExitCode;

use serde_json::{Value, json};

use super::pairs::Pairs;
use super::walk::{Node, Walk};
use super::{find, not_found};
use crate::catalogs::Source;
use crate::cli::{GraphArguments, GraphFormat};
use crate::commands::{print, talk};
use crate::text::one_line;

/// Prints what an entity is related to.
pub(super) async fn run(arguments: &GraphArguments, source: &Source) -> anyhow::Result<ExitCode> {
    let Some(root) = find(source, &arguments.entity).await? else { return Ok(not_found()) };
    let follows = |_: &Node, name: &str, _: &str| is_wanted(&arguments.relations, name);
    let walk = Walk::from(source, &root, arguments.depth, arguments.limit, follows).await?;
    let pairs = Pairs::of(source).await?;
    let edges = edges(&walk, &arguments.relations, &pairs);
    print(
        match arguments.format {
            GraphFormat::Human => tree(&walk, &arguments.relations, &pairs),
            GraphFormat::Json => format!("{:#}", document(&walk, &edges)),
            GraphFormat::Dot => dot(&walk, &edges),
            GraphFormat::Mermaid => mermaid(&walk, &edges),
        }
        .trim_end(),
    );
    let more = if walk.truncated { "; there are more, which --limit leaves out" } else { "" };
    talk(&format!("{} entities, {} relations{more}", walk.nodes.len(), edges.len()));
    Ok(ExitCode::SUCCESS)
}

/// A relation between two entities of the walk, by their places in it.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Edge {
    source: usize,
    name: String,
    target: usize,
}

fn is_wanted(names: &[String], name: &str) -> bool {
    names.is_empty() || names.iter().any(|wanted| wanted == name)
}

/// Each relation once, in the direction of its pair's first name.
fn edges(walk: &Walk, names: &[String], pairs: &Pairs) -> BTreeSet<Edge> {
    let mut edges = BTreeSet::new();
    for (at, node) in walk.nodes.iter().enumerate() {
        for (name, target) in node.relations().into_iter().filter(|(name, _)| is_wanted(names, name)) {
            let Some(other) = walk.position(&target) else { continue };
            edges.insert(match pairs.forward(&name) {
                Some(forward) => Edge { source: other, name: forward.to_owned(), target: at },
                None => Edge { source: at, name, target: other },
            });
        }
    }
    edges
}

/// What an entity is called on a line of its own.
fn label(node: &Node) -> String {
    let title = node
        .entity
        .as_ref()
        .map(|entity| entity.title())
        .filter(|title| !node.entity_ref.ends_with(&format!("/{}", title.to_lowercase())));
    match (&node.entity, title) {
        (None, _) => format!("{} (not in the catalog)", one_line(&node.entity_ref)),
        (_, Some(title)) => format!("{} ({})", one_line(&node.entity_ref), one_line(title)),
        _ => one_line(&node.entity_ref),
    }
}

/// A line for each relation, below the entity that has it. An entity that comes again is not taken apart again.
fn tree(walk: &Walk, names: &[String], pairs: &Pairs) -> String {
    let mut text = format!("{}\n", walk.nodes.first().map(label).unwrap_or_default());
    let mut shown = HashSet::from([0]);
    let wanted = |name: &str| is_wanted(names, name);
    branch(walk, (&wanted, pairs), 0, "", &mut shown, &mut text);
    text
}

/// The relations that are wanted, and what they are called from the other end.
type Relations<'a> = (&'a dyn Fn(&str) -> bool, &'a Pairs);

fn branch(
    walk: &Walk,
    (is_wanted, pairs): Relations<'_>,
    at: usize,
    indent: &str,
    shown: &mut HashSet<usize>,
    text: &mut String,
) {
    let node = &walk.nodes[at];
    // The way back to where one came from says nothing new.
    let back = node.reached.as_ref().and_then(|(before, name)| Some((*before, pairs.opposite(name)?)));
    let relations: Vec<(String, usize)> = node
        .relations()
        .into_iter()
        .filter(|(name, _)| is_wanted(name))
        .filter_map(|(name, target)| Some((name, walk.position(&target)?)))
        .filter(|(name, target)| back != Some((*target, name.as_str())))
        .collect();
    for (index, (name, target)) in relations.iter().enumerate() {
        let is_last = index + 1 == relations.len();
        let other = &walk.nodes[*target];
        let is_reached_here = other.reached.as_ref().is_some_and(|(before, by)| *before == at && by == name);
        let is_new = is_reached_here && shown.insert(*target);
        let again = if is_new || other.relations().is_empty() { "" } else { " …" };
        let (fork, below) = if is_last { ("└─", "   ") } else { ("├─", "│  ") };
        let _ = writeln!(text, "{indent}{fork} {} {}{again}", one_line(name), label(other));
        if is_new {
            branch(walk, (is_wanted, pairs), *target, &format!("{indent}{below}"), shown, text);
        }
    }
}

fn document(walk: &Walk, edges: &BTreeSet<Edge>) -> Value {
    let node = |node: &Node| {
        json!({
            "entityRef": node.entity_ref,
            "title": node.title(),
            "type": node.entity.as_ref().and_then(|entity| entity.text("/spec/type")),
            "owner": node.entity.as_ref().and_then(crate::catalogs::Entity::owner),
            "exists": node.entity.is_some(),
            "distance": node.distance,
        })
    };
    let reference = |at: usize| walk.nodes[at].entity_ref.as_str();
    let edge = |edge: &Edge| json!({ "source": reference(edge.source), "relation": edge.name, "target": reference(edge.target) });
    json!({
        "root": walk.nodes.first().map(|node| node.entity_ref.as_str()),
        "nodes": walk.nodes.iter().map(node).collect::<Vec<_>>(),
        "edges": edges.iter().map(edge).collect::<Vec<_>>(),
        "truncated": walk.truncated,
    })
}

/// For Graphviz.
fn dot(walk: &Walk, edges: &BTreeSet<Edge>) -> String {
    let quoted = |text: &str| format!("\"{}\"", one_line(text).replace('\\', "\\\\").replace('"', "\\\""));
    let mut text = "digraph catalog {\n  rankdir=LR;\n  node [shape=box];\n".to_owned();
    for node in &walk.nodes {
        let style = if node.entity.is_none() { ", style=dashed" } else { "" };
        let _ = writeln!(text, "  {} [label={}{style}];", quoted(&node.entity_ref), quoted(node.title()));
    }
    for edge in edges {
        let (source, target) = (&walk.nodes[edge.source].entity_ref, &walk.nodes[edge.target].entity_ref);
        let _ = writeln!(text, "  {} -> {} [label={}];", quoted(source), quoted(target), quoted(&edge.name));
    }
    text.push('}');
    text
}

/// For Mermaid, which code hosts draw in Markdown.
fn mermaid(walk: &Walk, edges: &BTreeSet<Edge>) -> String {
    let quoted = |text: &str| {
        let escaped = one_line(text).chars().fold(String::new(), |mut text, one| {
            match one {
                '"' | '#' | '<' | '>' | '&' | '`' | ';' | '\\' => {
                    let _ = write!(text, "#{};", u32::from(one));
                }
                one => text.push(one),
            }
            text
        });
        format!("\"{escaped}\"")
    };
    let mut text = "graph LR\n".to_owned();
    for (at, node) in walk.nodes.iter().enumerate() {
        let _ = writeln!(text, "  n{at}[{}]", quoted(node.title()));
    }
    for edge in edges {
        let _ = writeln!(text, "  n{} -->|{}| n{}", edge.source, quoted(&edge.name), edge.target);
    }
    text
}
