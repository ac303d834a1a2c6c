//! The table of pages.

use host_api::{ApiError, ApiResult, PanelKey};
use host_model::EntityRef;

use crate::percent;

/// A page, with what its path says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Route {
    Home,
    Catalog,
    Entity(EntityRef, EntityTab),
    Panel(PanelKey),
    Gallery,
    Template(EntityRef),
    Tasks,
    Task(String),
    Actions,
    Search,
    Plugins,
    Plugin(String),
    Settings,
    ApiDocs,
    Problems,
    Import,
    Unregister(EntityRef),
    Graph,
    Docs,
    DocsOf(EntityRef),
}

/// The tabs of an entity's page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum EntityTab {
    Overview,
    Definition,
    Apis,
    Dependencies,
    Diagram,
    Relations,
    Problems,
    History,
    Inspect,
}

impl EntityTab {
    pub(crate) const ALL: [Self; 9] = [
        Self::Overview,
        Self::Definition,
        Self::Apis,
        Self::Dependencies,
        Self::Diagram,
        Self::Relations,
        Self::Problems,
        Self::History,
        Self::Inspect,
    ];

    /// The last part of the tab's path; empty for the first tab.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Overview => "",
            Self::Definition => "definition",
            Self::Apis => "api",
            Self::Dependencies => "dependencies",
            Self::Diagram => "diagram",
            Self::Relations => "relations",
            Self::Problems => "problems",
            Self::History => "history",
            Self::Inspect => "inspect",
        }
    }

    /// The words on the tab.
    pub(crate) fn label(self) -> &'static str {
        match self {
            Self::Overview => "Overview",
            Self::Definition => "Definition",
            Self::Apis => "APIs",
            Self::Dependencies => "Dependencies",
            Self::Diagram => "Diagram",
            Self::Relations => "Relations",
            Self::Problems => "Problems",
            Self::History => "History",
            Self::Inspect => "Inspect",
        }
    }

    fn of(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|tab| !word.is_empty() && tab.word() == word)
    }
}

impl Route {
    /// The page at a path.
    ///
    /// # Errors
    /// When there is none.
    pub(crate) fn of(path: &str) -> ApiResult<Self> {
        let none = || ApiError::not_found(format!("There is no page at {}.", shown(path)));
        let parts: Vec<String> = path
            .split('/')
            .filter(|part| !part.is_empty())
            .map(percent::decode)
            .collect::<Option<_>>()
            .ok_or_else(none)?;
        let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
        Ok(match parts.as_slice() {
            [] => Self::Home,
            ["catalog"] => Self::Catalog,
            ["catalog", "problems"] => Self::Problems,
            ["catalog-import"] => Self::Import,
            ["catalog", namespace, kind, name, "unregister"] => Self::Unregister(EntityRef::new(kind, namespace, name)),
            ["catalog", namespace, kind, name] => {
                Self::Entity(EntityRef::new(kind, namespace, name), EntityTab::Overview)
            }
            ["catalog", namespace, kind, name, tab] => {
                Self::Entity(EntityRef::new(kind, namespace, name), EntityTab::of(tab).ok_or_else(none)?)
            }
            ["catalog", namespace, kind, name, "panels", plugin, card] => Self::Panel(PanelKey {
                entity: EntityRef::new(kind, namespace, name),
                plugin: (*plugin).to_owned(),
                card: (*card).to_owned(),
            }),
            ["create"] => Self::Gallery,
            ["create", "templates", namespace, name] => Self::Template(EntityRef::new("template", namespace, name)),
            ["create", "tasks"] => Self::Tasks,
            ["create", "tasks", id] => Self::Task((*id).to_owned()),
            ["create", "actions"] => Self::Actions,
            ["search"] => Self::Search,
            ["plugins"] => Self::Plugins,
            ["plugins", name] => Self::Plugin((*name).to_owned()),
            ["settings"] => Self::Settings,
            ["api-docs"] => Self::ApiDocs,
            ["catalog-graph"] => Self::Graph,
            ["docs"] => Self::Docs,
            ["docs", namespace, kind, name, ..] => Self::DocsOf(EntityRef::new(kind, namespace, name)),
            _ => return Err(none()),
        })
    }
}

/// A path for a message: not longer than a line.
fn shown(path: &str) -> String {
    let mut shown: String = path.chars().take(120).collect();
    if shown.len() < path.len() {
        shown.push('…');
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_path_has_its_page() {
        let checkout = EntityRef::new("component", "default", "checkout");
        for (path, expected) in [
            ("/", Some(Route::Home)),
            ("", Some(Route::Home)),
            ("/catalog/", Some(Route::Catalog)),
            ("/catalog/Default/Component/Checkout", Some(Route::Entity(checkout.clone(), EntityTab::Overview))),
            (
                "/catalog/default/component/check%6Fut/inspect",
                Some(Route::Entity(checkout.clone(), EntityTab::Inspect)),
            ),
            ("/catalog/default/component/checkout/nothing", None),
            ("/catalog/default/component", None),
            (
                "/catalog/default/component/checkout/panels/ci/runs",
                Some(Route::Panel(PanelKey { entity: checkout.clone(), plugin: "ci".into(), card: "runs".into() })),
            ),
            ("/create/tasks/%FF", None),
            ("/docs/default/component/checkout/a/b", Some(Route::DocsOf(checkout))),
            ("/nowhere", None),
        ] {
            assert_eq!(Route::of(path).ok(), expected, "{path}");
        }
    }

    #[test]
    fn tabs_are_known_by_their_words() {
        for tab in EntityTab::ALL.into_iter().skip(1) {
            assert_eq!(EntityTab::of(tab.word()), Some(tab));
        }
        assert_eq!(EntityTab::of(""), None);
    }
}
