//! The inbox of problems: everything that is wrong with the catalog, for those who put it right.
//!
//! It is grouped by owner and source. What rules keep out and what two sources fight over have lists of their own, since
//! the way out is another: a line in the configuration, or a word between two teams.

use std::sync::Arc;

use frontend_islands::FilterHelper;
use frontend_ui::{
    Choice, CodeBlock, EmptyStateView, FilterForm, FilterSelect, FilterText, Icon, LinkButton, PageHeader, Pagination,
    Tab, Tabs, format, safe_url, with_query,
};
use host_api::{ApiResult, FacetValue, OwnedProblem, PageContext, ProblemPage, ProblemQuery};
use host_model::EntityRef;
use leptos::prelude::*;

use crate::Page;
use crate::names::Names;
use crate::problems::owned_item;
use crate::query::Query;

/// How many problems stand on a page.
const PAGE_SIZE: usize = 100;
/// The word of the API for what nobody owns or what is no entity.
const NONE: &str = "none";
/// What rules keep out, and what two sources claim.
const RULE: &str = "entity/rule";
const CONFLICT: &str = "entity/conflict";

/// The filters of the address.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct State {
    owner: Option<String>,
    kind: Option<String>,
    severity: Option<String>,
    code: Option<String>,
    text: Option<String>,
    page: usize,
}

impl State {
    fn of(query: &Query<'_>) -> Self {
        Self {
            owner: query.first("owner"),
            kind: query.first("kind"),
            severity: query.first("severity"),
            code: query.first("code"),
            text: query.first("text"),
            page: query.page(),
        }
    }

    fn address(&self) -> String {
        let page = (self.page > 1).then(|| self.page.to_string());
        let pairs = [
            ("owner", &self.owner),
            ("kind", &self.kind),
            ("severity", &self.severity),
            ("code", &self.code),
            ("text", &self.text),
            ("page", &page),
        ];
        let pairs = pairs.iter().filter_map(|(name, value)| Some((*name, value.as_deref()?)));
        with_query("/catalog/problems", pairs)
    }

    /// The same filters for other problems.
    fn of_code(&self, code: Option<&str>) -> String {
        Self { code: code.map(str::to_owned), page: 1, ..self.clone() }.address()
    }

    fn active(&self) -> u64 {
        let set = [&self.owner, &self.kind, &self.severity, &self.code, &self.text];
        set.into_iter().flatten().count() as u64
    }
}

/// What the page shows.
struct Data {
    state: State,
    found: ProblemPage,
    names: Names,
}

/// The page.
pub(crate) async fn load(context: &PageContext, query: &Query<'_>) -> ApiResult<Page> {
    let state = State::of(query);
    let request = ProblemQuery {
        owner: state.owner.clone(),
        kind: state.kind.clone(),
        severity: state.severity.clone(),
        code: state.code.clone(),
        text: state.text.clone(),
        offset: (state.page - 1).saturating_mul(PAGE_SIZE),
        limit: PAGE_SIZE,
    };
    let found = context.portal.query_problems(&context.principal, request).await?;
    let concerned = found.items.iter().flat_map(|item| [item.owner.clone(), item.problem.entity_ref.clone()]);
    let owners = found.owners.iter().filter_map(|owner| owner.value.parse().ok());
    let names = Names::of(context, concerned.flatten().chain(owners).collect::<Vec<_>>()).await;
    let data = Arc::new(Data { state, found, names });
    Ok(Page::new("Problems", move || draw(&data)))
}

fn count_of(values: &[FacetValue], wanted: Option<&str>) -> u64 {
    let counted = values.iter().filter(|value| wanted.is_none_or(|wanted| value.value == wanted));
    counted.map(|value| value.count).sum()
}

