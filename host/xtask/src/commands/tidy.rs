//! `cargo xtask tidy`: prints every broken rule of the house.

use std::process::ExitCode;

use anyhow::Result;

use crate::{checkout::Checkout, process::say, tidy};

/// Checks the checkout; the exit code is 1 when a rule is broken.
pub fn run(checkout: &Checkout) -> Result<ExitCode> {
    let report = tidy::check(checkout)?;
    for note in &report.notes {
        say(format_args!("note: {note}"));
    }
    for finding in &report.findings {
        say(format_args!("{finding}"));
    }
    if report.findings.is_empty() {
        say(format_args!("tidy: every rule holds"));
        return Ok(ExitCode::SUCCESS);
    }
    say(format_args!("tidy: {} broken", report.findings.len()));
    Ok(ExitCode::FAILURE)
}
