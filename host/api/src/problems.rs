//! Everything that is wrong with the catalog, for those who put it right.

use host_model::EntityRef;
use serde::{Deserialize, Serialize};

use crate::{CatalogProblem, FacetValue};

/// `GET /problems/by-query`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ProblemQuery {
    /// The reference of an owner, or `none` for what nobody owns.
    pub owner: Option<String>,
    pub kind: Option<String>,
    pub severity: Option<String>,
    /// The code of a finding, or its first part: `entity/rule`, `yaml`.
    pub code: Option<String>,
    /// Words that the message, the entity or the place must have.
    pub text: Option<String>,
    pub offset: usize,
    pub limit: usize,
}

/// A page of problems, ordered by owner, source and place.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ProblemPage {
    pub items: Vec<OwnedProblem>,
    /// How many match.
    pub total_items: u64,
    /// What there is to choose from, whatever is chosen.
    pub owners: Vec<FacetValue>,
    pub kinds: Vec<FacetValue>,
    pub severities: Vec<FacetValue>,
    pub codes: Vec<FacetValue>,
}

/// A problem with who should put it right.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct OwnedProblem {
    #[serde(flatten)]
    pub problem: CatalogProblem,
    /// The owner of the entity, or of what else its source holds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner: Option<EntityRef>,
    /// Where the source can be looked at.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// Where the entity of the same name that is in the catalog comes from, when it is another source.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub held_by: Option<String>,
}

/// How many problems there are.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProblemCount {
    pub errors: u64,
    pub warnings: u64,
    pub infos: u64,
}

/// What a location would bring, and what is wrong with it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LocationPreview {
    /// Whether it is registered already.
    pub exists: bool,
    /// The Location entity that would stand for it first.
    pub entities: Vec<crate::RawEntity>,
    pub problems: Vec<CatalogProblem>,
}
