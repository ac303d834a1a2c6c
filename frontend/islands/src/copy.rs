//! Copies a text. The button around it is hidden until it works.

use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{Element, Event, HtmlElement};

use crate::anchor::anchor;
use crate::browser::{document, listen, property, window};

/// How long the button says that it is done, in milliseconds.
const DONE_MS: u64 = 1_600;

/// Lets the button around it copy the text of the element that its `data-copy` selects.
#[island]
pub fn CopyHelper() -> impl IntoView {
    anchor("button", |button| {
        // On addresses that are not secure there is no clipboard.
        let clipboard = window().map(|window| property(&window.navigator(), "clipboard"));
        if !clipboard.is_some_and(|clipboard| clipboard.is_object()) {
            return;
        }
        let button: HtmlElement = button.unchecked_into();
        button.set_hidden(false);
        let target = button.clone();
        listen(&target, "click", move |_: Event| copy(&button));
    })
}

fn copy(button: &HtmlElement) {
    let source = button.get_attribute("data-copy").and_then(|selector| document()?.query_selector(&selector).ok()?);
    let Some(text) = source.and_then(|source: Element| source.text_content()) else { return };
    let Some(window) = window() else { return };
    let writing = window.navigator().clipboard().write_text(&text);
    let button = button.clone();
    wasm_bindgen_futures::spawn_local(async move {
        let done = wasm_bindgen_futures::JsFuture::from(writing).await.is_ok();
        let _ = button.set_attribute("data-state", if done { "done" } else { "failed" });
        set_timeout(
            move || {
                let _ = button.remove_attribute("data-state");
            },
            std::time::Duration::from_millis(DONE_MS),
        );
    });
}
