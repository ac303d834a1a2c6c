//! The APIs of the catalog, with what they are described in and how much there is to each.

use std::sync::Arc;

use frontend_islands::FilterHelper;
use frontend_ui::{
    Choice, DataTable, EmptyStateView, FilterForm, FilterSelect, FilterText, Icon, LinkButton, PageHeader, Pagination,
    Tab, TableColumn, Tabs, format, with_query,
};
use futures::join;
use host_api::{ApiResult, DefinitionSummary, EntityPage, FacetValue, FacetsQuery, PageContext};
use host_model::{Entity, EntityRef};
use leptos::prelude::*;

use crate::Page;
use crate::catalog::{ListState, PAGE_SIZE, columns_of};
use crate::definition::summary_cell;
use crate::names::{Names, list_fields, parsed};
use crate::query::Query;

const TYPE: &str = "spec.type";
const OWNER: &str = "relations.ownedBy";
const LIFECYCLE: &str = "spec.lifecycle";

/// The most providers of one row; the API's page lists all.
const MOST_PROVIDERS: usize = 3;

/// What the page shows.
struct Apis {
    state: ListState,
    apis: Vec<Entity>,
    summaries: Vec<Option<DefinitionSummary>>,
    total: u64,
    types: Vec<FacetValue>,
    owners: Vec<FacetValue>,
    lifecycles: Vec<FacetValue>,
    names: Names,
}

/// The page.
pub(crate) async fn load(context: &PageContext, query: &Query<'_>) -> ApiResult<Page> {
    let state = ListState {
        kind: "api".to_owned(),
        spec_type: query.first("type"),
        owner: query.first("owner"),
        lifecycle: query.first("lifecycle"),
        text: query.first("text").unwrap_or_default(),
        page: query.page(),
        ..ListState::default()
    };
    let mut request = state.entity_query(PAGE_SIZE, None);
    request.fields = list_fields();
    let facets = FacetsQuery {
        facets: [TYPE, OWNER, LIFECYCLE].map(str::to_owned).to_vec(),
        filters: vec!["kind=api".to_owned()],
        predicate: None,
    };
    let (page, facets) = join!(
        context.portal.query_entities(&context.principal, request),
        context.portal.facets(&context.principal, facets)
    );
    let EntityPage { items, total_items, .. } = page?;
    let apis = parsed(&items);
    let mut facets = facets.map(|facets| facets.facets).unwrap_or_default();
    let mut values = |facet: &str| facets.remove(facet).unwrap_or_default();
    let (types, owners, lifecycles) = (values(TYPE), values(OWNER), values(LIFECYCLE));
    let related = apis.iter().flat_map(|api| {
        let providers = api.related("apiProvidedBy").into_iter().take(MOST_PROVIDERS);
        providers.chain(api.related("ownedBy")).chain(api.related("partOf")).collect::<Vec<_>>()
    });
    let owning = owners.iter().filter_map(|owner| owner.value.parse().ok());
    let references: Vec<EntityRef> = apis.iter().map(Entity::entity_ref).collect();
    let (names, summaries) = join!(
        Names::of(context, related.chain(owning).collect::<Vec<_>>()),
        context.portal.definition_summaries(&context.principal, &references)
    );
    // A list is worth showing without them.
    let summaries = summaries.unwrap_or_default();
    let apis = Arc::new(Apis { state, apis, summaries, total: total_items, types, owners, lifecycles, names });
    Ok(Page::new("APIs", move || draw(&apis)))
}

/// The address of a list.
fn address(state: &ListState, spec_type: Option<&str>, page: usize) -> String {
    let page = (page > 1).then(|| page.to_string());
    let filters = [
        ("type", spec_type),
        ("owner", state.owner.as_deref()),
        ("lifecycle", state.lifecycle.as_deref()),
        ("text", Some(state.text.as_str()).filter(|text| !text.is_empty())),
        ("page", page.as_deref()),
    ];
    with_query("/api-docs", filters.into_iter().filter_map(|(name, value)| Some((name, value?))))
}

