//! Badges: short labels such as a lifecycle, a type or a version.

use leptos::prelude::*;

use crate::{Icon, IconView, Tone};

/// A short label.
///
/// ```ignore
/// view! { <Badge tone=Tone::Ok>"production"</Badge> }
/// ```
#[component]
pub fn Badge(#[prop(optional)] tone: Tone, #[prop(optional)] icon: Option<Icon>, children: Children) -> AnyView {
    view! {
        <span class="badge" data-tone=tone.as_str()>
            {icon.map(|icon| view! { <IconView icon/> })}
            {children()}
        </span>
    }
    .into_any()
}

/// A kind of entity by name and icon, with its type when there is one: `Component · service`.
///
/// ```ignore
/// view! { <KindBadge kind="Component" spec_type="service"/> }
/// ```
#[component]
pub fn KindBadge(
    /// As written in the descriptor, so that `API` stays in capitals.
    #[prop(into)]
    kind: String,
    #[prop(optional, into)] spec_type: String,
) -> AnyView {
    let icon = Icon::of_kind(&kind);
    let hue = kind.to_lowercase();
    view! {
        <span class="kind-badge" data-kind=hue>
            <IconView icon/>
            <span>{kind}</span>
            {(!spec_type.is_empty()).then(|| view! { <span class="kind-badge-type">{spec_type}</span> })}
        </span>
    }
    .into_any()
}

/// The tone of a lifecycle: production is well, deprecated wants care, all else is neutral.
pub fn lifecycle_tone(lifecycle: &str) -> Tone {
    match lifecycle.to_lowercase().as_str() {
        "production" => Tone::Ok,
        "experimental" => Tone::Info,
        "deprecated" => Tone::Warning,
        _ => Tone::Neutral,
    }
}
