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
    /// None means the field of the order, or the uid.
    pub full_text_fields: Option<Vec<String>>,
    /// Leave the total out; it is 0 then.
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

/// Asks for a neighbourhood: of one entity, or of every entity that filters mean.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GraphQuery {
    /// Where it begins. There may be several, or with filters none.
    pub roots: Vec<EntityRef>,
    /// Filters in the grammar of the REST API; what any of them matches is a root as well.
    pub filters: Vec<String>,
    /// How many relations away at most.
    pub depth: u32,
    /// Names of relations, either one of a pair; none means all.
    pub relations: Vec<String>,
    /// Kinds to which the way leads; none means all. Roots are always there.
    pub kinds: Vec<String>,
    pub direction: GraphDirection,
    /// At most this many entities, the nearest first.
    pub limit: usize,
    /// From how many on entities of one kind that have the same relations become one node; none never.
    pub collapse: Option<usize>,
}

impl GraphQuery {
    /// The entities next to one.
    pub fn around(root: EntityRef) -> Self {
        Self {
            roots: vec![root],
            filters: Vec::new(),
            depth: 1,
            relations: Vec::new(),
            kinds: Vec::new(),
            direction: GraphDirection::Both,
            limit: 500,
            collapse: None,
        }
    }
}

/// Which way relations are followed. A relation leads out in the direction of its pair's first name (`dependsOn`,
/// `partOf`, `ownedBy`), whoever states it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum GraphDirection {
    Out,
    In,
    #[default]
    Both,
}

impl GraphDirection {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Both, Self::Out, Self::In];

    /// The word on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Out => "out",
            Self::In => "in",
            Self::Both => "both",
        }
    }

    /// Reads the word on the wire.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|direction| direction.as_str() == word)
    }
}

/// A neighbourhood with coordinates, ready to be drawn.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct EntityGraph {
    pub nodes: Vec<GraphNode>,
    pub edges: Vec<GraphEdge>,
    /// The drawing's size in pixels.
    pub width: f64,
    pub height: f64,
    /// Entities that are drawn as one.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub groups: Vec<GraphGroup>,
    /// Whether nodes were left out for want of room (`limit`).
    pub truncated: bool,
    /// How many entities within reach were left out for want of room; a lower bound when what lies behind them is not
    /// looked at.
    #[serde(default)]
    pub omitted: u64,
    /// How far it reaches: the depth that was asked for, within bounds.
    #[serde(default)]
    pub depth: u32,
}

/// Entities of one kind that have the same relations to the same entities, and no others in the graph.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct GraphGroup {
    pub kind: String,
    pub members: Vec<EntityRef>,
    pub links: Vec<GraphGroupLink>,
    /// The middle of the node, and its size, in pixels.
    pub x: f64,
    pub y: f64,
    pub width: f64,
    pub height: f64,
}

/// A relation that every member of a group has.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct GraphGroupLink {
    /// The entity at the other end.
    pub entity_ref: EntityRef,
    /// The relation's name, in the direction of its pair's first name.
    pub relation: String,
    /// Whether it leads from the members to the entity.
    pub outward: bool,
    /// The points of the line, in pixels.
    pub points: Vec<(f64, f64)>,
}

/// How wide a text is in a drawing, in average letters. No font is at hand, so that it is an estimate; it is what tells
/// which texts fit a node.
pub fn width_in_letters(text: &str) -> f64 {
    text.chars().map(letters).sum()
}

/// How wide a character is, in average letters.
pub fn letters(character: char) -> f64 {
    match character {
        'M' | 'W' | '@' => 1.6,
        // East Asian scripts and full-width forms, then pictures, then further ideographs.
        '\u{1100}'..='\u{115f}'
        | '\u{2e80}'..='\u{a4cf}'
        | '\u{ac00}'..='\u{d7a3}'
        | '\u{f900}'..='\u{faff}'
        | '\u{fe30}'..='\u{fe4f}'
        | '\u{ff00}'..='\u{ff60}'
        | '\u{1f300}'..='\u{1faff}'
        | '\u{20000}'..='\u{3fffd}' => 1.8,
        _ => 1.0,
    }
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
    /// How many relations away from the nearest root.
    #[serde(default)]
    pub distance: u32,
    /// How many entities next to it are not in the graph.
    #[serde(default)]
    pub hidden: u32,
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
