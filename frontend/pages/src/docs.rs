//! Where documentation lives. Entities that name theirs are listed with a way to it.

use std::sync::Arc;

use frontend_ui::{
    Crumb, DataTable, EmptyStateView, Icon, LinkButton, PageHeader, Pagination, TableColumn, format, safe_url,
    with_query,
};
use host_api::{ApiErrorKind, ApiResult, EntityQuery, OrderField, PageContext};
use host_model::{Entity, EntityRef, annotation};
use leptos::prelude::*;

use crate::Page;
use crate::catalog::PAGE_SIZE;
use crate::failure::no_such_entity;
use crate::names::{Names, entity_link, list_fields, parsed};
use crate::query::Query;

/// The page of all documentation.
pub(crate) async fn load(context: &PageContext, query: &Query<'_>) -> ApiResult<Page> {
    let page = query.page();
    let mut fields = list_fields();
    fields.push("metadata.annotations".to_owned());
    let request = EntityQuery {
        filters: vec![format!("metadata.annotations.{}", annotation::TECHDOCS_REF)],
        fields,
        order: vec![OrderField { field: "metadata.name".to_owned(), descending: false }],
        limit: Some(PAGE_SIZE),
        offset: Some((page - 1) * PAGE_SIZE),
        ..EntityQuery::default()
    };
    let found = context.portal.query_entities(&context.principal, request).await?;
    let entities = parsed(&found.items);
    let names = Names::of(context, entities.iter().flat_map(|entity| entity.related("ownedBy"))).await;
    let data = Arc::new((entities, names, found.total_items));
    Ok(Page::new("Docs", move || draw(&data.0, &data.1, data.2, page)))
}

fn draw(entities: &[Entity], names: &Names, total: u64, page: usize) -> AnyView {
    let columns = ["Name", "Kind", "Owner", "Documentation"].map(TableColumn::new).to_vec();
    let rows = entities
        .iter()
        .map(|entity| {
            let owners = entity.related("ownedBy");
            vec![
                entity_link(entity),
                entity.kind().to_owned().into_any(),
                if owners.is_empty() { ().into_any() } else { names.links(&owners) },
                place(entity),
            ]
        })
        .collect();
    let first = (page - 1) * PAGE_SIZE;
    let last = first + entities.len();
    let address = |page: usize| with_query("/docs", [("page", page.to_string().as_str())]);
    let previous = if page > 1 { address(page - 1) } else { String::new() };
    let next = if (last as u64) < total { address(page + 1) } else { String::new() };
    let empty = view! {
        <EmptyStateView
            icon=Icon::Docs
            title="No documentation is named yet"
            text="Add the annotation backstage.io/techdocs-ref to an entity, and it is listed here with a way to its documents."
        >
            <LinkButton href="/catalog">"Open the catalog"</LinkButton>
        </EmptyStateView>
    }
    .into_any();
    view! {
        <PageHeader
            title="Docs"
            description="Documents are kept beside the code that they describe. This page leads to them; reading them here comes later."
        >
            <span class="muted">{format::count(total, "entity with documentation", "entities with documentation")}</span>
        </PageHeader>
        <div class="stack">
            <section class="card" data-flush="" aria-label="Documentation">
                <div class="card-body"><DataTable caption="Documentation" columns rows empty/></div>
            </section>
            {(total > 0).then(|| view! { <Pagination first=first as u64 + 1 last=last as u64 total previous next/> })}
        </div>
    }
    .into_any()
}

/// Where an entity's documents are: a link where they can be looked at, the place otherwise.
fn place(entity: &Entity) -> AnyView {
    let reference = entity.annotation(annotation::TECHDOCS_REF).unwrap_or_default().to_owned();
    match source_url(entity) {
        Some(url) => view! { <a href=url>"Open the source"</a>" "<code>{reference}</code> }.into_any(),
        None => view! { <code>{reference}</code> }.into_any(),
    }
}

/// An address at which the documents can be read as they are.
fn source_url(entity: &Entity) -> Option<String> {
    let annotation = |key: &str| entity.annotation(key);
    let reference = annotation(annotation::TECHDOCS_REF)?;
    let own = reference.strip_prefix("url:").and_then(safe_url);
    let source = annotation(annotation::SOURCE_LOCATION).and_then(|source| safe_url(source.strip_prefix("url:")?));
    let view = annotation(annotation::VIEW_URL).and_then(safe_url);
    own.or(source).or(view).map(str::to_owned)
}

/// The page of one entity's documentation.
pub(crate) async fn load_entity(context: &PageContext, reference: EntityRef) -> ApiResult<Page> {
    let entity = match context.portal.entity_by_name(&context.principal, &reference).await {
        Err(error) if error.kind == ApiErrorKind::NotFound => return Ok(no_such_entity(context, &reference).await),
        raw => raw?.parse().unwrap_or_else(|| Entity::new(serde_json::Map::new())),
    };
    let title = format!("{} · Docs", entity.title());
    Ok(Page::new(title, move || draw_entity(&entity, &reference)))
}

fn draw_entity(entity: &Entity, reference: &EntityRef) -> AnyView {
    let techdocs = entity.annotation(annotation::TECHDOCS_REF).map(str::to_owned);
    let text = match &techdocs {
        Some(place) => {
            format!("Its documents are at {place}, beside its descriptor. They are read at their source for now.")
        }
        None => {
            "Add the annotation backstage.io/techdocs-ref to its descriptor to say where its documents are.".to_owned()
        }
    };
    let title = if techdocs.is_some() { "Documentation lives with the source" } else { "No documentation is named" };
    let source =
        source_url(entity).map(|href| view! { <LinkButton href icon=Icon::Code>"Open the source"</LinkButton> });
    let page = reference.page_path();
    view! {
        <PageHeader title=format!("Documentation of {}", entity.title()) crumbs=vec![Crumb::new("Docs", "/docs")]/>
        <section class="card" aria-label="Documentation">
            <div class="card-body">
                <EmptyStateView icon=Icon::Docs title text>
                    {source}
                    <LinkButton href=page>"Open its page"</LinkButton>
                </EmptyStateView>
            </div>
        </section>
    }
    .into_any()
}
