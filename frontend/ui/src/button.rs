//! Buttons, and links that look like buttons. A button acts, a link leads; both have the same three weights.

use leptos::prelude::*;

use crate::{Icon, IconView};

/// How much a button asks for attention; written as `data-variant`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum ButtonVariant {
    /// The one thing to do here. At most one in a place.
    Primary,
    #[default]
    Secondary,
    /// Without a frame, for rows and toolbars.
    Quiet,
    /// Cannot be undone.
    Danger,
}

impl ButtonVariant {
    /// The value of `data-variant`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Primary => "primary",
            Self::Secondary => "secondary",
            Self::Quiet => "quiet",
            Self::Danger => "danger",
        }
    }
}

/// A button; it submits the form around it unless `kind` says otherwise.
///
/// ```ignore
/// view! { <Button variant=ButtonVariant::Primary icon=Icon::Play>"Run"</Button> }
/// ```
#[component]
pub fn Button(
    #[prop(optional)] variant: ButtonVariant,
    #[prop(optional)] icon: Option<Icon>,
    /// The `type` attribute: `submit`, `button` or `reset`.
    #[prop(default = "submit")]
    kind: &'static str,
    #[prop(optional)] small: bool,
    #[prop(optional)] disabled: bool,
    /// What an icon alone would not say.
    #[prop(optional, into)]
    label: String,
    #[prop(optional)] children: Option<Children>,
) -> AnyView {
    let label = (!label.is_empty()).then_some(label);
    let shape = children.is_none().then_some("icon");
    view! {
        <button
            class="button"
            type=kind
            data-variant=variant.as_str()
            data-size=small.then_some("small")
            data-shape=shape
            disabled=disabled
            title=label.clone()
            aria-label=label
        >
            {icon.map(|icon| view! { <IconView icon/> })}
            {children.map(|children| children())}
        </button>
    }
    .into_any()
}

/// A link that looks like a button. The address is the portal's own; plugins' links go through `SafeLink`.
///
/// ```ignore
/// view! { <LinkButton href="/create" icon=Icon::Plus variant=ButtonVariant::Primary>"Create"</LinkButton> }
/// ```
#[component]
pub fn LinkButton(
    #[prop(into)] href: String,
    #[prop(optional)] variant: ButtonVariant,
    #[prop(optional)] icon: Option<Icon>,
    #[prop(optional)] small: bool,
    /// What an icon alone would not say.
    #[prop(optional, into)]
    label: String,
    #[prop(optional)] children: Option<Children>,
) -> AnyView {
    let label = (!label.is_empty()).then_some(label);
    let shape = children.is_none().then_some("icon");
    view! {
        <a
            class="button"
            href=href
            data-variant=variant.as_str()
            data-size=small.then_some("small")
            data-shape=shape
            title=label.clone()
            aria-label=label
        >
            {icon.map(|icon| view! { <IconView icon/> })}
            {children.map(|children| children())}
        </a>
    }
    .into_any()
}
