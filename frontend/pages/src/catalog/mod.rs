//! The catalog: a table of entities that filters, sorts and pages by its address.

mod columns;
mod export;
mod kept;
mod state;

use std::sync::Arc;

use frontend_islands::FilterHelper;
use frontend_ui::{
    Choice, DataTable, EmptyStateView, FilterChecks, FilterForm, FilterSelect, FilterText, Icon, LinkButton,
    PageHeader, Pagination, TableColumn, format,
};
use futures::join;
use host_api::{ApiResult, Bookmarks, FacetValue, Facets, FacetsQuery, PageContext};
use host_model::{Entity, EntityRef, Severity};
use leptos::prelude::*;

use crate::Page;
use crate::names::{Names, list_fields, parsed};
use crate::query::Query;
pub(crate) use columns::{of as columns_of, targets};
pub use export::{ExportedFile, export};
pub(crate) use kept::star_button;
pub(crate) use state::{ALL_KINDS, ListState, Part};

/// How many entities a page shows.
pub(crate) const PAGE_SIZE: usize = 20;
/// The most options of a filter; the rest can still be reached by address.
const MAX_OPTIONS: usize = 200;
/// The most tags that are offered.
const MAX_TAGS: usize = 40;

/// What the table needs besides the fields of every list.
const FURTHER_FIELDS: [&str; 4] = [
    "spec.target",
    "spec.targets",
    "metadata.annotations.backstage.io/view-url",
    "metadata.annotations.backstage.io/edit-url",
];

const KIND: &str = "kind";
const TYPE: &str = "spec.type";
const OWNER: &str = "relations.ownedBy";
const LIFECYCLE: &str = "spec.lifecycle";
const TAGS: &str = "metadata.tags";
const NAMESPACE: &str = "metadata.namespace";
/// The most entities with errors that the list can show.
const MAX_FAULTY: usize = 300;

/// What the page shows.
struct Listing {
    state: ListState,
    entities: Vec<Entity>,
    total: u64,
    kinds: Facets,
    facets: Facets,
    names: Names,
    bookmarks: Arc<Bookmarks>,
}

/// The page.
pub(crate) async fn load(context: &PageContext, query: &Query<'_>) -> ApiResult<Page> {
    let state = ListState::of(query);
    let listing = fetch(context, state).await?;
    let title = format!("{} · Catalog", listing.state.kind_title(&facet(&listing.kinds, KIND)));
    let listing = Arc::new(listing);
    Ok(Page::new(title, move || draw(&listing)))
}

async fn fetch(context: &PageContext, state: ListState) -> ApiResult<Listing> {
    let (portal, principal) = (&context.portal, &context.principal);
    let kinds = FacetsQuery { facets: vec![KIND.to_owned()], ..FacetsQuery::default() };
    let facets = FacetsQuery {
        facets: [TYPE, OWNER, LIFECYCLE, NAMESPACE, TAGS].map(str::to_owned).to_vec(),
        filters: state.kind_filter().into_iter().collect(),
        ..FacetsQuery::default()
    };
    let among = among(context, &state).await?;
    let mut query = state.entity_query(PAGE_SIZE, among.as_deref());
    query.fields = list_fields();
    query.fields.extend(FURTHER_FIELDS.map(str::to_owned));
    let (page, kinds, facets) = join!(
        portal.query_entities(principal, query),
        portal.facets(principal, kinds),
        portal.facets(principal, facets)
    );
    let (page, kinds, facets) = (page?, kinds?, facets?);
    let entities = parsed(&page.items);
    let shown = entities
        .iter()
        .flat_map(|entity| entity.related("ownedBy").into_iter().chain(columns::systems(entity)).collect::<Vec<_>>());
    let owners = facet(&facets, OWNER).into_iter().filter_map(|owner| owner.value.parse::<EntityRef>().ok());
    let names = Names::of(context, shown.chain(owners.take(MAX_OPTIONS))).await;
    let bookmarks = Arc::clone(&context.bookmarks);
    Ok(Listing { state, entities, total: page.total_items, kinds, facets, names, bookmarks })
}

