//! The inbox of problems: each with its owner, filtered and paged.
//!
//! Whoever looks at it clicks through its filters, and every page tells how many problems there are; so the list is made
//! at most once in a moment.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use host_api::{
    ApiError, ApiResult, CatalogProblem, FacetValue, LocationInput, LocationPreview, OwnedProblem, ProblemCount,
    ProblemPage, ProblemQuery, RawEntity,
};
use host_catalog::{Catalog, QueryRequest, Selection};
use host_model::{Entity, EntityRef, Principal, Severity, annotation};
use serde_json::json;
use tokio::time::Instant;

use super::LocalPortal;
use super::catalog::{change_error, problem};

/// How long a list stands.
const MOMENT: Duration = Duration::from_secs(1);
/// The most sources whose owner is looked up by what else they hold.
const MOST_SOURCES: usize = 2_000;
/// The most problems of a page.
const MOST_ON_PAGE: usize = 500;
/// The word for what nobody owns.
const NOBODY: &str = "none";

/// The list as it was made last.
#[derive(Default)]
pub(super) struct Inbox {
    list: Mutex<Option<(Instant, Arc<Vec<OwnedProblem>>)>>,
    count: Mutex<Option<(Instant, ProblemCount)>>,
}

/// What stands, if it is not old.
fn fresh<T: Clone>(slot: &Mutex<Option<(Instant, T)>>) -> Option<T> {
    let slot = slot.lock().unwrap_or_else(PoisonError::into_inner);
    slot.as_ref().filter(|(made, _)| made.elapsed() < MOMENT).map(|(_, value)| value.clone())
}

fn keep<T>(slot: &Mutex<Option<(Instant, T)>>, value: T) {
    *slot.lock().unwrap_or_else(PoisonError::into_inner) = Some((Instant::now(), value));
}

impl LocalPortal {
    pub(super) async fn count_of_problems(&self) -> ApiResult<ProblemCount> {
        if let Some(count) = fresh(&self.inbox.count) {
            return Ok(count);
        }
        let catalog = self.features.catalog.clone();
        let counting = tokio::task::spawn_blocking(move || {
            let mut count = ProblemCount::default();
            for finding in catalog.all_problems() {
                *match finding.diagnostic.severity {
                    Severity::Error => &mut count.errors,
                    Severity::Warning => &mut count.warnings,
                    Severity::Info => &mut count.infos,
                } += 1;
            }
            count
        });
        let count = counting.await.map_err(failed)?;
        keep(&self.inbox.count, count);
        Ok(count)
    }

    pub(super) async fn page_of_problems(&self, query: ProblemQuery) -> ApiResult<ProblemPage> {
        let list = match fresh(&self.inbox.list) {
            Some(list) => list,
            None => {
                let catalog = self.features.catalog.clone();
                let made = tokio::task::spawn_blocking(move || Arc::new(owned(&catalog))).await.map_err(failed)?;
                keep(&self.inbox.list, Arc::clone(&made));
                made
            }
        };
        let wanted: Vec<&OwnedProblem> = list.iter().filter(|problem| matches(problem, &query)).collect();
        let items = wanted.iter().skip(query.offset).take(query.limit.min(MOST_ON_PAGE));
        let facet = |value: &dyn Fn(&OwnedProblem) -> String| {
            let mut counts: BTreeMap<String, u64> = BTreeMap::new();
            list.iter().for_each(|problem| *counts.entry(value(problem)).or_default() += 1);
            counts.into_iter().map(|(value, count)| FacetValue { value, count }).collect()
        };
        Ok(ProblemPage {
            items: items.map(|problem| (*problem).clone()).collect(),
            total_items: wanted.len() as u64,
            owners: facet(&owner_word),
            kinds: facet(&kind_word),
            severities: facet(&|problem| problem.problem.diagnostic.severity.as_str().to_owned()),
            codes: facet(&|problem| problem.problem.diagnostic.code.clone()),
        })
    }

    pub(super) async fn try_out_location(
        &self,
        principal: &Principal,
        input: LocationInput,
    ) -> ApiResult<LocationPreview> {
        let preview = self.features.catalog.preview(principal, &input.location_type, &input.target).await;
        let preview = preview.map_err(change_error)?;
        Ok(LocationPreview {
            exists: preview.existed,
            entities: preview.entities.into_iter().map(RawEntity).collect(),
            problems: preview.findings.into_iter().map(|finding| problem(&self.features.catalog, finding)).collect(),
        })
    }
}

