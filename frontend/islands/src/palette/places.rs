//! Where the reader was and where they can always go.

use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::JsValue;
use web_sys::Element;

use super::Entry;
use crate::browser::{document, is_own_path, storage, text_property, window};

/// The key under which the browser remembers pages.
const KEY: &str = "callboard-recent";
/// How many pages are remembered.
const MOST: u32 = 6;

/// The places of the navigation whose names hold the term.
pub(super) fn places(term: &str) -> Vec<Entry> {
    let Some(links) = document().and_then(|document| document.query_selector_all(".nav-item").ok()) else {
        return Vec::new();
    };
    (0..links.length())
        .filter_map(|index| {
            let link: Element = links.item(index)?.unchecked_into();
            let title = link.text_content()?.trim().to_owned();
            let address = link.get_attribute("href")?;
            let entry = Entry { title, note: "Go to".to_owned(), kind: String::new(), address };
            entry.title.to_lowercase().contains(term).then_some(entry)
        })
        .collect()
}

/// The entities that the reader looked at last, the last one first.
pub(super) fn recent() -> Vec<Entry> {
    let here = window().and_then(|window| window.location().pathname().ok()).unwrap_or_default();
    remembered()
        .iter()
        .map(|item| Entry {
            title: text_property(&item, "title"),
            note: "Recent".to_owned(),
            kind: text_property(&item, "kind"),
            address: text_property(&item, "address"),
        })
        .filter(|entry| !entry.title.is_empty() && is_own_path(&entry.address) && entry.address != here)
        .collect()
}

/// Remembers the page, when it is an entity's.
pub(super) fn remember_this_page() {
    let (Some(window), Some(document)) = (window(), document()) else { return };
    let Ok(path) = window.location().pathname() else { return };
    // `/catalog/{namespace}/{kind}/{name}`, whatever its tab.
    let parts: Vec<&str> = path.trim_matches('/').split('/').collect();
    let ["catalog", namespace, kind, name, ..] = parts.as_slice() else { return };
    let heading = document.query_selector("h1").ok().flatten().and_then(|heading| heading.text_content());
    let Some(title) = heading.filter(|title| !title.trim().is_empty()) else { return };
    // Pages of errors have no mark of a kind.
    if document.query_selector(".page-header .kind-icon").ok().flatten().is_none() {
        return;
    }
    let address = format!("/catalog/{namespace}/{kind}/{name}");
    let list = js_sys::Array::new();
    list.push(&item(title.trim(), kind, &address));
    for old in remembered().iter().filter(|old| text_property(old, "address") != address) {
        if list.length() < MOST {
            list.push(&old);
        }
    }
    let text = js_sys::JSON::stringify(&list).ok().and_then(|text| text.as_string());
    if let (Some(storage), Some(text)) = (storage(), text) {
        // A full or forbidden storage forgets.
        let _ = storage.set_item(KEY, &text);
    }
}

fn item(title: &str, kind: &str, address: &str) -> JsValue {
    let object = js_sys::Object::new();
    for (name, value) in [("title", title), ("kind", kind), ("address", address)] {
        let _ = js_sys::Reflect::set(&object, &name.into(), &value.into());
    }
    object.into()
}

fn remembered() -> js_sys::Array {
    let text = storage().and_then(|storage| storage.get_item(KEY).ok().flatten());
    text.and_then(|text| js_sys::JSON::parse(&text).ok())
        .and_then(|value| value.dyn_into::<js_sys::Array>().ok())
        .unwrap_or_default()
}
