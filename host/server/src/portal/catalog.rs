//! Entities, facets, locations, problems and graphs.

use std::sync::Arc;

use host_api::{
    Ancestry, AncestryItem, ApiError, ApiResult, CatalogProblem, EntitiesByRefs, EntityList, EntityListQuery,
    EntityPage, EntityQuery, FacetValue, Facets, FacetsQuery, OrderField, PageInfo, RawEntity,
};
use host_catalog::{
    Catalog, ChangeError, EntitiesRequest, Finding, FullText, Order, QueryError, QueryRequest, Selection,
};
use host_model::annotation::MANAGED_BY_LOCATION;
use host_model::{Entity, EntityRef, Principal};
use host_policy::Action;
use host_store::StoreError;
use serde_json::Value;

use super::{LocalPortal, may};

/// The size of a page of `entities/by-query` when nothing is said. Backstage documents 20, but answers with more.
const USUAL_PAGE: usize = 200;

impl LocalPortal {
    pub(super) fn raw_entity(&self, principal: &Principal, entity: &EntityRef) -> ApiResult<RawEntity> {
        may(principal, Action::ReadCatalog, &entity.to_string())?;
        let found = self.features.catalog.get(entity);
        found.map(RawEntity).ok_or_else(|| {
            let (kind, namespace, name) = (entity.kind(), entity.namespace(), entity.name());
            ApiError::not_found(format!(
                "No entity named '{name}' found, with kind '{kind}' in namespace '{namespace}'"
            ))
        })
    }

    pub(super) fn read_entity(&self, principal: &Principal, entity: &EntityRef) -> ApiResult<Entity> {
        let raw = self.raw_entity(principal, entity)?;
        raw.parse().ok_or_else(|| ApiError::internal(format!("{entity} cannot be read back from the catalog")))
    }

    pub(super) fn list_entities(&self, query: EntityListQuery) -> ApiResult<EntityList> {
        let request = EntitiesRequest {
            selection: selection(&query.filters, None)?,
            fields: query.fields,
            order: order(query.order),
            offset: query.offset,
            limit: query.limit,
            after: query.after,
        };
        let page = self.features.catalog.entities(&request).map_err(query_error)?;
        Ok(EntityList { items: raw(page.items), next: page.next })
    }

    pub(super) fn page_of_entities(&self, query: EntityQuery) -> ApiResult<EntityPage> {
        let request = QueryRequest {
            selection: selection(&query.filters, query.predicate.as_ref())?,
            fields: query.fields,
            order: order(query.order),
            full_text: query.full_text_term.map(|term| FullText { term, fields: query.full_text_fields }),
            offset: query.offset.unwrap_or_default(),
            limit: Some(query.limit.unwrap_or(USUAL_PAGE)),
            cursor: query.cursor,
            skip_total: query.skip_total,
        };
        let page = self.features.catalog.query_entities(&request).map_err(query_error)?;
        Ok(EntityPage {
            items: raw(page.items),
            total_items: page.total as u64,
            page_info: PageInfo { next_cursor: page.next, prev_cursor: page.previous },
        })
    }

    pub(super) fn entities_of_refs(&self, query: EntitiesByRefs) -> ApiResult<Vec<Option<RawEntity>>> {
        let selection = selection(&query.filters, query.predicate.as_ref())?;
        let found =
            self.features.catalog.by_refs(&query.entity_refs, &selection, &query.fields).map_err(query_error)?;
        Ok(found.into_iter().map(|item| item.map(RawEntity)).collect())
    }

    pub(super) fn count_facets(&self, query: FacetsQuery) -> ApiResult<Facets> {
        let selection = selection(&query.filters, query.predicate.as_ref())?;
        let counted = self.features.catalog.facets(&query.facets, &selection);
        let values = |facet: host_catalog::Facet| {
            facet
                .into_iter()
                .map(|(value, count)| FacetValue { value: value.to_string(), count: count as u64 })
                .collect()
        };
        Ok(Facets { facets: counted.into_iter().map(|(name, facet)| (name, values(facet))).collect() })
    }

    pub(super) fn ancestry_of(&self, entity: &EntityRef) -> ApiResult<Ancestry> {
        let items = self
            .features
            .catalog
            .ancestry(entity)
            .ok_or_else(|| ApiError::not_found(format!("No such entity {entity}")))?;
        let parents = |refs: Vec<Arc<str>>| refs.iter().filter_map(|parent| parent.parse().ok()).collect();
        let items = items
            .into_iter()
            .map(|item| AncestryItem { entity: RawEntity(item.entity), parent_entity_refs: parents(item.parents) });
        Ok(Ancestry { root_entity_ref: entity.clone(), items: items.collect() })
    }

    pub(super) fn problems_of(&self, entity: Option<&EntityRef>) -> Vec<CatalogProblem> {
        let found = match entity {
            Some(entity) => self.features.catalog.problems(entity),
            None => self.features.catalog.all_problems(),
        };
        found.into_iter().map(|finding| problem(&self.features.catalog, finding)).collect()
    }
}

/// A finding with its source: the file or address that it is in, or else where what it is about is managed.
pub(super) fn problem(catalog: &Catalog, Finding { entity, diagnostic, .. }: Finding) -> CatalogProblem {
    let entity_ref: Option<EntityRef> = entity.and_then(|entity| entity.parse().ok());
    let managed = || {
        let text = catalog.get(entity_ref.as_ref()?)?;
        let entity: Entity = serde_json::from_str(&text).ok()?;
        entity.annotation(MANAGED_BY_LOCATION).map(str::to_owned)
    };
    let location = diagnostic.place.as_ref().and_then(|place| place.file.clone()).or_else(managed);
    CatalogProblem { entity_ref, location: location.unwrap_or_default(), diagnostic }
}

pub(super) fn selection(filters: &[String], predicate: Option<&Value>) -> ApiResult<Selection> {
    let selection = Selection::from_filters(filters).map_err(query_error)?;
    match predicate {
        Some(predicate) => Ok(selection.and(Selection::from_predicate(predicate).map_err(query_error)?)),
        None => Ok(selection),
    }
}

fn order(fields: Vec<OrderField>) -> Vec<host_catalog::OrderField> {
    let direction = |descending| if descending { Order::Descending } else { Order::Ascending };
    fields
        .into_iter()
        .map(|field| host_catalog::OrderField { order: direction(field.descending), field: field.field })
        .collect()
}

fn raw(items: Vec<Arc<str>>) -> Vec<RawEntity> {
    items.into_iter().map(RawEntity).collect()
}

pub(super) fn query_error(error: QueryError) -> ApiError {
    ApiError::input(error.to_string())
}

pub(super) fn change_error(error: ChangeError) -> ApiError {
    let message = error.to_string();
    match error {
        ChangeError::Denied(_) | ChangeError::ReadOnly => ApiError::not_allowed(message),
        ChangeError::InvalidInput(_) => ApiError::input(message),
        ChangeError::NotFound(_) => ApiError::not_found(message),
        ChangeError::Conflict(_) => ApiError::conflict(message),
        ChangeError::Store(StoreError::Unwritable(_)) => ApiError::unavailable(message),
        ChangeError::Store(_) => {
            tracing::error!(error = message, "the store refused a change");
            ApiError::internal("the change could not be stored; the portal's log says why")
        }
        ChangeError::Closed => ApiError::unavailable(message),
    }
}
