//! Messages about what was just done. They stand at the top of the page; an island may add to the same area later.

use host_model::Severity;
use leptos::prelude::*;

use crate::tone::severity_icon;
use crate::{Icon, IconView, SafeLink, Tone};

/// What a message says of the deed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FlashMessage {
    /// None when it went well.
    pub severity: Option<Severity>,
    pub text: String,
    /// Where to see the result; may come from elsewhere.
    pub url: Option<String>,
}

impl FlashMessage {
    /// It went well.
    pub fn done(text: impl Into<String>) -> Self {
        Self { severity: None, text: text.into(), url: None }
    }

    /// It did not.
    pub fn failed(text: impl Into<String>) -> Self {
        Self { severity: Some(Severity::Error), text: text.into(), url: None }
    }

    /// Adds where to see the result.
    #[must_use]
    pub fn url(mut self, url: Option<String>) -> Self {
        self.url = url;
        self
    }
}

/// The area of messages; it is there when it is empty, so that later messages are read aloud.
///
/// ```ignore
/// view! { <FlashArea messages=vec![FlashMessage::done("Refresh scheduled")]/> }
/// ```
#[component]
pub fn FlashArea(#[prop(optional)] messages: Vec<FlashMessage>) -> AnyView {
    let messages: Vec<_> = messages
        .into_iter()
        .map(|message| {
            let (tone, icon, label) = match message.severity {
                None => (Tone::Ok, Icon::CheckCircle, "Done:"),
                Some(Severity::Info) => (Tone::Info, severity_icon(Severity::Info), "Note:"),
                Some(Severity::Warning) => (Tone::Warning, severity_icon(Severity::Warning), "Warning:"),
                Some(Severity::Error) => (Tone::Error, severity_icon(Severity::Error), "Error:"),
            };
            let link = message.url.map(|url| view! { <SafeLink url text="See the result"/> });
            view! {
                <p class="flash" data-tone=tone.as_str()>
                    <IconView icon label/>
                    <span class="flash-text">{message.text}</span>
                    {link}
                </p>
            }
        })
        .collect();
    view! { <div class="flash-area" role="status" data-flash-area="">{messages}</div> }.into_any()
}