fn draw(data: &Apis) -> AnyView {
    let Apis { state, apis, summaries, total, types, .. } = data;
    let chosen = state.spec_type.as_deref();
    let all: u64 = types.iter().map(|spec_type| spec_type.count).sum();
    let mut tabs = vec![Tab::new("All", address(state, None, 1), chosen.is_none()).count(all)];
    tabs.extend(types.iter().map(|spec_type| {
        let current = chosen.is_some_and(|chosen| chosen.eq_ignore_ascii_case(&spec_type.value));
        Tab::new(spec_type.value.clone(), address(state, Some(&spec_type.value), 1), current).count(spec_type.count)
    }));
    let columns = columns_of(state, apis);
    let summaries = summaries.iter().map(Option::as_ref).chain(std::iter::repeat(None));
    let rows = apis.iter().zip(summaries).map(|(api, summary)| {
        let cells = columns.iter().map(|column| column.cell(api, &data.names));
        cells.chain([providers(api, &data.names), summary_cell(api, summary)]).collect()
    });
    let rows: Vec<Vec<AnyView>> = rows.collect();
    let further = ["Provided by", "Definition"].map(TableColumn::new);
    let columns = columns.iter().map(|column| column.plain_head()).chain(further).collect();
    let first = (state.page - 1).saturating_mul(PAGE_SIZE);
    let last = first + apis.len();
    let previous = if state.page > 1 { address(state, chosen, state.page - 1) } else { String::new() };
    let next = if (last as u64) < *total { address(state, chosen, state.page + 1) } else { String::new() };
    let count = format::count(*total, "API", "APIs");
    let empty = empty(data);
    view! {
        <PageHeader title="APIs" description="What systems offer one another, with their definitions." tabs=view! { <Tabs label="Types" tabs/> }.into_any()>
            <span class="muted">{count}</span>
        </PageHeader>
        <div class="with-aside">
            <aside class="stack" aria-label="Filters">{filters(data)}</aside>
            <div class="stack">
                <section class="card catalog-table" data-flush="" aria-label="APIs">
                    <div class="card-body"><DataTable caption="APIs" columns rows empty/></div>
                </section>
                {(*total > 0).then(|| view! { <Pagination first=first as u64 + 1 last=last as u64 total=*total previous next/> })}
            </div>
        </div>
    }
    .into_any()
}

fn filters(data: &Apis) -> AnyView {
    let Apis { state, owners, lifecycles, names, .. } = data;
    let mut owning: Vec<Choice> = owners
        .iter()
        .map(|owner| {
            let label = owner.value.parse().map_or_else(|_| owner.value.clone(), |reference| names.title(&reference));
            Choice::new(owner.value.clone(), label).count(owner.count)
        })
        .collect();
    owning.sort_by_cached_key(|choice| choice.label.to_lowercase());
    let living =
        lifecycles.iter().map(|value| Choice::new(value.value.clone(), value.value.clone()).count(value.count));
    let living: Vec<Choice> = living.collect();
    let set = [state.owner.is_some(), state.lifecycle.is_some(), !state.text.is_empty()];
    let active = set.into_iter().filter(|set| *set).count() as u64;
    let keep = state.spec_type.iter().map(|spec_type| ("type".to_owned(), spec_type.clone())).collect();
    let cleared = ListState { spec_type: state.spec_type.clone(), ..ListState::default() };
    let clear = address(&cleared, state.spec_type.as_deref(), 1);
    let (owner, lifecycle) = (state.owner.clone().unwrap_or_default(), state.lifecycle.clone().unwrap_or_default());
    let text = state.text.clone();
    view! {
        <FilterForm action="/api-docs" active clear keep>
            <FilterText name="text" label="Text" value=text placeholder="Name, title, description"/>
            {(!owning.is_empty()).then(|| view! { <FilterSelect name="owner" label="Owner" any="Anyone" value=owner options=owning/> })}
            {(!living.is_empty()).then(|| view! { <FilterSelect name="lifecycle" label="Lifecycle" any="Any" value=lifecycle options=living/> })}
            <FilterHelper/>
        </FilterForm>
    }
    .into_any()
}

/// What stands in the place of rows.
fn empty(data: &Apis) -> AnyView {
    let any = data.types.iter().any(|spec_type| spec_type.count > 0);
    if any {
        return view! {
            <EmptyStateView icon=Icon::Filter title="Nothing matches these filters" text="Take one away, or look at all APIs.">
                <LinkButton href="/api-docs">"All APIs"</LinkButton>
            </EmptyStateView>
        }
        .into_any();
    }
    view! {
        <EmptyStateView icon=Icon::Api title="No APIs here" text="An API entity in the catalog appears here with its definition.">
            <LinkButton href="/catalog-import">"Register a component"</LinkButton>
        </EmptyStateView>
    }
    .into_any()
}

/// The first providers of an API.
fn providers(api: &Entity, names: &Names) -> AnyView {
    let mut providers = api.related("apiProvidedBy");
    let more = providers.len().saturating_sub(MOST_PROVIDERS);
    if providers.is_empty() {
        return ().into_any();
    }
    providers.truncate(MOST_PROVIDERS);
    let rest = (more > 0).then(|| {
        let label = format!("{more} more that provide {}", api.title());
        view! { " "<a href=api.entity_ref().page_path() aria-label=label>{format!("+{more}")}</a> }
    });
    view! { {names.links(&providers)}{rest} }.into_any()
}
