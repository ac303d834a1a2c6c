//! What a card shows, as typed data that the host draws.
//!
//! ```
//! use callboard_sdk::view::*;
//!
//! let view = View::new()
//!     .key_values([("Branch", Cell::code("main")), ("Passed", Cell::from(true))])
//!     .section(Section::titled("Runs").table(
//!         Table::new([Column::new("Name"), Column::new("Status")])
//!             .row(Row::new(["Build".into(), Status::ok("passed").into()])),
//!     ));
//! # let _ = view;
//! ```
//!
//! The host refuses views with more than 500 blocks, 5,000 table cells or 8 levels of sections.

mod blocks;
mod cells;
mod flatten;

pub use blocks::{Block, Content, Section, View};

pub use crate::raw::host::types::Severity;
pub use crate::raw::host::view::{
    Action, Align, Callout, Cell, Chart, ChartKind, Code, Column, Coordinate, Danger, EmptyState, Form, Graph,
    GraphEdge, GraphNode, KeyValue, Layout, Level, Link, LogText, Moment, Number, Person, Point, Progress, Row,
    RowAction, Series, Stat, Status, Table, TreeNode,
};

#[cfg(test)]
mod tests;
