//! The form above the graph; its fields are the page's address.

use std::collections::BTreeSet;

use frontend_islands::FilterHelper;
use frontend_ui::{Button, Choice, FilterChecks, FilterSelect, FilterText, format};
use host_api::{EntityGraph, GraphDirection};
use host_model::relation::PAIRS;
use leptos::prelude::*;

use super::asked::{Asked, LIMITS, MAX_DEPTH};
use crate::entity::words;

/// The kinds that are always offered, in lower case and as people write them.
const KINDS: [(&str, &str); 8] = [
    ("api", "API"),
    ("component", "Component"),
    ("domain", "Domain"),
    ("group", "Group"),
    ("resource", "Resource"),
    ("system", "System"),
    ("template", "Template"),
    ("user", "User"),
];

/// The form.
pub(super) fn draw(asked: &Asked, graph: Option<&EntityGraph>) -> AnyView {
    let least = u32::from(asked.filters.is_empty());
    let depths = (least..=MAX_DEPTH)
        .map(|depth| Choice::new(depth.to_string(), format::count(u64::from(depth), "step", "steps")))
        .collect::<Vec<_>>();
    let directions = GraphDirection::ALL
        .into_iter()
        .map(|direction| {
            let words = match direction {
                GraphDirection::Both => "Both ways",
                GraphDirection::Out => "What it needs and belongs to",
                GraphDirection::In => "What needs it and belongs to it",
            };
            Choice::new(direction.as_str(), words)
        })
        .collect::<Vec<_>>();
    let mut limits: BTreeSet<usize> = LIMITS.into_iter().collect();
    limits.insert(asked.limit);
    let limits = limits
        .into_iter()
        .map(|limit| Choice::new(limit.to_string(), format!("Up to {}", format::group_digits(limit as u64))))
        .collect::<Vec<_>>();
    let chosen = asked.kinds.len() + asked.relations.len() + usize::from(asked.each);
    let summary = match chosen {
        0 => "Kinds and relations".to_owned(),
        chosen => format!("Kinds and relations ({chosen})"),
    };
    let is_open = chosen != 0;
    let filters: Vec<_> = asked
        .filters
        .iter()
        .map(|filter| view! { <input type="hidden" name="filter" value=filter.clone()/> })
        .collect();
    let each = vec![Choice::new("on", "Draw each entity by itself")];
    let each_value = if asked.each { vec!["on".to_owned()] } else { Vec::new() };
    view! {
        <form class="graph-form" action="/catalog-graph" method="get">
            <FilterText name="entity" label="Entity" value=asked.entity.clone() placeholder="component:default/checkout"/>
            {filters}
            <FilterSelect name="depth" label="Reach" value=asked.depth.to_string() options=depths/>
            <FilterSelect name="direction" label="Direction" value=asked.direction.as_str() options=directions/>
            <FilterSelect name="limit" label="Entities" value=asked.limit.to_string() options=limits/>
            <details class="disclosure graph-more" open=is_open>
                <summary class="disclosure-summary">{summary}</summary>
                <div class="graph-checks">
                    <FilterChecks name="kind" label="Kinds" values=asked.kinds.clone() options=kinds(asked, graph)/>
                    <FilterChecks name="relation" label="Relations" values=asked.relations.clone() options=relations(asked, graph)/>
                    <FilterChecks name="each" label="Drawing" values=each_value options=each/>
                </div>
            </details>
            <Button>"Draw"</Button>
            <FilterHelper/>
        </form>
    }
    .into_any()
}

/// The well-known kinds, those of the graph and those that are chosen.
fn kinds(asked: &Asked, graph: Option<&EntityGraph>) -> Vec<Choice> {
    let mut kinds: Vec<(String, String)> =
        KINDS.iter().map(|(kind, label)| ((*kind).to_owned(), (*label).to_owned())).collect();
    let drawn =
        graph.into_iter().flat_map(|graph| &graph.nodes).map(|node| (node.kind.to_lowercase(), node.kind.clone()));
    let chosen = asked.kinds.iter().map(|kind| (kind.clone(), kind.clone()));
    for (kind, label) in drawn.chain(chosen) {
        if !kinds.iter().any(|(known, _)| *known == kind) {
            kinds.push((kind, label));
        }
    }
    kinds.into_iter().map(|(kind, label)| Choice::new(kind, label)).collect()
}

/// The well-known relations, those of the graph and those that are chosen.
fn relations(asked: &Asked, graph: Option<&EntityGraph>) -> Vec<Choice> {
    let mut names: Vec<String> = PAIRS.iter().map(|(name, _)| (*name).to_owned()).collect();
    let drawn = graph.into_iter().flat_map(|graph| &graph.edges).map(|edge| edge.relation.clone());
    for name in drawn.chain(asked.relations.iter().cloned()) {
        if !names.contains(&name) {
            names.push(name);
        }
    }
    names
        .into_iter()
        .map(|name| {
            let label = words(&name);
            Choice::new(name, label)
        })
        .collect()
}
