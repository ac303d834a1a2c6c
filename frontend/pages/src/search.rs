//! The results of a search.

use std::collections::BTreeMap;
use std::sync::Arc;

use frontend_ui::{
    Button, ButtonVariant, EmptyStateView, Icon, IconView, KindIcon, LinkButton, PageHeader, Pagination, Tab, Tabs,
    format, safe_url, with_query,
};
use futures::join;
use host_api::{ApiResult, FacetsQuery, PageContext, SearchHit, SearchPage, SearchQuery};
use leptos::prelude::*;
use serde_json::Value;

use crate::Page;
use crate::query::Query;

/// How many results a page shows.
const PAGE_SIZE: usize = 20;
/// The most characters of a result's text.
const MAX_TEXT: usize = 240;

/// What the page shows.
struct Results {
    term: String,
    kind: Option<String>,
    kinds: Vec<String>,
    page: usize,
    found: SearchPage,
}

/// The page.
pub(crate) async fn load(context: &PageContext, query: &Query<'_>) -> ApiResult<Page> {
    let (portal, principal) = (&context.portal, &context.principal);
    let term = query.first("q").or_else(|| query.first("query")).unwrap_or_default();
    let kind = query.first("kind");
    let request = SearchQuery {
        term: term.clone(),
        filters: kind.iter().map(|kind| ("kind".to_owned(), vec![kind.clone()])).collect::<BTreeMap<_, _>>(),
        types: query.all("type"),
        page_cursor: query.first("cursor"),
        page_limit: Some(PAGE_SIZE),
    };
    let kinds = FacetsQuery { facets: vec!["kind".to_owned()], ..FacetsQuery::default() };
    let nothing = term.is_empty();
    let found = async { if nothing { Ok(SearchPage::default()) } else { portal.search(principal, request).await } };
    let (found, kinds) = join!(found, portal.facets(principal, kinds));
    let kinds = kinds.map(|mut kinds| kinds.facets.remove("kind").unwrap_or_default()).unwrap_or_default();
    let results = Results {
        kinds: kinds.into_iter().map(|kind| kind.value).collect(),
        page: query.page(),
        found: found?,
        kind,
        term: term.clone(),
    };
    let title = if nothing { "Search".to_owned() } else { format!("{term} · Search") };
    let results = Arc::new(results);
    let mut page = Page::new(title, move || draw(&results));
    page.search = term;
    Ok(page)
}

fn draw(results: &Results) -> AnyView {
    let Results { term, kind, found, .. } = results;
    let hidden = kind.clone().map(|kind| view! { <input type="hidden" name="kind" value=kind/> });
    let count = (!term.is_empty()).then(|| {
        let count = format::count(found.number_of_results, "result", "results");
        view! { <span class="muted" role="status">{format!("{count} for “{term}”")}</span> }
    });
    view! {
        <PageHeader title="Search" tabs=tabs(results)>{count}</PageHeader>
        <div class="stack">
            <form class="home-search" role="search" action="/search" method="get">
                <label class="visually-hidden" for="search-term">"Search everything"</label>
                <input class="input" id="search-term" type="search" name="q" value=term.clone() placeholder="Search everything"
                    autocomplete="off" spellcheck="false"/>
                {hidden}
                <Button variant=ButtonVariant::Primary icon=Icon::Search>"Search"</Button>
            </form>
            {body(results)}
        </div>
    }
    .into_any()
}

fn tabs(results: &Results) -> AnyView {
    let address = |kind: Option<&str>| {
        with_query("/search", [("q", results.term.as_str())].into_iter().chain(kind.map(|kind| ("kind", kind))))
    };
    let is = |kind: &str| results.kind.as_deref().is_some_and(|chosen| chosen.eq_ignore_ascii_case(kind));
    let mut tabs = vec![Tab::new("All", address(None), results.kind.is_none())];
    tabs.extend(results.kinds.iter().map(|kind| Tab::new(kind.clone(), address(Some(kind)), is(kind))));
    view! { <Tabs label="Kinds" tabs/> }.into_any()
}

fn body(results: &Results) -> AnyView {
    let Results { term, kind, found, page, .. } = results;
    if term.is_empty() {
        return view! {
            <EmptyStateView icon=Icon::Search title="What are you looking for?" text="Names, titles, descriptions, owners and tags are searched.">
                <LinkButton href="/catalog">"Browse the catalog instead"</LinkButton>
            </EmptyStateView>
        }
        .into_any();
    }
    if found.results.is_empty() {
        let everywhere = with_query("/search", [("q", term.as_str())]);
        let title = format!("Nothing matches “{term}”");
        let widen = kind.is_some();
        return view! {
            <EmptyStateView icon=Icon::Search title text="Try fewer or other words, or the beginning of a name.">
                {widen.then(|| view! { <LinkButton href=everywhere>"Search in all kinds"</LinkButton> })}
                <LinkButton href="/catalog">"Browse the catalog"</LinkButton>
            </EmptyStateView>
        }
        .into_any();
    }
    let hits: Vec<_> = found.results.iter().filter_map(hit).collect();
    let address = |cursor: &Option<String>, page: usize| {
        cursor.as_deref().map_or_else(String::new, |cursor| {
            let page = page.to_string();
            let kind = kind.as_deref().map(|kind| ("kind", kind));
            with_query(
                "/search",
                [("q", term.as_str())].into_iter().chain(kind).chain([("cursor", cursor), ("page", page.as_str())]),
            )
        })
    };
    let first = (page - 1) * PAGE_SIZE;
    let next = address(&found.next_page_cursor, page + 1);
    let previous = address(&found.previous_page_cursor, page.saturating_sub(1).max(1));
    let last = first as u64 + found.results.len() as u64;
    view! {
        <ol class="hits">{hits}</ol>
        <Pagination first=first as u64 + 1 last total=found.number_of_results.max(last) previous next/>
    }
    .into_any()
}

fn hit(hit: &SearchHit) -> Option<AnyView> {
    let text = |key: &str| hit.document.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
    let location = text("location");
    let href = safe_url(&location)?.to_owned();
    let title = Some(text("title")).filter(|title| !title.is_empty()).unwrap_or_else(|| location.clone());
    let kind = text("kind");
    let facts: Vec<String> = [kind.clone(), text("type"), text("lifecycle")]
        .into_iter()
        .filter(|fact| !fact.is_empty() && fact != "other")
        .collect();
    let excerpt = shorten(&text("text"));
    let icon = if kind.is_empty() {
        view! { <IconView icon=Icon::Docs/> }.into_any()
    } else {
        view! { <KindIcon kind/> }.into_any()
    };
    Some(
        view! {
            <li class="hit">
                {icon}
                <div class="hit-body">
                    <a class="hit-title" href=href>{title}</a>
                    <span class="hit-facts">{facts.join(" · ")}</span>
                    {(!excerpt.is_empty()).then(|| view! { <p class="hit-text">{excerpt}</p> })}
                </div>
            </li>
        }
        .into_any(),
    )
}

/// The beginning of a text.
fn shorten(text: &str) -> String {
    let mut short: String = text.chars().take(MAX_TEXT).collect();
    if short.len() < text.len() {
        short.push('…');
    }
    short
}
