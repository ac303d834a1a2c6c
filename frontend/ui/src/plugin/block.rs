//! Draws the blocks of a view.

use host_model::Severity;
use host_model::view::{Action, Align, Block, Callout, Code, EmptyState, Form, Graph, Progress, Stat, Table};
use leptos::prelude::*;
use serde_json::{Map, Value};

use super::PanelContext;
use super::action::{action_button, hidden};
use super::cell::{draw_cell, draw_entity, draw_status};
use super::sort::{next_sort, parse_sort, sort_rows};
use crate::graph::plugin_drawing;
use crate::{
    CalloutView, ChartView, CodeBlock, DataTable, EmptyStateView, Fact, GraphView, KeyValues, LogView, ProgressBar,
    SafeLink, SchemaFields, SortOrder, StatItem, StatRow, TableColumn, Timeline, TimelineItem, TreeView, format,
    safe_url,
};

/// Draws any block but a section, which its caller draws with its children.
pub(super) fn draw_block(index: u32, block: Block, actions: &[Action], context: &PanelContext) -> AnyView {
    match block {
        Block::Section(_) => ().into_any(),
        Block::Heading(text) => view! { <h3 class="plugin-heading">{text}</h3> }.into_any(),
        Block::Text(text) => view! { <p class="preserve">{text}</p> }.into_any(),
        Block::Markdown(text) => rendered(index, text, context),
        Block::KeyValues(values) => {
            let facts = values.into_iter().map(|item| Fact::new(item.key, draw_cell(item.value, context))).collect();
            view! { <KeyValues facts/> }.into_any()
        }
        Block::Table(table) => draw_table(index, table, actions, context),
        Block::Status(status) => draw_status(status),
        Block::Stats(stats) => {
            let stats = stats.into_iter().map(|stat| draw_stat(stat, context)).collect();
            view! { <StatRow stats/> }.into_any()
        }
        Block::Progress(Progress { label, value, maximum, level }) => {
            view! { <ProgressBar label value maximum level/> }.into_any()
        }
        Block::Chart(chart) => view! { <ChartView chart/> }.into_any(),
        Block::Timeline(moments) => {
            let items = moments.into_iter().map(|moment| TimelineItem {
                time: moment.time,
                title: moment.title,
                level: moment.level,
                detail: moment.detail.unwrap_or_default(),
                url: moment.url,
            });
            view! { <Timeline items=items.collect() now=context.now/> }.into_any()
        }
        Block::Tree(nodes) => view! { <TreeView nodes/> }.into_any(),
        Block::Log(log) => {
            view! { <LogView text=log.text first_line=log.first_line truncated=log.truncated/> }.into_any()
        }
        Block::Code(Code { language, text, title }) => {
            let highlighted = context.html.get(&index).cloned();
            let (title, language) = (title.unwrap_or_default(), language.unwrap_or_default());
            view! { <CodeBlock text title language highlighted/> }.into_any()
        }
        Block::Links(links) => {
            let links: Vec<_> = links
                .into_iter()
                .map(|link| (context.link(link.url), link.text))
                .map(|(url, text)| view! { <li><SafeLink url text/></li> })
                .collect();
            view! { <ul class="plugin-list" data-flow="row">{links}</ul> }.into_any()
        }
        Block::Entities(references) => {
            let links: Vec<_> =
                references.into_iter().map(|reference| view! { <li>{draw_entity(reference, context)}</li> }).collect();
            view! { <ul class="plugin-list">{links}</ul> }.into_any()
        }
        Block::Graph(graph) => draw_graph(&graph, context),
        Block::Callout(Callout { severity, title, text }) => {
            let body = rendered(index, text, context);
            view! { <CalloutView severity title=title.unwrap_or_default()>{body}</CalloutView> }.into_any()
        }
        Block::EmptyState(EmptyState { title, text, link }) => {
            let link = link.map(|link| (context.link(link.url), link.text)).filter(|(url, _)| safe_url(url).is_some());
            match link {
                Some((url, link)) => view! {
                    <EmptyStateView title text><SafeLink url text=link/></EmptyStateView>
                }
                .into_any(),
                None => view! { <EmptyStateView title text/> }.into_any(),
            }
        }
        Block::Form(form) => draw_form(index, form, actions, context),
        Block::Buttons(ids) => {
            let buttons: Vec<_> = ids
                .iter()
                .enumerate()
                .filter_map(|(number, id)| {
                    let action = actions.iter().find(|action| action.id == *id)?;
                    Some(action_button(action, String::new(), &format!("{index}-{number}"), false, context))
                })
                .collect();
            view! { <div class="plugin-buttons">{buttons}</div> }.into_any()
        }
    }
}

/// The server's HTML of a block; its plain text when there is none.
fn rendered(index: u32, text: String, context: &PanelContext) -> AnyView {
    match context.html.get(&index) {
        Some(html) => view! { <div class="prose" inner_html=html.as_str().to_owned()></div> }.into_any(),
        None => view! { <p class="preserve">{text}</p> }.into_any(),
    }
}

fn draw_stat(stat: Stat, context: &PanelContext) -> StatItem {
    StatItem {
        label: stat.label,
        value: draw_cell(stat.value, context),
        level: stat.level,
        change: stat.change.unwrap_or_default(),
    }
}

