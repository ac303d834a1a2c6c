//! What the address of the catalog says: filters, order and page.

use frontend_ui::{Choice, SortOrder, with_query};
use host_api::{EntityQuery, FacetValue, OrderField};
use host_model::EntityRef;
use serde_json::{Value, json};

use crate::query::{Query, borrowed};

/// The word for no filter by kind.
pub(crate) const ALL_KINDS: &str = "all";
/// The kind that is shown at first.
const DEFAULT_KIND: &str = "component";
/// Fields that the text filter looks at.
const TEXT_FIELDS: [&str; 4] = ["metadata.name", "metadata.title", "metadata.description", "spec.profile.displayName"];
/// The field that tells orphans.
const ORPHAN: &str = "metadata.annotations.backstage.io/orphan";
/// Words by which lists are sorted, and the fields behind them.
const SORTS: [(&str, &str); 6] = [
    ("name", "metadata.name"),
    ("kind", "kind"),
    ("type", "spec.type"),
    ("lifecycle", "spec.lifecycle"),
    ("owner", "spec.owner"),
    ("system", "spec.system"),
];

/// A part of the catalog that no field of the entities tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Part {
    /// Entities to which the reader gave a star.
    Starred,
    /// Entities to which no source leads any more.
    Orphans,
    /// Entities with errors.
    Faulty,
}

impl Part {
    pub(crate) const ALL: [Self; 3] = [Self::Starred, Self::Orphans, Self::Faulty];

    /// Its word in addresses.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Starred => "starred",
            Self::Orphans => "orphans",
            Self::Faulty => "errors",
        }
    }

    /// The words for readers.
    pub(crate) fn label(self) -> &'static str {
        match self {
            Self::Starred => "Starred",
            Self::Orphans => "Orphans",
            Self::Faulty => "With errors",
        }
    }
}

/// Filters, order and page of a list of entities.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ListState {
    /// In lower case, or [`ALL_KINDS`].
    pub(crate) kind: String,
    pub(crate) spec_type: Option<String>,
    pub(crate) owner: Option<String>,
    pub(crate) lifecycle: Option<String>,
    pub(crate) namespace: Option<String>,
    pub(crate) tags: Vec<String>,
    pub(crate) part: Option<Part>,
    pub(crate) text: String,
    /// A word of [`SORTS`].
    pub(crate) sort: &'static str,
    pub(crate) order: SortOrder,
    /// From 1.
    pub(crate) page: usize,
}

impl Default for ListState {
    fn default() -> Self {
        Self {
            kind: DEFAULT_KIND.to_owned(),
            spec_type: None,
            owner: None,
            lifecycle: None,
            namespace: None,
            tags: Vec::new(),
            part: None,
            text: String::new(),
            sort: SORTS[0].0,
            order: SortOrder::Ascending,
            page: 1,
        }
    }
}

impl ListState {
    /// What an address says. What it says wrongly counts as not said. Addresses of Backstage are understood as well, so
    /// that people's bookmarks hold; who is signed in, and so what is owned, is not known here.
    pub(crate) fn of(query: &Query<'_>) -> Self {
        let sort = query.first("sort").unwrap_or_default();
        let (word, order) = match sort.strip_prefix('-') {
            Some(word) => (word, SortOrder::Descending),
            None => (sort.as_str(), SortOrder::Ascending),
        };
        let known = SORTS.iter().find(|(known, _)| *known == word).map(|(known, _)| *known);
        let all = |name: &str, backstage: &str| match query.all(name) {
            none if none.is_empty() => query.all(&format!("filters[{backstage}]")),
            said => said,
        };
        let first = |name: &str, backstage: &str| all(name, backstage).into_iter().next();
        Self {
            kind: first("kind", "kind").map_or_else(|| DEFAULT_KIND.to_owned(), |kind| kind.to_lowercase()),
            spec_type: first("type", "type"),
            owner: first("owner", "owners"),
            lifecycle: first("lifecycle", "lifecycles"),
            namespace: first("namespace", "namespace"),
            tags: all("tag", "tags"),
            part: first("show", "user").and_then(|word| Part::ALL.into_iter().find(|part| part.word() == word)),
            text: query.first("text").unwrap_or_default(),
            sort: known.unwrap_or(SORTS[0].0),
            order: if known.is_some() { order } else { SortOrder::Ascending },
            page: query.page(),
        }
    }

    /// The pairs of the address; what holds without saying is left out.
    fn pairs(&self) -> Vec<(String, String)> {
        let mut pairs = Vec::new();
        let mut push = |name: &str, value: &str| pairs.push((name.to_owned(), value.to_owned()));
        if self.kind != DEFAULT_KIND {
            push("kind", &self.kind);
        }
        if let Some(part) = self.part {
            push("show", part.word());
        }
        let single = [
            ("type", &self.spec_type),
            ("owner", &self.owner),
            ("lifecycle", &self.lifecycle),
            ("namespace", &self.namespace),
        ];
        for (name, value) in single {
            if let Some(value) = value {
                push(name, value);
            }
        }
        self.tags.iter().for_each(|tag| push("tag", tag));
        if !self.text.is_empty() {
            push("text", &self.text);
        }
        if let Some(sort) = self.sort_word() {
            push("sort", &sort);
        }
        if self.page > 1 {
            push("page", &self.page.to_string());
        }
        pairs
    }

