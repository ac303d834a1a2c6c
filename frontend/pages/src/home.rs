//! The first page: what there is, where to begin, and what wants attention.

use std::sync::Arc;

use frontend_ui::{
    Button, ButtonVariant, CalloutView, Card, EmptyStateView, Icon, KindIcon, LinkButton, PageHeader, RelativeTime,
    StatusView, format, with_query,
};
use futures::join;
use host_api::{ApiResult, CatalogProblem, FacetsQuery, PageContext, TaskListQuery};
use host_model::plugin::{State, Status};
use host_model::task::Task;
use host_model::{Entity, Principal, Severity};
use leptos::prelude::*;

use crate::catalog::{ALL_KINDS, ListState};
use crate::create::{gallery::templates, task_level, task_word, template_of, template_tile};
use crate::names::Names;
use crate::{Page, percent};

/// How many templates and tasks are shown.
const SHORTLIST: usize = 3;
/// Kinds in the order in which they are shown, with what they are; others follow.
const KINDS: [(&str, &str, &str); 9] = [
    ("component", "Components", "Services, websites and libraries"),
    ("api", "APIs", "What components offer one another"),
    ("system", "Systems", "Components that serve one purpose"),
    ("domain", "Domains", "Parts of the business"),
    ("resource", "Resources", "Databases, buckets, clusters"),
    ("group", "Groups", "Teams and departments"),
    ("user", "People", "Who to ask"),
    ("template", "Templates", "How new things are started"),
    ("location", "Locations", "Where descriptors come from"),
];

/// What the page shows.
struct Home {
    organization: String,
    kinds: ApiResult<Vec<(String, u64)>>,
    templates: Vec<Entity>,
    tasks: Vec<Task>,
    plugins: Vec<Status>,
    /// Only for administrators.
    problems: Option<Vec<CatalogProblem>>,
    names: Names,
    now: i64,
}

/// The page.
pub(crate) async fn load(context: &PageContext) -> ApiResult<Page> {
    let (portal, principal) = (&context.portal, &context.principal);
    let kinds = FacetsQuery { facets: vec!["kind".to_owned()], ..FacetsQuery::default() };
    let tasks = TaskListQuery { limit: Some(SHORTLIST), ..TaskListQuery::default() };
    let problems = async {
        match principal {
            Principal::Administrator => portal.problems(principal, None).await.ok(),
            _ => None,
        }
    };
    let (kinds, found, tasks, plugins, problems) = join!(
        portal.facets(principal, kinds),
        templates(context, 100),
        portal.tasks(principal, tasks),
        portal.plugins(principal),
        problems
    );
    let mut templates = found.unwrap_or_default();
    templates.truncate(SHORTLIST);
    let names = Names::of(context, templates.iter().flat_map(|template| template.related("ownedBy"))).await;
    let home = Arc::new(Home {
        organization: context.site.organization.clone(),
        kinds: kinds.map(|mut kinds| {
            let values = kinds.facets.remove("kind").unwrap_or_default();
            values.into_iter().map(|value| (value.value, value.count)).collect()
        }),
        templates,
        tasks: tasks.map(|list| list.tasks).unwrap_or_default(),
        plugins: plugins.unwrap_or_default(),
        problems,
        names,
        now: context.now,
    });
    Ok(Page::new("Home", move || draw(&home)))
}

fn draw(home: &Home) -> AnyView {
    let title = match home.organization.as_str() {
        "" => "Welcome".to_owned(),
        organization => format!("Welcome to {organization}"),
    };
    view! {
        <PageHeader title description="Find who owns what and what it touches, start something new, and see how it is doing."/>
        <div class="stack" data-gap="large">
            <form class="home-search" role="search" action="/search" method="get">
                <label class="visually-hidden" for="home-search">"Search everything"</label>
                <input class="input" id="home-search" type="search" name="q" placeholder="Search components, APIs, people, templates…"
                    autocomplete="off" spellcheck="false"/>
                <Button variant=ButtonVariant::Primary icon=Icon::Search>"Search"</Button>
            </form>
            {problems(home)}
            {kinds(home)}
            <div class="grid">
                {create(home)}
                {tasks(home)}
                {plugins(home)}
            </div>
        </div>
    }
    .into_any()
}

