//! Callouts: a remark that the reader should not miss, with its severity in icon, colour and word.

use host_model::Severity;
use leptos::prelude::*;

use crate::tone::severity_icon;
use crate::{IconView, Tone};

/// A remark. Without a title the severity's word is read aloud before the text.
///
/// ```ignore
/// view! { <CalloutView severity=Severity::Warning title="This entity is an orphan"><p>"…"</p></CalloutView> }
/// ```
#[component]
pub fn CalloutView(severity: Severity, #[prop(optional, into)] title: String, children: Children) -> AnyView {
    let label = match severity {
        Severity::Info => "Note:",
        Severity::Warning => "Warning:",
        Severity::Error => "Error:",
    };
    view! {
        <div class="callout" data-tone=Tone::from(severity).as_str() role="note">
            <IconView icon=severity_icon(severity) label/>
            <div class="callout-body">
                {(!title.is_empty()).then(|| view! { <p class="callout-title">{title}</p> })}
                {children()}
            </div>
        </div>
    }
    .into_any()
}
