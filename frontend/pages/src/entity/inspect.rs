//! The entity as the catalog keeps it.

use frontend_ui::{Card, CodeBlock, Disclosure, EntityLink, Fact, Icon, KeyValues, format};
use futures::join;
use host_api::{ApiResult, EntityQuery, PageContext};
use host_model::{Entity, EntityRef, annotation};
use leptos::prelude::*;
use serde_json::{Map, Value, json};

use super::{EntityPage, Inspected, about, provenance};
use crate::copying::copy_button;
use crate::names::parsed;
use crate::yaml::to_yaml;

/// The most entities of the same source that are listed.
const MAX_COLOCATED: usize = 50;

/// Asks for what led to the entity, and what came with it.
pub(super) async fn load(context: &PageContext, entity: &Entity, reference: &EntityRef) -> Inspected {
    let colocated = async {
        let Some(origin) = entity.annotation(annotation::MANAGED_BY_ORIGIN_LOCATION) else {
            return Ok((Vec::new(), 0));
        };
        // An address may hold a comma, which ends a condition in the grammar of filters.
        let field = format!("metadata.annotations.{}", annotation::MANAGED_BY_ORIGIN_LOCATION);
        let query = EntityQuery {
            predicate: Some(json!({ field: origin })),
            fields: ["kind", "metadata.name", "metadata.namespace"].map(str::to_owned).to_vec(),
            limit: Some(MAX_COLOCATED),
            ..EntityQuery::default()
        };
        let page = context.portal.query_entities(&context.principal, query).await?;
        let mut found: Vec<EntityRef> = parsed(&page.items).iter().map(Entity::entity_ref).collect();
        found.sort();
        Ok((found, page.total_items))
    };
    let ancestry = context.portal.ancestry(&context.principal, reference);
    let (ancestry, colocated, provenance) = join!(ancestry, colocated, provenance::load(context, reference));
    Inspected { ancestry, colocated, provenance, now: context.now }
}

/// The tab.
pub(super) fn draw(page: &EntityPage, inspected: &Inspected) -> AnyView {
    let document = page.entity.document();
    let text = |pointer: &str| page.entity.pointer(pointer).and_then(Value::as_str).unwrap_or_default().to_owned();
    let code = |text: String| view! { <code>{text}</code> };
    let mut facts = vec![
        Fact::new("Reference", code(page.reference.to_string())),
        Fact::new("API version", code(page.entity.api_version().to_owned())),
    ];
    for (key, pointer) in [("Unique id", "/metadata/uid"), ("Etag", "/metadata/etag")] {
        let value = text(pointer);
        if !value.is_empty() {
            facts.push(Fact::new(key, code(value)));
        }
    }
    let value = Value::Object(in_order(document, &ENVELOPE));
    let yaml = to_yaml(&value);
    let json = serde_json::to_string_pretty(&value).unwrap_or_default();
    let api = format!(
        "/api/catalog/entities/by-name/{}/{}/{}",
        page.reference.kind(),
        page.reference.namespace(),
        page.reference.name()
    );
    view! {
        <div class="grid">
            <Card title="Identity" icon=Icon::Info width="medium"
                actions=view! { <a href=api>"API"</a> }.into_any()>
                <KeyValues facts/>
            </Card>
            {ancestry_card(page, inspected)}
            {map_card("Labels", page.entity.pointer("/metadata/labels").and_then(Value::as_object))}
            {map_card("Annotations", page.entity.pointer("/metadata/annotations").and_then(Value::as_object))}
        </div>
        {colocated_card(page, &inspected.colocated)}
        <div class="stack" id="entity-yaml">
            <div class="row" data-align="end">{copy_button("#entity-yaml code", "Copy YAML")}</div>
            <CodeBlock text=yaml language="yaml" title="Entity"/>
        </div>
        {provenance::draw(&inspected.provenance, inspected.now)}
        <Disclosure summary="The same as JSON"><CodeBlock text=json language="json"/></Disclosure>
    }
    .into_any()
}

/// The order in which people write the envelope and the metadata.
const ENVELOPE: [&str; 6] = ["apiVersion", "kind", "metadata", "spec", "relations", "status"];
const METADATA: [&str; 10] =
    ["name", "namespace", "title", "description", "uid", "etag", "labels", "annotations", "tags", "links"];

/// An object with the known keys first.
fn in_order(object: &Map<String, Value>, first: &[&str]) -> Map<String, Value> {
    let known = first.iter().filter_map(|&key| object.get_key_value(key));
    let others = object.iter().filter(|(key, _)| !first.contains(&key.as_str()));
    known
        .chain(others)
        .map(|(key, value)| match (key.as_str(), value) {
            ("metadata", Value::Object(metadata)) => (key.clone(), Value::Object(in_order(metadata, &METADATA))),
            _ => (key.clone(), value.clone()),
        })
        .collect()
}

/// What led to the entity, the nearest first.
fn ancestry_card(page: &EntityPage, inspected: &Inspected) -> AnyView {
    let body = match &inspected.ancestry {
        Ok(ancestry) => {
            let found: Vec<Entity> = parsed(ancestry.items.iter().map(|item| &item.entity));
            let steps: Vec<_> = found
                .iter()
                .filter(|entity| entity.entity_ref() != page.reference)
                .map(|entity| {
                    let target = entity.pointer("/spec/target").and_then(Value::as_str).unwrap_or_default().to_owned();
                    let reference = entity.entity_ref().to_string();
                    view! {
                        <li class="entity-row">
                            <span class="entity-row-name"><EntityLink reference title=entity.title().to_owned()/></span>
                            <span class="entity-row-description"><code class="location">{target}</code></span>
                        </li>
                    }
                })
                .collect();
            if steps.is_empty() {
                view! { <p class="related-empty">"Nothing else led to it."</p> }.into_any()
            } else {
                view! { <ol class="entity-rows">{steps}</ol> }.into_any()
            }
        }
        Err(error) => {
            let message = error.message.clone();
            view! { <p class="related-empty">{message}</p> }.into_any()
        }
    };
    view! { <Card title="Led here by" icon=Icon::Location width="medium" flush=true>{body}</Card> }.into_any()
}

/// What came from the same location.
fn colocated_card(page: &EntityPage, colocated: &ApiResult<(Vec<EntityRef>, u64)>) -> Option<AnyView> {
    let (found, total) = colocated.as_ref().ok()?;
    let others: Vec<_> = found.iter().filter(|other| **other != page.reference).collect();
    if others.is_empty() {
        return None;
    }
    let items: Vec<_> =
        others.iter().map(|other| view! { <li><EntityLink reference=other.to_string()/></li> }).collect();
    let rest = total.saturating_sub(1 + others.len() as u64);
    let rest =
        (rest > 0).then(|| view! { <li class="muted">{format!("and {} more", format::group_digits(rest))}</li> });
    let note = format::group_digits(total.saturating_sub(1));
    Some(
        view! { <Card title="From the same location" icon=Icon::Catalog note><ul class="inline-list">{items}{rest}</ul></Card> }
            .into_any(),
    )
}

/// Keys and values as they are; those that are locations as links.
fn map_card(title: &'static str, map: Option<&Map<String, Value>>) -> Option<AnyView> {
    let map = map.filter(|map| !map.is_empty())?;
    let facts = map
        .iter()
        .map(|(key, value)| Fact::new(key.clone(), about::location(value.as_str().unwrap_or_default())))
        .collect();
    Some(view! { <Card title width="full"><div class="annotations"><KeyValues facts/></div></Card> }.into_any())
}