fn draw(data: &Data) -> AnyView {
    let Data { state, found, .. } = data;
    let count = format::count(found.total_items, "problem", "problems");
    let chosen = state.code.as_deref();
    let tab = |label: &str, code: Option<&str>| {
        let current = chosen == code || (code.is_none() && !matches!(chosen, Some(RULE | CONFLICT)));
        Tab::new(label, state.of_code(code), current).count(count_of(&found.codes, code))
    };
    let tabs = vec![tab("All", None), tab("Kept out by rules", Some(RULE)), tab("Conflicts", Some(CONFLICT))];
    let first = (state.page - 1).saturating_mul(PAGE_SIZE);
    let last = first + found.items.len();
    let page = |page: usize| State { page, ..state.clone() }.address();
    let previous = if state.page > 1 { page(state.page - 1) } else { String::new() };
    let next = if (last as u64) < found.total_items { page(state.page + 1) } else { String::new() };
    let total = found.total_items;
    let paging = (total > PAGE_SIZE as u64 || first > 0)
        .then(|| view! { <Pagination first=first as u64 + 1 last=last as u64 total previous next/> });
    let everything = count_of(&found.severities, None);
    let content = if found.items.is_empty() { empty(everything) } else { groups(data) };
    let aside = (everything > 0).then(|| view! { <aside class="stack" aria-label="Filters">{filters(data)}</aside> });
    let layout = if everything > 0 { "with-aside" } else { "stack" };
    view! {
        <PageHeader
            title="Problems"
            description="What is wrong in the sources of the catalog: where it is, whose it is, and what to do about it."
            tabs=view! { <Tabs label="Kinds of problems" tabs/> }.into_any()
        >
            <span class="muted">{count}</span>
        </PageHeader>
        <div class=layout>
            {aside}
            <div class="stack">{content}{paging}</div>
        </div>
    }
    .into_any()
}

fn empty(everything: u64) -> AnyView {
    if everything == 0 {
        return view! {
            <EmptyStateView icon=Icon::CheckCircle title="Nothing is wrong" text="Every source was read without a complaint.">
                <LinkButton href="/catalog">"Browse the catalog"</LinkButton>
            </EmptyStateView>
        }
        .into_any();
    }
    view! {
        <EmptyStateView icon=Icon::Filter title="No problem matches these filters" text="Take one away, or look at everything.">
            <LinkButton href="/catalog/problems">"All problems"</LinkButton>
        </EmptyStateView>
    }
    .into_any()
}

fn filters(data: &Data) -> AnyView {
    let Data { state, found, names } = data;
    let plain = |values: &[FacetValue], none: &str| -> Vec<Choice> {
        let label = |value: &str| if value == NONE { none.to_owned() } else { value.to_owned() };
        values.iter().map(|value| Choice::new(value.value.clone(), label(&value.value)).count(value.count)).collect()
    };
    let mut owners: Vec<Choice> = found
        .owners
        .iter()
        .map(|owner| {
            let label = match owner.value.parse::<EntityRef>() {
                Ok(reference) => names.title(&reference),
                Err(_) => "Nobody".to_owned(),
            };
            Choice::new(owner.value.clone(), label).count(owner.count)
        })
        .collect();
    owners.sort_by_cached_key(|choice| (choice.value == NONE, choice.label.to_lowercase()));
    let kinds = plain(&found.kinds, "No entity");
    let (severities, codes) = (plain(&found.severities, ""), plain(&found.codes, ""));
    let value = |value: &Option<String>| value.clone().unwrap_or_default();
    let (owner, kind, severity) = (value(&state.owner), value(&state.kind), value(&state.severity));
    let (code, text) = (value(&state.code), value(&state.text));
    view! {
        <FilterForm action="/catalog/problems" active=state.active() clear="/catalog/problems">
            <FilterText name="text" label="Text" value=text placeholder="Message, entity, file"/>
            <FilterSelect name="owner" label="Owner" any="Anyone" value=owner options=owners/>
            <FilterSelect name="kind" label="Kind" any="Any kind" value=kind options=kinds/>
            <FilterSelect name="severity" label="Severity" any="Any" value=severity options=severities/>
            <FilterSelect name="code" label="Code" any="Any code" value=code options=codes/>
            <FilterHelper/>
        </FilterForm>
    }
    .into_any()
}

