//! Skeletons: the outline of what is still on its way.

use leptos::prelude::*;

/// Lines in the place of text that is loading. What is awaited is read aloud once.
///
/// ```ignore
/// view! { <Skeleton label="Loading the workflow runs" lines=4/> }
/// ```
#[component]
pub fn Skeleton(#[prop(into)] label: String, #[prop(default = 3)] lines: usize) -> AnyView {
    let lines: Vec<_> = (0..lines.min(20)).map(|_| view! { <span class="skeleton-line"></span> }).collect();
    view! {
        <div class="skeleton" role="status">
            <span class="visually-hidden">{label}</span>
            {lines}
        </div>
    }
    .into_any()
}
