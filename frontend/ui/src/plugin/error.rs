//! Explains why a plugin shows nothing: what is the matter, and what to do about it.

use host_model::plugin::{FaultCode, PluginError};
use leptos::prelude::*;

use crate::{ButtonVariant, CodeBlock, Icon, IconView, LinkButton, Tone};

/// The most characters of another system's message that are shown.
const MAX_MESSAGE: usize = 600;

/// What the error says, before it is drawn.
struct Explanation {
    tone: Tone,
    icon: Icon,
    title: String,
    text: String,
    /// What the other side said, word for word.
    quote: String,
    /// YAML to add to the entity's descriptor.
    yaml: String,
    /// Whether asking again may help.
    retry: bool,
}

/// Why there is nothing, with a way on. `edit_url` leads to where the entity's descriptor can be edited.
///
/// ```ignore
/// view! { <PluginErrorView error=error retry_url=key.page_path()/> }
/// ```
#[component]
pub fn PluginErrorView(
    error: PluginError,
    /// The address to ask again; no button when empty.
    #[prop(optional, into)]
    retry_url: String,
    #[prop(optional, into)] edit_url: String,
) -> AnyView {
    let Explanation { tone, icon, title, text, quote, yaml, retry } = explain(error);
    let retry = (retry && !retry_url.is_empty()).then(|| {
        view! { <LinkButton href=retry_url icon=Icon::Refresh small=true variant=ButtonVariant::Secondary>"Try again"</LinkButton> }
    });
    let edit = crate::safe_url(&edit_url).filter(|_| !yaml.is_empty()).map(|url| {
        view! { <LinkButton href=url.to_owned() icon=Icon::Edit small=true>"Edit the descriptor"</LinkButton> }
    });
    let yaml = (!yaml.is_empty()).then(|| view! { <CodeBlock text=yaml title="catalog-info.yaml" language="yaml"/> });
    view! {
        <div class="plugin-error" data-tone=tone.as_str()>
            <IconView icon/>
            <div class="plugin-error-body">
                <p class="plugin-error-title">{title}</p>
                {(!text.is_empty()).then(|| view! { <p class="plugin-error-text">{text}</p> })}
                {(!quote.is_empty()).then(|| view! { <blockquote class="plugin-error-quote">{quote}</blockquote> })}
                {yaml}
                {(retry.is_some() || edit.is_some()).then(|| view! { <div class="plugin-buttons">{retry}{edit}</div> })}
            </div>
        </div>
    }
    .into_any()
}

