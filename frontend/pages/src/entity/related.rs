//! Lists of entities that stand in a relation to one.

use frontend_ui::{Avatar, Card, Icon, format};
use host_model::EntityRef;
use leptos::prelude::*;

use super::EntityPage;
use crate::names::{Names, lifecycle_badge};

/// The most entities of one card.
const MOST: usize = 12;

/// A card with the entities of one relation.
pub(super) struct Section {
    relation: &'static str,
    /// The kind of the other end; empty for any.
    kind: &'static str,
    title: &'static str,
    /// What is said when there are none; without it there is no card then.
    empty: &'static str,
}

const fn section(relation: &'static str, kind: &'static str, title: &'static str, empty: &'static str) -> Section {
    Section { relation, kind, title, empty }
}

const COMPONENT: &[Section] = &[
    section("hasPart", "component", "Subcomponents", ""),
    section("providesApi", "", "Provided APIs", ""),
    section("consumesApi", "", "Consumed APIs", ""),
];
const API: &[Section] = &[
    section("apiProvidedBy", "", "Providers", "No component says that it provides this API: add it to providesApis."),
    section("apiConsumedBy", "", "Consumers", "No component says that it consumes this API: add it to consumesApis."),
];
const RESOURCE: &[Section] = &[section("dependencyOf", "", "Needed by", "Nothing depends on it.")];
const SYSTEM: &[Section] = &[
    section("hasPart", "component", "Components", "No component says spec.system of this system."),
    section("hasPart", "api", "APIs", "This system has no APIs."),
    section("hasPart", "resource", "Resources", "This system has no resources."),
];
const DOMAIN: &[Section] = &[
    section("hasPart", "system", "Systems", "No system says spec.domain of this domain."),
    section("hasPart", "domain", "Subdomains", ""),
];
const GROUP: &[Section] = &[section("parentOf", "", "Groups below", ""), section("ownerOf", "", "Owns directly", "")];
const USER: &[Section] =
    &[section("memberOf", "", "Groups", "This person is in no group."), section("ownerOf", "", "Owns directly", "")];
const OTHER: &[Section] = &[
    section("hasPart", "", "Parts", ""),
    section("dependsOn", "", "Depends on", ""),
    section("dependencyOf", "", "Needed by", ""),
];

/// The cards for a kind.
fn sections(kind: &str) -> &'static [Section] {
    match kind {
        "component" => COMPONENT,
        "api" => API,
        "resource" => RESOURCE,
        "system" => SYSTEM,
        "domain" => DOMAIN,
        "group" => GROUP,
        "user" => USER,
        _ => OTHER,
    }
}

/// The cards of an entity.
pub(super) fn cards(page: &EntityPage) -> Vec<AnyView> {
    sections(page.reference.kind())
        .iter()
        .filter_map(|section| {
            let mut found = page.entity.related(section.relation);
            found.retain(|reference| section.kind.is_empty() || reference.kind() == section.kind);
            if found.is_empty() && section.empty.is_empty() {
                return None;
            }
            Some(card(page, section, found))
        })
        .collect()
}

fn card(page: &EntityPage, section: &Section, found: Vec<EntityRef>) -> AnyView {
    let count = found.len();
    let note = if count == 0 { String::new() } else { format::group_digits(count as u64) };
    let more = (count > MOST).then(|| {
        let href = format!("{}/relations#{}", page.reference.page_path(), section.relation);
        view! { <a href=href>{format!("All {count}")}</a> }.into_any()
    });
    let body = if found.is_empty() {
        view! { <p class="related-empty">{section.empty}</p> }.into_any()
    } else {
        rows(&found[..count.min(MOST)], &page.names)
    };
    let icon = if section.kind.is_empty() { Icon::Link } else { Icon::of_kind(section.kind) };
    match more {
        Some(footer) => {
            view! { <Card title=section.title icon note width="medium" flush=true footer>{body}</Card> }.into_any()
        }
        None => view! { <Card title=section.title icon note width="medium" flush=true>{body}</Card> }.into_any(),
    }
}

/// Entities, a row each: name, type, lifecycle, and what they are for.
pub(super) fn rows(references: &[EntityRef], names: &Names) -> AnyView {
    let rows: Vec<_> = references
        .iter()
        .map(|reference| {
            let entity = names.get(reference);
            let spec_type = entity.and_then(|entity| entity.spec_type()).map(str::to_owned);
            let lifecycle = lifecycle_badge(entity.and_then(|entity| entity.lifecycle()));
            let description = entity.and_then(|entity| entity.description()).map(str::to_owned);
            let name = match reference.kind() {
                "user" => view! { <Avatar name=names.title(reference)/> {names.plain_link(reference)} }.into_any(),
                _ => names.link(reference),
            };
            view! {
                <li class="entity-row">
                    <span class="entity-row-name">{name}</span>
                    <span class="entity-row-facts">
                        {spec_type.map(|spec_type| view! { <span class="muted small">{spec_type}</span> })}
                        {lifecycle}
                    </span>
                    {description.map(|description| view! { <span class="entity-row-description">{description}</span> })}
                </li>
            }
        })
        .collect();
    view! { <ul class="entity-rows">{rows}</ul> }.into_any()
}
