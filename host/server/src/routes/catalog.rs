//! `/api/catalog/entities…`, facets, refresh and problems.

use axum::Json;
use axum::response::{IntoResponse, Response};
use host_api::{
    ApiError, ApiErrorKind, ApiResult, EntitiesByRefs, EntityListQuery, EntityPage, EntityQuery, FacetsQuery,
    OrderField, RawEntity,
};
use host_model::EntityRef;
use http::{HeaderValue, StatusCode, header};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::request::{Call, Checked, Described, Path};

pub(super) type Triplet = Path<(String, String, String)>;

/// JSON text that is already made.
fn raw_json(text: String) -> Response {
    ([(header::CONTENT_TYPE, "application/json; charset=utf-8")], text).into_response()
}

fn entity_json(entity: &RawEntity) -> Response {
    raw_json(entity.0.to_string())
}

/// Puts entities that are text already into an array.
fn push_array(text: &mut String, items: &[RawEntity]) {
    text.push('[');
    for (index, item) in items.iter().enumerate() {
        if index > 0 {
            text.push(',');
        }
        text.push_str(&item.0);
    }
    text.push(']');
}

fn size_of(items: &[RawEntity]) -> usize {
    items.iter().map(|item| item.0.len() + 1).sum::<usize>() + 256
}

fn page_json(page: EntityPage) -> Response {
    let mut text = String::with_capacity(size_of(&page.items));
    text.push_str("{\"items\":");
    push_array(&mut text, &page.items);
    let info = serde_json::to_string(&page.page_info).unwrap_or_else(|_| "{}".to_owned());
    text.push_str(&format!(",\"totalItems\":{},\"pageInfo\":{info}}}", page.total_items));
    raw_json(text)
}

/// `GET /entities`.
pub(crate) async fn entities(call: Call) -> Response {
    call.read(
        async |call| {
            let query = &call.query;
            let request = EntityListQuery {
                filters: query.all_filled("filter"),
                fields: query.lists("fields"),
                order: query.all("order").iter().map(|text| list_order(text)).collect::<ApiResult<_>>()?,
                offset: query.number("offset")?,
                limit: query.number("limit")?,
                after: query.first("after").map(str::to_owned),
            };
            if request.limit == Some(0) {
                return Err(ApiError::input("Invalid limit, must be greater than zero"));
            }
            let mut pairs: Vec<_> = query.pairs().to_vec();
            let list = call.portal.entities(&call.principal, request).await?;
            let next = list.next.as_ref().map(|after| {
                pairs.retain(|(key, _)| key != "after" && key != "offset");
                pairs.push(("after".to_owned(), after.clone()));
                let text: String = form_urlencoded::Serializer::new(String::new()).extend_pairs(&pairs).finish();
                format!("</entities?{text}>; rel=\"next\"")
            });
            Ok((list.items, next))
        },
        |(items, next)| {
            let mut text = String::with_capacity(size_of(&items));
            push_array(&mut text, &items);
            let mut response = raw_json(text);
            if let Some(next) = next.and_then(|next| HeaderValue::from_str(&next).ok()) {
                response.headers_mut().insert(header::LINK, next);
            }
            response
        },
    )
    .await
}

/// `asc:metadata.name` or `desc:metadata.name`.
fn list_order(text: &str) -> ApiResult<OrderField> {
    let wrong =
        || ApiError::input(format!("Invalid order parameter \"{text}\", expected \"<asc or desc>:<field name>\""));
    let (direction, field) = text.split_once(':').ok_or_else(wrong)?;
    match (direction, field) {
        (_, "") => Err(wrong()),
        ("asc", field) => Ok(OrderField { field: field.to_owned(), descending: false }),
        ("desc", field) => Ok(OrderField { field: field.to_owned(), descending: true }),
        _ => Err(wrong()),
    }
}

/// `metadata.name`, `metadata.name,asc` or `metadata.name,desc`.
fn query_order(text: &str) -> ApiResult<OrderField> {
    let mut parts = text.split(',');
    let field = parts.next().unwrap_or_default();
    let descending = match parts.next().unwrap_or("asc") {
        "asc" => false,
        "desc" => true,
        _ => return Err(ApiError::input("Invalid order field order, must be asc or desc")),
    };
    Ok(OrderField { field: field.to_owned(), descending })
}

