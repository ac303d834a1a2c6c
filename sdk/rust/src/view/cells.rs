//! Short ways to make what stands in tables, lists and rows of numbers.

use serde_json::Value;

use super::{
    Action, Align, Cell, Column, Danger, Form, Level, Link, Number, Person, Row, RowAction, Stat, Status, Table,
};

impl Cell {
    /// An identifier, hash or branch, in the fixed-width face.
    pub fn code(text: impl Into<String>) -> Self {
        Self::Code(text.into())
    }

    /// A link.
    pub fn link(text: impl Into<String>, url: impl Into<String>) -> Self {
        Self::Link(Link::new(text, url))
    }

    /// A number with a unit in symbols, such as `%` or `req/s`.
    pub fn number(value: f64, unit: impl Into<String>) -> Self {
        Self::Number(Number { value, unit: Some(unit.into()) })
    }

    /// The value, or an empty cell.
    pub fn or_empty<V: Into<Cell>>(value: Option<V>) -> Self {
        value.map_or(Self::Empty, Into::into)
    }
}

impl From<&str> for Cell {
    fn from(text: &str) -> Self {
        Self::Text(text.into())
    }
}

impl From<String> for Cell {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<bool> for Cell {
    fn from(value: bool) -> Self {
        Self::Boolean(value)
    }
}

impl From<f64> for Cell {
    fn from(value: f64) -> Self {
        Self::Number(Number { value, unit: None })
    }
}

impl From<u32> for Cell {
    fn from(value: u32) -> Self {
        f64::from(value).into()
    }
}

impl From<Link> for Cell {
    fn from(link: Link) -> Self {
        Self::Link(link)
    }
}

impl From<Status> for Cell {
    fn from(status: Status) -> Self {
        Self::Status(status)
    }
}

impl From<Person> for Cell {
    fn from(person: Person) -> Self {
        Self::Person(person)
    }
}

impl Link {
    /// A text and where it leads.
    pub fn new(text: impl Into<String>, url: impl Into<String>) -> Self {
        Self { text: text.into(), url: url.into() }
    }
}

impl Status {
    /// How something is doing, in a word or two.
    pub fn new(level: Level, text: impl Into<String>) -> Self {
        Self { level, text: text.into(), detail: None }
    }

    /// All is well.
    pub fn ok(text: impl Into<String>) -> Self {
        Self::new(Level::Ok, text)
    }

    /// Someone should look at it.
    pub fn warning(text: impl Into<String>) -> Self {
        Self::new(Level::Warning, text)
    }

    /// It failed.
    pub fn error(text: impl Into<String>) -> Self {
        Self::new(Level::Error, text)
    }

    /// More about it, shown on demand.
    #[must_use]
    pub fn detail(mut self, detail: impl Into<String>) -> Self {
        self.detail = Some(detail.into());
        self
    }
}

impl Person {
    /// A person by name only.
    pub fn named(name: impl Into<String>) -> Self {
        Self { name: name.into(), entity: None, url: None }
    }
}

impl Stat {
    /// A value under a label.
    pub fn new(label: impl Into<String>, value: impl Into<Cell>) -> Self {
        Self { label: label.into(), value: value.into(), level: None, change: None }
    }

    /// Colours the value.
    #[must_use]
    pub fn level(mut self, level: Level) -> Self {
        self.level = Some(level);
        self
    }
}

impl Table {
    /// A table with these columns and no rows.
    pub fn new(columns: impl IntoIterator<Item = Column>) -> Self {
        Self { columns: columns.into_iter().collect(), rows: Vec::new(), total: None, empty: None }
    }

    /// Adds a row, with one cell for each column.
    #[must_use]
    pub fn row(mut self, row: Row) -> Self {
        self.rows.push(row);
        self
    }

    /// Adds rows.
    #[must_use]
    pub fn rows(mut self, rows: impl IntoIterator<Item = Row>) -> Self {
        self.rows.extend(rows);
        self
    }

    /// How many rows there are in all, when not all are here.
    #[must_use]
    pub fn total(mut self, total: u64) -> Self {
        self.total = Some(total);
        self
    }

    /// What to say when there are no rows.
    #[must_use]
    pub fn empty(mut self, text: impl Into<String>) -> Self {
        self.empty = Some(text.into());
        self
    }
}

impl Column {
    /// A column that cannot be sorted.
    pub fn new(title: impl Into<String>) -> Self {
        Self { title: title.into(), sortable: false, align: Align::Start }
    }

    /// Lets the reader sort by it.
    #[must_use]
    pub fn sortable(mut self) -> Self {
        self.sortable = true;
        self
    }

    /// Puts its cells to the end of the line, as numbers want it.
    #[must_use]
    pub fn at_end(mut self) -> Self {
        self.align = Align::End;
        self
    }
}

impl Row {
    /// A row of cells.
    pub fn new(cells: impl IntoIterator<Item = Cell>) -> Self {
        Self { cells: cells.into_iter().collect(), actions: Vec::new() }
    }

    /// Offers one of the view's actions, with the input that is passed to it.
    #[must_use]
    pub fn action(mut self, action: impl Into<String>, input: &Value) -> Self {
        self.actions.push(RowAction { action: action.into(), input: input.to_string() });
        self
    }
}

impl Action {
    /// An action by its id and the words on its button. It changes little and runs at once.
    pub fn new(id: impl Into<String>, title: impl Into<String>) -> Self {
        Self { id: id.into(), title: title.into(), danger: Danger::Normal, confirm: None }
    }

    /// It changes something that others notice.
    #[must_use]
    pub fn caution(mut self) -> Self {
        self.danger = Danger::Caution;
        self
    }

    /// It cannot be undone.
    #[must_use]
    pub fn destructive(mut self) -> Self {
        self.danger = Danger::Destructive;
        self
    }

    /// Asks this question before.
    #[must_use]
    pub fn confirm(mut self, question: impl Into<String>) -> Self {
        self.confirm = Some(question.into());
        self
    }
}

impl Form {
    /// A form whose answers go to one of the view's actions; the schema is JSON Schema (draft 7).
    pub fn new(action: impl Into<String>, schema: &Value, submit: impl Into<String>) -> Self {
        Self { action: action.into(), schema: schema.to_string(), values: "{}".into(), submit: submit.into() }
    }

    /// The answers to begin with.
    #[must_use]
    pub fn values(mut self, values: &Value) -> Self {
        self.values = values.to_string();
        self
    }
}
