//! Locations: what to register, what it would bring, and what an entity that is not registered is worth.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{Location, PageInfo, RawEntity};

/// What to do with a location that is to be registered.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum RegisterMode {
    /// Register it; the configuration says what becomes of one that is registered already.
    #[default]
    AsConfigured,
    /// Register it; one that is registered already is a conflict.
    Reject,
    /// Register it, or read it again if it is registered already.
    Refresh,
    /// Tell what it would bring and keep nothing.
    DryRun,
}

/// `POST /locations/by-query`.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct LocationQuery {
    /// A predicate over `id`, `type`, `target` and `entityRef`.
    pub predicate: Option<Value>,
    pub limit: Option<usize>,
    /// The `next_cursor` of the page before; it stands for the others as well.
    pub cursor: Option<String>,
}

/// A page of locations.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct LocationPage {
    pub items: Vec<Location>,
    pub total_items: u64,
    pub page_info: PageInfo,
}

/// `POST /analyze-location`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AnalyzeLocation {
    pub location_type: String,
    pub target: String,
    /// The name of descriptors there; `catalog-info.yaml` if nothing is said.
    pub file_name: Option<String>,
}

/// What lies at a location.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct LocationAnalysis {
    /// Entities that are described there already.
    pub existing_entity_files: Vec<ExistingEntityFile>,
    /// What could be described there.
    pub generate_entities: Vec<GeneratedEntity>,
}

/// An entity that a file describes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ExistingEntityFile {
    pub entity: RawEntity,
    /// Whether its file is a registered location.
    pub is_registered: bool,
    pub location: LocationTarget,
}

/// A type and a target.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LocationTarget {
    #[serde(rename = "type")]
    pub location_type: String,
    pub target: String,
}

/// A descriptor to begin with.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct GeneratedEntity {
    pub entity: Value,
    pub fields: Vec<GeneratedField>,
}

/// A field of a descriptor to begin with, for the person who completes it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct GeneratedField {
    pub field: String,
    /// `analysisSuggestedValue`, `analysisSuggestedNoValue` or `needsUserInput`.
    pub state: String,
    pub value: Option<String>,
    pub description: String,
}

/// `POST /validate-entity`.
#[derive(Debug, Clone, PartialEq)]
pub struct ValidateEntity {
    pub entity: Value,
    /// The location reference that it is said to come from.
    pub location: String,
}

/// Something that is wrong with an entity.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EntityViolation {
    /// The name of an error, for clients that ask for one.
    pub name: String,
    pub message: String,
    /// A short stable code such as `entity/missing`.
    pub code: String,
    /// Where in the entity, as a JSON pointer.
    pub pointer: String,
    /// What to do about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
}
