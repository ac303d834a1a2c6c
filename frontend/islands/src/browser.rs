//! The few things that islands ask of the browser.

use wasm_bindgen::prelude::{Closure, JsValue};
use wasm_bindgen::{JsCast, convert::FromWasmAbi};
use wasm_bindgen_futures::JsFuture;
use web_sys::{AbortSignal, Document, EventTarget, RequestInit, Response, Storage, Window};

/// The page's document.
pub(crate) fn document() -> Option<Document> {
    window()?.document()
}

/// The window.
pub(crate) fn window() -> Option<Window> {
    web_sys::window()
}

/// Calls `listener` on every event of a kind for as long as the page lives.
pub(crate) fn listen<E: FromWasmAbi + 'static>(target: &EventTarget, event: &str, listener: impl FnMut(E) + 'static) {
    let closure = Closure::<dyn FnMut(E)>::new(listener);
    // A target that refuses a listener leaves the markup as it works without scripts.
    let _ = target.add_event_listener_with_callback(event, closure.as_ref().unchecked_ref());
    closure.forget();
}

/// What the browser remembers for this site, unless the reader forbids it.
pub(crate) fn storage() -> Option<Storage> {
    window()?.local_storage().ok().flatten()
}

/// Leaves for another page.
pub(crate) fn go(address: &str) {
    if let Some(window) = window() {
        // A refused navigation leaves the reader where they are.
        let _ = window.location().assign(address);
    }
}

/// Reads an address of the portal; none when it does not answer, refuses, or the reading was called off.
pub(crate) async fn read(address: &str, signal: Option<&AbortSignal>) -> Option<Response> {
    let options = RequestInit::new();
    options.set_signal(signal);
    let answer = JsFuture::from(window()?.fetch_with_str_and_init(address, &options)).await.ok()?;
    answer.dyn_into::<Response>().ok().filter(Response::ok)
}

/// The text of an answer.
pub(crate) async fn text(response: &Response) -> Option<String> {
    JsFuture::from(response.text().ok()?).await.ok()?.as_string()
}

/// The JSON of an answer.
pub(crate) async fn json(response: &Response) -> Option<JsValue> {
    JsFuture::from(response.json().ok()?).await.ok()
}

/// A property of an object.
pub(crate) fn property(object: &JsValue, name: &str) -> JsValue {
    js_sys::Reflect::get(object, &JsValue::from_str(name)).unwrap_or(JsValue::UNDEFINED)
}

/// A property that is a text; empty when it is anything else.
pub(crate) fn text_property(object: &JsValue, name: &str) -> String {
    property(object, name).as_string().unwrap_or_default()
}

/// Writes a text as one value of a query.
pub(crate) fn encode(text: &str) -> String {
    js_sys::encode_uri_component(text).into()
}

/// Whether an address is a path of this portal.
pub(crate) fn is_own_path(address: &str) -> bool {
    address.starts_with('/') && !address.starts_with("//") && !address.contains('\\')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_paths_are_the_portals_own() {
        for (address, own) in
            [("/catalog", true), ("//evil.example", false), ("/\\evil", false), ("javascript:x", false), ("", false)]
        {
            assert_eq!(is_own_path(address), own, "{address}");
        }
    }
}
