//! Instants: how long ago in the text, the exact time on hover and for machines.

use leptos::prelude::*;

use crate::format;

/// An instant relative to `now`, both in milliseconds since 1970.
///
/// ```ignore
/// view! { <RelativeTime time=started now=now/> } // 3 h ago
/// ```
#[component]
pub fn RelativeTime(time: i64, now: i64) -> AnyView {
    view! {
        <time class="time" datetime=format::rfc3339(time) title=format::timestamp(time)>
            {format::relative_time(time, now)}
        </time>
    }
    .into_any()
}
