//! The same as a list: what is drawn, what is drawn as one, and how to go on from each.

use frontend_ui::{EntityLink, format};
use host_api::{EntityGraph, GraphNode};
use leptos::prelude::*;

use super::asked::Asked;

/// The list; closed at first, unless groups have to be looked up in it.
pub(super) fn draw(asked: &Asked, graph: &EntityGraph) -> AnyView {
    let nodes: Vec<_> = graph.nodes.iter().map(|node| item(asked, node)).collect();
    let groups: Vec<_> = graph
        .groups
        .iter()
        .enumerate()
        .map(|(number, group)| {
            let title = format::count(group.members.len() as u64, "entity", "entities");
            let title = format!("{}: {title} with the same relations", group.kind);
            let members: Vec<_> = group
                .members
                .iter()
                .map(|member| view! { <li><EntityLink reference=member.to_string()/></li> })
                .collect();
            view! {
                <h3 class="graph-group" id=format!("group-{number}")>{title}</h3>
                <ul class="graph-list">{members}</ul>
            }
        })
        .collect();
    let is_open = !graph.groups.is_empty();
    view! {
        <details class="disclosure" open=is_open>
            <summary class="disclosure-summary">"The same as a list"</summary>
            <ul class="graph-list">{nodes}</ul>
            {groups}
        </details>
    }
    .into_any()
}

fn item(asked: &Asked, node: &GraphNode) -> impl IntoView + use<> {
    let more = (node.hidden > 0 && node.exists).then(|| {
        let text = format!("{} more", format::group_digits(u64::from(node.hidden)));
        let label = format!("Draw what is around {}", node.title);
        view! { " " <a class="graph-hidden" href=asked.around(&node.entity_ref) aria-label=label>{text}</a> }
    });
    view! { <li><EntityLink reference=node.entity_ref.to_string() title=node.title.clone()/>{more}</li> }
}
