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

    /// The address of the page with one part of this panel's state changed.
    pub(crate) fn state_href(&self, part: &str, value: &str) -> String {
        let key = self.state_key(part);
        let kept = self.query.iter().filter(|(name, _)| *name != key);
        let pairs = kept.map(|(name, value)| (name.as_str(), value.as_str())).chain([(key.as_str(), value)]);
        format!("{}#{}", with_query(&self.page_path, pairs), self.id)
    }
}
