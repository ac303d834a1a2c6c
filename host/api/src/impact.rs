//! What fails when something fails.

use host_model::EntityRef;
use serde::{Deserialize, Serialize};

/// `GET /api/catalog/impact/{kind}/{namespace}/{name}`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImpactQuery {
    pub root: EntityRef,
    /// Names of the relations along which a failure spreads, seen from what fails; none means the usual ones.
    pub relations: Vec<String>,
    /// How many relations away at most.
    pub depth: u32,
    /// At most this many entities, the nearest first.
    pub limit: usize,
}

/// Everything that a failure reaches, the nearest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Impact {
    /// What is taken to fail.
    pub root: ImpactEntity,
    pub items: Vec<ImpactItem>,
    /// Who has to know, those with the most first.
    pub owners: Vec<ImpactOwner>,
    /// The relations that were followed.
    pub relations: Vec<String>,
    /// How many entities are reached in all.
    pub total: u64,
    /// Whether `items` leaves some out.
    pub truncated: bool,
}

/// An entity that is concerned.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ImpactEntity {
    pub entity_ref: EntityRef,
    pub title: String,
    pub kind: String,
    /// `spec.type`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub spec_type: Option<String>,
    /// Whether the catalog has it.
    pub exists: bool,
    /// The first owner.
    pub owner: Option<EntityRef>,
    /// Who is called, by the entity's own annotations or else by those of its owners.
    pub on_call: Vec<OnCall>,
}

/// An entity that a failure reaches.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ImpactItem {
    #[serde(flatten)]
    pub entity: ImpactEntity,
    /// How many relations away.
    pub distance: u32,
    /// How the failure gets there, from the first relation of the root on; one of the shortest ways.
    pub path: Vec<ImpactStep>,
}

/// One relation of a path.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ImpactStep {
    pub source: EntityRef,
    /// The relation's name, read from source to target.
    pub relation: String,
    pub target: EntityRef,
}

/// An owner of entities that a failure reaches.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ImpactOwner {
    pub entity_ref: EntityRef,
    pub title: String,
    /// How many of the entities it owns, the root not counted.
    pub count: u64,
    /// Who is called, by the owner's annotations.
    pub on_call: Vec<OnCall>,
}

/// An annotation that tells who is called.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct OnCall {
    /// The annotation's key.
    pub annotation: String,
    pub value: String,
    /// The entity that has the annotation.
    pub from: EntityRef,
}