    /// The order as the address says it; none for the usual one.
    fn sort_word(&self) -> Option<String> {
        match self.order {
            SortOrder::Descending => Some(format!("-{}", self.sort)),
            SortOrder::Ascending => (self.sort != SORTS[0].0).then(|| self.sort.to_owned()),
        }
    }

    /// The address of this list.
    pub(crate) fn address(&self) -> String {
        with_query("/catalog", borrowed(&self.pairs()))
    }

    /// The address of the same list as a file.
    pub(crate) fn export_address(&self, format: &str) -> String {
        let mut pairs = Self { page: 1, ..self.clone() }.pairs();
        pairs.push(("format".to_owned(), format.to_owned()));
        with_query("/catalog/export", borrowed(&pairs))
    }

    /// The query of the address, without the page.
    pub(crate) fn query(&self) -> String {
        let address = Self { page: 1, ..self.clone() }.address();
        address.split_once('?').map_or_else(String::new, |(_, query)| query.to_owned())
    }

    /// What the form of the filters sends along.
    pub(crate) fn kept_by_filters(&self) -> Vec<(String, String)> {
        self.sort_word().map(|sort| ("sort".to_owned(), sort)).into_iter().collect()
    }

    /// The same list without filters, but of the same kind.
    pub(crate) fn cleared(&self) -> Self {
        Self { kind: self.kind.clone(), sort: self.sort, order: self.order, ..Self::default() }
    }

    /// How many filters are set; the kind is none, since there is always one.
    pub(crate) fn active(&self) -> u64 {
        let single = [&self.spec_type, &self.owner, &self.lifecycle, &self.namespace].into_iter().flatten().count();
        let rest = usize::from(self.part.is_some()) + usize::from(!self.text.is_empty());
        (single + self.tags.len() + rest) as u64
    }

    /// Where a click on a column's head leads.
    pub(crate) fn sorted_by(&self, sort: &'static str) -> String {
        let order = match (self.sort == sort, self.order) {
            (true, SortOrder::Ascending) => SortOrder::Descending,
            _ => SortOrder::Ascending,
        };
        Self { sort, order, page: 1, ..self.clone() }.address()
    }

    /// The filter by kind alone, in the grammar of the REST API.
    pub(crate) fn kind_filter(&self) -> Option<String> {
        (self.kind != ALL_KINDS && !self.kind.contains(',')).then(|| format!("kind={}", self.kind))
    }

    /// Keys and values that must match.
    fn conditions(&self) -> Vec<(&'static str, &str)> {
        let kind = (self.kind != ALL_KINDS).then_some(("kind", self.kind.as_str()));
        let single = [
            ("spec.type", &self.spec_type),
            ("relations.ownedBy", &self.owner),
            ("spec.lifecycle", &self.lifecycle),
            ("metadata.namespace", &self.namespace),
        ];
        let single = single.into_iter().filter_map(|(key, value)| Some((key, value.as_deref()?)));
        let orphans = (self.part == Some(Part::Orphans)).then_some((ORPHAN, "true"));
        let tags = self.tags.iter().map(|tag| ("metadata.tags", tag.as_str()));
        kind.into_iter().chain(single).chain(orphans).chain(tags).collect()
    }

    /// The question to the catalog. With `among`, only these entities are meant.
    pub(crate) fn entity_query(&self, page_size: usize, among: Option<&[EntityRef]>) -> EntityQuery {
        let conditions = self.conditions();
        let mut query = EntityQuery {
            order: vec![OrderField {
                field: self.sort_field().to_owned(),
                descending: self.order == SortOrder::Descending,
            }],
            limit: Some(page_size),
            offset: Some((self.page - 1) * page_size),
            ..EntityQuery::default()
        };
        // A comma ends a condition in the grammar of filters; such values go into a predicate.
        if conditions.iter().any(|(_, value)| value.contains(',')) {
            // Several values of one key mean any of them, as they do in filters.
            let all = conditions.chunk_by(|one, next| one.0 == next.0).map(|same| match same {
                [(key, value)] => json!({ *key: value }),
                several => {
                    json!({ several[0].0: { "$in": several.iter().map(|(_, value)| value).collect::<Vec<_>>() } })
                }
            });
            let all: Vec<Value> = all.collect();
            query.predicate = Some(json!({ "$all": all }));
        } else if !conditions.is_empty() {
            let all: Vec<String> = conditions.iter().map(|(key, value)| format!("{key}={value}")).collect();
            query.filters = vec![all.join(",")];
        }
        if let Some(among) = among {
            let one = |entity: &EntityRef| {
                json!({
                    "kind": entity.kind(),
                    "metadata.namespace": entity.namespace(),
                    "metadata.name": entity.name(),
                })
            };
            let any = json!({ "$any": among.iter().map(one).collect::<Vec<_>>() });
            query.predicate = Some(match query.predicate.take() {
                Some(predicate) => json!({ "$all": [predicate, any] }),
                None => any,
            });
        }
        if !self.text.is_empty() {
            query.full_text_term = Some(self.text.clone());
            query.full_text_fields = Some(TEXT_FIELDS.map(str::to_owned).to_vec());
        }
        query
    }

