//! Everything that the entity stands in a relation to.

use std::collections::BTreeMap;

use frontend_ui::{Card, EmptyStateView, Icon, LinkButton, format, with_query};
use host_model::EntityRef;
use leptos::prelude::*;

use super::EntityPage;
use super::related::rows;

/// The most entities of one relation.
const MOST: usize = 100;

/// The tab.
pub(super) fn draw(page: &EntityPage) -> AnyView {
    let mut relations: BTreeMap<String, Vec<EntityRef>> = BTreeMap::new();
    for relation in page.entity.relations() {
        relations.entry(relation.name).or_default().push(relation.target_ref);
    }
    if relations.is_empty() {
        return view! {
            <EmptyStateView
                icon=Icon::Graph
                title="No relations yet"
                text="Name an owner, a system, APIs or dependencies in the descriptor, and they appear here."
            />
        }
        .into_any();
    }
    let graph = with_query("/catalog-graph", [("entity", page.reference.to_string().as_str())]);
    let cards: Vec<_> = relations
        .into_iter()
        .map(|(name, targets)| {
            let note = format::group_digits(targets.len() as u64);
            let title = words(&name);
            let rows = rows(&targets[..targets.len().min(MOST)], &page.names);
            let rest = (targets.len() > MOST).then(|| {
                let note = format!("The first {MOST} are listed.");
                view! { <p class="related-empty">{note}</p> }
            });
            view! { <Card id=name title note width="medium" flush=true>{rows}{rest}</Card> }
        })
        .collect();
    view! {
        <p class="row">
            <LinkButton href=graph icon=Icon::Graph small=true>"Draw them as a graph"</LinkButton>
        </p>
        <div class="grid">{cards}</div>
    }
    .into_any()
}

/// The name of a relation in words, seen from the entity.
pub(crate) fn words(relation: &str) -> String {
    let known = match relation {
        "ownedBy" => "Owned by",
        "ownerOf" => "Owns",
        "providesApi" => "Provides API",
        "apiProvidedBy" => "Provided by",
        "consumesApi" => "Consumes API",
        "apiConsumedBy" => "Consumed by",
        "dependsOn" => "Depends on",
        "dependencyOf" => "Needed by",
        "parentOf" => "Parent of",
        "childOf" => "Child of",
        "memberOf" => "Member of",
        "hasMember" => "Has members",
        "partOf" => "Part of",
        "hasPart" => "Has parts",
        other => other,
    };
    known.to_owned()
}
