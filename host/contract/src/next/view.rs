//! Views: from the contract's types to `host_model`'s, with bounds on everything that later code walks through.

use host_model::Severity;
use host_model::view as model;

use super::bindings::callboard::plugin::types;
use super::bindings::callboard::plugin::view as wit;
use crate::check::{self, Checked};

/// Bounds for lists within a view. The host's own checks compare references with what they refer to, so that lists
/// without a bound would cost the square of their length.
const MAX_ACTIONS: usize = 200;
const MAX_BUTTONS: usize = 50;
const MAX_COLUMNS: usize = 50;
const MAX_EDGES: usize = 2_000;
const MAX_ITEMS: usize = 1_000;
const MAX_NODES: usize = 500;
const MAX_POINTS: usize = 10_000;
const MAX_ROW_ACTIONS: usize = 10;
const MAX_ROWS: usize = 5_000;
const MAX_SERIES: usize = 20;
const MAX_NOTES: usize = 50;

/// A view that can be drawn.
pub(super) fn view(view: wit::View) -> Checked<model::View> {
    check::count("blocks in the view", view.blocks.len(), model::MAX_BLOCKS)?;
    check::count("roots of the view", view.roots.len(), model::MAX_BLOCKS)?;
    check::count("actions of the view", view.actions.len(), MAX_ACTIONS)?;
    check::count("notes on what is missing", view.missing.len(), MAX_NOTES)?;
    check::unique("the action", view.actions.iter().map(|action| action.id.as_str()))?;
    let view = model::View {
        blocks: view.blocks.into_iter().map(block).collect::<Checked<_>>()?,
        roots: view.roots,
        actions: view.actions.into_iter().map(action).collect::<Checked<_>>()?,
        fetched_at: view.fetched_at,
        source: view.source.map(link),
        missing: view.missing,
    };
    view.validate().map_err(|error| error.to_string())?;
    Ok(view)
}

fn block(block: wit::Block) -> Checked<model::Block> {
    Ok(match block {
        wit::Block::Section(section) => model::Block::Section(self::section(section)?),
        wit::Block::Heading(text) => model::Block::Heading(text),
        wit::Block::Text(text) => model::Block::Text(text),
        wit::Block::Markdown(text) => model::Block::Markdown(text),
        wit::Block::KeyValues(values) => {
            model::Block::KeyValues(list("key-value pairs in one block", values, MAX_ITEMS, |pair| {
                Ok(model::KeyValue { key: pair.key, value: cell(pair.value)? })
            })?)
        }
        wit::Block::Table(table) => model::Block::Table(self::table(table)?),
        wit::Block::Status(status) => model::Block::Status(self::status(status)),
        wit::Block::Stats(stats) => model::Block::Stats(list("stats in one block", stats, MAX_ITEMS, |stat| {
            Ok(model::Stat {
                label: stat.label,
                value: cell(stat.value)?,
                level: stat.level.map(level),
                change: stat.change,
            })
        })?),
        wit::Block::Progress(progress) => model::Block::Progress(model::Progress {
            label: progress.label,
            value: progress.value,
            maximum: progress.maximum,
            level: progress.level.map(level),
        }),
        wit::Block::Chart(chart) => model::Block::Chart(self::chart(chart)?),
        wit::Block::Timeline(moments) => {
            model::Block::Timeline(list("moments in one timeline", moments, MAX_ITEMS, |moment| {
                Ok(model::Moment {
                    time: moment.time,
                    title: moment.title,
                    level: moment.level.map(level),
                    detail: moment.detail,
                    url: moment.url,
                })
            })?)
        }
        wit::Block::Tree(nodes) => model::Block::Tree(list("nodes in one tree", nodes, MAX_ITEMS, |node| {
            Ok(model::TreeNode {
                label: node.label,
                parent: node.parent,
                status: node.status.map(status),
                url: node.url,
            })
        })?),
        wit::Block::Log(log) => {
            model::Block::Log(model::LogText { text: log.text, first_line: log.first_line, truncated: log.truncated })
        }
        wit::Block::Code(code) => {
            model::Block::Code(model::Code { language: code.language, text: code.text, title: code.title })
        }
        wit::Block::Links(links) => {
            model::Block::Links(list("links in one block", links, MAX_ITEMS, |item| Ok(link(item)))?)
        }
        wit::Block::Entities(refs) => model::Block::Entities(list("entities in one block", refs, MAX_ITEMS, Ok)?),
        wit::Block::Graph(graph) => model::Block::Graph(self::graph(graph)?),
        wit::Block::Callout(callout) => model::Block::Callout(model::Callout {
            severity: severity(callout.severity),
            title: callout.title,
            text: callout.text,
        }),
        wit::Block::EmptyState(state) => model::Block::EmptyState(model::EmptyState {
            title: state.title,
            text: state.text,
            link: state.link.map(link),
        }),
        wit::Block::Form(form) => model::Block::Form(self::form(form)?),
        wit::Block::Buttons(ids) => model::Block::Buttons(list("buttons in one block", ids, MAX_BUTTONS, Ok)?),
    })
}