/// The words for each error.
fn explain(error: PluginError) -> Explanation {
    let base = |tone, icon, title: &str, text: String| Explanation {
        tone,
        icon,
        title: title.to_owned(),
        text,
        quote: String::new(),
        yaml: String::new(),
        retry: false,
    };
    match error {
        PluginError::MissingAnnotation { annotation } => Explanation {
            yaml: format!("metadata:\n  annotations:\n    {}: …\n", yaml_key(&annotation)),
            ..base(
                Tone::Neutral,
                Icon::Plugin,
                "One annotation is missing",
                "This card needs to know which thing belongs to the entity. Add this to its descriptor:".to_owned(),
            )
        },
        PluginError::NotFound { what } => Explanation {
            retry: true,
            ..base(
                Tone::Warning,
                Icon::Question,
                "Not found",
                format!("{} was not found. Check that the entity's annotations name the right thing.", shorten(what)),
            )
        },
        PluginError::InvalidInput { fields } => {
            let lines = fields.into_iter().take(20).map(|field| {
                let name = if field.field.is_empty() { "input" } else { field.field.as_str() };
                format!("{name}: {}", field.message)
            });
            Explanation {
                quote: shorten(lines.collect::<Vec<_>>().join("\n")),
                ..base(Tone::Error, Icon::Error, "The input was refused", String::new())
            }
        }
        PluginError::NeedsPermission { what } => Explanation {
            quote: shorten(what),
            ..base(
                Tone::Warning,
                Icon::Lock,
                "A permission is missing",
                "You, or the credential that the portal uses, may not do this. Ask an administrator for:".to_owned(),
            )
        },
        PluginError::UpstreamStatus { upstream, status, message } => {
            let advice = match status {
                401 | 403 => {
                    "Its credential may be wrong, expired or too weak; an administrator sets it in the configuration."
                }
                404 => "What the entity's annotations name may not exist there.",
                500.. => "The fault lies there; it may pass by itself.",
                _ => "The plugin could not use this answer.",
            };
            Explanation {
                quote: shorten(message),
                retry: true,
                ..base(Tone::Error, Icon::Error, &format!("{} answered {status}", shorten(upstream)), advice.to_owned())
            }
        }
        PluginError::RateLimited { seconds } => {
            let wait = seconds.map_or_else(
                || "Wait a little".to_owned(),
                |seconds| format!("Wait {}", crate::format::duration(u64::from(seconds) * 1_000)),
            );
            Explanation {
                retry: true,
                ..base(
                    Tone::Warning,
                    Icon::Clock,
                    "Too many requests",
                    format!("The other system asks for a pause. {wait} and try again."),
                )
            }
        }
        PluginError::Unavailable { message } => Explanation {
            quote: shorten(message),
            retry: true,
            ..base(
                Tone::Error,
                Icon::Error,
                "The other system cannot be reached",
                "It did not answer, or not in time.".to_owned(),
            )
        },
        PluginError::Denied { message } => Explanation {
            quote: shorten(message),
            ..base(
                Tone::Warning,
                Icon::Lock,
                "The plugin may not do this",
                "It asked the portal for something that was not granted:".to_owned(),
            )
        },
        PluginError::Other { message } => Explanation {
            quote: shorten(message),
            retry: true,
            ..base(Tone::Error, Icon::Error, "This could not be shown", String::new())
        },
        PluginError::Fault { fault, message } => Explanation {
            quote: shorten(message),
            retry: true,
            ..base(Tone::Error, Icon::Plugin, "The plugin failed", fault_words(fault).to_owned())
        },
        PluginError::NotServing { message } => Explanation {
            quote: shorten(message),
            retry: true,
            ..base(
                Tone::Neutral,
                Icon::Plugin,
                "The plugin is not available",
                "It was removed, is switched off, or rests after repeated faults.".to_owned(),
            )
        },
    }
}

/// What a fault means for the reader.
fn fault_words(fault: FaultCode) -> &'static str {
    match fault {
        FaultCode::Trap => "It stopped with an error of its own. Everything else goes on.",
        FaultCode::ProcessorBudget => "It used up its processor time and was stopped. Everything else goes on.",
        FaultCode::Deadline => "It did not answer in time and was stopped. Everything else goes on.",
        FaultCode::Memory => "It asked for more memory than it may have and was stopped.",
        FaultCode::StackOverflow => "It called itself without end and was stopped.",
        FaultCode::Output => "Its answer was larger than allowed.",
        FaultCode::BadData => "Its answer breaks the contract between plugins and the portal.",
        FaultCode::Host => "The portal could not run it. An administrator finds the cause in the log.",
    }
}

/// An annotation's key as YAML writes it: quoted when it holds anything but the characters of a key.
fn yaml_key(key: &str) -> String {
    let plain = !key.is_empty() && key.chars().all(|c| c.is_ascii_alphanumeric() || "./-_".contains(c));
    let key = shorten(key.to_owned());
    if plain { key } else { serde_json::Value::String(key).to_string() }
}

/// Cuts a text that came from elsewhere.
fn shorten(text: String) -> String {
    if text.chars().count() <= MAX_MESSAGE {
        return text;
    }
    let kept: String = text.chars().take(MAX_MESSAGE).collect();
    format!("{kept}…")
}
