//! The APIs of the catalog, with what they are described in.

use std::sync::Arc;

use frontend_ui::{
    DataTable, EmptyStateView, Icon, LinkButton, PageHeader, Pagination, Tab, TableColumn, Tabs, format, with_query,
};
use futures::join;
use host_api::{ApiResult, EntityPage, FacetValue, FacetsQuery, PageContext};
use host_model::Entity;
use leptos::prelude::*;

use crate::Page;
use crate::catalog::{ListState, PAGE_SIZE};
use crate::names::{Names, entity_link, lifecycle_badge, list_fields, parsed};
use crate::query::Query;

/// What the page shows.
struct Apis {
    state: ListState,
    apis: Vec<Entity>,
    total: u64,
    types: Vec<FacetValue>,
    names: Names,
}

/// The page.
pub(crate) async fn load(context: &PageContext, query: &Query<'_>) -> ApiResult<Page> {
    let state = ListState {
        kind: "api".to_owned(),
        spec_type: query.first("type"),
        page: query.page(),
        ..ListState::default()
    };
    let mut request = state.entity_query(PAGE_SIZE, None);
    request.fields = list_fields();
    let types =
        FacetsQuery { facets: vec!["spec.type".to_owned()], filters: vec!["kind=api".to_owned()], predicate: None };
    let (page, types) = join!(
        context.portal.query_entities(&context.principal, request),
        context.portal.facets(&context.principal, types)
    );
    let EntityPage { items, total_items, .. } = page?;
    let apis = parsed(&items);
    let related = apis.iter().flat_map(|api| [api.related("ownedBy"), api.related("apiProvidedBy")].concat());
    let names = Names::of(context, related.collect::<Vec<_>>()).await;
    let types = types.map(|mut types| types.facets.remove("spec.type").unwrap_or_default()).unwrap_or_default();
    let apis = Arc::new(Apis { state, apis, total: total_items, types, names });
    Ok(Page::new("APIs", move || draw(&apis)))
}

fn draw(data: &Apis) -> AnyView {
    let Apis { state, apis, total, types, names } = data;
    let address = |spec_type: Option<&str>, page: usize| {
        let page = page.to_string();
        let page = (page != "1").then_some(("page", page.as_str()));
        with_query("/api-docs", spec_type.map(|spec_type| ("type", spec_type)).into_iter().chain(page))
    };
    let chosen = state.spec_type.as_deref();
    let all: u64 = types.iter().map(|spec_type| spec_type.count).sum();
    let mut tabs =
        vec![Tab::new("All", "/api-docs", chosen.is_none()).count(all.max(if chosen.is_none() { *total } else { 0 }))];
    tabs.extend(types.iter().map(|spec_type| {
        let current = chosen.is_some_and(|chosen| chosen.eq_ignore_ascii_case(&spec_type.value));
        Tab::new(spec_type.value.clone(), address(Some(&spec_type.value), 1), current).count(spec_type.count)
    }));
    let columns = ["Name", "Type", "Lifecycle", "Owner", "Provided by", "Definition"].map(TableColumn::new).to_vec();
    let rows = apis.iter().map(|api| row(api, names)).collect();
    let first = (state.page - 1) * PAGE_SIZE;
    let last = first + apis.len();
    let previous = if state.page > 1 { address(chosen, state.page - 1) } else { String::new() };
    let next = if (last as u64) < *total { address(chosen, state.page + 1) } else { String::new() };
    let empty = view! {
        <EmptyStateView icon=Icon::Api title="No APIs here" text="An API entity in the catalog appears here with its definition.">
            <LinkButton href="/catalog?kind=all">"Browse the catalog"</LinkButton>
        </EmptyStateView>
    }
    .into_any();
    let count = format::count(*total, "API", "APIs");
    view! {
        <PageHeader title="APIs" description="What systems offer one another, with their definitions." tabs=view! { <Tabs label="Types" tabs/> }.into_any()>
            <span class="muted">{count}</span>
        </PageHeader>
        <div class="stack">
            <section class="card" data-flush="" aria-label="APIs">
                <div class="card-body"><DataTable caption="APIs" columns rows empty/></div>
            </section>
            {(*total > 0).then(|| view! { <Pagination first=first as u64 + 1 last=last as u64 total=*total previous next/> })}
        </div>
    }
    .into_any()
}

fn row(api: &Entity, names: &Names) -> Vec<AnyView> {
    let links = |relation: &str| {
        let found = api.related(relation);
        if found.is_empty() { ().into_any() } else { names.links(&found) }
    };
    let definition = format!("{}/definition", api.entity_ref().page_path());
    let label = format!("Definition of {}", api.title());
    vec![
        entity_link(api),
        api.spec_type().unwrap_or_default().to_owned().into_any(),
        lifecycle_badge(api.lifecycle()).into_any(),
        links("ownedBy"),
        links("apiProvidedBy"),
        view! { <a href=definition aria-label=label>"Open"</a> }.into_any(),
    ]
}
