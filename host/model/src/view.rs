//! What a plugin shows, as typed data: the Rust mirror of the contract's `view` interface.
//!
//! Blocks are one flat list in which sections name their children by index, since the contract has no recursive types.
//! [`View::validate`] holds the rules that the contract states; what has passed it can be drawn without further checks.

use serde::{Deserialize, Serialize};

use crate::Severity;

/// The most blocks of one view.
pub const MAX_BLOCKS: usize = 500;
/// The most table cells of one view.
pub const MAX_CELLS: usize = 5_000;
/// The most levels of sections.
pub const MAX_DEPTH: usize = 8;

/// See `view` in the contract.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct View {
    /// All blocks; which of them are on the outermost level is told by `roots`.
    pub blocks: Vec<Block>,
    /// Indices into `blocks`, in reading order.
    pub roots: Vec<u32>,
    /// What the reader can do. Buttons, forms and table rows refer to these by id.
    pub actions: Vec<Action>,
    /// When the data was true, if not now. The host shows its age.
    pub fetched_at: Option<i64>,
    /// Where the data comes from: a link to the same thing in the other system.
    pub source: Option<Link>,
    /// What is missing and why, when only part of the data could be had. The host shows it beside the rest.
    pub missing: Vec<String>,
}

/// See `block` in the contract.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", content = "value", rename_all = "kebab-case")]
pub enum Block {
    Section(Section),
    Heading(String),
    /// Plain text; line ends are kept.
    Text(String),
    /// CommonMark with tables. The host cleans it: raw HTML is shown as text.
    Markdown(String),
    KeyValues(Vec<KeyValue>),
    Table(Table),
    Status(Status),
    Stats(Vec<Stat>),
    Progress(Progress),
    Chart(Chart),
    Timeline(Vec<Moment>),
    Tree(Vec<TreeNode>),
    Log(LogText),
    Code(Code),
    Links(Vec<Link>),
    /// Entities by reference; the host resolves names, icons and whether the reader may see them.
    Entities(Vec<String>),
    Graph(Graph),
    Callout(Callout),
    EmptyState(EmptyState),
    Form(Form),
    /// Actions by id, as a row of buttons.
    Buttons(Vec<String>),
}

/// Blocks under a title.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Section {
    pub title: Option<String>,
    /// Indices into the view's blocks.
    pub children: Vec<u32>,
    pub layout: Layout,
    /// Closed until the reader opens it.
    pub collapsed: bool,
}

/// See `layout` in the contract.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Layout {
    /// One below the other.
    Stack,
    /// Beside each other where there is room.
    Columns,
}

/// See `link` in the contract.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Link {
    pub text: String,
    /// An `https:`, `http:` or `mailto:` address, or a path of the portal that begins with `/`. Others are shown
    /// as text.
    pub url: String,
}

/// How something is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Level {
    Ok,
    Warning,
    Error,
    /// Waiting to begin.
    Pending,
    Running,
    /// Stopped or left out on purpose.
    Muted,
    Unknown,
}

/// See `status` in the contract.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Status {
    pub level: Level,
    pub text: String,
    /// More about it, shown on demand.
    pub detail: Option<String>,
}

/// See `number` in the contract.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Number {
    pub value: f64,
    /// A unit in symbols, such as `%`, `ms`, `req/s` or `EUR`.
    pub unit: Option<String>,
}

/// See `person` in the contract.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Person {
    pub name: String,
    /// The person's catalog entity, when known.
    pub entity: Option<String>,
    pub url: Option<String>,
}

/// A value that knows what it is, so that the host can format, sort and link it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", content = "value", rename_all = "kebab-case")]
pub enum Cell {
    Empty,
    Text(String),
    Link(Link),
    Entity(String),
    Person(Person),
    Status(Status),
    /// A short label.
    Badge(String),
    Badges(Vec<String>),
    Time(i64),
    Duration(u64),
    /// A size in bytes.
    Bytes(u64),
    Number(Number),
    Boolean(bool),
    /// Identifiers, hashes, branches: shown in the fixed-width face.
    Code(String),
}

/// See `key-value` in the contract.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct KeyValue {
    pub key: String,
    pub value: Cell,
}

/// See `table` in the contract.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Table {
    pub columns: Vec<Column>,
    pub rows: Vec<Row>,
    /// How many rows there are in all, when not all are here. The host says "showing n of m".
    pub total: Option<u64>,
    /// Shown instead of rows when there are none.
    pub empty: Option<String>,
}

/// See `column` in the contract.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Column {
    pub title: String,
    /// Whether the reader may sort by it.
    pub sortable: bool,
    pub align: Align,
}

/// See `align` in the contract.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Align {
    Start,
    End,
}

/// See `row` in the contract.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Row {
    /// One cell for each column.
    pub cells: Vec<Cell>,
    /// What can be done with this row.
    pub actions: Vec<RowAction>,
}

/// See `row-action` in the contract.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RowAction {
    /// The id of one of the view's actions.
    pub action: String,
    /// The input that is passed to it.
    pub input: String,
}

