//! The page of an entity.

mod about;
mod apis;
mod definition;
mod dependencies;
mod header;
mod history;
mod impact;
mod inspect;
mod overview;
mod people;
mod provenance;
mod related;
mod relations;

use std::collections::HashMap;
use std::sync::Arc;

use frontend_ui::{EmptyStateView, Icon};
use futures::join;
use host_api::{
    Ancestry, ApiError, ApiErrorKind, ApiResult, Bookmarks, CatalogProblem, EntityGraph, GraphQuery, Impact,
    PageContext,
};
use host_model::history::Provenance;
use host_model::{Entity, EntityRef};
use leptos::prelude::*;

pub(crate) use overview::truncated_note;
pub(crate) use relations::words;

/// The most entities of the drawing on the overview; the graph page draws more.
const DRAWN: usize = 40;

use self::history::Past;
use self::people::People;
use crate::Page;
use crate::definition::DefinitionView;
use crate::failure::no_such_entity;
use crate::names::Names;
use crate::panels::{self, AskedPanel};
use crate::problems::problem_list;
use crate::query::Query;
use crate::route::EntityTab;

/// What the page shows on all its tabs.
struct EntityPage {
    entity: Entity,
    reference: EntityRef,
    tab: EntityTab,
    /// What is wrong with it; for a Location with all that it leads to.
    problems: ApiResult<Vec<CatalogProblem>>,
    names: Names,
    bookmarks: Arc<Bookmarks>,
}

/// What one tab shows besides.
enum TabData {
    Overview(Box<Overview>),
    Dependencies(Box<Dependencies>),
    Diagram(ApiResult<EntityGraph>),
    History(Box<Past>),
    Inspect(Box<Inspected>),
    Definition(Box<ApiResult<DefinitionView>>),
    Apis(Box<apis::Apis>),
    None,
}

/// What the first tab shows besides.
struct Overview {
    graph: ApiResult<EntityGraph>,
    panels: ApiResult<Vec<AskedPanel>>,
    people: Option<People>,
}

/// What an entity needs, and what fails with it.
struct Dependencies {
    graph: ApiResult<EntityGraph>,
    impact: ApiResult<Impact>,
}

/// What is asked for to look into an entity.
struct Inspected {
    ancestry: ApiResult<Ancestry>,
    /// Other entities of the same source, and how many there are in all.
    colocated: ApiResult<(Vec<EntityRef>, u64)>,
    provenance: ApiResult<Provenance>,
    now: i64,
}

/// The page.
pub(crate) async fn load(
    context: &PageContext,
    reference: EntityRef,
    tab: EntityTab,
    query: &Query<'_>,
) -> ApiResult<Page> {
    let raw = match context.portal.entity_by_name(&context.principal, &reference).await {
        Err(error) if error.kind == ApiErrorKind::NotFound => {
            let past = match tab {
                EntityTab::History => history::load_removed(context, &reference, query).await,
                _ => None,
            };
            return match past {
                Some(page) => Ok(page),
                None => Ok(no_such_entity(context, &reference).await),
            };
        }
        raw => raw?,
    };
    let entity = raw.parse().ok_or_else(|| ApiError::internal("The stored entity cannot be read; see the log."))?;
    let data = async {
        match tab {
            EntityTab::Overview => {
                TabData::Overview(Box::new(load_overview(context, &entity, &reference, query).await))
            }
            EntityTab::Dependencies => TabData::Dependencies(Box::new(dependencies::load(context, &reference).await)),
            EntityTab::Diagram => TabData::Diagram(dependencies::load_diagram(context, &reference).await),
            EntityTab::History => TabData::History(Box::new(history::load(context, &reference, query).await)),
            EntityTab::Inspect => TabData::Inspect(Box::new(inspect::load(context, &entity, &reference).await)),
            EntityTab::Definition => {
                TabData::Definition(Box::new(crate::definition::load(context, &reference, query).await))
            }
            EntityTab::Apis => TabData::Apis(Box::new(apis::load(context, &entity).await)),
            EntityTab::Relations | EntityTab::Problems => TabData::None,
        }
    };
    let base = async {
        let problems = context.portal.problems(&context.principal, Some(&reference)).await;
        let concerned = problems.iter().flatten().filter_map(|problem| problem.entity_ref.clone());
        let names = Names::of(context, concerned.chain(in_turn(&entity))).await;
        (problems, names)
    };
    let ((problems, names), data) = join!(base, data);
    let bookmarks = Arc::clone(&context.bookmarks);
    let page = Arc::new(EntityPage { reference, tab, problems, names, entity, bookmarks });
    if !page.tabs().contains(&tab) {
        return Err(ApiError::not_found(format!("There is no tab {} of {}.", tab.label(), page.entity.title())));
    }
    let title = match tab {
        EntityTab::Overview => format!("{} · Catalog", page.entity.title()),
        tab => format!("{} · {} · Catalog", tab.label(), page.entity.title()),
    };
    let data = Arc::new(data);
    Ok(Page::new(title, move || {
        let content = match (page.tab, &*data) {
            (_, TabData::Overview(overview)) => overview::draw(&page, overview),
            (_, TabData::Inspect(inspected)) => inspect::draw(&page, inspected),
            (_, TabData::Diagram(graph)) => dependencies::draw_diagram(&page, graph),
            (_, TabData::Dependencies(found)) => dependencies::draw(&page, found),
            (_, TabData::History(past)) => history::draw(past),
            (_, TabData::Definition(view)) => definition::draw(view),
            (_, TabData::Apis(apis)) => apis::draw(&page, apis),
            (EntityTab::Relations, _) => relations::draw(&page),
            _ => page.draw_problems(),
        };
        view! {
            {header::draw(&page)}
            <div class="stack">{header::warnings(&page)} {content}</div>
        }
        .into_any()
    }))
}

