//! Search over the catalog, in the shape of Backstage's search backend.

use host_api::{ApiError, ApiResult, SearchHit, SearchPage, SearchQuery};
use host_model::EntityRef;
use serde_json::{Value, json};

use super::LocalPortal;

/// The one type of documents that there is.
const CATALOG: &str = "software-catalog";
/// The size of a page when nothing is said, as in Backstage.
const USUAL_PAGE: usize = 25;
/// The most results that are looked at; they come best first.
const MOST: usize = 200;

impl LocalPortal {
    pub(super) fn search_catalog(&self, query: SearchQuery) -> ApiResult<SearchPage> {
        if let Some(unknown) = query.types.iter().find(|name| *name != CATALOG) {
            return Err(ApiError::input(format!(
                "Invalid query string: there are no documents of type {unknown:?}; use {CATALOG}"
            )));
        }
        let page = page_number(query.page_cursor.as_deref())?;
        let limit = query.page_limit.unwrap_or(USUAL_PAGE);
        let (hits, total) = self.features.catalog.search(&query.term, MOST);
        let documents: Vec<Value> = hits
            .iter()
            .filter_map(|hit| Some(document(hit, &hit.entity_ref.parse().ok()?)))
            .filter(|document| query.filters.iter().all(|(field, values)| accepts(document, field, values)))
            .collect();
        let total = if query.filters.is_empty() { total } else { documents.len() };
        let start = page.saturating_mul(limit);
        let results = (1..).zip(documents.iter()).skip(start).take(limit).map(|(rank, document)| SearchHit {
            document_type: CATALOG.to_owned(),
            document: document.clone(),
            rank,
            highlight: None,
        });
        Ok(SearchPage {
            results: results.collect(),
            number_of_results: total as u64,
            next_page_cursor: (start.saturating_add(limit) < documents.len()).then(|| cursor(page + 1)),
            previous_page_cursor: (page > 0).then(|| cursor(page - 1)),
        })
    }
}

fn document(hit: &host_catalog::Hit, entity: &EntityRef) -> Value {
    let spec_type = hit.spec_type.as_deref().unwrap_or("other");
    json!({
        "title": hit.title,
        "text": hit.description.as_deref().unwrap_or_default(),
        "componentType": spec_type,
        "type": spec_type,
        "namespace": entity.namespace(),
        "kind": hit.kind,
        "owner": hit.owner.as_deref().unwrap_or_default(),
        "location": entity.page_path(),
        "name": entity.name(),
    })
}

fn accepts(document: &Value, field: &str, values: &[String]) -> bool {
    let text = document.get(field).and_then(Value::as_str).unwrap_or_default();
    values.iter().any(|value| value.eq_ignore_ascii_case(text))
}

/// A cursor is the number of a page in base64, as Backstage's is.
fn cursor(page: usize) -> String {
    base64::Engine::encode(&base64::engine::general_purpose::STANDARD, page.to_string())
}

fn page_number(cursor: Option<&str>) -> ApiResult<usize> {
    let Some(cursor) = cursor else { return Ok(0) };
    let bytes = base64::Engine::decode(&base64::engine::general_purpose::STANDARD, cursor).ok();
    let number = bytes.and_then(|bytes| String::from_utf8(bytes).ok()?.parse().ok());
    number.ok_or_else(|| ApiError::input("Invalid query string: pageCursor is not one that this portal gave"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cursors_go_there_and_back() {
        assert_eq!(cursor(1), "MQ==");
        assert_eq!(page_number(Some("MQ==")), Ok(1));
        assert_eq!(page_number(None), Ok(0));
        for wrong in ["x", "!!", "bm8=", "LTE="] {
            assert!(page_number(Some(wrong)).is_err(), "{wrong}");
        }
    }
}