/// See `stat` in the contract.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Stat {
    pub label: String,
    pub value: Cell,
    pub level: Option<Level>,
    /// The change since before, such as `+3 since yesterday`.
    pub change: Option<String>,
}

/// See `progress` in the contract.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Progress {
    pub label: String,
    pub value: f64,
    /// The value at which it is complete.
    pub maximum: f64,
    pub level: Option<Level>,
}

/// See `chart` in the contract.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Chart {
    pub title: String,
    pub kind: ChartKind,
    /// The unit of the values.
    pub unit: Option<String>,
    pub series: Vec<Series>,
}

/// See `chart-kind` in the contract.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ChartKind {
    Line,
    Area,
    Bar,
    /// A small line without axes.
    Sparkline,
}

/// See `series` in the contract.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Series {
    pub name: String,
    pub points: Vec<Point>,
}

/// See `point` in the contract.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Point {
    pub x: Coordinate,
    pub y: f64,
}

/// See `coordinate` in the contract.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", content = "value", rename_all = "kebab-case")]
pub enum Coordinate {
    Time(i64),
    Number(f64),
    Label(String),
}

/// See `moment` in the contract.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Moment {
    pub time: i64,
    pub title: String,
    pub level: Option<Level>,
    pub detail: Option<String>,
    pub url: Option<String>,
}

/// See `tree-node` in the contract.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TreeNode {
    pub label: String,
    /// The index of the node above it in this list, which comes before it; none at the top.
    pub parent: Option<u32>,
    pub status: Option<Status>,
    pub url: Option<String>,
}

/// See `log-text` in the contract.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct LogText {
    /// Lines, with ANSI colours where there are any.
    pub text: String,
    /// The number of the first line.
    pub first_line: u32,
    /// Whether the beginning was left out.
    pub truncated: bool,
}

/// See `code` in the contract.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Code {
    /// The language, such as `yaml` or `diff`.
    pub language: Option<String>,
    pub text: String,
    pub title: Option<String>,
}

/// See `graph` in the contract.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Graph {
    pub nodes: Vec<GraphNode>,
    pub edges: Vec<GraphEdge>,
}

/// See `graph-node` in the contract.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct GraphNode {
    pub id: String,
    pub label: String,
    pub entity: Option<String>,
    pub status: Option<Status>,
    pub url: Option<String>,
}

/// See `graph-edge` in the contract.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct GraphEdge {
    /// Ids of nodes.
    pub source: String,
    pub target: String,
    pub label: Option<String>,
}

/// See `callout` in the contract.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Callout {
    pub severity: Severity,
    pub title: Option<String>,
    /// CommonMark.
    pub text: String,
}

/// See `empty-state` in the contract.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct EmptyState {
    pub title: String,
    /// What to do next.
    pub text: String,
    pub link: Option<Link>,
}

/// See `form` in the contract.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Form {
    /// The id of the action that gets the answers.
    pub action: String,
    /// JSON Schema (draft 7) of the answers; the host makes the fields and checks them.
    pub schema: String,
    /// The answers to begin with.
    pub values: String,
    pub submit: String,
}

/// See `action` in the contract.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Action {
    /// The name by which blocks refer to it and `act` is told of it.
    pub id: String,
    /// The words on the button.
    pub title: String,
    pub danger: Danger,
    /// The question to ask before. Without one the action runs at once.
    pub confirm: Option<String>,
}

/// See `danger` in the contract.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Danger {
    /// Changes little, or can be undone.
    Normal,
    /// Changes something that others notice.
    Caution,
    /// Cannot be undone.
    Destructive,
}
/// How a view breaks the contract.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ViewError {
    #[error("the view has {0} blocks; at most {MAX_BLOCKS} are allowed")]
    TooManyBlocks(usize),
    #[error("the view's tables have {0} cells; at most {MAX_CELLS} are allowed")]
    TooManyCells(usize),
    #[error("the view refers to block {0}, which does not exist")]
    MissingBlock(u32),
    #[error("block {0} is used more than once, or lies within itself")]
    BlockUsedTwice(u32),
    #[error("sections are nested more than {MAX_DEPTH} levels deep")]
    TooDeep,
    #[error("a table row has {cells} cells in a table of {columns} columns")]
    UnevenRow { cells: usize, columns: usize },
    #[error("the view refers to an action {0:?} that it does not declare")]
    UnknownAction(String),
    #[error("node {0} of a tree names a parent that does not come before it")]
    TreeOrder(usize),
    #[error("an edge of a graph names a node {0:?} that does not exist")]
    UnknownNode(String),
    #[error("a number is infinite or not a number")]
    NotFinite,
}

impl View {
    /// Checks the rules that the contract states.
    ///
    /// # Errors
    /// The first rule that is broken.
    pub fn validate(&self) -> Result<(), ViewError> {
        if self.blocks.len() > MAX_BLOCKS {
            return Err(ViewError::TooManyBlocks(self.blocks.len()));
        }
        self.check_structure()?;
        let mut cells = 0;
        for block in &self.blocks {
            cells += self.check_block(block)?;
        }
        if cells > MAX_CELLS { Err(ViewError::TooManyCells(cells)) } else { Ok(()) }
    }

