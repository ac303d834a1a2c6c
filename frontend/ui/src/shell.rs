//! The frame of every page: navigation, the bar with search, and the place for the content.
//!
//! The navigation is a column where there is room. In narrow windows it is a popover that its button opens; both are
//! the same element, and neither needs a script.

use leptos::prelude::*;

use crate::{BrandMark, Icon, IconView, format};

/// An entry of the navigation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NavItem {
    pub label: String,
    pub href: String,
    pub icon: Icon,
    /// How many things wait there; nothing is shown for none.
    pub count: u64,
}

impl NavItem {
    /// An entry.
    pub fn new(label: impl Into<String>, href: impl Into<String>, icon: Icon) -> Self {
        Self { label: label.into(), href: href.into(), icon, count: 0 }
    }

    /// Says how many things wait there.
    #[must_use]
    pub fn count(mut self, count: u64) -> Self {
        self.count = count;
        self
    }

    /// Whether the page at `path` belongs to this entry. The home page is only itself.
    fn holds(&self, path: &str) -> bool {
        let rest = path.strip_prefix(self.href.as_str());
        rest.is_some_and(|rest| rest.is_empty() || (self.href != "/" && rest.starts_with(['/', '?'])))
    }
}

/// Entries that belong together, with a heading unless they are the first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NavGroup {
    pub title: String,
    pub items: Vec<NavItem>,
}

/// The frame of a page. `palette`, `theme` and `account` are places for islands; the search form works without them.
///
/// ```ignore
/// view! {
///     <Shell
///         brand="Acme"
///         groups=vec![NavGroup { title: String::new(), items: vec![NavItem::new("Home", "/", Icon::Home)] }]
///         current="/"
///         theme=view! { <ThemeIsland/> }.into_any()
///     >
///         <PageHeader title="Good morning"/>
///     </Shell>
/// }
/// ```
#[component]
pub fn Shell(
    /// The organisation's or the portal's name.
    #[prop(into)]
    brand: String,
    groups: Vec<NavGroup>,
    /// The path of this page.
    #[prop(into)]
    current: String,
    /// What the search field holds.
    #[prop(optional, into)]
    query: String,
    #[prop(optional)] palette: Option<AnyView>,
    #[prop(optional)] theme: Option<AnyView>,
    #[prop(optional)] account: Option<AnyView>,
    /// At the end of the navigation: version, settings.
    #[prop(optional)]
    nav_footer: Option<AnyView>,
    children: Children,
) -> AnyView {
    let longest = groups
        .iter()
        .flat_map(|group| &group.items)
        .filter(|item| item.holds(&current))
        .max_by_key(|item| item.href.len())
        .map(|item| item.href.clone());
    let groups: Vec<_> = groups.into_iter().map(|group| nav_group(group, longest.as_deref())).collect();
    view! {
        <div class="shell">
            <a class="skip-link" href="#content">"Skip to the content"</a>
            <div class="sidebar" id="navigation" popover="auto">
                <a class="brand" href="/">
                    <BrandMark/>
                    <span class="brand-name">{brand.clone()}</span>
                </a>
                <nav class="sidebar-nav" aria-label="Main">{groups}</nav>
                {nav_footer.map(|footer| view! { <div class="sidebar-footer">{footer}</div> })}
            </div>
            <header class="topbar">
                <button class="button topbar-menu" type="button" data-variant="quiet" data-shape="icon"
                    popovertarget="navigation" aria-label="Navigation">
                    <IconView icon=Icon::Menu/>
                </button>
                <a class="brand topbar-brand" href="/" aria-label=brand><BrandMark/></a>
                <SearchForm query/>
                <div class="topbar-tools">{palette}{theme}{account}</div>
            </header>
            <main class="content" id="content" tabindex="-1">{children()}</main>
        </div>
    }
    .into_any()
}

/// The search field of the bar; it leads to `/search?q=…`.
#[component]
fn SearchForm(query: String) -> AnyView {
    view! {
        <form class="topbar-search" role="search" action="/search" method="get">
            <IconView icon=Icon::Search/>
            <input type="search" name="q" value=query placeholder="Search the catalog" aria-label="Search"
                autocomplete="off" spellcheck="false" data-palette-opener=""/>
            // Shown once the palette, which answers to it, is awake.
            <kbd class="topbar-hint" aria-hidden="true">"Ctrl K"</kbd>
        </form>
    }
    .into_any()
}

/// A list of entries; `current` is the address of the one that the page belongs to.
fn nav_group(group: NavGroup, current: Option<&str>) -> AnyView {
    let items: Vec<_> = group
        .items
        .into_iter()
        .map(|item| {
            let count =
                (item.count > 0).then(|| view! { <span class="nav-count">{format::group_digits(item.count)}</span> });
            let here = (current == Some(item.href.as_str())).then_some("page");
            view! {
                <li>
                    <a class="nav-item" href=item.href aria-current=here>
                        <IconView icon=item.icon/>
                        <span>{item.label}</span>
                        {count}
                    </a>
                </li>
            }
        })
        .collect();
    view! {
        <div class="nav-group">
            {(!group.title.is_empty()).then(|| view! { <p class="nav-title">{group.title}</p> })}
            <ul class="nav-list">{items}</ul>
        </div>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_belongs_to_its_entry() {
        for (href, path, expected) in [
            ("/", "/", true),
            ("/", "/catalog", false),
            ("/catalog", "/catalog", true),
            ("/catalog", "/catalog/default/component/checkout", true),
            ("/catalog", "/catalog?kind=api", true),
            ("/catalog", "/catalog-graph", false),
        ] {
            assert_eq!(NavItem::new("x", href, Icon::Home).holds(path), expected, "{href} {path}");
        }
    }
}
