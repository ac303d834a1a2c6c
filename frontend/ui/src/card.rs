//! Cards: titled surfaces into which a page is divided.

use leptos::prelude::*;

use crate::{Icon, IconView};

/// A titled surface. Its share of a `.grid` is `width`: `small`, `medium`, `large` or `full`.
///
/// ```ignore
/// view! { <Card title="About" icon=Icon::Info width="medium"><p>"…"</p></Card> }
/// ```
#[component]
pub fn Card(
    #[prop(optional, into)] title: String,
    #[prop(optional)] icon: Option<Icon>,
    /// Said in small print beside the title, such as a count.
    #[prop(optional, into)]
    note: String,
    #[prop(default = "full")] width: &'static str,
    /// The `id`, by which the page's addresses and labels refer to it.
    #[prop(optional, into)]
    id: String,
    /// Whether the contents reach to the edges, as tables and graphs do.
    #[prop(optional)]
    flush: bool,
    /// Buttons and links at the right of the title.
    #[prop(optional)]
    actions: Option<AnyView>,
    /// Below a hairline: freshness, links to more.
    #[prop(optional)]
    footer: Option<AnyView>,
    children: Children,
) -> AnyView {
    let heading = (!id.is_empty() && !title.is_empty()).then(|| format!("{id}-title"));
    let header = (!title.is_empty() || actions.is_some()).then(|| {
        view! {
            <header class="card-header">
                {icon.map(|icon| view! { <IconView icon/> })}
                <h2 class="card-title" id=heading.clone()>{title}</h2>
                {(!note.is_empty()).then(|| view! { <span class="card-note">{note}</span> })}
                {actions.map(|actions| view! { <div class="card-actions">{actions}</div> })}
            </header>
        }
    });
    view! {
        <section
            class="card"
            id=(!id.is_empty()).then_some(id)
            data-width=width
            data-flush=flush.then_some("")
            aria-labelledby=heading
        >
            {header}
            <div class="card-body">{children()}</div>
            {footer.map(|footer| view! { <footer class="card-footer">{footer}</footer> })}
        </section>
    }
    .into_any()
}