/// The entities that a part of the catalog means, where it is no filter of the catalog's own.
async fn among(context: &PageContext, state: &ListState) -> ApiResult<Option<Vec<EntityRef>>> {
    match state.part {
        Some(Part::Starred) => Ok(Some(context.bookmarks.stars.clone())),
        Some(Part::Faulty) => {
            let problems = context.portal.problems(&context.principal, None).await?;
            let faulty = problems.into_iter().filter(|problem| problem.diagnostic.severity == Severity::Error);
            let mut faulty: Vec<EntityRef> = faulty.filter_map(|problem| problem.entity_ref).collect();
            faulty.sort();
            faulty.dedup();
            faulty.truncate(MAX_FAULTY);
            Ok(Some(faulty))
        }
        Some(Part::Orphans) | None => Ok(None),
    }
}

/// The values of a facet, the most frequent first.
fn facet(facets: &Facets, name: &str) -> Vec<FacetValue> {
    let mut values = facets.facets.get(name).cloned().unwrap_or_default();
    values.sort_by(|left, right| right.count.cmp(&left.count).then_with(|| left.value.cmp(&right.value)));
    values
}

fn draw(listing: &Listing) -> AnyView {
    let Listing { state, total, .. } = listing;
    let title = state.kind_title(&facet(&listing.kinds, KIND));
    let count = format::count(*total, "entity", "entities");
    let count = if state.kind == ALL_KINDS { count } else { format!("{count} of kind {title}") };
    view! {
        <PageHeader
            title="Catalog"
            actions=view! {
                {kept::export_menu(state)}
                <LinkButton href="/catalog-graph" icon=Icon::Graph>"Graph"</LinkButton>
                <LinkButton href="/create" icon=Icon::Plus>"Create"</LinkButton>
            }
            .into_any()
        >
            <span class="muted" role="status">{count}</span>
        </PageHeader>
        <div class="with-aside">
            <aside class="catalog-filters" aria-label="Filters">{filters(listing)}</aside>
            <div class="stack">{kept::views(state, &listing.bookmarks)} {table(listing)}</div>
        </div>
    }
    .into_any()
}

fn filters(listing: &Listing) -> AnyView {
    let Listing { state, kinds, facets, names, .. } = listing;
    let choices = |name: &str, chosen: &[String], label: &dyn Fn(&str) -> String| -> Vec<Choice> {
        let mut choices: Vec<Choice> = facet(facets, name)
            .into_iter()
            .take(MAX_OPTIONS)
            .map(|value| Choice::new(value.value.clone(), label(&value.value)).count(value.count))
            .collect();
        // What was chosen stays in sight, even where nothing has it.
        for value in chosen.iter().rev() {
            if !choices.iter().any(|choice| choice.value.eq_ignore_ascii_case(value)) {
                choices.insert(0, Choice::new(value.clone(), label(value)).count(0));
            }
        }
        choices
    };
    let same = |value: &str| value.to_owned();
    let owner_name =
        |value: &str| value.parse::<EntityRef>().map_or_else(|_| value.to_owned(), |owner| names.title(&owner));
    let kind_choices = state.kind_choices(&facet(kinds, KIND));
    let types = choices(TYPE, state.spec_type.as_slice(), &same);
    let owners = choices(OWNER, state.owner.as_slice(), &owner_name);
    let lifecycles = choices(LIFECYCLE, state.lifecycle.as_slice(), &same);
    let namespaces = choices(NAMESPACE, state.namespace.as_slice(), &same);
    // Where all is in one namespace there is nothing to choose.
    let namespaces = if namespaces.len() > 1 || state.namespace.is_some() { namespaces } else { Vec::new() };
    let parts = Part::ALL.map(|part| {
        let choice = Choice::new(part.word(), part.label());
        if part == Part::Starred { choice.count(listing.bookmarks.stars.len() as u64) } else { choice }
    });
    let part = state.part.map(Part::word).unwrap_or_default().to_owned();
    let mut tags = choices(TAGS, &state.tags, &same);
    tags.truncate(MAX_TAGS.max(state.tags.len()));
    let chosen = |options: &[Choice], value: &Option<String>| -> String {
        let value = value.clone().unwrap_or_default();
        options
            .iter()
            .find(|option| option.value.eq_ignore_ascii_case(&value))
            .map_or(value, |option| option.value.clone())
    };
    let (spec_type, owner, lifecycle) =
        (chosen(&types, &state.spec_type), chosen(&owners, &state.owner), chosen(&lifecycles, &state.lifecycle));
    let select = |name: &'static str, label: &'static str, any: &'static str, value: String, options: Vec<Choice>| {
        (!options.is_empty()).then(|| view! { <FilterSelect name label value any options/> })
    };
    let clear = state.cleared().address();
    let fields = (
        select("type", "Type", "Any type", spec_type, types),
        select("owner", "Owner", "Anyone", owner, owners),
        select("lifecycle", "Lifecycle", "Any", lifecycle, lifecycles),
        select("namespace", "Namespace", "Any", chosen(&namespaces, &state.namespace), namespaces.clone()),
        select("show", "Show", "Everything", part, parts.to_vec()),
    );
    let (text, kind, values) = (state.text.clone(), state.kind.clone(), state.tags.clone());
    view! {
        <FilterForm action="/catalog" active=state.active() clear keep=state.kept_by_filters()>
            <FilterText name="text" label="Text" value=text placeholder="Name, title, description"/>
            <FilterSelect name="kind" label="Kind" value=kind options=kind_choices/>
            {fields}
            {(!tags.is_empty()).then(|| view! { <FilterChecks name="tag" label="Tags" values options=tags/> })}
            <FilterHelper/>
        </FilterForm>
    }
    .into_any()
}

