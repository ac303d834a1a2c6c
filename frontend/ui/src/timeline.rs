//! Timelines: what happened, newest first or oldest first as given.

use host_model::view::Level;
use leptos::prelude::*;

use crate::tone::{level_icon, level_word};
use crate::{IconView, RelativeTime, SafeLink, Tone};

/// Something that happened.
#[derive(Debug, Clone, PartialEq)]
pub struct TimelineItem {
    /// Milliseconds since 1970.
    pub time: i64,
    pub title: String,
    pub level: Option<Level>,
    pub detail: String,
    /// Where to see it; may come from elsewhere.
    pub url: Option<String>,
}

/// What happened, one below the other.
///
/// ```ignore
/// view! { <Timeline items=deployments now=now/> }
/// ```
#[component]
pub fn Timeline(items: Vec<TimelineItem>, now: i64) -> AnyView {
    let items: Vec<_> = items
        .into_iter()
        .map(|item| {
            let tone = item.level.map_or(Tone::Neutral, Tone::from);
            let mark = match item.level {
                Some(level) => view! { <IconView icon=level_icon(level) label=level_word(level)/> }.into_any(),
                None => view! { <span class="timeline-dot"></span> }.into_any(),
            };
            let title = match item.url {
                Some(url) => view! { <SafeLink url text=item.title/> }.into_any(),
                None => item.title.into_any(),
            };
            view! {
                <li class="timeline-item" data-tone=tone.as_str()>
                    <span class="timeline-mark">{mark}</span>
                    <div class="timeline-body">
                        <p class="timeline-title"><span>{title}</span> <RelativeTime time=item.time now/></p>
                        {(!item.detail.is_empty()).then(|| view! { <p class="timeline-detail">{item.detail}</p> })}
                    </div>
                </li>
            }
        })
        .collect();
    view! { <ol class="timeline">{items}</ol> }.into_any()
}
