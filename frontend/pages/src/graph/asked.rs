//! What the address of the graph page asks for.

use frontend_ui::with_query;
use host_api::{GraphDirection, GraphQuery};
use host_model::{EntityRef, EntityRefError};

use crate::query::Query;

/// How far the graph reaches at first, and at most.
const DEPTH: u32 = 2;
pub(super) const MAX_DEPTH: u32 = 10;
/// How many entities are drawn at first, and what else can be chosen.
const LIMIT: usize = 300;
pub(super) const LIMITS: [usize; 4] = [100, 300, 1_000, 3_000];
/// From how many on entities with the same relations are drawn as one.
const COLLAPSE: usize = 8;

/// The state of the page; all of it is in its address.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Asked {
    /// As it was written; several are divided by commas.
    pub(super) entity: String,
    pub(super) filters: Vec<String>,
    pub(super) depth: u32,
    pub(super) kinds: Vec<String>,
    pub(super) relations: Vec<String>,
    pub(super) direction: GraphDirection,
    pub(super) limit: usize,
    /// Whether each entity is drawn by itself.
    pub(super) each: bool,
}

impl Asked {
    /// Reads the address; what cannot be read counts as not said. Backstage's names are understood as well.
    pub(super) fn new(query: &Query<'_>) -> Self {
        let first = |names: &[&str]| names.iter().find_map(|name| query.first(name));
        let all = |names: [&str; 2]| {
            let mut values: Vec<String> = names.iter().flat_map(|name| query.all(name)).collect();
            values.sort_unstable();
            values.dedup();
            values
        };
        let filters = query.all("filter");
        let usual = if filters.is_empty() { DEPTH } else { 0 };
        Self {
            entity: first(&["entity"]).unwrap_or_else(|| all(["rootEntityRefs[]", "rootEntityRefs"]).join(", ")),
            depth: first(&["depth", "maxDepth"]).and_then(|text| text.parse().ok()).unwrap_or(usual).min(MAX_DEPTH),
            kinds: all(["kind", "selectedKinds[]"]).iter().map(|kind| kind.to_lowercase()).collect(),
            relations: all(["relation", "selectedRelations[]"]),
            direction: first(&["direction"]).and_then(|word| GraphDirection::from_word(&word)).unwrap_or_default(),
            limit: first(&["limit"]).and_then(|text| text.parse().ok()).unwrap_or(LIMIT).clamp(1, LIMITS[3]),
            each: first(&["each"]).is_some(),
            filters,
        }
    }

    /// The entities where it begins.
    ///
    /// # Errors
    /// When one of them is no reference.
    pub(super) fn roots(&self) -> Result<Vec<EntityRef>, EntityRefError> {
        let written = self.entity.split(',').map(str::trim).filter(|text| !text.is_empty());
        written.map(|text| EntityRef::parse_with(text, Some("component"), "default")).collect()
    }

    /// The question to the portal, with the entities where it begins.
    pub(super) fn query(&self, roots: Vec<EntityRef>) -> GraphQuery {
        GraphQuery {
            roots,
            filters: self.filters.clone(),
            depth: self.depth,
            relations: self.relations.clone(),
            kinds: self.kinds.clone(),
            direction: self.direction,
            limit: self.limit,
            collapse: (!self.each).then_some(COLLAPSE),
        }
    }

    /// The address of the same around another entity.
    pub(super) fn around(&self, entity: &EntityRef) -> String {
        Self { entity: entity.to_string(), filters: Vec::new(), depth: self.depth.max(1), ..self.clone() }.address()
    }

    /// The address of this state.
    pub(super) fn address(&self) -> String {
        let (depth, limit) = (self.depth.to_string(), self.limit.to_string());
        let mut pairs: Vec<(&str, &str)> = Vec::new();
        if !self.entity.is_empty() {
            pairs.push(("entity", &self.entity));
        }
        pairs.extend(self.filters.iter().map(|filter| ("filter", filter.as_str())));
        pairs.push(("depth", &depth));
        if self.direction != GraphDirection::Both {
            pairs.push(("direction", self.direction.as_str()));
        }
        pairs.extend(self.kinds.iter().map(|kind| ("kind", kind.as_str())));
        pairs.extend(self.relations.iter().map(|relation| ("relation", relation.as_str())));
        if self.limit != LIMIT {
            pairs.push(("limit", &limit));
        }
        if self.each {
            pairs.push(("each", "on"));
        }
        with_query("/catalog-graph", pairs)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(pairs: &[(&str, &str)]) -> Asked {
        let pairs: Vec<(String, String)> =
            pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        Asked::new(&Query::new(&pairs))
    }

    #[test]
    fn the_address_holds_the_whole_state() {
        let asked = read(&[
            ("entity", "component:default/a"),
            ("depth", "4"),
            ("direction", "in"),
            ("kind", "API"),
            ("relation", "dependsOn"),
            ("limit", "1000"),
            ("each", "on"),
        ]);
        let address = asked.address();
        let pairs: Vec<(String, String)> = form_pairs(address.split_once('?').map_or("", |(_, query)| query));
        assert_eq!(Asked::new(&Query::new(&pairs)), asked);
        assert_eq!(
            asked.around(&EntityRef::new("api", "default", "b")),
            address.replace("component%3Adefault%2Fa", "api%3Adefault%2Fb")
        );
    }

    fn form_pairs(query: &str) -> Vec<(String, String)> {
        let decode = |text: &str| text.replace("%3A", ":").replace("%2F", "/");
        query
            .split('&')
            .filter_map(|pair| pair.split_once('='))
            .map(|(name, value)| (decode(name), decode(value)))
            .collect()
    }

    #[test]
    fn what_makes_no_sense_counts_as_not_said() {
        let asked = read(&[("depth", "x"), ("direction", "LR"), ("limit", "0")]);
        assert_eq!((asked.depth, asked.direction, asked.limit), (DEPTH, GraphDirection::Both, 1));
        let asked = read(&[("rootEntityRefs[]", "component:a"), ("maxDepth", "99"), ("selectedKinds[]", "api")]);
        assert_eq!(
            (asked.entity.as_str(), asked.depth, asked.kinds),
            ("component:a", MAX_DEPTH, vec!["api".to_owned()])
        );
        assert_eq!(read(&[("filter", "kind=system")]).depth, 0);
        let several = read(&[("rootEntityRefs[]", "a"), ("rootEntityRefs[]", "api:b")]).roots().unwrap();
        assert_eq!(several, [EntityRef::new("component", "default", "a"), EntityRef::new("api", "default", "b")]);
    }
}
