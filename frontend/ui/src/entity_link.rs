//! Links: to entities by reference, and to addresses that came from elsewhere.

use host_model::{EntityRef, entity_ref::DEFAULT_NAMESPACE};
use leptos::prelude::*;

use crate::{Icon, IconView, KindIcon, is_external, safe_url};

/// A link to an entity: the icon of its kind, its title, and the whole reference on hover.
///
/// Without a title the name is shown, with the namespace before it when that is not `default`. What is no complete
/// reference is shown as text.
///
/// ```ignore
/// view! { <EntityLink reference="component:default/checkout" title="Checkout"/> }
/// ```
#[component]
pub fn EntityLink(
    #[prop(into)] reference: String,
    #[prop(optional, into)] title: String,
    /// Leaves out the icon, where the kind is plain from the context.
    #[prop(optional)]
    plain: bool,
) -> AnyView {
    let Ok(entity) = reference.parse::<EntityRef>() else {
        return view! { <span class="entity-link" data-broken="">{reference}</span> }.into_any();
    };
    let text = if title.is_empty() { short_name(&entity) } else { title };
    view! {
        <a class="entity-link" href=entity.page_path() title=entity.to_string()>
            {(!plain).then(|| view! { <KindIcon kind=entity.kind().to_owned()/> })}
            <span class="entity-link-text">{text}</span>
        </a>
    }
    .into_any()
}

/// The shortest name by which people tell an entity: with its namespace when that is not `default`.
pub fn short_name(entity: &EntityRef) -> String {
    if entity.namespace() == DEFAULT_NAMESPACE {
        entity.name().to_owned()
    } else {
        format!("{}/{}", entity.namespace(), entity.name())
    }
}

/// A link whose address came from a descriptor or a plugin. An address with a scheme that is not allowed is shown as
/// text; one that leads out of the portal says so.
///
/// ```ignore
/// view! { <SafeLink url="https://example.com/runbook" text="Runbook" icon=Icon::Docs/> }
/// ```
#[component]
pub fn SafeLink(
    #[prop(into)] url: String,
    /// The address itself when empty.
    #[prop(optional, into)]
    text: String,
    #[prop(optional)] icon: Option<Icon>,
) -> AnyView {
    let text = if text.trim().is_empty() { url.clone() } else { text };
    let icon = icon.map(|icon| view! { <IconView icon/> });
    let Some(address) = safe_url(&url) else {
        return view! { <span class="link" data-broken="">{icon}<span>{text}</span></span> }.into_any();
    };
    let external = is_external(address);
    view! {
        <a class="link" href=address.to_owned() rel=external.then_some("noopener noreferrer")>
            {icon}
            <span>{text}</span>
            {external.then(|| view! { <IconView icon=Icon::External label="(external)"/> })}
        </a>
    }
    .into_any()
}
