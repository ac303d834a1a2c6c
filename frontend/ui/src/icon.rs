//! Icons as inline drawings. They take the colour and, by default, the size of the text around them.

use leptos::prelude::*;

use crate::Icon;

/// Draws an icon. Without a `label` it is decoration and hidden from assistive technology.
///
/// ```ignore
/// view! { <IconView icon=Icon::Search/> <IconView icon=Icon::Star label="Starred"/> }
/// ```
#[component]
pub fn IconView(
    icon: Icon,
    /// What it says to those who do not see it.
    #[prop(optional, into)]
    label: String,
) -> AnyView {
    let labelled = !label.is_empty();
    view! {
        <svg
            class="icon"
            data-icon=icon.name()
            viewBox="0 0 16 16"
            role=labelled.then_some("img")
            aria-label=labelled.then_some(label)
            aria-hidden=(!labelled).then_some("true")
        >
            <path d=icon.path()></path>
        </svg>
    }
    .into_any()
}

/// The icon of a kind of entity on a small tile of the kind's hue.
///
/// ```ignore
/// view! { <KindIcon kind="component"/> }
/// ```
#[component]
pub fn KindIcon(
    #[prop(into)] kind: String,
    /// A larger tile, for the header of a page.
    #[prop(optional)]
    large: bool,
) -> AnyView {
    let icon = Icon::of_kind(&kind);
    view! {
        <span class="kind-icon" data-kind=kind.to_lowercase() data-size=large.then_some("large")>
            <IconView icon/>
        </span>
    }
    .into_any()
}

/// The product's mark: a board that hangs from its nail, with the lines of a call.
#[component]
pub fn BrandMark() -> AnyView {
    view! {
        <svg class="brand-mark" viewBox="0 0 24 24" aria-hidden="true">
            <path class="brand-mark-cord" d="M5.5 9L12 3l6.5 6"></path>
            <rect class="brand-mark-board" x="2" y="8.5" width="20" height="13" rx="2.5"></rect>
            <path class="brand-mark-lines" d="M6 12.75h8M6 17.25h5M17.75 12.75v.01"></path>
        </svg>
    }
    .into_any()
}