    /// Walks from the roots, so that every block is met at most once and at a bounded depth.
    fn check_structure(&self) -> Result<(), ViewError> {
        let mut seen = vec![false; self.blocks.len()];
        let mut open: Vec<(u32, usize)> = self.roots.iter().map(|&root| (root, 1)).collect();
        while let Some((index, depth)) = open.pop() {
            let block = self.blocks.get(index as usize).ok_or(ViewError::MissingBlock(index))?;
            if std::mem::replace(&mut seen[index as usize], true) {
                return Err(ViewError::BlockUsedTwice(index));
            }
            if let Block::Section(section) = block {
                if depth >= MAX_DEPTH && !section.children.is_empty() {
                    return Err(ViewError::TooDeep);
                }
                open.extend(section.children.iter().map(|&child| (child, depth + 1)));
            }
        }
        Ok(())
    }

    /// Checks one block and counts its table cells.
    fn check_block(&self, block: &Block) -> Result<usize, ViewError> {
        let finite = |value: f64| if value.is_finite() { Ok(()) } else { Err(ViewError::NotFinite) };
        let action = |id: &String| {
            if self.actions.iter().any(|action| action.id == *id) {
                Ok(())
            } else {
                Err(ViewError::UnknownAction(id.clone()))
            }
        };
        match block {
            Block::Table(table) => {
                for row in &table.rows {
                    if row.cells.len() != table.columns.len() {
                        return Err(ViewError::UnevenRow { cells: row.cells.len(), columns: table.columns.len() });
                    }
                    row.actions.iter().try_for_each(|row_action| action(&row_action.action))?;
                    row.cells.iter().try_for_each(|cell| cell.check(finite))?;
                }
                return Ok(table.rows.len() * table.columns.len());
            }
            Block::KeyValues(values) => values.iter().try_for_each(|value| value.value.check(finite))?,
            Block::Stats(stats) => stats.iter().try_for_each(|stat| stat.value.check(finite))?,
            Block::Progress(progress) => {
                finite(progress.value)?;
                finite(progress.maximum)?;
            }
            Block::Chart(chart) => {
                for point in chart.series.iter().flat_map(|series| &series.points) {
                    finite(point.y)?;
                    if let Coordinate::Number(x) = point.x {
                        finite(x)?;
                    }
                }
            }
            Block::Tree(nodes) => {
                for (index, node) in nodes.iter().enumerate() {
                    if node.parent.is_some_and(|parent| parent as usize >= index) {
                        return Err(ViewError::TreeOrder(index));
                    }
                }
            }
            Block::Graph(graph) => {
                for end in graph.edges.iter().flat_map(|edge| [&edge.source, &edge.target]) {
                    if !graph.nodes.iter().any(|node| node.id == *end) {
                        return Err(ViewError::UnknownNode(end.clone()));
                    }
                }
            }
            Block::Form(form) => action(&form.action)?,
            Block::Buttons(ids) => ids.iter().try_for_each(action)?,
            _ => {}
        }
        Ok(0)
    }
}

impl Cell {
    fn check(&self, finite: impl Fn(f64) -> Result<(), ViewError>) -> Result<(), ViewError> {
        match self {
            Self::Number(number) => finite(number.value),
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn section(children: &[u32]) -> Block {
        Block::Section(Section { title: None, children: children.to_vec(), layout: Layout::Stack, collapsed: false })
    }

    fn view(blocks: Vec<Block>, roots: &[u32]) -> View {
        View { blocks, roots: roots.to_vec(), actions: vec![], fetched_at: None, source: None, missing: vec![] }
    }

    #[test]
    fn refuses_what_could_not_be_drawn() {
        let text = || Block::Text("x".into());
        let deep = (1..=8).map(|next| section(&[next])).chain([text()]).collect();
        for (case, expected) in [
            (view(vec![section(&[1]), text()], &[0]), Ok(())),
            (view(vec![text()], &[1]), Err(ViewError::MissingBlock(1))),
            (view(vec![section(&[0])], &[0]), Err(ViewError::BlockUsedTwice(0))),
            (view(vec![text()], &[0, 0]), Err(ViewError::BlockUsedTwice(0))),
            (view(deep, &[0]), Err(ViewError::TooDeep)),
            (view(vec![Block::Buttons(vec!["go".into()])], &[0]), Err(ViewError::UnknownAction("go".into()))),
            (
                view(
                    vec![Block::Stats(vec![Stat {
                        label: "a".into(),
                        value: Cell::Number(Number { value: f64::NAN, unit: None }),
                        level: None,
                        change: None,
                    }])],
                    &[0],
                ),
                Err(ViewError::NotFinite),
            ),
        ] {
            assert_eq!(case.validate(), expected);
        }
    }
}
