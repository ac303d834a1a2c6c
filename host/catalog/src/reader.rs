//! Answers questions about the catalog. Everything here reads memory and takes microseconds to a few milliseconds.

use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use host_model::EntityRef;
use serde::{Deserialize, Serialize};

use crate::fields::Fields;
use crate::index::{
    Cursor, FullText, Graph, GraphRequest, Hit, Id, Impact, ImpactRequest, Index, OrderField, Selection,
};
use crate::ingest::Finding;
use crate::shared::Shared;
use crate::{QueryError, opaque};

/// Most entities on one page of `entities/by-query`.
const MOST: usize = 10_000;
/// What a page holds when nothing is said.
const USUAL: usize = 1000;
/// Most results of a search.
const MOST_HITS: usize = 200;

/// Asks for entities in a row (`GET /entities`).
#[derive(Debug, Clone, Default)]
pub struct EntitiesRequest {
    pub selection: Selection,
    /// Fields to return; none means all.
    pub fields: Vec<String>,
    pub order: Vec<OrderField>,
    pub offset: Option<usize>,
    pub limit: Option<usize>,
    /// The `next` of the page before.
    pub after: Option<String>,
}

/// Entities in a row.
#[derive(Debug, Clone, Default)]
pub struct EntitiesPage {
    /// Entities as JSON text.
    pub items: Vec<Arc<str>>,
    /// Where the next page begins, when there is one.
    pub next: Option<String>,
}

/// Asks for a page of entities (`/entities/by-query`).
#[derive(Debug, Clone, Default)]
pub struct QueryRequest {
    pub selection: Selection,
    /// Fields to return; none means all.
    pub fields: Vec<String>,
    pub order: Vec<OrderField>,
    pub full_text: Option<FullText>,
    pub offset: usize,
    pub limit: Option<usize>,
    /// A page's `next` or `previous`; it stands for selection, order and text as well.
    pub cursor: Option<String>,
    /// Leave the total out; it is 0 then, on further pages too.
    pub skip_total: bool,
}

/// A page of entities.
#[derive(Debug, Clone, Default)]
pub struct QueryPage {
    /// Entities as JSON text.
    pub items: Vec<Arc<str>>,
    pub total: usize,
    pub next: Option<String>,
    pub previous: Option<String>,
}

/// The values of a facet with the number of entities that have them.
pub type Facet = Vec<(Arc<str>, usize)>;

/// An entity with what led to it: an item of its ancestry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ancestor {
    /// The entity as JSON text.
    pub entity: Arc<str>,
    pub parents: Vec<Arc<str>>,
}

#[derive(Default, Serialize, Deserialize)]
struct After {
    limit: Option<usize>,
    offset: Option<usize>,
}

/// Reads the catalog. Clones share it.
#[derive(Clone)]
pub(crate) struct Reader(pub(crate) Arc<RwLock<Shared>>);

impl Reader {
    pub(crate) fn shared(&self) -> RwLockReadGuard<'_, Shared> {
        self.0.read().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn shared_mut(&self) -> RwLockWriteGuard<'_, Shared> {
        self.0.write().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn get(&self, entity_ref: &EntityRef) -> Option<Arc<str>> {
        let entity_ref = entity_ref.to_string();
        self.shared().index.get(&entity_ref).map(|entry| Arc::clone(entry.text()))
    }

    pub(crate) fn by_uid(&self, uid: &str) -> Option<(EntityRef, Arc<str>)> {
        let shared = self.shared();
        let (entity_ref, entry) = shared.index.by_uid(uid)?;
        Some((entity_ref.parse().ok()?, Arc::clone(entry.text())))
    }

    /// In the order of the references; none where there is no such entity or it does not match.
    pub(crate) fn by_refs(
        &self,
        refs: &[String],
        selection: &Selection,
        fields: &[String],
    ) -> Result<Vec<Option<Arc<str>>>, QueryError> {
        let fields = Fields::new(fields)?;
        let shared = self.shared();
        let bits = (!selection.is_everything()).then(|| selection.evaluate(&shared.index));
        // As Backstage does it, only references as the catalog itself writes them are found.
        let find = |text: &String| {
            let (id, entry) = shared.index.find(text)?;
            bits.as_ref().is_none_or(|bits| bits.contains(id)).then(|| Arc::clone(entry.text()))
        };
        let found: Vec<Option<Arc<str>>> = refs.iter().map(find).collect();
        drop(shared);
        Ok(found.into_iter().map(|text| text.map(|text| project(text, &fields))).collect())
    }

