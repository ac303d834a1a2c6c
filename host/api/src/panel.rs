//! Panels: the cards that plugins show on entity pages.

use std::collections::BTreeMap;

use host_model::EntityRef;
use host_model::plugin::{CardDeclaration, PluginError};
use host_model::view::View;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A card that an entity has, before it is asked for its contents.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Panel {
    /// The plugin's id.
    pub plugin: String,
    pub plugin_title: String,
    pub card: CardDeclaration,
}

/// Names one panel of one entity.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct PanelKey {
    pub entity: EntityRef,
    pub plugin: String,
    pub card: String,
}

impl PanelKey {
    /// The page that waits for this panel alone; forms of the panel are posted to it too.
    pub fn page_path(&self) -> String {
        format!("{}/panels/{}/{}", self.entity.page_path(), self.plugin, self.card)
    }
}

/// What the page's address says of a panel: which page of a table, which filter.
pub type PanelState = Vec<(String, String)>;

/// A panel's contents: a checked view with its Markdown and code made into safe HTML, or why there is none.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PanelView {
    pub panel: Panel,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub view: Option<View>,
    /// Safe HTML of Markdown, callout and code blocks, by the block's index.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub html: BTreeMap<u32, String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<PluginError>,
}

/// What a person asks of a panel.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PanelActionInput {
    /// The action's id.
    pub action: String,
    #[serde(default)]
    pub input: Value,
    /// The same for every repetition of one click; made up when it is missing.
    #[serde(default)]
    pub idempotency_key: Option<String>,
}

/// What an action did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ActionReceipt {
    pub message: String,
    pub refresh: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
}
