//! Paging through a list by links.

use leptos::prelude::*;

use crate::{Icon, IconView, format};

/// Which part of a list is shown, with links to the parts around it. A side without a link is at its end.
///
/// ```ignore
/// view! { <Pagination first=21 last=40 total=132 previous="/catalog?cursor=a" next="/catalog?cursor=b"/> }
/// ```
#[component]
pub fn Pagination(
    /// The place of the first item shown, from 1.
    first: u64,
    last: u64,
    /// How many there are in all, when known.
    #[prop(optional)]
    total: Option<u64>,
    #[prop(optional, into)] previous: String,
    #[prop(optional, into)] next: String,
) -> AnyView {
    let digits = format::group_digits;
    let range = if last < first { "None".to_owned() } else { format!("{}–{}", digits(first), digits(last)) };
    let text = total.map_or_else(|| range.clone(), |total| format!("{range} of {}", digits(total)));
    view! {
        <nav class="pagination" aria-label="Pages">
            <span class="pagination-range">{text}</span>
            {step(previous, "Previous", Icon::ChevronLeft, "prev")}
            {step(next, "Next", Icon::ChevronRight, "next")}
        </nav>
    }
    .into_any()
}

/// A link to a neighbouring page, or its place when there is none.
fn step(href: String, label: &'static str, icon: Icon, relation: &'static str) -> AnyView {
    let backward = relation == "prev";
    let inner = view! {
        {backward.then(|| view! { <IconView icon/> })}
        {label}
        {(!backward).then(|| view! { <IconView icon/> })}
    };
    if href.is_empty() {
        view! { <span class="button" data-size="small" aria-disabled="true">{inner}</span> }.into_any()
    } else {
        view! { <a class="button" data-size="small" href=href rel=relation>{inner}</a> }.into_any()
    }
}
