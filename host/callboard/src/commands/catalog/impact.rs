//! `callboard catalog impact`: what breaks when an entity fails.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::process::ExitCode;

use host_catalog::{IMPACT_RELATIONS, is_on_call};
use serde_json::{Map, Value, json};

use super::walk::{Node, Walk};
use super::{find, not_found};
use crate::catalogs::{Entity, Source};
use crate::cli::{ImpactArguments, TableFormat};
use crate::commands::{print, talk};
use crate::text::{one_line, table};

/// Prints everything that depends on an entity, with the way to it and its owner.
pub(super) async fn run(arguments: &ImpactArguments, source: &Source) -> anyhow::Result<ExitCode> {
    let Some(root) = find(source, &arguments.entity).await? else { return Ok(not_found()) };
    // The portal answers by the same relations and the same annotations.
    let follows = |_: &Node, name: &str, _: &str| IMPACT_RELATIONS.contains(&name);
    let walk = Walk::from(source, &root, arguments.depth, arguments.limit, follows).await?;
    let called = Called::of(source, &walk).await?;
    match arguments.format {
        TableFormat::Human => human(&walk, &called),
        TableFormat::Json => print(&format!("{:#}", document(&walk, &called))),
    }
    let dependents = walk.nodes.len() - 1;
    let more = if walk.truncated { "; there are more, which --limit leaves out" } else { "" };
    let owners = by_owner(&walk).len();
    talk(&match dependents {
        0 => format!("nothing that the catalog knows of breaks when {} fails", one_line(&root)),
        _ => format!("{dependents} entities of {owners} owner(s) depend on {}{more}", one_line(&root)),
    });
    Ok(ExitCode::SUCCESS)
}

/// The way to a node in words: references joined by what relates them.
fn way(walk: &Walk, at: usize) -> String {
    let mut words = String::new();
    for step in walk.way_to(at) {
        let node = &walk.nodes[step];
        match &node.reached {
            Some((_, relation)) => words.push_str(&format!(" → {} {}", one_line(relation), one_line(&node.entity_ref))),
            None => words.push_str(&one_line(&node.entity_ref)),
        }
    }
    words
}

fn dependents(walk: &Walk) -> impl Iterator<Item = (usize, &Node)> {
    walk.nodes.iter().enumerate().skip(1)
}

fn owner(node: &Node) -> Option<String> {
    node.entity.as_ref().and_then(Entity::owner)
}

/// Its owners, as the catalog resolved them.
fn owners(node: &Node) -> impl Iterator<Item = String> {
    node.relations().into_iter().filter(|(name, _)| name == "ownedBy").map(|(_, target)| target)
}

/// Who is called for what: the annotations of entities and of their owners.
struct Called(HashMap<String, Map<String, Value>>);

impl Called {
    async fn of(source: &Source, walk: &Walk) -> anyhow::Result<Self> {
        let refs: BTreeSet<String> = dependents(walk).flat_map(|(_, node)| owners(node)).collect();
        let refs: Vec<String> = refs.into_iter().collect();
        let found = source.by_refs(&refs, &["kind", "metadata"]).await?;
        let reached = dependents(walk).filter_map(|(_, node)| node.entity.as_ref());
        let all = found.iter().flatten().chain(reached);
        Ok(Self(all.map(|entity| (entity.entity_ref.clone(), annotations(entity))).collect()))
    }

    /// An entity's own annotations, or else those of its owners.
    fn for_node(&self, node: &Node) -> Map<String, Value> {
        match self.0.get(&node.entity_ref).filter(|own| !own.is_empty()) {
            Some(own) => own.clone(),
            None => owners(node).filter_map(|owner| self.0.get(&owner)).flatten().map(owned).collect(),
        }
    }
}

fn owned((key, value): (&String, &Value)) -> (String, Value) {
    (key.clone(), value.clone())
}

/// The annotations that tell who is called.
fn annotations(entity: &Entity) -> Map<String, Value> {
    let all = entity.document.pointer("/metadata/annotations").and_then(Value::as_object);
    let tells =
        |(key, value): &(&String, &Value)| is_on_call(key) && value.as_str().is_some_and(|text| !text.is_empty());
    all.into_iter().flatten().filter(tells).map(owned).collect()
}

/// What each owner has; what nobody owns counts for none.
fn by_owner(walk: &Walk) -> BTreeMap<String, Vec<&str>> {
    let mut owners: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    for (_, node) in dependents(walk) {
        if let Some(owner) = owner(node) {
            owners.entry(owner).or_default().push(&node.entity_ref);
        }
    }
    owners
}

fn human(walk: &Walk, called: &Called) {
    if walk.nodes.len() < 2 {
        return;
    }
    let row = |(at, node): (usize, &Node)| {
        vec![
            one_line(&node.entity_ref),
            one_line(&owner(node).unwrap_or_default()),
            called.for_node(node).values().filter_map(Value::as_str).map(one_line).collect::<Vec<_>>().join(", "),
            way(walk, at),
        ]
    };
    let rows: Vec<Vec<String>> = dependents(walk).map(row).collect();
    print(&table(&["dependent", "owner", "on call", "path"], &rows));
}

fn document(walk: &Walk, called: &Called) -> Value {
    let dependent = |(at, node): (usize, &Node)| {
        let way = walk.way_to(at);
        let step = |step: &usize| {
            let node = &walk.nodes[*step];
            json!({
                "entityRef": node.entity_ref,
                "relation": node.reached.as_ref().map(|(_, relation)| relation.as_str()),
            })
        };
        json!({
            "entityRef": node.entity_ref,
            "title": node.title(),
            "owner": owner(node),
            "onCall": called.for_node(node),
            "exists": node.entity.is_some(),
            "distance": node.distance,
            "path": way.iter().map(step).collect::<Vec<_>>(),
        })
    };
    json!({
        "root": walk.nodes.first().map(|node| node.entity_ref.as_str()),
        "dependents": dependents(walk).map(dependent).collect::<Vec<_>>(),
        "owners": by_owner(walk),
        "truncated": walk.truncated,
    })
}