/// A table, sorted as the page's address says, with the buttons of each row in a column of their own.
fn draw_table(index: u32, mut table: Table, actions: &[Action], context: &PanelContext) -> AnyView {
    let part = format!("sort{index}");
    let sort = parse_sort(context.state(&part), &table);
    if let Some((column, order)) = sort {
        sort_rows(&mut table.rows, column, order);
    }
    let shown = table.rows.len() as u64;
    let more = table.total.filter(|&total| total > shown).map(|total| {
        let text = format!("Showing {} of {}", format::group_digits(shown), format::group_digits(total));
        view! { <p class="plugin-more">{text}</p> }
    });
    let with_actions = table.rows.iter().any(|row| !row.actions.is_empty());
    let mut columns: Vec<TableColumn> = Vec::with_capacity(table.columns.len() + 1);
    for (number, column) in table.columns.into_iter().enumerate() {
        let sorted: Option<SortOrder> = sort.filter(|(by, _)| *by == number).map(|(_, order)| order);
        let href = column.sortable.then(|| context.state_href(&part, &next_sort(number, sorted)));
        let end = column.align == Align::End;
        columns.push(TableColumn { title: column.title, end, sort_href: href, sorted, hidden_title: false });
    }
    if with_actions {
        columns.push(TableColumn::new("Actions").end().hidden_title());
    }
    let mut rows: Vec<Vec<AnyView>> = Vec::with_capacity(table.rows.len());
    for (number, row) in table.rows.into_iter().enumerate() {
        let mut cells: Vec<AnyView> = row.cells.into_iter().map(|cell| draw_cell(cell, context)).collect();
        if with_actions {
            let buttons: Vec<_> = row
                .actions
                .into_iter()
                .enumerate()
                .filter_map(|(button, wanted)| {
                    let action = actions.iter().find(|action| action.id == wanted.action)?;
                    let place = format!("{index}-{number}-{button}");
                    Some(action_button(action, wanted.input, &place, true, context))
                })
                .collect();
            cells.push(view! { <span class="plugin-buttons">{buttons}</span> }.into_any());
        }
        rows.push(cells);
    }
    let empty = view! { <p class="table-empty">{table.empty.unwrap_or_else(|| "Nothing here.".to_owned())}</p> };
    view! { <div class="plugin-table"><DataTable caption="Table" columns rows empty=empty.into_any()/>{more}</div> }
        .into_any()
}

/// A graph as a drawing; a large one as a list of its nodes and edges.
fn draw_graph(graph: &Graph, context: &PanelContext) -> AnyView {
    if graph.nodes.is_empty() {
        return view! { <p class="muted">"The graph is empty."</p> }.into_any();
    }
    if let Some(drawing) = plugin_drawing(graph) {
        return view! { <div class="plugin-graph"><GraphView drawing label="Graph"/></div> }.into_any();
    }
    let nodes: Vec<_> = graph
        .nodes
        .iter()
        .map(|node| {
            let name = match (&node.entity, &node.url) {
                (Some(reference), _) => draw_entity(reference.clone(), context),
                (None, Some(url)) => view! { <SafeLink url=url.clone() text=node.label.clone()/> }.into_any(),
                (None, None) => node.label.clone().into_any(),
            };
            view! { <li>{name}" "{node.status.clone().map(draw_status)}</li> }
        })
        .collect();
    let count = format::count(graph.edges.len() as u64, "edge", "edges");
    view! {
        <p class="muted">{format!("This graph is too large to be drawn; it has {count}.")}</p>
        <ul class="plugin-list">{nodes}</ul>
    }
    .into_any()
}

/// A form, with the answers that were refused when there are any.
fn draw_form(index: u32, form: Form, actions: &[Action], context: &PanelContext) -> AnyView {
    let Some(action) = actions.iter().find(|action| action.id == form.action) else { return ().into_any() };
    let Ok(schema) = serde_json::from_str::<Value>(&form.schema) else {
        return view! {
            <CalloutView severity=Severity::Error title="This form cannot be shown">
                <p>"The plugin gave a schema that is not JSON."</p>
            </CalloutView>
        }
        .into_any();
    };
    let refused = context.refused.as_ref().filter(|(id, _)| *id == form.action).map(|(_, state)| state.clone());
    let (values, errors, message) = match refused {
        Some(state) => (state.values, state.errors, state.message),
        None => {
            (serde_json::from_str::<Map<String, Value>>(&form.values).unwrap_or_default(), Vec::new(), String::new())
        }
    };
    let message = (!message.is_empty()).then(|| {
        view! { <CalloutView severity=Severity::Error><p>{message}</p></CalloutView> }
    });
    let place = index.to_string();
    let id_prefix = format!("{}-{index}", context.id);
    let variant = if action.danger == host_model::view::Danger::Destructive { "danger" } else { "primary" };
    let question = action.confirm.clone().map(|question| view! { <p class="muted small preserve">{question}</p> });
    let submit = if form.submit.trim().is_empty() { action.title.clone() } else { form.submit };
    view! {
        <form class="plugin-form" method="post" action=context.action_url.clone() data-panel-form="">
            {message}
            {hidden(action, String::new(), &place, context)}
            <SchemaFields schema values errors id_prefix/>
            {question}
            <div><button class="button" type="submit" data-variant=variant>{submit}</button></div>
        </form>
    }
    .into_any()
}
