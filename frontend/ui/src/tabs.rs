//! Tabs as links: each has an address of its own.

use leptos::prelude::*;

use crate::format;

/// A tab.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tab {
    pub label: String,
    pub href: String,
    pub current: bool,
    /// How many things are on it.
    pub count: Option<u64>,
}

impl Tab {
    /// A tab with its address.
    pub fn new(label: impl Into<String>, href: impl Into<String>, current: bool) -> Self {
        Self { label: label.into(), href: href.into(), current, count: None }
    }

    /// Adds how many things are on it.
    #[must_use]
    pub fn count(mut self, count: u64) -> Self {
        self.count = Some(count);
        self
    }
}

/// A row of tabs; it scrolls where there is no room.
///
/// ```ignore
/// view! { <Tabs label="Sections" tabs=vec![Tab::new("Overview", "/catalog/default/component/checkout", true)]/> }
/// ```
#[component]
pub fn Tabs(#[prop(into)] label: String, tabs: Vec<Tab>) -> AnyView {
    let tabs: Vec<_> = tabs
        .into_iter()
        .map(|tab| {
            let count = tab.count.map(|count| view! { <span class="tab-count">{format::group_digits(count)}</span> });
            view! {
                <li>
                    <a class="tab" href=tab.href aria-current=tab.current.then_some("page")>{tab.label}{count}</a>
                </li>
            }
        })
        .collect();
    view! { <nav class="tabs" aria-label=label><ul class="tabs-list">{tabs}</ul></nav> }.into_any()
}