fn failed(error: tokio::task::JoinError) -> ApiError {
    tracing::error!(%error, "the list of problems could not be made");
    ApiError::internal("the list of problems could not be made; the portal's log says why")
}

fn owner_word(problem: &OwnedProblem) -> String {
    problem.owner.as_ref().map_or_else(|| NOBODY.to_owned(), ToString::to_string)
}

fn kind_word(problem: &OwnedProblem) -> String {
    problem.problem.entity_ref.as_ref().map_or_else(|| NOBODY.to_owned(), |entity| entity.kind().to_owned())
}

fn matches(problem: &OwnedProblem, query: &ProblemQuery) -> bool {
    let diagnostic = &problem.problem.diagnostic;
    let is = |wanted: &Option<String>, value: &str| {
        wanted.as_deref().is_none_or(|wanted| wanted.eq_ignore_ascii_case(value))
    };
    let code = query.code.as_deref().is_none_or(|code| {
        diagnostic.code == code || diagnostic.code.strip_prefix(code).is_some_and(|rest| rest.starts_with('/'))
    });
    let text = query.text.as_deref().is_none_or(|text| {
        let entity = problem.problem.entity_ref.as_ref().map(ToString::to_string).unwrap_or_default();
        let heard = format!("{} {entity} {}", diagnostic.message, problem.problem.location).to_lowercase();
        text.to_lowercase().split_whitespace().all(|word| heard.contains(word))
    });
    code && text
        && is(&query.severity, diagnostic.severity.as_str())
        && is(&query.owner, &owner_word(problem))
        && is(&query.kind, &kind_word(problem))
}

/// What is known of an entity that somebody must put right.
#[derive(Clone, Default)]
struct Known {
    owner: Option<EntityRef>,
    url: Option<String>,
    /// The location reference of its source.
    source: Option<String>,
}

impl Known {
    fn of(entity: &Entity) -> Self {
        let text = |key: &str| entity.annotation(key).map(str::to_owned);
        Self {
            owner: entity.related("ownedBy").into_iter().next(),
            url: text(annotation::VIEW_URL),
            source: text(annotation::MANAGED_BY_LOCATION),
        }
    }
}

/// Every problem with its owner, by owner, source and place.
fn owned(catalog: &Catalog) -> Vec<OwnedProblem> {
    let mut entities: HashMap<EntityRef, Known> = HashMap::new();
    let mut sources: HashMap<String, Known> = HashMap::new();
    let mut list: Vec<OwnedProblem> = catalog
        .all_problems()
        .into_iter()
        .map(|finding| {
            let named = finding.owner.as_deref().and_then(|owner| owner.parse::<EntityRef>().ok());
            let problem = problem(catalog, finding);
            let of_entity = problem.entity_ref.as_ref().map(|entity| {
                entities
                    .entry(entity.clone())
                    .or_insert_with(|| {
                        let text = catalog.get(entity);
                        text.and_then(|text| RawEntity(text).parse())
                            .map(|entity| Known::of(&entity))
                            .unwrap_or_default()
                    })
                    .clone()
            });
            let here = source_of(&problem);
            let of_entity = of_entity.unwrap_or_default();
            let is_conflict = problem.diagnostic.code == "entity/conflict";
            let elsewhere = of_entity.source.clone().filter(|source| *source != here && !here.is_empty());
            let mut known = of_entity;
            if elsewhere.is_some() {
                // The address is that of the entity's own source.
                known.url = None;
                if is_conflict {
                    // Whose claim was ignored must put it right, not whose was kept.
                    known.owner = None;
                }
            }
            // A broken document names its owner; the catalog may have the entity as it was, or another of its name.
            known.owner = named.or(known.owner);
            if known.owner.is_none() && (sources.len() < MOST_SOURCES || sources.contains_key(&here)) {
                let found = sources.entry(here.clone()).or_insert_with(|| neighbour(catalog, &here));
                known.owner = found.owner.clone();
                known.url = known.url.or_else(|| found.url.clone());
            }
            let address = here.strip_prefix("url:").map(str::to_owned);
            let held_by = elsewhere.filter(|_| is_conflict);
            OwnedProblem { owner: known.owner, url: known.url.or(address), held_by, problem }
        })
        .collect();
    list.sort_by_cached_key(|owned| {
        let OwnedProblem { owner, problem: CatalogProblem { location, diagnostic, .. }, .. } = owned;
        let place = diagnostic.place.as_ref().map(|place| (place.line, place.column));
        // What nobody owns stands last.
        (owner.is_none(), owner.as_ref().map(ToString::to_string), location.clone(), place, diagnostic.code.clone())
    });
    list
}

