//! The whole document around a page: head, navigation, search and messages.

use frontend_islands::{SearchPalette, ThemeSwitch};
use frontend_ui::{CalloutView, FlashArea, FlashMessage, Icon, IconView, NavGroup, NavItem, Shell};
use host_api::PageContext;
use host_model::Severity;
use leptos::prelude::*;

use crate::Page;

/// The whole document around a page.
pub fn document(context: &PageContext, page: &Page) -> impl IntoView + use<> {
    let site = &context.site;
    let site_title = if site.title.is_empty() { "Callboard".to_owned() } else { site.title.clone() };
    let title = title(&page.title, &site_title);
    let asset = |name: &str| site.asset(name).map(str::to_owned);
    let styles = asset("site.css").map(|href| view! { <link rel="stylesheet" href=href/> });
    let icon = asset("favicon.svg").map(|href| view! { <link rel="icon" type="image/svg+xml" href=href/> });
    // `async`, since a module without it would wait for the last panel.
    let scripts = asset("boot.js").map(|src| view! { <script type="module" async src=src></script> });
    let refresh = page.refresh_seconds.map(|seconds| {
        view! { <noscript><meta http-equiv="refresh" content=seconds.to_string()/></noscript> }
    });
    let path = context.path_and_query.split(['?', '#']).next().unwrap_or("/").to_owned();
    let messages: Vec<FlashMessage> = context.notice.iter().map(FlashMessage::done).collect();
    let brand = if site.organization.is_empty() { site_title } else { site.organization.clone() };
    let version = site.version.clone();
    let refusal = context.portal.refusal().map(|why| {
        let title = format!("Nothing can be changed now: {why}.");
        view! {
            <CalloutView severity=Severity::Error title>
                <p>"What the portal knows can still be read. Changes are taken again as soon as this has ended."</p>
            </CalloutView>
        }
    });
    let content = (page.view)();
    view! {
        <!DOCTYPE html>
        <html lang="en" data-theme=context.theme.clone()>
            <head>
                <meta charset="utf-8"/>
                <meta name="viewport" content="width=device-width, initial-scale=1"/>
                <meta name="color-scheme" content="light dark"/>
                <title>{title}</title>
                {styles}
                {icon}
                {scripts}
                {refresh}
            </head>
            <body>
                <Shell
                    brand
                    groups=navigation(context.problems)
                    current=path
                    query=page.search.clone()
                    palette=view! { <SearchPalette/> }.into_any()
                    theme=theme_switch(context.theme.as_deref(), &context.path_and_query)
                    nav_footer=view! {
                        <span>"Callboard "{version}</span>
                    }
                    .into_any()
                >
                    {refusal}
                    <FlashArea messages/>
                    {content}
                </Shell>
            </body>
        </html>
    }
}

/// `X · Catalog · Site`, without saying the same word twice.
fn title(page: &str, site: &str) -> String {
    if page.is_empty() || page == site { site.to_owned() } else { format!("{page} · {site}") }
}

fn navigation(problems: u64) -> Vec<NavGroup> {
    let group = |title: &str, items: Vec<NavItem>| NavGroup { title: title.to_owned(), items };
    vec![
        group(
            "",
            vec![
                NavItem::new("Home", "/", Icon::Home),
                NavItem::new("Catalog", "/catalog", Icon::Catalog),
                NavItem::new("APIs", "/api-docs", Icon::Api),
                NavItem::new("Docs", "/docs", Icon::Docs),
                NavItem::new("Create", "/create", Icon::Create),
            ],
        ),
        group(
            "Portal",
            vec![
                NavItem::new("Problems", "/catalog/problems", Icon::Warning).count(problems),
                NavItem::new("Plugins", "/plugins", Icon::Plugin),
                NavItem::new("Settings", "/settings", Icon::Settings),
            ],
        ),
    ]
}

/// A button that goes from the system's theme to light, to dark and back.
fn theme_switch(theme: Option<&str>, back: &str) -> AnyView {
    let (choice, next) = match theme {
        Some("light") => ("light", "dark"),
        Some("dark") => ("dark", "system"),
        _ => ("system", "light"),
    };
    let label = format!("Theme: {choice}. Change to {next}");
    view! {
        <form class="theme-switch" method="post" action="/settings" data-choice=choice>
            <input type="hidden" name="back" value=back.to_owned()/>
            <input type="hidden" name="theme" value=next/>
            <button class="button" type="submit" data-variant="quiet" data-shape="icon" title=label.clone() aria-label=label>
                <IconView icon=Icon::Display/>
                <IconView icon=Icon::Sun/>
                <IconView icon=Icon::Moon/>
            </button>
            <ThemeSwitch/>
        </form>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn titles_name_the_page_and_the_site() {
        assert_eq!(title("Checkout · Catalog", "Acme"), "Checkout · Catalog · Acme");
        assert_eq!(title("", "Acme"), "Acme");
    }
}