/// What the items are put together by.
#[derive(PartialEq, Eq, Clone)]
enum Head {
    /// The line of the configuration that would admit it.
    Rule(Option<String>),
    Owner(Option<EntityRef>),
}

fn groups(data: &Data) -> AnyView {
    let Data { state, found, names } = data;
    let by_rule = state.code.as_deref() == Some(RULE);
    let head = |item: &OwnedProblem| {
        if by_rule { Head::Rule(item.problem.diagnostic.hint.clone()) } else { Head::Owner(item.owner.clone()) }
    };
    let mut groups: Vec<(Head, Vec<&OwnedProblem>)> = Vec::new();
    for item in &found.items {
        let head = head(item);
        match groups.iter_mut().find(|(known, _)| *known == head) {
            Some((_, items)) => items.push(item),
            None => groups.push((head, vec![item])),
        }
    }
    let groups: Vec<_> = groups.into_iter().map(|(head, items)| draw_group(&head, &items, names)).collect();
    view! { {groups} }.into_any()
}

fn draw_group(head: &Head, items: &[&OwnedProblem], names: &Names) -> AnyView {
    let count = format::count(items.len() as u64, "problem", "problems");
    let (title, label, advice) = match head {
        Head::Owner(Some(owner)) => (names.link(owner), names.title(owner), None),
        Head::Owner(None) => ("Nobody's".into_any(), "Nobody's".to_owned(), None),
        Head::Rule(hint) => {
            let line = hint.as_deref().and_then(|hint| hint.split('`').nth(1)).map(str::to_owned);
            let title = "Kept out by the rules".to_owned();
            let advice = line.map(|line| {
                let text = format!("catalog:\n  rules:\n    {line}\n");
                view! {
                    <div class="inbox-advice">
                        <p class="muted">"These lines of the configuration would let them in:"</p>
                        <CodeBlock text language="yaml"/>
                    </div>
                }
            });
            (title.clone().into_any(), title, advice)
        }
    };
    let mut sources: Vec<(&str, Vec<&OwnedProblem>)> = Vec::new();
    for item in items {
        let location = item.problem.location.as_str();
        match sources.iter_mut().find(|(known, _)| *known == location) {
            Some((_, items)) => items.push(item),
            None => sources.push((location, vec![item])),
        }
    }
    let sources: Vec<_> = sources.into_iter().map(|(location, items)| draw_source(location, &items, names)).collect();
    view! {
        <section class="card" aria-label=label>
            <header class="card-header">
                <h2 class="card-title">{title}</h2>
                <span class="card-note">{count}</span>
            </header>
            <div class="card-body">{advice}{sources}</div>
        </section>
    }
    .into_any()
}

fn draw_source(location: &str, items: &[&OwnedProblem], names: &Names) -> AnyView {
    let shown = if location.is_empty() { "Without a source".to_owned() } else { location.to_owned() };
    let link = items.iter().find_map(|item| item.url.as_deref()).and_then(safe_url).map(|url| {
        let label = format!("View {location}");
        view! { <LinkButton href=url.to_owned() icon=Icon::External small=true label/> }
    });
    let items: Vec<_> = items.iter().map(|item| owned_item(item, names)).collect();
    view! {
        <section class="inbox-source">
            <div class="inbox-source-head"><h3 class="mono">{shown}</h3>{link}</div>
            <ul class="problems">{items}</ul>
        </section>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn filters_stay_in_the_address() {
        let pairs: Vec<(String, String)> =
            [("owner", "group:default/shop"), ("code", "yaml/syntax"), ("page", "2"), ("text", "a b")]
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .to_vec();
        let state = State::of(&Query::new(&pairs));
        assert_eq!(
            state.address(),
            "/catalog/problems?owner=group%3Adefault%2Fshop&code=yaml%2Fsyntax&text=a%20b&page=2"
        );
        assert_eq!(state.of_code(None), "/catalog/problems?owner=group%3Adefault%2Fshop&text=a%20b");
        assert_eq!(state.active(), 3);
    }
}
