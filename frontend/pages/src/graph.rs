//! The surroundings of one entity as a graph.

use std::sync::Arc;

use frontend_islands::{FilterHelper, GraphHelper};
use frontend_ui::{
    Button, CalloutView, Card, Choice, EmptyStateView, EntityLink, FilterSelect, FilterText, GraphView, Icon,
    LinkButton, PageHeader, entity_drawing, format,
};
use host_api::{ApiErrorKind, ApiResult, EntityGraph, GraphQuery, PageContext};
use host_model::{EntityRef, Severity};
use leptos::prelude::*;

use crate::Page;
use crate::entity::truncated_note;
use crate::failure::no_such_entity;
use crate::query::Query;

/// The most entities of one drawing.
const MOST: usize = 200;

/// How far the graph reaches at first, and at most.
const DEPTH: u32 = 2;
const MAX_DEPTH: u32 = 5;

/// The page.
pub(crate) async fn load(context: &PageContext, query: &Query<'_>) -> ApiResult<Page> {
    // `rootEntityRefs[]` is what Backstage's links say.
    let wanted =
        query.first("entity").or_else(|| query.first("rootEntityRefs[]")).or_else(|| query.first("rootEntityRefs"));
    let depth = query.first("depth").or_else(|| query.first("maxDepth")).and_then(|text| text.parse().ok());
    let depth = depth.unwrap_or(DEPTH).clamp(1, MAX_DEPTH);
    let Some(wanted) = wanted else { return Ok(Page::new("Graph · Catalog", || draw(None, DEPTH))) };
    let root: EntityRef = match EntityRef::parse_with(&wanted, Some("component"), "default") {
        Ok(root) => root,
        Err(error) => {
            let message = error.to_string();
            return Ok(Page::new("Graph · Catalog", move || {
                draw(Some(Err((wanted.clone(), message.clone()))), depth)
            }));
        }
    };
    let request = GraphQuery {
        root: root.clone(),
        depth,
        relations: query.all("relation"),
        kinds: query.all("kind"),
        limit: MOST,
    };
    match context.portal.graph(&context.principal, request).await {
        Ok(graph) => {
            let data = Arc::new((root, graph));
            Ok(Page::new(format!("{} · Graph · Catalog", data.0.name()), move || {
                draw(Some(Ok((&data.0, &data.1))), depth)
            }))
        }
        Err(error) if error.kind == ApiErrorKind::NotFound => Ok(no_such_entity(context, &root).await),
        Err(error) => Err(error),
    }
}

/// What was asked for: a graph, or a text that is no reference and why.
type Asked<'a> = Result<(&'a EntityRef, &'a EntityGraph), (String, String)>;

fn draw(asked: Option<Asked<'_>>, depth: u32) -> AnyView {
    let value = match &asked {
        Some(Ok((root, _))) => root.to_string(),
        Some(Err((wanted, _))) => wanted.clone(),
        None => String::new(),
    };
    let depths = (1..=MAX_DEPTH)
        .map(|depth| Choice::new(depth.to_string(), format::count(u64::from(depth), "step", "steps")))
        .collect::<Vec<_>>();
    let body = match asked {
        None => view! {
            <EmptyStateView icon=Icon::Graph title="Choose an entity" text="Write its reference above, such as component:default/checkout, or come here from an entity's page.">
                <LinkButton href="/catalog">"Browse the catalog"</LinkButton>
            </EmptyStateView>
        }
        .into_any(),
        Some(Err((_, message))) => view! {
            <CalloutView severity=Severity::Error title="This is no reference to an entity"><p>{message}</p></CalloutView>
        }
        .into_any(),
        Some(Ok((root, graph))) => graph_card(root, graph),
    };
    view! {
        <PageHeader title="Graph" description="What an entity touches, and what touches it."/>
        <div class="stack">
            <form class="graph-form" action="/catalog-graph" method="get">
                <FilterText name="entity" label="Entity" value placeholder="component:default/checkout"/>
                <FilterSelect name="depth" label="Reach" value=depth.to_string() options=depths/>
                <Button>"Draw"</Button>
                <FilterHelper/>
            </form>
            {body}
        </div>
    }
    .into_any()
}

fn graph_card(root: &EntityRef, graph: &EntityGraph) -> AnyView {
    let drawing = entity_drawing(graph, root);
    let title = graph
        .nodes
        .iter()
        .find(|node| node.entity_ref == *root)
        .map_or_else(|| root.name().to_owned(), |node| node.title.clone());
    let label = format!("Surroundings of {title}");
    let note = format!(
        "{}, {}",
        format::count(graph.nodes.len() as u64, "entity", "entities"),
        format::count(graph.edges.len() as u64, "relation", "relations")
    );
    let nodes: Vec<_> = graph
        .nodes
        .iter()
        .map(|node| view! { <li><EntityLink reference=node.entity_ref.to_string() title=node.title.clone()/></li> })
        .collect();
    let truncated = truncated_note(graph);
    view! {
        <Card title icon=Icon::Graph note flush=true actions=view! { <LinkButton href=root.page_path() small=true>"Open its page"</LinkButton> }.into_any()>
            <div data-graph=""><GraphView drawing label/><GraphHelper/></div>
            {truncated}
        </Card>
        <details class="disclosure">
            <summary class="disclosure-summary">"The same as a list"</summary>
            <ul class="graph-list">{nodes}</ul>
        </details>
    }
    .into_any()
}