/// `GET /entities/by-query`.
pub(crate) async fn by_query(call: Call) -> Response {
    call.read(
        async |call| {
            let query = &call.query;
            let request = EntityQuery {
                filters: query.all_filled("filter"),
                predicate: None,
                fields: query.lists("fields"),
                order: query.all("orderField").iter().map(|text| query_order(text)).collect::<ApiResult<_>>()?,
                limit: query.number("limit")?,
                offset: query.number("offset")?,
                cursor: query.first("cursor").map(str::to_owned),
                full_text_term: query.first("fullTextFilterTerm").map(str::to_owned),
                full_text_fields: Some(query.lists("fullTextFilterFields")).filter(|fields| !fields.is_empty()),
                skip_total: query.first("totalItems") == Some("exclude"),
            };
            call.portal.query_entities(&call.principal, request).await
        },
        page_json,
    )
    .await
}

/// The body of `POST /entities/by-query`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct QueryBody {
    query: Option<Value>,
    limit: Option<usize>,
    offset: Option<usize>,
    #[serde(default)]
    order_by: Vec<OrderBody>,
    full_text_filter: Option<FullTextBody>,
    #[serde(default)]
    fields: Vec<String>,
    cursor: Option<String>,
    total_items: Option<String>,
}

#[derive(Debug, Deserialize)]
struct OrderBody {
    field: String,
    order: String,
}

#[derive(Debug, Deserialize)]
struct FullTextBody {
    #[serde(default)]
    term: String,
    fields: Option<Vec<String>>,
}

impl Described for QueryBody {
    const SCHEMA: &'static str = "EntityQuery";
}

/// `POST /entities/by-query`.
pub(crate) async fn by_query_body(call: Call, Checked(body): Checked<QueryBody>) -> Response {
    call.answer(
        async |call| {
            if body.cursor.as_deref() == Some("") {
                return Err(ApiError::input("Cursor cannot be empty"));
            }
            let (term, fields) =
                body.full_text_filter.map_or((None, None), |filter| (Some(filter.term), filter.fields));
            let request = EntityQuery {
                predicate: body.query,
                fields: body.fields,
                order: body
                    .order_by
                    .into_iter()
                    .map(|order| OrderField { descending: order.order == "desc", field: order.field })
                    .collect(),
                limit: body.limit,
                offset: body.offset,
                cursor: body.cursor,
                full_text_term: term,
                full_text_fields: fields,
                skip_total: body.total_items.as_deref() == Some("exclude"),
                filters: Vec::new(),
            };
            call.portal.query_entities(&call.principal, request).await
        },
        page_json,
    )
    .await
}

/// `GET /entities/by-name/{kind}/{namespace}/{name}`.
pub(crate) async fn by_name(Path((kind, namespace, name)): Triplet, call: Call) -> Response {
    let entity = EntityRef::new(&kind, &namespace, &name);
    call.read(
        async |call| {
            let found = call.portal.entity_by_name(&call.principal, &entity).await;
            found.map_err(|mut error| {
                if error.kind == ApiErrorKind::NotFound {
                    // As it was written, not as it is compared.
                    error.message =
                        format!("No entity named '{name}' found, with kind '{kind}' in namespace '{namespace}'");
                }
                error
            })
        },
        |entity| entity_json(&entity),
    )
    .await
}

/// `GET /entities/by-name/{kind}/{namespace}/{name}/ancestry`.
pub(crate) async fn ancestry(Path((kind, namespace, name)): Triplet, call: Call) -> Response {
    let entity = EntityRef::new(&kind, &namespace, &name);
    call.read(async |call| call.portal.ancestry(&call.principal, &entity).await, Json).await
}

/// `GET /entities/by-uid/{uid}`.
pub(crate) async fn by_uid(Path(uid): Path<String>, call: Call) -> Response {
    call.read(async |call| call.portal.entity_by_uid(&call.principal, &uid).await, |entity| entity_json(&entity)).await
}

/// `DELETE /entities/by-uid/{uid}`, and `DELETE /entities/unprocessed/delete/{uid}` of Backstage's module.
pub(crate) async fn delete(Path(uid): Path<String>, call: Call) -> Response {
    call.answer(async |call| call.portal.delete_entity(&call.principal, &uid).await, |()| StatusCode::NO_CONTENT).await
}

