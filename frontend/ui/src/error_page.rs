//! What a page says when it cannot be shown: what happened, and where to go.

use leptos::prelude::*;

use crate::{Icon, LinkButton};

/// The content of an error page. `reference` is the request's id, by which an operator finds it in the log.
///
/// ```ignore
/// view! { <ErrorPage status=404 message="There is no component checkout2." reference=request_id/> }
/// ```
#[component]
pub fn ErrorPage(
    status: u16,
    /// What happened in this case; the usual words of the status when empty.
    #[prop(optional, into)]
    message: String,
    #[prop(optional, into)] reference: String,
    /// Further ways on, before "Go home".
    #[prop(optional)]
    children: Option<Children>,
) -> AnyView {
    let (title, usual) = words(status);
    let message = if message.is_empty() { usual.to_owned() } else { message };
    view! {
        <div class="error-page">
            <p class="error-page-status">{status}</p>
            <h1>{title}</h1>
            <p class="error-page-message">{message}</p>
            <div class="error-page-actions">
                {children.map(|children| children())}
                <LinkButton href="/" icon=Icon::Home>"Go home"</LinkButton>
                <LinkButton href="/catalog" icon=Icon::Catalog>"Open the catalog"</LinkButton>
            </div>
            {(!reference.is_empty())
                .then(|| view! { <p class="error-page-reference">"Request "<code>{reference}</code></p> })}
        </div>
    }
    .into_any()
}

/// The title of a status and what it usually means.
fn words(status: u16) -> (&'static str, &'static str) {
    match status {
        400 | 422 => ("This request does not make sense", "Something in the address or the form is not understood."),
        401 => ("Sign in to see this", "This page is only for people who have signed in."),
        403 => ("You may not see this", "Ask the owner or an administrator for access."),
        404 => {
            ("Nothing hangs here", "The page may have moved, or its entity may have left the catalog. Try the search.")
        }
        405 => ("This cannot be done here", "The page does not answer to this kind of request."),
        409 => ("Someone was faster", "It changed in the meantime. Load the page again and repeat what you did."),
        413 => ("This is too large", "Send less at once."),
        429 => ("One moment", "There were too many requests. Wait a little and try again."),
        503 => ("Not ready yet", "The portal is starting or stopping. Try again in a moment."),
        504 => ("This took too long", "Another system did not answer in time. Try again in a moment."),
        _ => ("Something broke", "The fault is ours, not yours. Try again; if it stays, tell an administrator."),
    }
}