    pub(crate) fn entities(&self, request: &EntitiesRequest) -> Result<EntitiesPage, QueryError> {
        let fields = Fields::new(&request.fields)?;
        let after: After = match &request.after {
            Some(after) => opaque::decode(after).map_err(|_| QueryError::MalformedAfter)?,
            None => After::default(),
        };
        let offset = after.offset.or(request.offset);
        let limit = after.limit.or(request.limit);
        // Backstage answers whatever is not paged by a query, which leaves out what lacks the field of the order.
        let drop_missing = offset.is_none() && limit.is_none();
        let offset = offset.unwrap_or(0);
        let shared = self.shared();
        let bits = shared.index.matches(&request.selection, None, &[]);
        let ids = shared.index.ordered(&bits, &request.order, drop_missing);
        let end = limit.map_or(ids.len(), |limit| offset.saturating_add(limit).min(ids.len()));
        let page = ids.get(offset.min(end)..end).unwrap_or_default();
        let items = texts(&shared.index, page);
        drop(shared);
        let next = limit
            .filter(|_| end < ids.len())
            .map(|limit| opaque::encode(&After { limit: Some(limit), offset: Some(end) }));
        Ok(EntitiesPage { items: items.into_iter().map(|text| project(text, &fields)).collect(), next })
    }

    pub(crate) fn query(&self, request: &QueryRequest) -> Result<QueryPage, QueryError> {
        let fields = Fields::new(&request.fields)?;
        let cursor = request.cursor.as_deref().map(Cursor::decode).transpose()?;
        let (selection, order, full_text, skip_total) = match &cursor {
            Some(cursor) => (&cursor.selection, &cursor.order, cursor.full_text.as_ref(), cursor.skip_total),
            None => (&request.selection, &request.order, request.full_text.as_ref(), request.skip_total),
        };
        let limit = request.limit.unwrap_or(USUAL).min(MOST);
        let shared = self.shared();
        let index = &shared.index;
        let ids = index.ordered(&index.matches(selection, full_text, order), order, true);
        let (start, end) = match &cursor {
            None => {
                let start = request.offset.min(ids.len());
                (start, start.saturating_add(limit).min(ids.len()))
            }
            Some(cursor) if cursor.backwards => {
                let end = index.before(&ids, cursor, false);
                (end.saturating_sub(limit), end)
            }
            Some(cursor) => {
                let start = index.before(&ids, cursor, true);
                (start, start.saturating_add(limit).min(ids.len()))
            }
        };
        let page = ids.get(start..end).unwrap_or_default();
        let cursor_at = |id: &Id, backwards: bool| {
            let values = order.iter().map(|field| index.sort_value(*id, field)).collect();
            let (order, full_text) = (order.clone(), full_text.cloned());
            let entity = index.reference(*id).to_string();
            Cursor { selection: selection.clone(), order, full_text, values, entity, backwards, skip_total }.encode()
        };
        let next = page.last().filter(|_| end < ids.len()).map(|id| cursor_at(id, false));
        let previous = page.first().filter(|_| start > 0 && cursor.is_some()).map(|id| cursor_at(id, true));
        let items = texts(index, page);
        drop(shared);
        let items = items.into_iter().map(|text| project(text, &fields)).collect();
        Ok(QueryPage { items, total: if skip_total { 0 } else { ids.len() }, next, previous })
    }

    pub(crate) fn facets(&self, facets: &[String], selection: &Selection) -> Vec<(String, Facet)> {
        let shared = self.shared();
        let bits = (!selection.is_everything()).then(|| selection.evaluate(&shared.index));
        facets.iter().map(|facet| (facet.clone(), shared.index.facet(facet, bits.as_ref()))).collect()
    }

    pub(crate) fn ancestry(&self, entity_ref: &EntityRef) -> Option<Vec<Ancestor>> {
        let shared = self.shared();
        let (mut id, _) = shared.index.find(&entity_ref.to_string())?;
        let mut seen: Vec<Id> = Vec::new();
        let mut items = Vec::new();
        while let Some(entry) = shared.index.entry(id).filter(|_| !seen.contains(&id)) {
            seen.push(id);
            let parent = entry.parent.filter(|parent| shared.index.entry(*parent).is_some());
            let parents = parent.iter().map(|parent| Arc::clone(shared.index.reference(*parent))).collect();
            items.push(Ancestor { entity: Arc::clone(entry.text()), parents });
            let Some(parent) = parent else { break };
            id = parent;
        }
        Some(items)
    }

    pub(crate) fn problems(&self, entity_ref: &EntityRef) -> Vec<Finding> {
        self.shared().problems(&entity_ref.to_string())
    }

    pub(crate) fn all_problems(&self) -> Vec<Finding> {
        self.shared().all_problems()
    }

    pub(crate) fn graph(&self, request: &GraphRequest) -> Graph {
        self.shared().index.graph(request)
    }

    pub(crate) fn impact(&self, request: &ImpactRequest) -> Option<Impact> {
        self.shared().index.impact(request)
    }

    pub(crate) fn search(&self, term: &str, limit: usize) -> (Vec<Hit>, usize) {
        self.shared().index.search(term, limit.min(MOST_HITS))
    }

    pub(crate) fn len(&self) -> usize {
        self.shared().index.len()
    }
}

fn texts(index: &Index, ids: &[Id]) -> Vec<Arc<str>> {
    ids.iter().filter_map(|id| Some(Arc::clone(index.entry(*id)?.text()))).collect()
}

fn project(text: Arc<str>, fields: &Fields) -> Arc<str> {
    if fields.is_all() { text } else { fields.apply(&text).into() }
}
