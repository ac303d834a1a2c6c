//! Stats: a row of numbers that matter, each with its name and, where there is one, its level and change.

use host_model::view::Level;
use leptos::prelude::*;

use crate::tone::{level_icon, level_word};
use crate::{IconView, Tone};

/// A number with its name.
pub struct StatItem {
    pub label: String,
    pub value: AnyView,
    pub level: Option<Level>,
    /// The change since before, in words.
    pub change: String,
}

impl StatItem {
    /// A value with its name.
    pub fn new(label: impl Into<String>, value: impl IntoAny) -> Self {
        Self { label: label.into(), value: value.into_any(), level: None, change: String::new() }
    }

    /// Says how well it is.
    #[must_use]
    pub fn level(mut self, level: Level) -> Self {
        self.level = Some(level);
        self
    }

    /// Says how it changed.
    #[must_use]
    pub fn change(mut self, change: impl Into<String>) -> Self {
        self.change = change.into();
        self
    }
}

/// A row of numbers.
///
/// ```ignore
/// view! { <StatRow stats=vec![StatItem::new("Open pull requests", "7").change("+3 since yesterday")]/> }
/// ```
#[component]
pub fn StatRow(stats: Vec<StatItem>) -> AnyView {
    let stats: Vec<_> = stats
        .into_iter()
        .map(|stat| {
            let tone = stat.level.map_or(Tone::Neutral, Tone::from);
            let icon = stat.level.map(|level| view! { <IconView icon=level_icon(level) label=level_word(level)/> });
            view! {
                <div class="stat" data-tone=tone.as_str()>
                    <dt class="stat-label">{icon}<span>{stat.label}</span></dt>
                    <dd class="stat-value">{stat.value}</dd>
                    {(!stat.change.is_empty()).then(|| view! { <dd class="stat-change">{stat.change}</dd> })}
                </div>
            }
        })
        .collect();
    view! { <dl class="stats">{stats}</dl> }.into_any()
}