    fn sort_field(&self) -> &'static str {
        SORTS.iter().find(|(word, _)| *word == self.sort).map_or(SORTS[0].1, |(_, field)| field)
    }

    /// What the list is of, in the case in which descriptors write it.
    pub(crate) fn kind_title(&self, kinds: &[FacetValue]) -> String {
        if self.kind == ALL_KINDS {
            return "All kinds".to_owned();
        }
        let written = kinds.iter().find(|kind| kind.value.eq_ignore_ascii_case(&self.kind));
        written.map_or_else(|| self.kind.clone(), |kind| kind.value.clone())
    }

    /// The kinds to choose from, with the present one even where nothing has it.
    pub(crate) fn kind_choices(&self, kinds: &[FacetValue]) -> Vec<Choice> {
        let all: u64 = kinds.iter().map(|kind| kind.count).sum();
        let mut choices = vec![Choice::new(ALL_KINDS, "All kinds").count(all)];
        choices.extend(
            kinds.iter().map(|kind| Choice::new(kind.value.to_lowercase(), kind.value.clone()).count(kind.count)),
        );
        if !choices.iter().any(|choice| choice.value == self.kind) {
            choices.push(Choice::new(self.kind.clone(), self.kind.clone()).count(0));
        }
        choices
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn state(query: &[(&str, &str)]) -> ListState {
        let pairs: Vec<(String, String)> =
            query.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        ListState::of(&Query::new(&pairs))
    }

    #[test]
    fn an_address_says_the_same_when_it_is_written_again() {
        for (query, address) in [
            (&[][..], "/catalog"),
            (&[("kind", "Component")], "/catalog"),
            (&[("kind", "API"), ("page", "3")], "/catalog?kind=api&page=3"),
            (&[("tag", "a"), ("tag", "b"), ("sort", "-owner")], "/catalog?tag=a&tag=b&sort=-owner"),
            (&[("sort", "-nothing"), ("page", "-1"), ("text", "  a&b ")], "/catalog?text=a%26b"),
            (&[("sort", "-name")], "/catalog?sort=-name"),
            (&[("show", "errors"), ("namespace", "a")], "/catalog?show=errors&namespace=a"),
            (&[("show", "everything")], "/catalog"),
            (
                &[("filters[kind]", "API"), ("filters[type]", "openapi"), ("filters[user]", "starred")],
                "/catalog?kind=api&show=starred&type=openapi",
            ),
            (&[("filters[tags]", "a"), ("filters[tags]", "b"), ("filters[user]", "owned")], "/catalog?tag=a&tag=b"),
            (&[("kind", "api"), ("filters[kind]", "system")], "/catalog?kind=api"),
        ] {
            let read = state(query);
            assert_eq!(read.address(), address, "{query:?}");
        }
    }

    #[test]
    fn the_catalog_is_asked_in_its_grammar() {
        let query = state(&[("kind", "api"), ("type", "openapi"), ("tag", "a"), ("text", "orders"), ("page", "2")])
            .entity_query(20, None);
        assert_eq!(query.filters, ["kind=api,spec.type=openapi,metadata.tags=a"]);
        assert_eq!((query.offset, query.full_text_term.as_deref()), (Some(20), Some("orders")));
        let odd = state(&[("kind", "all"), ("owner", "a,b")]).entity_query(20, None);
        assert!(odd.filters.is_empty());
        assert_eq!(odd.predicate, Some(json!({"$all": [{"relations.ownedBy": "a,b"}]})));
        let several = state(&[("tag", "a,b"), ("tag", "c")]).entity_query(20, None);
        let tags = json!({"metadata.tags": {"$in": ["a,b", "c"]}});
        assert_eq!(several.predicate, Some(json!({"$all": [{"kind": "component"}, tags]})));
        let orphans = state(&[("show", "orphans"), ("namespace", "shop")]).entity_query(20, None);
        assert_eq!(orphans.filters, [format!("kind=component,metadata.namespace=shop,{ORPHAN}=true")]);
        let starred = state(&[("show", "starred")]).entity_query(20, Some(&[EntityRef::new("api", "default", "a")]));
        let one = json!({"kind": "api", "metadata.namespace": "default", "metadata.name": "a"});
        assert_eq!(starred.predicate, Some(json!({"$any": [one]})));
        assert!(state(&[("kind", "all")]).entity_query(20, None).filters.is_empty());
    }

    #[test]
    fn heads_turn_the_order_around() {
        assert_eq!(state(&[]).sorted_by("name"), "/catalog?sort=-name");
        assert_eq!(state(&[("sort", "-name")]).sorted_by("name"), "/catalog");
        assert_eq!(state(&[("page", "4")]).sorted_by("owner"), "/catalog?sort=owner");
    }
}
