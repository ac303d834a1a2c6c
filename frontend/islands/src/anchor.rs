//! An invisible element by which an island finds the markup that it takes care of.

use leptos::html::Span;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::Element;

/// Draws the anchor; once it is awake in the browser, `begin` gets the closest element around it that matches.
pub(crate) fn anchor(around: &'static str, begin: impl Fn(Element) + 'static) -> impl IntoView {
    let place = NodeRef::<Span>::new();
    Effect::new(move |_| {
        let span = place.get().map(|span| span.unchecked_into::<Element>());
        if let Some(element) = span.and_then(|span| span.closest(around).ok().flatten()) {
            begin(element);
        }
    });
    view! { <span hidden=true node_ref=place></span> }
}
