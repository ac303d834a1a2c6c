//! The head of a page: where one is, what it is called, what it is, and what can be done.

use leptos::prelude::*;

use crate::{Icon, IconView};

/// A step of the way to a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Crumb {
    pub label: String,
    pub href: String,
}

impl Crumb {
    /// A step with its address.
    pub fn new(label: impl Into<String>, href: impl Into<String>) -> Self {
        Self { label: label.into(), href: href.into() }
    }
}

/// The head of a page. The page's own name is the title and not one of the breadcrumbs.
///
/// ```ignore
/// view! {
///     <PageHeader
///         title="Checkout"
///         crumbs=vec![Crumb::new("Catalog", "/catalog")]
///         mark=view! { <KindIcon kind="component" large=true/> }.into_any()
///         actions=view! { <Button icon=Icon::Refresh>"Refresh"</Button> }.into_any()
///     >
///         <KindBadge kind="Component" spec_type="service"/>
///     </PageHeader>
/// }
/// ```
#[component]
pub fn PageHeader(
    #[prop(into)] title: String,
    #[prop(optional)] crumbs: Vec<Crumb>,
    /// One or two sentences below the title.
    #[prop(optional, into)]
    description: String,
    /// A picture before the title, such as `KindIcon`.
    #[prop(optional)]
    mark: Option<AnyView>,
    /// Buttons at the right.
    #[prop(optional)]
    actions: Option<AnyView>,
    /// The page's tabs, usually `Tabs`.
    #[prop(optional)]
    tabs: Option<AnyView>,
    /// Badges and facts below the title.
    #[prop(optional)]
    children: Option<Children>,
) -> AnyView {
    let with_tabs = tabs.is_some().then_some("");
    view! {
        <header class="page-header" data-with-tabs=with_tabs>
            {(!crumbs.is_empty()).then(|| view! { <Breadcrumbs crumbs/> })}
            <div class="page-header-main">
                {mark}
                <div class="page-header-text">
                    <h1>{title}</h1>
                    {children.map(|children| view! { <div class="page-header-meta">{children()}</div> })}
                </div>
                {actions.map(|actions| view! { <div class="page-header-actions">{actions}</div> })}
            </div>
            {(!description.is_empty()).then(|| view! { <p class="page-header-description">{description}</p> })}
            {tabs}
        </header>
    }
    .into_any()
}

/// The way to a page.
///
/// ```ignore
/// view! { <Breadcrumbs crumbs=vec![Crumb::new("Catalog", "/catalog")]/> }
/// ```
#[component]
pub fn Breadcrumbs(crumbs: Vec<Crumb>) -> AnyView {
    let items: Vec<_> = crumbs
        .into_iter()
        .map(|crumb| {
            view! {
                <li>
                    <a href=crumb.href>{crumb.label}</a>
                    <IconView icon=Icon::ChevronRight/>
                </li>
            }
        })
        .collect();
    view! {
        <nav class="breadcrumbs" aria-label="Breadcrumbs">
            <ol class="breadcrumbs-list">{items}</ol>
        </nav>
    }
    .into_any()
}

/// A labelled fact in a page's head, such as the owner.
///
/// ```ignore
/// view! { <Meta label="Owner"><EntityLink reference="group:default/shop" title="Shop"/></Meta> }
/// ```
#[component]
pub fn Meta(#[prop(into)] label: String, children: Children) -> AnyView {
    view! {
        <span class="meta">
            <span class="meta-label">{label}</span>
            {children()}
        </span>
    }
    .into_any()
}
