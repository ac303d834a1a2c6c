//! What others say of entities.

use host_model::EntityRef;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The body of `POST …/by-name/{kind}/{namespace}/{name}/status`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StatusInput {
    /// Who says it. What one source says takes the place of what it said before.
    pub source: String,
    /// `{"items": [{"type", "level", "message", …}]}`.
    pub status: Value,
    /// For how many seconds it holds; without it, until it is replaced or removed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ttl: Option<u64>,
}

/// The body of `POST /status-batch`: from 1 to 100 statuses.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StatusBatch {
    pub items: Vec<StatusBatchItem>,
}

/// One status of a batch.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct StatusBatchItem {
    pub entity_ref: String,
    pub source: String,
    pub status: Value,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ttl: Option<u64>,
}

/// What came of one status of a batch.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct StatusResult {
    pub entity_ref: String,
    pub ok: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<StatusError>,
}

/// Why one status of a batch was not taken.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StatusError {
    /// As in the body of a failed request.
    pub name: String,
    pub message: String,
}

/// The answer of `GET …/status`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct EntityStatuses {
    pub entity_ref: EntityRef,
    pub items: Vec<SourceStatus>,
}

/// What one source says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SourceStatus {
    pub source: String,
    pub status: Value,
    /// RFC 3339.
    pub set_at: String,
    pub set_by: String,
    /// RFC 3339; none when it does not expire.
    pub expires_at: Option<String>,
}
