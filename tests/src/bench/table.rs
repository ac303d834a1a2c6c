//! The table on standard output. A row is printed as soon as it is known, so that an error leaves the rows before it.

use std::fmt::Display;
use std::io::Write as _;

use anyhow::{Context as _, Result};

/// The rows of one benchmark.
#[derive(Debug)]
pub(super) struct Table {
    name: &'static str,
}

impl Table {
    pub(super) fn new(name: &'static str) -> Self {
        Self { name }
    }

    /// Prints what was measured and its figure.
    pub(super) fn row(&self, what: &str, figure: impl Display) -> Result<()> {
        let mut out = std::io::stdout().lock();
        writeln!(out, "{:<9} {what:<64} {figure}", self.name).and_then(|()| out.flush()).context("writing the table")
    }
}