fn section(section: wit::Section) -> Checked<model::Section> {
    check::count("children of one section", section.children.len(), model::MAX_BLOCKS)?;
    Ok(model::Section {
        title: section.title,
        children: section.children,
        layout: match section.layout {
            wit::Layout::Stack => model::Layout::Stack,
            wit::Layout::Columns => model::Layout::Columns,
        },
        collapsed: section.collapsed,
    })
}

fn table(table: wit::Table) -> Checked<model::Table> {
    check::count("columns of one table", table.columns.len(), MAX_COLUMNS)?;
    Ok(model::Table {
        columns: table
            .columns
            .into_iter()
            .map(|column| model::Column {
                title: column.title,
                sortable: column.sortable,
                align: match column.align {
                    wit::Align::Start => model::Align::Start,
                    wit::Align::End => model::Align::End,
                },
            })
            .collect(),
        rows: list("rows of one table", table.rows, MAX_ROWS, |row| {
            Ok(model::Row {
                cells: list("cells of one row", row.cells, MAX_COLUMNS, cell)?,
                actions: list("actions of one row", row.actions, MAX_ROW_ACTIONS, |action| {
                    check::json("the input of a row's action", &action.input)?;
                    Ok(model::RowAction { action: action.action, input: action.input })
                })?,
            })
        })?,
        total: table.total,
        empty: table.empty,
    })
}

fn chart(chart: wit::Chart) -> Checked<model::Chart> {
    Ok(model::Chart {
        title: chart.title,
        kind: match chart.kind {
            wit::ChartKind::Line => model::ChartKind::Line,
            wit::ChartKind::Area => model::ChartKind::Area,
            wit::ChartKind::Bar => model::ChartKind::Bar,
            wit::ChartKind::Sparkline => model::ChartKind::Sparkline,
        },
        unit: chart.unit,
        series: list("series of one chart", chart.series, MAX_SERIES, |series| {
            Ok(model::Series {
                name: series.name,
                points: list("points of one series", series.points, MAX_POINTS, |point| {
                    Ok(model::Point {
                        x: match point.x {
                            wit::Coordinate::Time(time) => model::Coordinate::Time(time),
                            wit::Coordinate::Number(number) => model::Coordinate::Number(number),
                            wit::Coordinate::Label(label) => model::Coordinate::Label(label),
                        },
                        y: point.y,
                    })
                })?,
            })
        })?,
    })
}

fn graph(graph: wit::Graph) -> Checked<model::Graph> {
    Ok(model::Graph {
        nodes: list("nodes of one graph", graph.nodes, MAX_NODES, |node| {
            Ok(model::GraphNode {
                id: node.id,
                label: node.label,
                entity: node.entity,
                status: node.status.map(status),
                url: node.url,
            })
        })?,
        edges: list("edges of one graph", graph.edges, MAX_EDGES, |edge| {
            Ok(model::GraphEdge { source: edge.source, target: edge.target, label: edge.label })
        })?,
    })
}

fn form(form: wit::Form) -> Checked<model::Form> {
    check::schema("the schema of a form", &form.schema)?;
    check::json("the values of a form", &form.values)?;
    Ok(model::Form { action: form.action, schema: form.schema, values: form.values, submit: form.submit })
}

fn action(action: wit::Action) -> Checked<model::Action> {
    Ok(model::Action {
        id: check::some_text("the id of an action", action.id, 100)?,
        title: check::some_text("the title of an action", action.title, 200)?,
        danger: match action.danger {
            wit::Danger::Normal => model::Danger::Normal,
            wit::Danger::Caution => model::Danger::Caution,
            wit::Danger::Destructive => model::Danger::Destructive,
        },
        confirm: action.confirm,
    })
}

