//! Progress: how much of something is done or used.

use host_model::view::Level;
use leptos::prelude::*;

use crate::tone::{level_icon, level_word};
use crate::{IconView, Tone, format};

/// A bar with its label and share. A maximum that is not above zero counts as nothing done.
///
/// ```ignore
/// view! { <ProgressBar label="Error budget used" value=37.5 maximum=100.0 level=Some(Level::Warning)/> }
/// ```
#[component]
pub fn ProgressBar(
    #[prop(into)] label: String,
    value: f64,
    maximum: f64,
    #[prop(default = None)] level: Option<Level>,
) -> AnyView {
    let share = if maximum > 0.0 { (value / maximum).clamp(0.0, 1.0) } else { 0.0 };
    let tone = level.map_or(Tone::Accent, Tone::from);
    let icon = level.map(|level| view! { <IconView icon=level_icon(level) label=level_word(level)/> });
    let amount = if (maximum - 100.0).abs() < f64::EPSILON {
        format::quantity(value, Some("%"))
    } else {
        format!("{} of {}", format::number(value), format::number(maximum))
    };
    view! {
        <div class="progress" data-tone=tone.as_str()>
            <div class="progress-text">
                {icon}
                <span class="progress-label">{label.clone()}</span>
                <span class="progress-amount">{amount}</span>
            </div>
            // A drawing, since a width would need a style.
            <svg class="progress-bar" viewBox="0 0 100 1" preserveAspectRatio="none" role="progressbar"
                aria-label=label aria-valuemin="0" aria-valuemax="100" aria-valuenow=format!("{:.0}", share * 100.0)>
                <rect class="progress-fill" width=format!("{:.2}", share * 100.0) height="1"></rect>
            </svg>
        </div>
    }
    .into_any()
}
