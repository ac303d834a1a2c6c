//! What is wrong, with its place in the definition.

use std::collections::HashSet;

use callboard_sdk::{Diagnostic, Severity};

use crate::document::Place;

/// More findings than this help nobody: the rest is counted.
const MOST: usize = 50;
/// Where the definition is in the entity.
const POINTER: &str = "/spec/definition";

/// Collects findings.
#[derive(Debug, Default)]
pub(crate) struct Findings {
    list: Vec<(Place, Severity, &'static str, String)>,
    seen: HashSet<(Place, &'static str)>,
    left_out: usize,
}

impl Findings {
    /// Something that must be mended.
    pub(crate) fn error(&mut self, place: Place, code: &'static str, message: impl Into<String>) {
        self.add(place, Severity::Error, code, message.into());
    }

    /// Something that should be looked at.
    pub(crate) fn warning(&mut self, place: Place, code: &'static str, message: impl Into<String>) {
        self.add(place, Severity::Warning, code, message.into());
    }

    /// A fault that is reached in several ways is told once.
    fn add(&mut self, place: Place, severity: Severity, code: &'static str, message: String) {
        if self.list.len() >= MOST {
            self.left_out += 1;
        } else if self.seen.insert((place, code)) {
            self.list.push((place, severity, code, message));
        }
    }

    /// The findings in the order of the definition.
    pub(crate) fn into_diagnostics(mut self) -> Vec<Diagnostic> {
        self.list.sort_by_key(|(place, ..)| *place);
        let mut out: Vec<Diagnostic> = self.list.into_iter().map(diagnostic).collect();
        if self.left_out > 0 {
            let message = format!("{} more findings are left out; mend these first", self.left_out);
            out.push(Diagnostic::info("openapi/more", message).pointer(POINTER));
        }
        out
    }
}

fn diagnostic((place, severity, code, message): (Place, Severity, &'static str, String)) -> Diagnostic {
    Diagnostic::new(severity, code, message).pointer(POINTER).position(place.line, place.column)
}

/// A text for a message: short, and on one line.
pub(crate) fn shown(text: &str) -> String {
    const LONGEST: usize = 120;
    let mut out: String = text.chars().take(LONGEST).map(|c| if c.is_control() { ' ' } else { c }).collect();
    if text.chars().nth(LONGEST).is_some() {
        out.push('…');
    }
    out
}