fn table(listing: &Listing) -> AnyView {
    let Listing { state, entities, total, names, .. } = listing;
    let columns = columns::of(state, entities);
    let back = state.address();
    let rows = entities
        .iter()
        .map(|entity| {
            let cells = columns.iter().map(|column| column.cell(entity, names));
            cells.chain([kept::row_actions(entity, &listing.bookmarks, &back)]).collect()
        })
        .collect::<Vec<Vec<AnyView>>>();
    let actions = TableColumn::new("Actions").hidden_title().end();
    let heads = columns.iter().map(|column| column.head(state)).chain([actions]).collect();
    let first = (state.page - 1) * PAGE_SIZE;
    let last = first + entities.len();
    let address = |page: usize| ListState { page, ..state.clone() }.address();
    let previous = if state.page > 1 { address(state.page - 1) } else { String::new() };
    let next = if (last as u64) < *total { address(state.page + 1) } else { String::new() };
    let empty = empty(listing);
    let paging = (*total > 0).then(|| {
        view! { <Pagination first=first as u64 + 1 last=last as u64 total=*total previous next/> }
    });
    view! {
        <section class="card catalog-table" data-flush="" aria-label="Entities">
            <div class="card-body"><DataTable caption="Entities" columns=heads rows empty/></div>
        </section>
        {paging}
    }
    .into_any()
}

/// What stands in the place of rows: why there are none, and the way on.
fn empty(listing: &Listing) -> AnyView {
    let Listing { state, kinds, total, .. } = listing;
    let whole_catalog: u64 = facet(kinds, KIND).iter().map(|kind| kind.count).sum();
    if whole_catalog == 0 {
        return view! {
            <EmptyStateView
                icon=Icon::Catalog
                title="The catalog is empty"
                text="Name your descriptors under catalog.locations in the configuration; entities appear here as soon as they are read."
            />
        }
        .into_any();
    }
    let clear = state.cleared().address();
    if *total > 0 {
        let first = ListState { page: 1, ..state.clone() }.address();
        return view! {
            <EmptyStateView icon=Icon::Catalog title="There is no such page" text="The list has become shorter.">
                <LinkButton href=first>"Go to the first page"</LinkButton>
            </EmptyStateView>
        }
        .into_any();
    }
    if state.part == Some(Part::Starred) && listing.bookmarks.stars.is_empty() {
        return view! {
            <EmptyStateView icon=Icon::Star title="Nothing has a star yet" text="Give one to what you work with, here in the list or on its page; this browser remembers it.">
                <LinkButton href=clear>"Look at everything"</LinkButton>
            </EmptyStateView>
        }
        .into_any();
    }
    if state.active() > 0 {
        return view! {
            <EmptyStateView icon=Icon::Filter title="Nothing matches these filters" text="Take one away, or look at all kinds.">
                <LinkButton href=clear>"Clear filters"</LinkButton>
            </EmptyStateView>
        }
        .into_any();
    }
    let everything = ListState { kind: ALL_KINDS.to_owned(), ..ListState::default() }.address();
    let title = format!("No entities of kind {}", state.kind);
    view! {
        <EmptyStateView icon=Icon::Catalog title text="Nobody has registered one yet.">
            <LinkButton href=everything>"Look at all kinds"</LinkButton>
        </EmptyStateView>
    }
    .into_any()
}
