//! The first tab: what the entity is, what it touches, and what plugins know of it.

use frontend_islands::GraphHelper;
use frontend_ui::{
    CalloutView, Card, EmptyStateView, GraphView, Icon, LinkButton, SafeLink, entity_drawing, format, with_query,
};
use host_api::EntityGraph;
use host_model::Severity;
use leptos::prelude::*;
use serde_json::Value;

use super::{EntityPage, Overview, about, people, related};

/// The tab.
pub(super) fn draw(page: &EntityPage, overview: &Overview) -> AnyView {
    let panels = match &overview.panels {
        Ok(panels) => panels.iter().map(|panel| panel.draw()).collect::<Vec<_>>().into_any(),
        Err(error) => {
            let message = error.message.clone();
            view! {
                <CalloutView severity=Severity::Warning title="The panels of plugins could not be asked for">
                    <p>{message}</p>
                </CalloutView>
            }
            .into_any()
        }
    };
    view! {
        <div class="grid">
            <div class="stack" data-width="medium">{about::card(page)} {links(page)}</div>
            {graph_card(page, overview)}
            {page.is_kind("location").then(|| problems_card(page))}
            {steps(page)}
            {overview.people.as_ref().map(|people| people::cards(page, people))}
            {panels}
            {related::cards(page)}
        </div>
    }
    .into_any()
}

fn graph_card(page: &EntityPage, overview: &Overview) -> AnyView {
    let all = with_query("/catalog-graph", [("entity", page.reference.to_string().as_str())]);
    match &overview.graph {
        Ok(graph) if graph.nodes.len() > 1 => {
            let drawing = entity_drawing(graph, &page.reference);
            let label = format!("Relations of {}", page.entity.title());
            let truncated = truncated_note(graph);
            view! {
                <Card title="Relations" icon=Icon::Graph width="medium" flush=true
                    actions=view! { <LinkButton href=all small=true>"Explore"</LinkButton> }.into_any()>
                    <div data-graph=""><GraphView drawing label/><GraphHelper/></div>
                    {truncated}
                </Card>
            }
            .into_any()
        }
        Ok(_) if page.is_kind("location") => ().into_any(),
        Ok(_) => view! {
            <Card title="Relations" icon=Icon::Graph width="medium">
                <EmptyStateView icon=Icon::Graph title="No relations yet" text="Owners, systems, APIs and dependencies that the descriptor names are drawn here."/>
            </Card>
        }
        .into_any(),
        Err(error) => {
            let message = format!("The graph could not be drawn: {}", error.message);
            view! {
                <Card title="Relations" icon=Icon::Graph width="medium"><p class="muted">{message}</p></Card>
            }
            .into_any()
        }
    }
}

/// Says that a graph does not show everything.
pub(crate) fn truncated_note(graph: &EntityGraph) -> Option<AnyView> {
    let text = match graph.omitted {
        0 => "Only a part of it is drawn.".to_owned(),
        omitted => format!("Only the nearest entities are drawn; at least {omitted} more are within reach."),
    };
    graph.truncated.then(|| view! { <p class="graph-truncated">{text}</p> }.into_any())
}

/// What is wrong with everything that a location leads to.
fn problems_card(page: &EntityPage) -> AnyView {
    let body = match &page.problems {
        Ok(problems) if problems.is_empty() => {
            let text = "Everything that it leads to was read without a complaint.";
            view! { <EmptyStateView icon=Icon::CheckCircle title="Nothing is wrong" text/> }.into_any()
        }
        Ok(problems) => {
            let href = format!("{}/problems", page.reference.page_path());
            let count = format::count(problems.len() as u64, "problem", "problems");
            view! { <p><a href=href>{count}</a>" in what it leads to."</p> }.into_any()
        }
        Err(_) => view! { <p class="muted">"They could not be looked up."</p> }.into_any(),
    };
    view! { <Card title="Problems" icon=Icon::Warning width="medium">{body}</Card> }.into_any()
}

fn links(page: &EntityPage) -> Option<AnyView> {
    let links = page.entity.links();
    if links.is_empty() {
        return None;
    }
    let items: Vec<_> = links
        .into_iter()
        .map(|link| {
            let icon = icon_of(link.icon.as_deref().unwrap_or_default());
            view! { <li><SafeLink url=link.url text=link.title.unwrap_or_default() icon/></li> }
        })
        .collect();
    Some(
        view! { <Card title="Links" icon=Icon::Link width="medium"><ul class="entity-links">{items}</ul></Card> }
            .into_any(),
    )
}

/// The drawing for the icon's name that a descriptor gives.
fn icon_of(name: &str) -> Icon {
    match name.to_lowercase().as_str() {
        "docs" | "book" | "techdocs" => Icon::Docs,
        "dashboard" | "chart" | "grafana" => Icon::Chart,
        "github" | "git" | "code" | "source" => Icon::Code,
        "email" | "mail" | "chat" | "message" | "slack" => Icon::Mail,
        "catalog" => Icon::Catalog,
        "group" | "people" => Icon::Group,
        "user" | "person" => Icon::User,
        "alert" | "warning" | "alerts" => Icon::Warning,
        "search" => Icon::Search,
        "web" | "site" | "language" | "public" => Icon::External,
        "help" => Icon::Question,
        "terminal" | "cloud" => Icon::Terminal,
        _ => Icon::Link,
    }
}

/// What a template will do, step by step.
fn steps(page: &EntityPage) -> Option<AnyView> {
    if !page.is_kind("template") {
        return None;
    }
    let steps = page.entity.pointer("/spec/steps").and_then(Value::as_array)?;
    let items: Vec<_> = steps
        .iter()
        .take(50)
        .map(|step| {
            let text = |key: &str| step.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
            let action = text("action");
            let name = Some(text("name")).filter(|name| !name.is_empty()).unwrap_or_else(|| action.clone());
            view! { <li class="template-step"><span>{name}</span><code>{action}</code></li> }
        })
        .collect();
    Some(
        view! { <Card title="Steps" icon=Icon::Play width="medium"><ol class="template-steps">{items}</ol></Card> }
            .into_any(),
    )
}
