//! The facts about an entity.

use frontend_ui::{Card, Fact, Icon, KeyValues, SafeLink, TagItem, TagList, safe_url, with_query};
use host_model::{Entity, EntityRef, annotation};
use leptos::prelude::*;
use serde_json::Value;

use super::EntityPage;
use crate::catalog::targets;
use crate::names::lifecycle_badge;

/// The card.
pub(super) fn card(page: &EntityPage) -> AnyView {
    let entity = &page.entity;
    let mut facts = Vec::new();
    let mut text = |key: &str, value: Option<&str>| {
        if let Some(value) = value.filter(|value| !value.is_empty()) {
            facts.push(Fact::new(key, value.to_owned()));
        }
    };
    if entity.title() != entity.name() {
        text("Name", Some(entity.name()));
    }
    if entity.namespace() != "default" {
        text("Namespace", Some(entity.namespace()));
    }
    text("Type", entity.spec_type());
    if let Some(badge) = lifecycle_badge(entity.lifecycle()) {
        facts.push(Fact::new("Lifecycle", badge));
    }
    let part_of = |kind: &str| -> Vec<EntityRef> {
        entity.related("partOf").into_iter().filter(|part| part.kind() == kind).collect()
    };
    for (key, references) in [
        ("Owner", entity.related("ownedBy")),
        ("System", part_of("system")),
        ("Domain", part_of("domain")),
        ("Part of", part_of("component")),
        ("Parent group", entity.related("childOf")),
    ] {
        if !references.is_empty() {
            facts.push(Fact::new(key, page.names.links(&references)));
        }
    }
    if let Some(address) = entity.pointer("/spec/profile/email").and_then(Value::as_str) {
        facts.push(Fact::new("Email", view! { <SafeLink url=format!("mailto:{address}") text=address.to_owned()/> }));
    }
    let targets = targets(entity);
    if !targets.is_empty() {
        let items: Vec<_> = targets.into_iter().map(|target| view! { <li><code>{target}</code></li> }).collect();
        facts.push(Fact::new("Targets", view! { <ul class="plain-list">{items}</ul> }));
    }
    if let Some(remotes) = remotes(entity) {
        facts.push(Fact::new("Remotes", remotes));
    }
    if let Some(source) = source(entity) {
        facts.push(Fact::new("Source", source));
    }
    if let Some(place) = entity.annotation(annotation::MANAGED_BY_LOCATION) {
        facts.push(Fact::new("Described in", location(place)));
    }
    let kind = page.reference.kind();
    let tags: Vec<TagItem> = entity
        .tags()
        .iter()
        .map(|&tag| TagItem::link(tag, with_query("/catalog", [("kind", kind), ("tag", tag)])))
        .collect();
    if !tags.is_empty() {
        facts.push(Fact::new("Tags", view! { <TagList tags/> }));
    }
    view! { <Card title="About" icon=Icon::Info width="medium"><KeyValues facts/></Card> }.into_any()
}

/// Where an API that has no definition is reached, such as the server of a protocol that describes itself.
fn remotes(entity: &Entity) -> Option<AnyView> {
    let remotes = entity.pointer("/spec/remotes").and_then(Value::as_array)?;
    let items: Vec<_> = remotes
        .iter()
        .filter_map(|remote| {
            let text = |key: &str| remote.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
            let (url, kind) = (text("url"), text("type"));
            (!url.is_empty()).then(|| view! { <li><SafeLink url/>" "<span class="muted">{kind}</span></li> })
        })
        .collect();
    (!items.is_empty()).then(|| view! { <ul class="plain-list">{items}</ul> }.into_any())
}

/// Where the entity's source code is.
fn source(entity: &Entity) -> Option<AnyView> {
    let source = entity.annotation(annotation::SOURCE_LOCATION)?;
    Some(location(source))
}

/// A location reference: a link where it is an address, its file where it is one.
pub(super) fn location(reference: &str) -> AnyView {
    let target =
        reference.split_once(':').map_or(reference, |(kind, target)| if kind == "url" { target } else { reference });
    if safe_url(target).is_some() && target != reference {
        return view! { <SafeLink url=target.to_owned()/> }.into_any();
    }
    view! { <code class="location">{reference.to_owned()}</code> }.into_any()
}
