//! Applies filters as soon as they are changed. Without it the form has a button.

use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{Element, Event, FormData, HtmlFormElement, UrlSearchParams};

use crate::anchor::anchor;
use crate::browser::{go, listen};

/// Lets the form around it go to its address whenever a field changes, without the fields that are empty.
#[island]
pub fn FilterHelper() -> impl IntoView {
    anchor("form", |form| {
        let _ = form.set_attribute("data-immediate", "");
        for event in ["change", "submit"] {
            let target = form.clone();
            let form = form.clone();
            listen(&target, event, move |event: Event| {
                event.prevent_default();
                // The switch that shows the filters on narrow screens is no filter.
                let named = event
                    .target()
                    .and_then(|target| target.dyn_into::<Element>().ok())
                    .is_some_and(|target| target.tag_name() == "FORM" || target.has_attribute("name"));
                if named {
                    apply(&form);
                }
            });
        }
    })
}

fn apply(form: &Element) {
    let form: &HtmlFormElement = form.unchecked_ref();
    let Ok(data) = FormData::new_with_form(form) else { return };
    let Ok(filled) = UrlSearchParams::new() else { return };
    for entry in data.entries().into_iter().flatten() {
        let pair = js_sys::Array::from(&entry);
        if let (Some(name), Some(value)) = (pair.get(0).as_string(), pair.get(1).as_string())
            && !value.trim().is_empty()
        {
            filled.append(&name, value.trim());
        }
    }
    let query = String::from(filled.to_string());
    let path = form.get_attribute("action").unwrap_or_default();
    go(&if query.is_empty() { path } else { format!("{path}?{query}") });
}
