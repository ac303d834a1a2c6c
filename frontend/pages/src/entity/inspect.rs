//! The entity as the catalog keeps it.

use frontend_ui::{Card, CodeBlock, Disclosure, Fact, Icon, KeyValues};
use leptos::prelude::*;
use serde_json::{Map, Value};

use super::{EntityPage, about};
use crate::copying::copy_button;
use crate::yaml::to_yaml;

/// The tab.
pub(super) fn draw(page: &EntityPage) -> AnyView {
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
            {map_card("Labels", page.entity.pointer("/metadata/labels").and_then(Value::as_object))}
            {map_card("Annotations", page.entity.pointer("/metadata/annotations").and_then(Value::as_object))}
        </div>
        <div class="stack" id="entity-yaml">
            <div class="row" data-align="end">{copy_button("#entity-yaml code", "Copy YAML")}</div>
            <CodeBlock text=yaml language="yaml" title="Entity"/>
        </div>
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

/// Keys and values as they are; those that are locations as links.
fn map_card(title: &'static str, map: Option<&Map<String, Value>>) -> Option<AnyView> {
    let map = map.filter(|map| !map.is_empty())?;
    let facts = map
        .iter()
        .map(|(key, value)| Fact::new(key.clone(), about::location(value.as_str().unwrap_or_default())))
        .collect();
    Some(view! { <Card title width="full"><div class="annotations"><KeyValues facts/></div></Card> }.into_any())
}