/// The body of `POST /entities/by-refs`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct RefsBody {
    entity_refs: Vec<String>,
    #[serde(default)]
    fields: Vec<String>,
    query: Option<Value>,
}

impl Described for RefsBody {
    const SCHEMA: &'static str = "EntityRefs";
}

/// `POST /entities/by-refs`.
pub(crate) async fn by_refs(call: Call, Checked(body): Checked<RefsBody>) -> Response {
    call.answer(
        async |call| {
            let request = EntitiesByRefs {
                entity_refs: body.entity_refs,
                fields: body.fields,
                filters: call.query.all_filled("filter"),
                predicate: body.query,
            };
            call.portal.entities_by_refs(&call.principal, request).await
        },
        |items| {
            let mut text =
                String::with_capacity(items.iter().flatten().map(|item| item.0.len() + 1).sum::<usize>() + 64);
            text.push_str("{\"items\":[");
            for (index, item) in items.iter().enumerate() {
                if index > 0 {
                    text.push(',');
                }
                text.push_str(item.as_ref().map_or("null", |item| &item.0));
            }
            text.push_str("]}");
            raw_json(text)
        },
    )
    .await
}

/// `GET /entity-facets`.
pub(crate) async fn facets(call: Call) -> Response {
    call.read(
        async |call| {
            let facets = call.query.all_filled("facet");
            if facets.is_empty() {
                return Err(ApiError::input("request/query must have required property 'facet'"));
            }
            let request = FacetsQuery { facets, filters: call.query.all_filled("filter"), predicate: None };
            call.portal.facets(&call.principal, request).await
        },
        Json,
    )
    .await
}

/// The body of `POST /entity-facets`.
#[derive(Debug, Deserialize)]
pub(crate) struct FacetsBody {
    facets: Vec<String>,
    query: Option<Value>,
}

impl Described for FacetsBody {
    const SCHEMA: &'static str = "FacetsQuery";
}

/// `POST /entity-facets`.
pub(crate) async fn facets_body(call: Call, Checked(body): Checked<FacetsBody>) -> Response {
    call.answer(
        async |call| {
            let facets: Vec<String> = body.facets.into_iter().filter(|facet| !facet.is_empty()).collect();
            if facets.is_empty() {
                return Err(ApiError::input("Missing or empty facets parameter"));
            }
            let request = FacetsQuery { facets, filters: Vec::new(), predicate: body.query };
            call.portal.facets(&call.principal, request).await
        },
        Json,
    )
    .await
}

/// The body of `POST /refresh`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct RefreshBody {
    entity_ref: String,
}

impl Described for RefreshBody {
    const SCHEMA: &'static str = "Refresh";
}

/// `POST /refresh`.
pub(crate) async fn refresh(call: Call, Checked(body): Checked<RefreshBody>) -> Response {
    call.answer(
        async |call| {
            let entity: EntityRef = body.entity_ref.parse().map_err(|error| ApiError::input(format!("{error}")))?;
            call.portal.refresh(&call.principal, &entity).await
        },
        |()| StatusCode::OK,
    )
    .await
}

/// `GET /problems`.
pub(crate) async fn problems(call: Call) -> Response {
    call.answer(
        async |call| {
            let entity = call.query.first("entity").map(str::parse::<EntityRef>).transpose();
            let entity = entity.map_err(|error| ApiError::input(format!("request/query/entity: {error}")))?;
            call.portal.problems(&call.principal, entity.as_ref()).await
        },
        |items| Json(json!({ "items": items })),
    )
    .await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_both_ways_of_ordering() {
        assert_eq!(list_order("desc:a.b"), Ok(OrderField { field: "a.b".into(), descending: true }));
        assert!(list_order("a.b").is_err() && list_order("up:a").is_err() && list_order("asc:").is_err());
        assert_eq!(query_order("a.b"), Ok(OrderField { field: "a.b".into(), descending: false }));
        assert_eq!(query_order("a.b,desc"), Ok(OrderField { field: "a.b".into(), descending: true }));
        assert!(query_order("a.b,up").is_err());
    }
}