fn kinds(home: &Home) -> AnyView {
    let kinds = match &home.kinds {
        Ok(kinds) if kinds.is_empty() => {
            return view! {
                <section class="card" aria-label="Catalog">
                    <div class="card-body">
                        <EmptyStateView
                            icon=Icon::Catalog
                            title="The catalog is empty"
                            text="Name your descriptors under catalog.locations in the configuration. Entities appear here as soon as they are read."
                        >
                            <LinkButton href="/catalog">"Open the catalog"</LinkButton>
                        </EmptyStateView>
                    </div>
                </section>
            }
            .into_any();
        }
        Ok(kinds) => kinds,
        Err(error) => {
            let message = error.message.clone();
            return view! {
                <CalloutView severity=Severity::Warning title="The catalog could not be asked"><p>{message}</p></CalloutView>
            }
            .into_any();
        }
    };
    let rank =
        |kind: &str| KINDS.iter().position(|(known, ..)| kind.eq_ignore_ascii_case(known)).unwrap_or(KINDS.len());
    let mut kinds = kinds.clone();
    kinds.sort_by_key(|(kind, _)| (rank(kind), kind.clone()));
    let tiles: Vec<_> = kinds
        .into_iter()
        .map(|(kind, count)| {
            let known = KINDS.get(rank(&kind));
            let title = known.map_or_else(|| kind.clone(), |(_, title, _)| (*title).to_owned());
            let text = known.map(|(.., text)| view! { <span class="kind-tile-text">{*text}</span> });
            let list = ListState { kind: kind.to_lowercase(), ..ListState::default() };
            view! {
                <li>
                    <a class="kind-tile" href=list.address()>
                        <KindIcon kind=kind large=true/>
                        <span class="kind-tile-title">{title}</span>
                        <span class="kind-tile-count number">{format::group_digits(count)}</span>
                        {text}
                    </a>
                </li>
            }
        })
        .collect();
    let everything = ListState { kind: ALL_KINDS.to_owned(), ..ListState::default() }.address();
    view! {
        <section class="stack" data-gap="small" aria-labelledby="kinds">
            <div class="row" data-align="between">
                <h2 id="kinds">"In the catalog"</h2>
                <a href=everything>"Everything"</a>
            </div>
            <ul class="kind-tiles">{tiles}</ul>
        </section>
    }
    .into_any()
}

fn create(home: &Home) -> AnyView {
    let body = if home.templates.is_empty() {
        view! { <EmptyStateView icon=Icon::Template title="No templates yet" text="Register a Template, and its form appears here."/> }.into_any()
    } else {
        let tiles: Vec<_> = home.templates.iter().map(|template| template_tile(template, &home.names)).collect();
        view! { <ul class="tiles template-tiles">{tiles}</ul> }.into_any()
    };
    view! {
        <Card title="Start something new" icon=Icon::Create width="full" actions=view! { <a href="/create">"All templates"</a> }.into_any()>
            {body}
        </Card>
    }
    .into_any()
}

fn tasks(home: &Home) -> AnyView {
    let now = home.now;
    let items: Vec<_> = home
        .tasks
        .iter()
        .map(|task| {
            let href = percent::path(["create", "tasks", task.id.as_str()]);
            let title = template_of(task).map_or_else(|| task.id.clone(), |(_, title)| title);
            let time = format::parse_rfc3339(&task.created_at).map(|time| view! { <RelativeTime time now/> });
            view! {
                <li class="home-row">
                    <StatusView level=task_level(task.status) text=task_word(task.status)/>
                    <a href=href>{title}</a>
                    <span class="muted small">{time}</span>
                </li>
            }
        })
        .collect();
    let body = if items.is_empty() {
        view! { <p class="muted">"Nobody has run a template yet."</p> }.into_any()
    } else {
        view! { <ul class="home-rows">{items}</ul> }.into_any()
    };
    view! {
        <Card title="Latest tasks" icon=Icon::Clock width="medium" actions=view! { <a href="/create/tasks">"All tasks"</a> }.into_any()>
            {body}
        </Card>
    }
    .into_any()
}

fn plugins(home: &Home) -> AnyView {
    let count = |state: State| home.plugins.iter().filter(|plugin| plugin.state == state).count() as u64;
    let mut parts = vec![(count(State::Serving), host_model::view::Level::Ok, "serving")];
    parts.push((count(State::WaitingForConsent), host_model::view::Level::Warning, "waiting for consent"));
    parts.push((count(State::Failed), host_model::view::Level::Error, "failed"));
    parts.push((count(State::Starting), host_model::view::Level::Running, "starting"));
    let items: Vec<_> = parts
        .into_iter()
        .filter(|(count, ..)| *count > 0)
        .map(|(count, level, word)| {
            let text = format!("{} {word}", format::group_digits(count));
            view! { <li class="home-row"><StatusView level text/></li> }
        })
        .collect();
    let body = if items.is_empty() {
        view! { <p class="muted">"No plugin is in use. Drop a .wasm file into the plugins folder to change that."</p> }
            .into_any()
    } else {
        view! { <ul class="home-rows">{items}</ul> }.into_any()
    };
    view! {
        <Card title="Plugins" icon=Icon::Plugin width="medium" actions=view! { <a href="/plugins">"All plugins"</a> }.into_any()>
            {body}
        </Card>
    }
    .into_any()
}

/// How much is wrong with the catalog, for those who can do something about it.
fn problems(home: &Home) -> Option<AnyView> {
    let problems = home.problems.as_ref().filter(|problems| !problems.is_empty())?;
    let errors = problems.iter().filter(|problem| problem.diagnostic.severity == Severity::Error).count() as u64;
    let severity = if errors > 0 { Severity::Error } else { Severity::Warning };
    let title = format::count(problems.len() as u64, "problem in the catalog", "problems in the catalog");
    let text =
        format!("{} among them. Each is told on the page of its location.", format::count(errors, "error", "errors"));
    let locations = with_query("/catalog", [("kind", "location")]);
    Some(
        view! { <CalloutView severity title><p>{text}" "<a href=locations>"Go to the locations"</a></p></CalloutView> }
            .into_any(),
    )
}
