//! Search, in Backstage's shapes.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// `GET /api/search/query`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SearchQuery {
    pub term: String,
    /// Types of documents; none means all.
    pub types: Vec<String>,
    /// Field and accepted values.
    pub filters: BTreeMap<String, Vec<String>>,
    pub page_cursor: Option<String>,
    /// From 1 to 100; 25 when missing.
    pub page_limit: Option<usize>,
}

/// A page of results.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SearchPage {
    pub results: Vec<SearchHit>,
    pub number_of_results: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_page_cursor: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub previous_page_cursor: Option<String>,
}

/// One result.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SearchHit {
    /// The type of the document, such as `software-catalog`.
    #[serde(rename = "type")]
    pub document_type: String,
    /// `{title, text, location, kind, namespace, owner, lifecycle, type, …}`.
    pub document: Value,
    /// From 1.
    pub rank: u64,
    /// `{preTag, postTag, fields}`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub highlight: Option<Value>,
}
