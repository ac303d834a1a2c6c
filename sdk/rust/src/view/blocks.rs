//! Views and sections, into which blocks are put one after the other.

use super::{
    Action, Callout, Cell, Chart, Code, EmptyState, Form, Graph, KeyValue, Layout, Link, LogText, Moment, Progress,
    Severity, Stat, Status, Table, TreeNode,
};
use crate::raw::host::view as raw;

/// A card's contents.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct View {
    pub(super) blocks: Vec<Block>,
    pub(super) actions: Vec<Action>,
    pub(super) fetched_at: Option<i64>,
    pub(super) source: Option<Link>,
    pub(super) missing: Vec<String>,
}

impl View {
    /// A view with nothing in it.
    pub fn new() -> Self {
        Self::default()
    }

    /// Something that the reader can do. Buttons, forms and rows refer to it by its id.
    #[must_use]
    pub fn action(mut self, action: Action) -> Self {
        self.actions.push(action);
        self
    }

    /// When the data was true, in milliseconds since 1970, if not now.
    #[must_use]
    pub fn fetched_at(mut self, instant: i64) -> Self {
        self.fetched_at = Some(instant);
        self
    }

    /// The same thing in the other system.
    #[must_use]
    pub fn source(mut self, text: impl Into<String>, url: impl Into<String>) -> Self {
        self.source = Some(Link::new(text, url));
        self
    }

    /// What could not be had, and why. The host shows it beside the rest.
    #[must_use]
    pub fn missing(mut self, what: impl Into<String>) -> Self {
        self.missing.push(what.into());
        self
    }

    /// The blocks on the outermost level, for tests.
    pub fn blocks(&self) -> &[Block] {
        &self.blocks
    }

    /// The actions, for tests.
    pub fn actions(&self) -> &[Action] {
        &self.actions
    }

    /// What is said to be missing, for tests.
    pub fn missing_parts(&self) -> &[String] {
        &self.missing
    }
}

/// Blocks under a title.
#[derive(Debug, Clone, PartialEq)]
pub struct Section {
    pub(super) title: Option<String>,
    pub(super) layout: Layout,
    pub(super) collapsed: bool,
    pub(super) blocks: Vec<Block>,
}

impl Section {
    /// A section with a title, its blocks one below the other.
    pub fn titled(title: impl Into<String>) -> Self {
        Self { title: Some(title.into()), ..Self::stack() }
    }

    /// A section without a title, its blocks one below the other.
    pub fn stack() -> Self {
        Self { title: None, layout: Layout::Stack, collapsed: false, blocks: Vec::new() }
    }

    /// A section without a title, its blocks beside each other where there is room.
    pub fn columns() -> Self {
        Self { layout: Layout::Columns, ..Self::stack() }
    }

    /// Closed until the reader opens it.
    #[must_use]
    pub fn collapsed(mut self) -> Self {
        self.collapsed = true;
        self
    }

    /// The blocks in it, for tests.
    pub fn blocks(&self) -> &[Block] {
        &self.blocks
    }
}

/// One block of a view.
#[derive(Debug, Clone, PartialEq)]
pub enum Block {
    Section(Section),
    Heading(String),
    Text(String),
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
    Entities(Vec<String>),
    Graph(Graph),
    Callout(Callout),
    EmptyState(EmptyState),
    Form(Form),
    Buttons(Vec<String>),
}

impl Block {
    /// The block as the contract has it; of a section, its title and blocks stay behind.
    pub(super) fn into_leaf(self) -> Result<raw::Block, Section> {
        Ok(match self {
            Self::Section(section) => return Err(section),
            Self::Heading(text) => raw::Block::Heading(text),
            Self::Text(text) => raw::Block::Text(text),
            Self::Markdown(text) => raw::Block::Markdown(text),
            Self::KeyValues(pairs) => raw::Block::KeyValues(pairs),
            Self::Table(table) => raw::Block::Table(table),
            Self::Status(status) => raw::Block::Status(status),
            Self::Stats(stats) => raw::Block::Stats(stats),
            Self::Progress(progress) => raw::Block::Progress(progress),
            Self::Chart(chart) => raw::Block::Chart(chart),
            Self::Timeline(moments) => raw::Block::Timeline(moments),
            Self::Tree(nodes) => raw::Block::Tree(nodes),
            Self::Log(log) => raw::Block::Log(log),
            Self::Code(code) => raw::Block::Code(code),
            Self::Links(links) => raw::Block::Links(links),
            Self::Entities(references) => raw::Block::Entities(references),
            Self::Graph(graph) => raw::Block::Graph(graph),
            Self::Callout(callout) => raw::Block::Callout(callout),
            Self::EmptyState(state) => raw::Block::EmptyState(state),
            Self::Form(form) => raw::Block::Form(form),
            Self::Buttons(actions) => raw::Block::Buttons(actions),
        })
    }
}

