//! Empty states: nothing here yet, why, and what to do next.

use leptos::prelude::*;

use crate::{Icon, IconView};

/// Nothing to show. The text says what to do next; the children are the button or link that does it.
///
/// ```ignore
/// view! {
///     <EmptyStateView icon=Icon::Catalog title="No components yet" text="Register a catalog-info.yaml to see it here.">
///         <LinkButton href="/create">"Register"</LinkButton>
///     </EmptyStateView>
/// }
/// ```
#[component]
pub fn EmptyStateView(
    #[prop(default = Icon::Entity)] icon: Icon,
    #[prop(into)] title: String,
    #[prop(optional, into)] text: String,
    #[prop(optional)] children: Option<Children>,
) -> AnyView {
    view! {
        <div class="empty-state">
            <span class="empty-state-icon"><IconView icon/></span>
            <p class="empty-state-title">{title}</p>
            {(!text.is_empty()).then(|| view! { <p class="empty-state-text">{text}</p> })}
            {children.map(|children| view! { <div class="empty-state-actions">{children()}</div> })}
        </div>
    }
    .into_any()
}
