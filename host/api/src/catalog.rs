//! Operations on the catalog, in Backstage's shapes.

use std::collections::BTreeMap;
use std::sync::Arc;

use host_model::{Diagnostic, Entity, EntityRef};
use serde::{Deserialize, Serialize, Serializer};
use serde_json::Value;

/// An entity as JSON text: what the store keeps is what the API sends, without being parsed on the way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RawEntity(pub Arc<str>);

impl RawEntity {
    /// The entity, for those who look into it. Text that is no object gives none.
    pub fn parse(&self) -> Option<Entity> {
        serde_json::from_str(&self.0).ok()
    }
}

impl Serialize for RawEntity {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let raw: &serde_json::value::RawValue = serde_json::from_str(&self.0).map_err(serde::ser::Error::custom)?;
        raw.serialize(serializer)
    }
}

/// A field to order by.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderField {
    pub field: String,
    #[serde(default)]
    pub descending: bool,
}

/// `GET /entities`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct EntityListQuery {
    /// Filters in the grammar of the REST API; any of them must match.
    pub filters: Vec<String>,
    pub fields: Vec<String>,
    pub order: Vec<OrderField>,
    pub offset: Option<usize>,
    pub limit: Option<usize>,
    pub after: Option<String>,
}

/// The answer to [`EntityListQuery`].
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct EntityList {
    pub items: Vec<RawEntity>,
    /// The `after` of the next page.
    pub next: Option<String>,
}

/// `GET` and `POST /entities/by-query`.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct EntityQuery {
    pub filters: Vec<String>,
    /// A predicate (`$all`, `$any`, `$not`, …) that must match as well.
    pub predicate: Option<Value>,
    pub fields: Vec<String>,
    pub order: Vec<OrderField>,
    pub limit: Option<usize>,
    pub offset: Option<usize>,
    pub cursor: Option<String>,
    pub full_text_term: Option<String>,
    pub full_text_fields: Vec<String>,
    /// Leave the total out.
    pub skip_total: bool,
}

/// A page of entities.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct EntityPage {
    pub items: Vec<RawEntity>,
    pub total_items: u64,
    pub page_info: PageInfo,
}

/// How to get to the neighbouring pages.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PageInfo {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_cursor: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prev_cursor: Option<String>,
}

/// `POST /entities/by-refs`.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct EntitiesByRefs {
    pub entity_refs: Vec<String>,
    pub fields: Vec<String>,
    pub filters: Vec<String>,
    pub predicate: Option<Value>,
}

/// `GET` and `POST /entity-facets`.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct FacetsQuery {
    pub facets: Vec<String>,
    pub filters: Vec<String>,
    pub predicate: Option<Value>,
}

/// The values of each facet, most frequent first is not promised: they come in the order of the values.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Facets {
    pub facets: BTreeMap<String, Vec<FacetValue>>,
}

/// One value of a facet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FacetValue {
    /// In its original case.
    pub value: String,
    pub count: u64,
}

/// What leads to an entity.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Ancestry {
    pub root_entity_ref: EntityRef,
    pub items: Vec<AncestryItem>,
}

/// One step of an ancestry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct AncestryItem {
    pub entity: RawEntity,
    pub parent_entity_refs: Vec<EntityRef>,
}

/// A registered location.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Location {
    pub id: String,
    #[serde(rename = "type")]
    pub location_type: String,
    pub target: String,
    pub entity_ref: String,
}

/// A location to register.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LocationInput {
    #[serde(rename = "type")]
    pub location_type: String,
    pub target: String,
    #[serde(default)]
    pub presence: Option<String>,
}

/// What came of registering a location.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LocationResult {
    pub location: Location,
    pub entities: Vec<RawEntity>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exists: Option<bool>,
}

/// A finding about an entity or about a source that should have given one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CatalogProblem {
    /// The entity that it concerns, when that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub entity_ref: Option<EntityRef>,
    /// The location reference of the source.
    pub location: String,
    #[serde(flatten)]
    pub diagnostic: Diagnostic,
}

/// Asks for an entity's neighbourhood.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GraphQuery {
    pub root: EntityRef,
    /// How many relations away at most, from 1 to 5.
    pub depth: u32,
    /// Names of relations; none means all, one direction of each pair.
    pub relations: Vec<String>,
    /// Kinds; none means all.
    pub kinds: Vec<String>,
    /// At most this many entities, the nearest first.
    pub limit: usize,
}

/// A neighbourhood with coordinates, ready to be drawn.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct EntityGraph {
    pub nodes: Vec<GraphNode>,
    pub edges: Vec<GraphEdge>,
    /// The drawing's size in pixels.
    pub width: f64,
    pub height: f64,
    /// Whether nodes were left out.
    pub truncated: bool,
}

/// An entity in a graph.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct GraphNode {
    pub entity_ref: EntityRef,
    pub title: String,
    pub kind: String,
    /// `spec.type`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub spec_type: Option<String>,
    /// Whether the entity exists; relations may name entities that do not.
    pub exists: bool,
    /// The middle of the node, and its size, in pixels.
    pub x: f64,
    pub y: f64,
    pub width: f64,
    pub height: f64,
}

/// A relation in a graph.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct GraphEdge {
    pub source: EntityRef,
    pub target: EntityRef,
    /// The relation's name, read from source to target.
    pub relation: String,
    /// The points of the line, in pixels.
    pub points: Vec<(f64, f64)>,
}
