//! The definition of an API, as it is written.

use frontend_ui::{CodeBlock, EmptyStateView, Icon};
use leptos::prelude::*;
use serde_json::Value;

use super::EntityPage;
use crate::copying::copy_button;

/// The most bytes that are shown.
const MOST: usize = 512 * 1024;

/// The tab.
pub(super) fn draw(page: &EntityPage) -> AnyView {
    let Some(definition) = page.entity.pointer("/spec/definition") else { return ().into_any() };
    // A definition that was read as data is written as data.
    let text =
        definition.as_str().map_or_else(|| serde_json::to_string_pretty(definition).unwrap_or_default(), str::to_owned);
    if text.trim().is_empty() {
        return view! {
            <EmptyStateView icon=Icon::Api title="The definition is empty" text="Put the document into spec.definition, or point to it with $text."/>
        }
        .into_any();
    }
    let spec_type = page.entity.spec_type().unwrap_or_default().to_owned();
    let language = language(&spec_type, &text, definition);
    let (text, cut) = shortened(text);
    view! {
        <div class="stack" id="definition">
            <div class="row" data-align="between">
                <p class="muted">{format!("{} definition", if spec_type.is_empty() { "API" } else { &spec_type })}</p>
                {copy_button("#definition code", "Copy")}
            </div>
            {cut.then(|| view! { <p class="muted small">"Only the beginning is shown; the whole document is in the API and in its source."</p> })}
            <CodeBlock text language title=page.entity.title().to_owned()/>
        </div>
    }
    .into_any()
}

fn language(spec_type: &str, text: &str, definition: &Value) -> &'static str {
    match spec_type.to_lowercase().as_str() {
        "graphql" => "graphql",
        "grpc" => "protobuf",
        "trpc" => "typescript",
        _ if !definition.is_string() || text.trim_start().starts_with(['{', '[']) => "json",
        "openapi" | "asyncapi" => "yaml",
        _ => "",
    }
}

/// The beginning of a long text, and whether there is more.
fn shortened(mut text: String) -> (String, bool) {
    if text.len() <= MOST {
        return (text, false);
    }
    let mut end = MOST;
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text.truncate(end);
    (text, true)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_language_follows_type_and_text() {
        for (spec_type, text, expected) in [
            ("openapi", "openapi: 3.0.0", "yaml"),
            ("openapi", " {\"a\": 1}", "json"),
            ("GraphQL", "type Query", "graphql"),
            ("soap", "<x/>", ""),
        ] {
            assert_eq!(language(spec_type, text, &json!(text)), expected);
        }
    }

    #[test]
    fn long_definitions_are_cut_between_characters() {
        let (text, cut) = shortened("é".repeat(MOST));
        assert!(cut && text.len() <= MOST);
    }
}
