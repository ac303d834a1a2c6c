//! Buttons of views. Each is a form of its own that is posted, so that it works without scripts; a question before is
//! a dialog that the browser opens by itself.

use host_model::view::{Action, Danger};
use leptos::prelude::*;

use super::PanelContext;
use crate::{Dialog, DialogActions};

/// A button for an action. `place` tells it from every other button of the panel.
pub(super) fn action_button(
    action: &Action,
    input: String,
    place: &str,
    small: bool,
    context: &PanelContext,
) -> AnyView {
    let variant = variant(action.danger);
    let size = small.then_some("small");
    let title = action.title.clone();
    let Some(question) = action.confirm.clone() else {
        return view! {
            <form class="plugin-action" method="post" action=context.action_url.clone() data-panel-action="">
                {hidden(action, input, place, context)}
                <button class="button" type="submit" data-variant=variant data-size=size>{title}</button>
            </form>
        }
        .into_any();
    };
    let id = format!("{}-{place}", context.id);
    let url = context.action_url.clone();
    let fields = hidden(action, input, place, context);
    let confirm = if action.danger == Danger::Destructive { "danger" } else { "primary" };
    let warning = match action.danger {
        Danger::Normal => None,
        Danger::Caution => Some("Others will notice this."),
        Danger::Destructive => Some("This cannot be undone."),
    };
    view! {
        <span class="plugin-action">
            <button class="button" type="button" data-variant=variant data-size=size popovertarget=id.clone()>
                {title.clone()}
            </button>
            <Dialog id=id.clone() title=title.clone()>
                <p class="preserve">{question}</p>
                {warning.map(|warning| view! { <p class="muted small">{warning}</p> })}
                <form method="post" action=url data-panel-action="">
                    {fields}
                    <DialogActions dialog=id>
                        <button class="button" type="submit" data-variant=confirm>{title}</button>
                    </DialogActions>
                </form>
            </Dialog>
        </span>
    }
    .into_any()
}

/// The fields that tell the server which action is meant.
pub(super) fn hidden(action: &Action, input: String, place: &str, context: &PanelContext) -> AnyView {
    let key = (!context.idempotency.is_empty()).then(|| {
        let key = format!("{}-{place}", context.idempotency);
        view! { <input type="hidden" name="idempotencyKey" value=key/> }
    });
    let input = (!input.is_empty()).then(|| view! { <input type="hidden" name="input" value=input/> });
    view! {
        <input type="hidden" name="action" value=action.id.clone()/>
        <input type="hidden" name="back" value=context.back()/>
        {input}
        {key}
    }
    .into_any()
}

/// The look of a button by its danger.
fn variant(danger: Danger) -> &'static str {
    match danger {
        Danger::Normal | Danger::Caution => "secondary",
        Danger::Destructive => "danger",
    }
}
