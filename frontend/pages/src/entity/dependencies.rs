//! What an entity needs, and what needs it.

use frontend_islands::GraphHelper;
use frontend_ui::{Card, EmptyStateView, GraphView, Icon, LinkButton, entity_drawing, format, with_query};
use futures::join;
use host_api::{ApiResult, EntityGraph, GraphQuery, PageContext};
use host_model::EntityRef;
use leptos::prelude::*;

use super::related::rows;
use super::{Dependencies, EntityPage, impact, truncated_note};

/// The most entities of one list.
const MOST: usize = 100;
/// The most entities of one drawing.
const DRAWN: usize = 150;
/// The relations that a diagram of a system or a domain shows.
const DIAGRAM: [&str; 4] = ["partOf", "dependsOn", "providesApi", "consumesApi"];

/// Relation, kind of the other end (empty for any), and title.
const LISTS: [(&str, &str, &str); 5] = [
    ("dependsOn", "component", "Depends on components"),
    ("dependsOn", "resource", "Depends on resources"),
    ("consumesApi", "", "Consumes APIs"),
    ("dependencyOf", "", "Needed by"),
    ("apiConsumedBy", "", "Consumed by"),
];

/// Asks for the drawing of what an entity depends on, and for what depends on it.
pub(super) async fn load(context: &PageContext, reference: &EntityRef) -> Dependencies {
    let relations = ["dependsOn", "consumesApi", "providesApi"];
    let (graph, impact) = join!(graph(context, reference, &relations, 2), impact::load(context, reference));
    Dependencies { graph, impact }
}

/// Asks for the diagram of everything that is part of an entity.
pub(super) async fn load_diagram(context: &PageContext, reference: &EntityRef) -> ApiResult<EntityGraph> {
    graph(context, reference, &DIAGRAM, 2).await
}

async fn graph(context: &PageContext, root: &EntityRef, relations: &[&str], depth: u32) -> ApiResult<EntityGraph> {
    let relations = relations.iter().map(|&relation| relation.to_owned()).collect();
    let query = GraphQuery { depth, relations, limit: DRAWN, ..GraphQuery::around(root.clone()) };
    context.portal.graph(&context.principal, query).await
}

/// The tab of dependencies.
pub(super) fn draw(page: &EntityPage, found: &Dependencies) -> AnyView {
    let cards: Vec<_> = LISTS
        .iter()
        .filter_map(|(relation, kind, title)| {
            let mut found = page.entity.related(relation);
            found.retain(|reference| kind.is_empty() || reference.kind() == *kind);
            (!found.is_empty()).then(|| list(page, title, &found))
        })
        .collect();
    let drawn = found.graph.as_ref().map_or(true, |graph| graph.nodes.len() > 1);
    let drawing = drawn.then(|| drawing(page, &found.graph, "Dependencies"));
    let impact = impact::card(&found.impact);
    let needs = if cards.is_empty() && !page.is_kind("api") {
        view! {
            <EmptyStateView icon=Icon::Graph title="It needs nothing that is known"
                text="Name what it needs in spec.dependsOn (component:name, resource:name) and spec.consumesApis."/>
        }
        .into_any()
    } else {
        view! { <div class="grid">{cards}</div> }.into_any()
    };
    view! { {drawing} {needs} {impact} }.into_any()
}

fn list(page: &EntityPage, title: &'static str, found: &[EntityRef]) -> AnyView {
    let note = format::group_digits(found.len() as u64);
    let rest = found.len().saturating_sub(MOST);
    let rest = (rest > 0).then(|| view! { <p class="related-empty">{format!("and {rest} more")}</p> });
    let rows = rows(&found[..found.len().min(MOST)], &page.names);
    view! {
        <Card title note width="medium" flush=true>{rows}{rest}</Card>
    }
    .into_any()
}

/// The tab with the diagram of a system or a domain.
pub(super) fn draw_diagram(page: &EntityPage, graph: &ApiResult<EntityGraph>) -> AnyView {
    match graph {
        Ok(graph) if graph.nodes.len() < 2 => view! {
            <EmptyStateView icon=Icon::Graph title="There is nothing to draw yet"
                text="Components, APIs and resources that name it as their system, and systems that name it as their domain, are drawn here."/>
        }
        .into_any(),
        graph => drawing(page, graph, "Diagram"),
    }
}

fn drawing(page: &EntityPage, graph: &ApiResult<EntityGraph>, title: &'static str) -> AnyView {
    let all = with_query("/catalog-graph", [("entity", page.reference.to_string().as_str())]);
    match graph {
        Ok(graph) => {
            let drawing = entity_drawing(graph, &page.reference);
            let label = format!("{title} of {}", page.entity.title());
            let truncated = truncated_note(graph);
            view! {
                <Card title icon=Icon::Graph flush=true
                    actions=view! { <LinkButton href=all small=true>"Explore"</LinkButton> }.into_any()>
                    <div data-graph=""><GraphView drawing label/><GraphHelper/></div>
                    {truncated}
                </Card>
            }
            .into_any()
        }
        Err(error) => {
            let message = format!("The drawing could not be made: {}", error.message);
            view! { <Card title icon=Icon::Graph><p class="muted">{message}</p></Card> }.into_any()
        }
    }
}
