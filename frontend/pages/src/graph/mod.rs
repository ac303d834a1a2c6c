//! The surroundings of one entity as a graph, or the relations between all that filters mean.

mod asked;
mod form;
mod list;

use std::sync::Arc;

use frontend_islands::GraphHelper;
use frontend_ui::{
    CalloutView, Card, EmptyStateView, GraphView, Icon, LinkButton, PageHeader, entity_drawing, format, with_query,
};
use host_api::{ApiErrorKind, ApiResult, EntityGraph, PageContext};
use host_model::{EntityRef, Severity};
use leptos::prelude::*;

use crate::Page;
use crate::entity::truncated_note;
use crate::failure::no_such_entity;
use crate::query::Query;
use asked::Asked;

/// What came of the question.
enum Outcome {
    Nothing,
    /// The reference or a filter cannot be read.
    Wrong(String),
    Graph(Option<EntityRef>, EntityGraph),
}

/// The page.
pub(crate) async fn load(context: &PageContext, query: &Query<'_>) -> ApiResult<Page> {
    let asked = Asked::new(query);
    let page = |title: String, outcome: Outcome| {
        let data = Arc::new((asked.clone(), outcome));
        Ok(Page::new(title, move || draw(&data.0, &data.1)))
    };
    if asked.entity.is_empty() && asked.filters.is_empty() {
        return page("Graph · Catalog".to_owned(), Outcome::Nothing);
    }
    let roots = match asked.roots() {
        Ok(roots) => roots,
        Err(error) => return page("Graph · Catalog".to_owned(), Outcome::Wrong(error.to_string())),
    };
    let (root, is_only) = (roots.first().cloned(), roots.len() == 1);
    match context.portal.graph(&context.principal, asked.query(roots)).await {
        Ok(graph) => {
            let name = root.as_ref().map_or_else(String::new, |root| format!("{} · ", root.name()));
            page(format!("{name}Graph · Catalog"), Outcome::Graph(root, graph))
        }
        Err(error) => match (error.kind, root) {
            (ApiErrorKind::NotFound, Some(root)) if is_only => Ok(no_such_entity(context, &root).await),
            (ApiErrorKind::Input | ApiErrorKind::NotFound, _) => {
                page("Graph · Catalog".to_owned(), Outcome::Wrong(error.message))
            }
            _ => Err(error),
        },
    }
}

fn draw(asked: &Asked, outcome: &Outcome) -> AnyView {
    let body = match outcome {
        Outcome::Nothing => nothing(),
        Outcome::Wrong(message) => {
            let message = message.clone();
            view! {
                <CalloutView severity=Severity::Error title="This cannot be drawn"><p>{message}</p></CalloutView>
            }
            .into_any()
        }
        Outcome::Graph(_, graph) if graph.nodes.is_empty() => view! {
            <EmptyStateView icon=Icon::Graph title="Nothing matches" text="No entity matches the filter of this address.">
                <LinkButton href="/catalog-graph">"Begin anew"</LinkButton>
            </EmptyStateView>
        }
        .into_any(),
        Outcome::Graph(root, graph) => graph_card(asked, root.as_ref(), graph),
    };
    let graph = match outcome {
        Outcome::Graph(_, graph) => Some(graph),
        _ => None,
    };
    let form = form::draw(asked, graph);
    view! {
        <PageHeader title="Graph" description="What an entity touches, and what touches it."/>
        <div class="stack">{form} {body}</div>
    }
    .into_any()
}

fn nothing() -> AnyView {
    let whole = with_query("/catalog-graph", [("filter", "kind=domain"), ("filter", "kind=system")]);
    view! {
        <EmptyStateView icon=Icon::Graph title="Choose an entity" text="Write its reference above, such as component:default/checkout, or come here from an entity's page.">
            <LinkButton href=whole>"All domains and systems"</LinkButton>
            <LinkButton href="/catalog">"Browse the catalog"</LinkButton>
        </EmptyStateView>
    }
    .into_any()
}

fn graph_card(asked: &Asked, root: Option<&EntityRef>, graph: &EntityGraph) -> AnyView {
    let current = root.cloned().unwrap_or_else(|| EntityRef::new("", "", ""));
    let drawing = entity_drawing(graph, &current);
    let title = match root {
        Some(root) => {
            let node = graph.nodes.iter().find(|node| node.entity_ref == *root);
            node.map_or_else(|| root.name().to_owned(), |node| node.title.clone())
        }
        None => "Matching entities".to_owned(),
    };
    let title = match asked.roots().map_or(0, |roots| roots.len()) {
        several @ 2.. => format!("{title} and {} more", several - 1),
        _ => title,
    };
    let label = match root {
        Some(_) => format!("Surroundings of {title}"),
        None => "Relations between matching entities".to_owned(),
    };
    let drawn = graph.nodes.len() + graph.groups.iter().map(|group| group.members.len()).sum::<usize>();
    let note = format!(
        "{}, {}",
        format::count(drawn as u64, "entity", "entities"),
        format::count(graph.edges.len() as u64, "relation", "relations")
    );
    let actions = root.map(|root| view! { <LinkButton href=root.page_path() small=true>"Open its page"</LinkButton> });
    let truncated = truncated_note(graph);
    let collapsed = collapsed_note(asked, graph);
    let list = list::draw(asked, graph);
    view! {
        <Card title icon=Icon::Graph note flush=true actions=actions.into_any()>
            <div data-graph=""><GraphView drawing label/><GraphHelper/></div>
            {truncated}
            {collapsed}
        </Card>
        {list}
    }
    .into_any()
}

/// Says what is drawn as one, and how to see each by itself.
fn collapsed_note(asked: &Asked, graph: &EntityGraph) -> Option<AnyView> {
    let count: usize = graph.groups.iter().map(|group| group.members.len()).sum();
    if count == 0 {
        return None;
    }
    let groups = format::count(graph.groups.len() as u64, "node", "nodes");
    let text = format!("{count} entities that have the same relations as others are drawn as {groups}. ");
    let href = Asked { each: true, ..asked.clone() }.address();
    Some(view! { <p class="graph-truncated">{text} <a href=href>"Draw each by itself"</a></p> }.into_any())
}
