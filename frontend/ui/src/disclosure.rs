//! Things that open: a disclosure in the text, and a dialog over the page. Both are the browser's own and need no
//! script; Escape closes a dialog.

use leptos::prelude::*;

use crate::{Icon, IconView};

/// A summary that opens what is below it.
///
/// ```ignore
/// view! { <Disclosure summary="Raw answer"><CodeBlock text=answer/></Disclosure> }
/// ```
#[component]
pub fn Disclosure(#[prop(into)] summary: String, #[prop(optional)] open: bool, children: Children) -> AnyView {
    view! {
        <details class="disclosure" open=open>
            <summary class="disclosure-summary"><IconView icon=Icon::ChevronRight/><span>{summary}</span></summary>
            <div class="disclosure-body">{children()}</div>
        </details>
    }
    .into_any()
}

/// A dialog that a button with `popovertarget` opens; `id` must be unique on the page. The children are its text and,
/// as a `DialogActions`, its buttons.
///
/// ```ignore
/// view! {
///     <button class="button" type="button" popovertarget="remove">"Remove"</button>
///     <Dialog id="remove" title="Remove the plugin?"><p>"Its cards and actions go with it."</p></Dialog>
/// }
/// ```
#[component]
pub fn Dialog(#[prop(into)] id: String, #[prop(into)] title: String, children: Children) -> AnyView {
    let heading = format!("{id}-title");
    view! {
        <div class="dialog" id=id popover="auto" role="dialog" aria-labelledby=heading>
            <h2 class="dialog-title" id=heading.clone()>{title}</h2>
            {children()}
        </div>
    }
    .into_any()
}

/// The buttons of a dialog, with the one that closes it.
#[component]
pub fn DialogActions(
    /// The id of the dialog.
    #[prop(into)]
    dialog: String,
    children: Children,
) -> AnyView {
    view! {
        <div class="dialog-actions">
            <button class="button" type="button" popovertarget=dialog popovertargetaction="hide">"Cancel"</button>
            {children()}
        </div>
    }
    .into_any()
}
