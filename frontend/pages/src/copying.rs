//! Buttons that copy a text. They are hidden until the browser's half of the site is awake.

use frontend_islands::CopyHelper;
use frontend_ui::{Icon, IconView};
use leptos::prelude::*;

/// A button that copies the text of the first element that a selector finds.
pub(crate) fn copy_button(selector: &str, label: &'static str) -> AnyView {
    view! {
        <button class="button copy" type="button" data-variant="quiet" data-size="small" data-copy=selector.to_owned() hidden=true>
            <IconView icon=Icon::Copy/>
            <IconView icon=Icon::Check/>
            {label}
            <CopyHelper/>
        </button>
    }
    .into_any()
}