/// What the entity stands in a relation to: the first of every relation, then the second of every, and so on, so that no
/// long relation keeps the names of the others from being looked up.
fn in_turn(entity: &Entity) -> Vec<EntityRef> {
    let mut counts: HashMap<String, usize> = HashMap::new();
    let mut ranked: Vec<(usize, EntityRef)> = Vec::new();
    for relation in entity.relations() {
        let count = counts.entry(relation.name).or_default();
        ranked.push((*count, relation.target_ref));
        *count += 1;
    }
    ranked.sort_by_key(|(rank, _)| *rank);
    ranked.into_iter().map(|(_, reference)| reference).collect()
}

async fn load_overview(context: &PageContext, entity: &Entity, reference: &EntityRef, query: &Query<'_>) -> Overview {
    let graph = GraphQuery { limit: DRAWN, ..GraphQuery::around(reference.clone()) };
    let panels = async {
        let panels = context.portal.panels(&context.principal, reference).await?;
        Ok(panels::ask(context, entity, panels, query).await)
    };
    let aggregated = query.first("relations").as_deref() != Some("direct");
    let people = people::load(context, entity, aggregated);
    let (graph, panels, people) = join!(context.portal.graph(&context.principal, graph), panels, people);
    Overview { graph, panels, people }
}

impl EntityPage {
    fn is_kind(&self, kind: &str) -> bool {
        self.reference.kind() == kind
    }

    /// The tabs that this entity has.
    fn tabs(&self) -> Vec<EntityTab> {
        let has_definition = self.entity.pointer("/spec/definition").is_some();
        EntityTab::ALL
            .into_iter()
            .filter(|tab| match tab {
                EntityTab::Definition => self.is_kind("api") && has_definition,
                EntityTab::Dependencies => ["component", "resource", "api"].iter().any(|kind| self.is_kind(kind)),
                EntityTab::Diagram => self.is_kind("system") || self.is_kind("domain"),
                EntityTab::Apis => apis::has(&self.entity),
                EntityTab::Problems => self.tab == EntityTab::Problems || self.problem_count() > 0,
                _ => true,
            })
            .collect()
    }

    fn problem_count(&self) -> usize {
        self.problems.as_ref().map_or(0, Vec::len)
    }

    fn draw_problems(&self) -> AnyView {
        match &self.problems {
            Ok(problems) if problems.is_empty() => {
                view! { <EmptyStateView icon=Icon::CheckCircle title="Nothing is wrong" text="The descriptor was read without a complaint."/> }
                    .into_any()
            }
            Ok(problems) => view! {
                <section class="card" aria-label="Problems">
                    <div class="card-body">{problem_list(problems, &self.names, self.is_kind("location"))}</div>
                </section>
            }
            .into_any(),
            Err(_) => ().into_any(),
        }
    }
}
