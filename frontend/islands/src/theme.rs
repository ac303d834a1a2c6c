//! Changes the theme at once. The form around it does the same with a round trip to the server.

use leptos::prelude::*;
use wasm_bindgen::JsCast;
use web_sys::{Element, Event, HtmlDocument, HtmlElement, HtmlInputElement};

use crate::anchor::anchor;
use crate::browser::{document, listen};

/// The themes in the order in which the button goes through them; the first follows the system.
const ORDER: [&str; 3] = ["system", "light", "dark"];

/// The theme after another one.
fn after(theme: &str) -> &'static str {
    let at = ORDER.iter().position(|known| *known == theme).unwrap_or_default();
    ORDER[(at + 1) % ORDER.len()]
}

/// What the button says when a theme is set.
fn label(theme: &str) -> String {
    format!("Theme: {theme}. Change to {}", after(theme))
}

/// Lets the form around it change the theme without leaving the page. The form holds the field `theme` with the theme
/// that is next, and its `data-choice` is the present one.
#[island]
pub fn ThemeSwitch() -> impl IntoView {
    anchor("form", |form| {
        let target = form.clone();
        listen(&target, "submit", move |event: Event| {
            event.prevent_default();
            choose(&form);
        });
    })
}

fn choose(form: &Element) {
    let Some(field) = form.query_selector("[name=theme]").ok().flatten() else { return };
    let field: HtmlInputElement = field.unchecked_into();
    let choice = after(&form.get_attribute("data-choice").unwrap_or_default());
    let Some(document) = document() else { return };
    if let Some(root) = document.document_element() {
        let set = if choice == ORDER[0] {
            root.remove_attribute("data-theme")
        } else {
            root.set_attribute("data-theme", choice)
        };
        if set.is_err() {
            return;
        }
    }
    let cookie = if choice == ORDER[0] {
        "callboard-theme=; Path=/; Max-Age=0; SameSite=Lax".to_owned()
    } else {
        format!("callboard-theme={choice}; Path=/; Max-Age=31536000; SameSite=Lax")
    };
    // Without cookies the choice holds for this page.
    let _ = document.unchecked_into::<HtmlDocument>().set_cookie(&cookie);
    let _ = form.set_attribute("data-choice", choice);
    field.set_value(after(choice));
    if let Some(button) = form.query_selector("button").ok().flatten() {
        let button: HtmlElement = button.unchecked_into();
        let _ = button.set_attribute("aria-label", &label(choice));
        button.set_title(&label(choice));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_button_goes_through_all_themes() {
        assert_eq!([after("system"), after("light"), after("dark"), after("?")], ["light", "dark", "system", "light"]);
    }
}