fn cell(cell: wit::Cell) -> Checked<model::Cell> {
    Ok(match cell {
        wit::Cell::Empty => model::Cell::Empty,
        wit::Cell::Text(text) => model::Cell::Text(text),
        wit::Cell::Link(item) => model::Cell::Link(link(item)),
        wit::Cell::Entity(entity) => model::Cell::Entity(entity),
        wit::Cell::Person(person) => {
            model::Cell::Person(model::Person { name: person.name, entity: person.entity, url: person.url })
        }
        wit::Cell::Status(status) => model::Cell::Status(self::status(status)),
        wit::Cell::Badge(text) => model::Cell::Badge(text),
        wit::Cell::Badges(texts) => model::Cell::Badges(list("badges in one cell", texts, MAX_BUTTONS, Ok)?),
        wit::Cell::Time(time) => model::Cell::Time(time),
        wit::Cell::Duration(duration) => model::Cell::Duration(duration),
        wit::Cell::Bytes(bytes) => model::Cell::Bytes(bytes),
        wit::Cell::Number(number) => model::Cell::Number(model::Number { value: number.value, unit: number.unit }),
        wit::Cell::Boolean(boolean) => model::Cell::Boolean(boolean),
        wit::Cell::Code(code) => model::Cell::Code(code),
    })
}

fn link(link: wit::Link) -> model::Link {
    model::Link { text: link.text, url: link.url }
}

fn status(status: wit::Status) -> model::Status {
    model::Status { level: level(status.level), text: status.text, detail: status.detail }
}

fn level(level: wit::Level) -> model::Level {
    match level {
        wit::Level::Ok => model::Level::Ok,
        wit::Level::Warning => model::Level::Warning,
        wit::Level::Error => model::Level::Error,
        wit::Level::Pending => model::Level::Pending,
        wit::Level::Running => model::Level::Running,
        wit::Level::Muted => model::Level::Muted,
        wit::Level::Unknown => model::Level::Unknown,
    }
}

pub(super) fn severity(severity: types::Severity) -> Severity {
    match severity {
        types::Severity::Info => Severity::Info,
        types::Severity::Warning => Severity::Warning,
        types::Severity::Error => Severity::Error,
    }
}

fn list<A, B>(what: &str, items: Vec<A>, most: usize, convert: impl FnMut(A) -> Checked<B>) -> Checked<Vec<B>> {
    check::count(what, items.len(), most)?;
    items.into_iter().map(convert).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(blocks: Vec<wit::Block>) -> wit::View {
        let roots = (0..u32::try_from(blocks.len()).unwrap()).collect();
        wit::View { blocks, roots, actions: vec![], fetched_at: None, source: None, missing: vec![] }
    }

    fn action(id: &str) -> wit::Action {
        wit::Action { id: id.into(), title: "Go".into(), danger: wit::Danger::Normal, confirm: None }
    }

    #[test]
    fn refuses_views_that_could_not_be_drawn_or_would_take_long_to_check() {
        let rows = |count: usize, input: &str| {
            let row = || wit::Row {
                cells: vec![],
                actions: vec![wit::RowAction { action: "a".into(), input: input.into() }],
            };
            let rows = std::iter::repeat_with(row).take(count).collect();
            wit::Block::Table(wit::Table { columns: vec![], rows, total: None, empty: None })
        };
        let node = |id: usize| wit::GraphNode {
            id: id.to_string(),
            label: String::new(),
            entity: None,
            status: None,
            url: None,
        };
        let graph =
            |nodes: usize| wit::Block::Graph(wit::Graph { nodes: (0..nodes).map(node).collect(), edges: vec![] });
        let form = |schema: &str| {
            wit::Block::Form(wit::Form {
                action: "a".into(),
                schema: schema.into(),
                values: "{}".into(),
                submit: "Go".into(),
            })
        };
        for (blocks, message) in [
            (vec![wit::Block::Heading("x".into())], ""),
            (vec![rows(1, "{}")], ""),
            (vec![rows(1, "{")], "the input of a row's action is not JSON"),
            (vec![rows(5_001, "{}")], "there are 5001 rows of one table, at most 5000 are allowed"),
            (vec![graph(500)], ""),
            (vec![graph(501)], "nodes of one graph"),
            (vec![form("{}")], ""),
            (vec![form("[]")], "neither an object nor a boolean"),
            (vec![wit::Block::Buttons(vec!["b".into()])], "does not declare"),
            (vec![wit::Block::Heading("x".into()); 501], "501 blocks in the view"),
        ] {
            let mut view = of(blocks);
            view.actions = vec![action("a")];
            match super::view(view) {
                Ok(_) => assert_eq!(message, ""),
                Err(error) => assert!(!message.is_empty() && error.contains(message), "{error}"),
            }
        }
    }

    #[test]
    fn refuses_two_actions_with_one_id() {
        let mut view = of(vec![]);
        view.actions = vec![action("a"), action("a")];
        assert_eq!(super::view(view).unwrap_err(), "the action \"a\" is declared twice");
    }
}
