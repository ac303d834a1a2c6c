//! The change stream.

use host_model::EntityRef;
use serde::{Deserialize, Serialize};

/// `GET /api/catalog/changes`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ChangesQuery {
    /// The token of the last event that the reader has; none begins at the present.
    pub since: Option<String>,
    /// Filters in the grammar of the REST API; any of them must match.
    pub filters: Vec<String>,
    /// How long to wait for a change, in milliseconds, when there is none yet.
    pub wait_ms: u64,
    /// At most about this many events.
    pub limit: usize,
}

/// Some events, and where to go on.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ChangePage {
    pub items: Vec<ChangeEvent>,
    /// The token to go on with; also behind events that the filter left out.
    pub next: String,
    /// When the reader's token is not known any more: why. It must read the catalog again; events go on from `next`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reset: Option<String>,
}

/// One entity that changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ChangeEvent {
    #[serde(rename = "type")]
    pub change: ChangeEventKind,
    pub entity_ref: EntityRef,
    /// In lower case, as in the reference.
    pub kind: String,
    /// What the entity has now; none when it is gone.
    pub etag: Option<String>,
    /// RFC 3339.
    pub time: String,
    /// What is different.
    pub what: ChangedPart,
    /// The version that the change made, when it made one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<u64>,
    /// False when the entity matched the filter before, and does not any more.
    pub matches: bool,
    /// To go on after this event.
    pub token: String,
}

/// What happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ChangeEventKind {
    Created,
    Changed,
    Removed,
}

impl ChangeEventKind {
    /// The word on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::Changed => "changed",
            Self::Removed => "removed",
        }
    }
}

/// The part of an entity that a change is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ChangedPart {
    /// What is written or what plugins make of it.
    Entity,
    /// What follows from others: relations that they state, or what is wrong with its source.
    Derived,
    /// What others say of it.
    Status,
}
