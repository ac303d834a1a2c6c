//! The card around a plugin's view, and what stands in its place until it is there.

use host_api::{Panel, PanelView};
use host_model::plugin::{FaultCode, PluginError, Width};
use leptos::prelude::*;

use super::{PanelContext, PluginErrorView, PluginView};
use crate::{Card, Skeleton};

/// A plugin's card with its contents, or with why there are none.
///
/// ```ignore
/// let context = PanelContext::new(&key, now).html(&panel.html);
/// view! { <PanelCard panel context/> }
/// ```
#[component]
pub fn PanelCard(
    panel: PanelView,
    context: PanelContext,
    /// Where the entity's descriptor can be edited.
    #[prop(optional, into)]
    edit_url: String,
) -> AnyView {
    let PanelView { panel, view, error, .. } = panel;
    let id = context.id.clone();
    let retry_url = context.retry_url.clone();
    let contents = match (view, error) {
        (_, Some(error)) => view! { <PluginErrorView error retry_url edit_url/> }.into_any(),
        (Some(view), None) => view! { <PluginView view context/> }.into_any(),
        (None, None) => {
            let error = PluginError::Fault { fault: FaultCode::Host, message: "There is no answer.".to_owned() };
            view! { <PluginErrorView error retry_url/> }.into_any()
        }
    };
    view! { <Card title=panel.card.title width=width_word(panel.card.width) id>{contents}</Card> }.into_any()
}

/// The outline of a plugin's card while the plugin works; with scripts off, a link to the page that waits for it.
///
/// ```ignore
/// view! { <Suspense fallback=move || view! { <PanelPlaceholder panel=panel.clone() href=key.page_path()/> }>…</Suspense> }
/// ```
#[component]
pub fn PanelPlaceholder(
    panel: Panel,
    /// The page that waits for this panel alone.
    #[prop(into)]
    href: String,
) -> AnyView {
    let label = format!("Loading {}", panel.card.title);
    let open = format!("Open {}", panel.card.title);
    view! {
        <Card title=panel.card.title width=width_word(panel.card.width)>
            <Skeleton label lines=4/>
            <noscript><p class="plugin-waiting"><a href=href>{open}</a></p></noscript>
        </Card>
    }
    .into_any()
}

/// The value of `data-width`.
fn width_word(width: Width) -> &'static str {
    match width {
        Width::Small => "small",
        Width::Medium => "medium",
        Width::Full => "full",
    }
}