/// The location reference of a problem's source.
fn source_of(problem: &CatalogProblem) -> String {
    let location = &problem.location;
    if location.is_empty() || location.starts_with("file:") || location.starts_with("url:") {
        location.clone()
    } else if location.contains("://") {
        format!("url:{location}")
    } else {
        format!("file:{location}")
    }
}

/// What is known of the other entities of a source: whose they all are, he owns the file.
fn neighbour(catalog: &Catalog, source: &str) -> Known {
    if source.is_empty() {
        return Known::default();
    }
    let field = format!("metadata.annotations.{}", annotation::MANAGED_BY_LOCATION);
    let Ok(selection) = Selection::from_predicate(&json!({ field: source })) else { return Known::default() };
    let request = QueryRequest { selection, limit: Some(20), ..QueryRequest::default() };
    let Ok(page) = catalog.query_entities(&request) else { return Known::default() };
    let found: Vec<Known> =
        page.items.into_iter().filter_map(|text| RawEntity(text).parse()).map(|entity| Known::of(&entity)).collect();
    Known {
        owner: common(found.iter().filter_map(|known| known.owner.as_ref())),
        // The files of one address have one page; an entity of a file on disk names whatever page it likes.
        url: common(found.iter().filter_map(|known| known.url.as_ref())).filter(|_| source.starts_with("url:")),
        source: None,
    }
}

/// What all say, if they say the same.
fn common<'a, T: Clone + PartialEq + 'a>(mut said: impl Iterator<Item = &'a T>) -> Option<T> {
    let first = said.next()?;
    said.all(|other| other == first).then(|| first.clone())
}

#[cfg(test)]
mod tests {
    use host_model::{Diagnostic, Place};

    use super::*;

    fn owned(code: &str, owner: Option<&str>, location: &str) -> OwnedProblem {
        let place = Place { file: Some(location.to_owned()), line: 1, column: 1 };
        let diagnostic = Diagnostic::error(code, "a colon is missing").at(place);
        let problem =
            CatalogProblem { entity_ref: "api:default/orders".parse().ok(), location: location.to_owned(), diagnostic };
        OwnedProblem { problem, owner: owner.and_then(|owner| owner.parse().ok()), url: None, held_by: None }
    }

    #[test]
    fn filters_are_heard_by_all_that_is_said() {
        let problem = owned("yaml/syntax", Some("group:default/shop"), "/srv/a.yaml");
        let text = |text: &str| Some(text.to_owned());
        for (query, expected) in [
            (ProblemQuery::default(), true),
            (ProblemQuery { owner: text("group:default/shop"), ..ProblemQuery::default() }, true),
            (ProblemQuery { owner: text("none"), ..ProblemQuery::default() }, false),
            (ProblemQuery { kind: text("API"), severity: text("error"), ..ProblemQuery::default() }, true),
            (ProblemQuery { severity: text("warning"), ..ProblemQuery::default() }, false),
            (ProblemQuery { code: text("yaml"), ..ProblemQuery::default() }, true),
            (ProblemQuery { code: text("yam"), ..ProblemQuery::default() }, false),
            (ProblemQuery { text: text("COLON a.yaml orders"), ..ProblemQuery::default() }, true),
            (ProblemQuery { text: text("comma"), ..ProblemQuery::default() }, false),
        ] {
            assert_eq!(matches(&problem, &query), expected, "{query:?}");
        }
    }

    #[test]
    fn only_what_all_say_is_common() {
        for (said, expected) in [(&[][..], None), (&["a"], Some("a")), (&["a", "a"], Some("a")), (&["a", "b"], None)] {
            assert_eq!(common(said.iter()), expected);
        }
    }

    #[test]
    fn sources_are_location_references() {
        for (location, expected) in [
            ("/srv/a.yaml", "file:/srv/a.yaml"),
            ("https://a/b.yaml", "url:https://a/b.yaml"),
            ("url:https://a/b.yaml", "url:https://a/b.yaml"),
            ("", ""),
        ] {
            assert_eq!(source_of(&owned("a/b", None, location).problem), expected);
        }
    }
}
