//! What differs between two versions of an entity, and where each of its fields comes from.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::EntityRef;

/// A field that differs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct FieldChange {
    /// A JSON pointer: into the newer version, or for what was removed into the older one.
    pub pointer: String,
    pub change: FieldChangeKind,
    /// The value before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<Value>,
    /// The value after.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<Value>,
    /// Whether a value is too long to be told in full; then it is the beginning of its text.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub shortened: bool,
}

/// How a field differs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum FieldChangeKind {
    Added,
    Changed,
    Removed,
}

/// Where each field of an entity comes from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Provenance {
    pub entity_ref: EntityRef,
    /// The location reference of what it is read from.
    pub source: String,
    /// The location reference of what led there.
    pub origin: String,
    pub source_state: SourceState,
    /// What keeps places from being told, or makes them doubtful.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// Every value that is neither a mapping nor a list, and every empty one of these.
    pub fields: Vec<FieldOrigin>,
    /// Whether there are more fields than are told.
    pub truncated: bool,
}

/// The source, compared with what the entity was made from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SourceState {
    /// It is as it was.
    Same,
    /// It changed meanwhile; places are those of the source as it is now.
    Changed,
    /// It cannot be read, or the entity is no longer in it.
    Gone,
    /// Nothing is written anywhere: the entity was made by the catalog or a plugin, or comes from a system without lines.
    None,
}

/// Where the value of a field comes from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct FieldOrigin {
    /// A JSON pointer.
    pub pointer: String,
    pub step: OriginStep,
    /// The plugin that gave the value, when one did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub plugin: Option<String>,
    /// The location reference of what it is written in, when it is written.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// The file or address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    /// The line, from 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line: Option<u32>,
    /// The column in characters, from 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub column: Option<u32>,
    /// What the step did, in a sentence, where it was not the source alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// When the value last changed (RFC 3339); none when that was before the history begins.
    pub changed_at: Option<String>,
    /// The version that brought the value; none where that is no longer kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<u64>,
}

/// What gave a field its value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum OriginStep {
    /// It is written in the source.
    Source,
    /// A placeholder of the source brought in another file.
    Placeholder,
    /// The catalog itself: identifiers, defaults, annotations, relations.
    Catalog,
    /// A plugin.
    Plugin,
    /// Somebody outside: a status.
    Outside,
}
