//! Tags: the words by which things are found.

use leptos::prelude::*;

/// A tag with the address of the things that have it; none when it leads nowhere.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TagItem {
    pub label: String,
    pub href: Option<String>,
}

impl TagItem {
    /// A tag that leads nowhere.
    pub fn new(label: impl Into<String>) -> Self {
        Self { label: label.into(), href: None }
    }

    /// A tag that leads to the things that have it. The address is the portal's own.
    pub fn link(label: impl Into<String>, href: impl Into<String>) -> Self {
        Self { label: label.into(), href: Some(href.into()) }
    }
}

/// A row of tags.
///
/// ```ignore
/// view! { <TagList tags=vec![TagItem::link("rust", "/catalog?tag=rust")]/> }
/// ```
#[component]
pub fn TagList(tags: Vec<TagItem>) -> AnyView {
    let tags: Vec<_> = tags
        .into_iter()
        .map(|tag| {
            let pill = match tag.href {
                Some(href) => view! { <a class="tag" href=href>{tag.label}</a> }.into_any(),
                None => view! { <span class="tag">{tag.label}</span> }.into_any(),
            };
            view! { <li>{pill}</li> }
        })
        .collect();
    view! { <ul class="tags">{tags}</ul> }.into_any()
}
