//! How something is doing: an icon, a colour and a word, never the colour alone.

use host_model::view::Level;
use leptos::prelude::*;

use crate::tone::{level_icon, level_word};
use crate::{IconView, Tone};

/// A level with its text. An empty text is replaced by the level's own word.
///
/// ```ignore
/// view! { <StatusView level=Level::Ok text="Passed" detail="42 of 42 checks"/> }
/// ```
#[component]
pub fn StatusView(
    level: Level,
    #[prop(optional, into)] text: String,
    /// More about it. A short one is shown on hover and read aloud; a long one opens on demand.
    #[prop(optional, into)]
    detail: String,
) -> AnyView {
    let text = if text.trim().is_empty() { level_word(level).to_owned() } else { text };
    let tone = Tone::from(level).as_str();
    let label = level_word(level);
    // The word is not said twice when the text already says it.
    let spoken = (!text.to_lowercase().contains(&label.to_lowercase()))
        .then(|| view! { <span class="visually-hidden">{format!("{label}: ")}</span> });
    let inner = view! {
        <IconView icon=level_icon(level)/>
        <span>{spoken}{text}</span>
    };
    if detail.is_empty() {
        view! { <span class="status" data-tone=tone>{inner}</span> }.into_any()
    } else {
        view! {
            <details class="status-details">
                <summary class="status" data-tone=tone>{inner}</summary>
                <p class="preserve">{detail}</p>
            </details>
        }
        .into_any()
    }
}
