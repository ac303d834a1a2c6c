//! What the drawing of a view needs beside the view.

use std::collections::BTreeMap;

use host_api::{FormState, PanelKey};

use crate::{SafeHtml, with_query};

/// Where a view stands, and what the host knows that the plugin does not.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct PanelContext {
    /// Milliseconds since 1970; relative times count from it.
    pub now: i64,
    /// Unique on the page; ids in the panel begin with it.
    pub id: String,
    /// Where forms of the panel are posted: its own page.
    pub action_url: String,
    /// The address to ask again.
    pub retry_url: String,
    /// The path of the page that shows the panel.
    pub page_path: String,
    /// The query of that page, which links of the panel keep.
    pub query: Vec<(String, String)>,
    /// Safe HTML of Markdown, callout and code blocks, by the block's index.
    pub html: BTreeMap<u32, SafeHtml>,
    /// What people call the entities that the view names, by reference.
    pub titles: BTreeMap<String, String>,
    /// Makes the idempotency keys of this drawing's buttons; without it the server makes them up.
    pub idempotency: String,
    /// The answers that were refused, when the panel's form is shown again, and the action that they were for.
    pub refused: Option<(String, FormState)>,
}

impl PanelContext {
    /// The context of a panel on the page of its entity.
    pub fn new(key: &PanelKey, now: i64) -> Self {
        Self {
            now,
            id: format!("panel-{}-{}", key.plugin, key.card),
            action_url: key.page_path(),
            retry_url: key.page_path(),
            page_path: key.entity.page_path(),
            ..Self::default()
        }
    }

    /// Adds the server's HTML of the view's blocks, as `PanelView` carries it.
    #[must_use]
    pub fn html(mut self, html: &BTreeMap<u32, String>) -> Self {
        self.html = html.iter().map(|(&block, html)| (block, SafeHtml::trust(html.as_str()))).collect();
        self
    }

    /// The page as it is now, to which an action comes back.
    pub(crate) fn back(&self) -> String {
        with_query(&self.page_path, self.query.iter().map(|(name, value)| (name.as_str(), value.as_str())))
    }

    /// The name in the page's query of one part of this panel's state.
    pub(crate) fn state_key(&self, part: &str) -> String {
        format!("{}.{part}", self.id)
    }

    /// The value of one part of this panel's state.
    pub(crate) fn state(&self, part: &str) -> Option<&str> {
        let key = self.state_key(part);
        self.query.iter().find(|(name, _)| *name == key).map(|(_, value)| value.as_str())
    }

    /// The address that a link of the view means: one that begins with `?` sets this panel's own state, and leads to the
    /// page with that state in place of what it was.
    pub(crate) fn link(&self, url: String) -> String {
        let Some(state) = url.strip_prefix('?') else { return url };
        let prefix = self.state_key("");
        let kept = self.query.iter().filter(|(name, _)| !name.starts_with(&prefix)).cloned();
        let new =
            form_urlencoded::parse(state.as_bytes()).map(|(name, value)| (self.state_key(&name), value.into_owned()));
        let pairs: Vec<(String, String)> = kept.chain(new).collect();
        let pairs = pairs.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        format!("{}#{}", with_query(&self.page_path, pairs), self.id)
    }

    /// The address of the page with one part of this panel's state changed.
    pub(crate) fn state_href(&self, part: &str, value: &str) -> String {
        let key = self.state_key(part);
        let kept = self.query.iter().filter(|(name, _)| *name != key);
        let pairs = kept.map(|(name, value)| (name.as_str(), value.as_str())).chain([(key.as_str(), value)]);
        format!("{}#{}", with_query(&self.page_path, pairs), self.id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_that_begins_with_a_question_mark_sets_the_panels_own_state() {
        let key = PanelKey {
            entity: "component:default/checkout".parse().unwrap(),
            plugin: "ci".to_owned(),
            card: "runs".to_owned(),
        };
        let mut context = PanelContext::new(&key, 0);
        let pairs = [("tab", "x"), ("panel-ci-runs.page", "2"), ("panel-ci-other.page", "3")];
        context.query = pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec();
        for (url, expected) in [
            (
                "?branch=fix%2Fa&page=1",
                "/catalog/default/component/checkout?tab=x&panel-ci-other.page=3&panel-ci-runs.branch=fix%2Fa&panel-ci-runs.page=1#panel-ci-runs",
            ),
            ("?", "/catalog/default/component/checkout?tab=x&panel-ci-other.page=3#panel-ci-runs"),
            ("https://example.com/?a=b", "https://example.com/?a=b"),
            ("javascript:alert(1)", "javascript:alert(1)"),
        ] {
            assert_eq!(context.link(url.to_owned()), expected);
        }
    }
}
