//! Asks the public search for a term.

use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::JsValue;
use web_sys::AbortSignal;

use super::Entry;
use crate::browser::{encode, is_own_path, json, property, read, text_property};

/// How many results the palette shows.
const MOST: usize = 8;

/// What matches; none when the portal does not answer.
pub(super) async fn search(term: &str, signal: Option<&AbortSignal>) -> Option<Vec<Entry>> {
    let address = format!("/api/search/query?term={}&pageLimit={MOST}", encode(term));
    let answer = json(&read(&address, signal).await?).await?;
    let results = property(&answer, "results").dyn_into::<js_sys::Array>().ok()?;
    Some(results.iter().filter_map(|result| entry(&property(&result, "document"))).take(MOST).collect())
}

fn entry(document: &JsValue) -> Option<Entry> {
    let address = text_property(document, "location");
    let kind = text_property(document, "kind");
    let spec_type = text_property(document, "type");
    // Entities without a type are of type `other` in the index.
    let note =
        if spec_type.is_empty() || spec_type == "other" { kind.clone() } else { format!("{kind} · {spec_type}") };
    is_own_path(&address).then(|| Entry {
        title: text_property(document, "title"),
        note,
        kind: if kind.is_empty() { "document".to_owned() } else { kind.to_lowercase() },
        address,
    })
}