/// What holds blocks: views and sections. Every method adds one block at the end.
pub trait Content: Sized {
    /// Any block.
    #[must_use]
    fn block(self, block: Block) -> Self;

    /// Blocks under a title or beside each other.
    #[must_use]
    fn section(self, section: Section) -> Self {
        self.block(Block::Section(section))
    }

    #[must_use]
    fn heading(self, text: impl Into<String>) -> Self {
        self.block(Block::Heading(text.into()))
    }

    /// Plain text; line ends are kept.
    #[must_use]
    fn text(self, text: impl Into<String>) -> Self {
        self.block(Block::Text(text.into()))
    }

    /// CommonMark with tables.
    #[must_use]
    fn markdown(self, text: impl Into<String>) -> Self {
        self.block(Block::Markdown(text.into()))
    }

    #[must_use]
    fn key_values<K: Into<String>, V: Into<Cell>>(self, pairs: impl IntoIterator<Item = (K, V)>) -> Self {
        let pairs = pairs.into_iter().map(|(key, value)| KeyValue { key: key.into(), value: value.into() });
        self.block(Block::KeyValues(pairs.collect()))
    }

    #[must_use]
    fn table(self, table: Table) -> Self {
        self.block(Block::Table(table))
    }

    #[must_use]
    fn status(self, status: Status) -> Self {
        self.block(Block::Status(status))
    }

    /// Numbers with labels, in a row.
    #[must_use]
    fn stats(self, stats: impl IntoIterator<Item = Stat>) -> Self {
        self.block(Block::Stats(stats.into_iter().collect()))
    }

    #[must_use]
    fn progress(self, progress: Progress) -> Self {
        self.block(Block::Progress(progress))
    }

    #[must_use]
    fn chart(self, chart: Chart) -> Self {
        self.block(Block::Chart(chart))
    }

    #[must_use]
    fn timeline(self, moments: impl IntoIterator<Item = Moment>) -> Self {
        self.block(Block::Timeline(moments.into_iter().collect()))
    }

    /// Nodes of which each comes after its parent.
    #[must_use]
    fn tree(self, nodes: impl IntoIterator<Item = TreeNode>) -> Self {
        self.block(Block::Tree(nodes.into_iter().collect()))
    }

    /// Lines of a log, with ANSI colours where there are any.
    #[must_use]
    fn log(self, text: impl Into<String>) -> Self {
        self.block(Block::Log(LogText { text: text.into(), first_line: 1, truncated: false }))
    }

    #[must_use]
    fn code(self, language: impl Into<String>, text: impl Into<String>) -> Self {
        self.block(Block::Code(Code { language: Some(language.into()), text: text.into(), title: None }))
    }

    #[must_use]
    fn links(self, links: impl IntoIterator<Item = Link>) -> Self {
        self.block(Block::Links(links.into_iter().collect()))
    }

    /// Entities by full reference.
    #[must_use]
    fn entities<R: Into<String>>(self, references: impl IntoIterator<Item = R>) -> Self {
        self.block(Block::Entities(references.into_iter().map(Into::into).collect()))
    }

    #[must_use]
    fn graph(self, graph: Graph) -> Self {
        self.block(Block::Graph(graph))
    }

    /// A note that stands out; the text is CommonMark.
    #[must_use]
    fn callout(self, severity: Severity, text: impl Into<String>) -> Self {
        self.block(Block::Callout(Callout { severity, title: None, text: text.into() }))
    }

    /// Nothing to show: what that means and what to do next.
    #[must_use]
    fn empty_state(self, title: impl Into<String>, text: impl Into<String>) -> Self {
        self.block(Block::EmptyState(EmptyState { title: title.into(), text: text.into(), link: None }))
    }

    #[must_use]
    fn form(self, form: Form) -> Self {
        self.block(Block::Form(form))
    }

    /// Actions by id, as a row of buttons.
    #[must_use]
    fn buttons<I: Into<String>>(self, actions: impl IntoIterator<Item = I>) -> Self {
        self.block(Block::Buttons(actions.into_iter().map(Into::into).collect()))
    }
}

impl Content for View {
    fn block(mut self, block: Block) -> Self {
        self.blocks.push(block);
        self
    }
}

impl Content for Section {
    fn block(mut self, block: Block) -> Self {
        self.blocks.push(block);
        self
    }
}
