//! `callboard catalog impact`: what breaks when an entity fails.

use std::collections::BTreeMap;
use std::process::ExitCode;

use serde_json::{Map, Value, json};

use super::walk::{Node, Walk};
use super::{find, not_found};
use crate::catalogs::{Entity, Source};
use crate::cli::{ImpactArguments, TableFormat};
use crate::commands::{print, talk};
use crate::text::{one_line, table};

/// Annotations that lead to who is on call.
const ON_CALL: &[&str] = &[
    "pagerduty.com/service-id",
    "pagerduty.com/integration-key",
    "opsgenie.com/component-selector",
    "opsgenie.com/team",
    "splunk.com/on-call-team",
    "firehydrant.com/service-name",
    "ilert.com/integration-key",
    "grafana.com/oncall-team",
    "incident.io/backstage",
];

/// Prints everything that depends on an entity, with the way to it and its owner.
pub(super) async fn run(arguments: &ImpactArguments, source: &Source) -> anyhow::Result<ExitCode> {
    let Some(root) = find(source, &arguments.entity).await? else { return Ok(not_found()) };
    let walk = Walk::from(source, &root, arguments.depth, arguments.limit, carries_failure).await?;
    match arguments.format {
        TableFormat::Human => human(&walk),
        TableFormat::Json => print(&format!("{:#}", document(&walk))),
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

/// Whether a failure goes on along a relation: to what depends on the entity, to the APIs that it provides and those who
/// consume them, from a system or domain to its parts, and from a part to the component that it is a part of.
fn carries_failure(from: &Node, relation: &str, target: &str) -> bool {
    let kind = from.entity_ref.split(':').next().unwrap_or_default();
    match relation {
        "dependencyOf" | "providesApi" | "apiConsumedBy" => true,
        "hasPart" => matches!(kind, "system" | "domain"),
        "partOf" => kind == "component" && target.starts_with("component:"),
        _ => false,
    }
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

fn on_call(node: &Node) -> Map<String, Value> {
    let annotations = node.entity.as_ref().and_then(|entity| entity.document.pointer("/metadata/annotations"));
    let annotation = |key: &&str| Some(((*key).to_owned(), annotations?.get(*key)?.clone()));
    ON_CALL.iter().filter_map(annotation).collect()
}

fn by_owner(walk: &Walk) -> BTreeMap<String, Vec<&str>> {
    let mut owners: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    for (_, node) in dependents(walk) {
        let owner = owner(node).unwrap_or_else(|| "nobody".to_owned());
        owners.entry(owner).or_default().push(&node.entity_ref);
    }
    owners
}

fn human(walk: &Walk) {
    if walk.nodes.len() < 2 {
        return;
    }
    let row = |(at, node): (usize, &Node)| {
        vec![
            one_line(&node.entity_ref),
            one_line(&owner(node).unwrap_or_default()),
            on_call(node).values().filter_map(Value::as_str).map(one_line).collect::<Vec<_>>().join(", "),
            way(walk, at),
        ]
    };
    let rows: Vec<Vec<String>> = dependents(walk).map(row).collect();
    print(&table(&["dependent", "owner", "on call", "path"], &rows));
}

fn document(walk: &Walk) -> Value {
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
            "onCall": on_call(node),
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
