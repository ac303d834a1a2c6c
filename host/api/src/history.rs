//! The past of entities: versions and what differs between them.

use host_model::EntityRef;
use host_model::history::FieldChange;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// `GET …/by-name/{kind}/{namespace}/{name}/history`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HistoryQuery {
    pub entity: EntityRef,
    /// Only versions before this one.
    pub before: Option<u64>,
    pub limit: usize,
}

/// Versions of an entity, the newest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct EntityHistory {
    pub entity_ref: EntityRef,
    pub items: Vec<VersionInfo>,
    /// The `before` of the next page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<u64>,
    /// Since when changes are known (RFC 3339).
    pub kept_since: String,
}

/// What is known of one version. Times are RFC 3339.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct VersionInfo {
    /// Counted from 1, removals included.
    pub version: u64,
    pub change: ChangeKind,
    /// When it came to be; none when that was before the history begins.
    pub at: Option<String>,
    /// When another took its place; none for the present version.
    pub until: Option<String>,
    /// Whether this is the version that the catalog has now.
    pub current: bool,
    /// The location reference of what it was read from.
    pub source: String,
    /// The location reference of what led there.
    pub origin: String,
    /// As readers last saw it; none for a removal.
    pub etag: Option<String>,
    pub cause: Cause,
}

/// How a version came to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ChangeKind {
    Created,
    Changed,
    Removed,
    /// It was gone and came back.
    Returned,
}

/// Who made a change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cause {
    #[serde(rename = "type")]
    pub kind: CauseKind,
    /// A location reference, a plugin's id, or a person's audit name.
    pub name: String,
}

/// What sort of cause it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum CauseKind {
    /// What it is read from changed.
    Source,
    /// A plugin came, went or answered otherwise.
    Plugin,
    /// Somebody did it by hand.
    Person,
    /// Callboard itself.
    System,
}

/// `GET …/history/{version}`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct EntityVersion {
    pub entity_ref: EntityRef,
    #[serde(flatten)]
    pub info: VersionInfo,
    /// The entity as it was, with the relations that it stated itself; none for a removal.
    pub entity: Option<Value>,
}

/// `GET …/diff?from=&to=`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct EntityDiff {
    pub entity_ref: EntityRef,
    pub from: VersionInfo,
    pub to: VersionInfo,
    /// Fields in the order in which they are written. Relations that the entity states are compared as
    /// `/relations/{type}/{targetRef}`.
    pub changes: Vec<FieldChange>,
    /// Whether there are more changes than are told.
    pub truncated: bool,
}
