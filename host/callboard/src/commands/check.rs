//! `callboard check`.

use std::collections::HashMap;
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::bail;
use host_model::{Diagnostic, Severity};
use miette::{GraphicalReportHandler, GraphicalTheme, LabeledSpan, NamedSource, SourceSpan};
use serde_json::json;

use super::{FINDINGS, print, sarif, talk};
use crate::cli::{CheckArguments, CheckFormat};

/// Checks files and folders and prints what is wrong.
pub(crate) fn run(arguments: &CheckArguments) -> anyhow::Result<ExitCode> {
    for path in &arguments.paths {
        if !path.exists() {
            bail!("{} does not exist", path.display());
        }
    }
    let report = host_catalog::check(&arguments.paths);
    let findings = report.diagnostics;
    match arguments.format {
        CheckFormat::Human => human(&findings),
        CheckFormat::Json => {
            print(&json!({ "files": report.files, "entities": report.entities, "findings": findings }).to_string())
        }
        CheckFormat::Sarif => print(&sarif::document(&findings).to_string()),
    }
    talk(&format!("{} entities in {} files, {} finding(s)", report.entities, report.files, findings.len()));
    // What is only worth knowing does not fail a pipeline.
    let failing = findings.iter().any(|finding| finding.severity >= Severity::Warning);
    Ok(if failing { ExitCode::from(FINDINGS) } else { ExitCode::SUCCESS })
}

fn human(findings: &[Diagnostic]) {
    let theme = if super::stdout_is_colourful() { GraphicalTheme::unicode() } else { GraphicalTheme::none() };
    let handler = GraphicalReportHandler::new_themed(theme).with_links(false);
    let mut sources = HashMap::new();
    for finding in findings {
        let mut text = String::new();
        let shown = Finding::new(finding, &mut sources);
        match handler.render_report(&mut text, &shown) {
            Ok(()) => print(&text),
            Err(_) => print(&finding.to_string()),
        }
    }
}

/// A diagnostic with the line that it is about.
#[derive(Debug)]
struct Finding<'a> {
    diagnostic: &'a Diagnostic,
    source: Option<(NamedSource<Arc<String>>, SourceSpan)>,
}

impl<'a> Finding<'a> {
    fn new(diagnostic: &'a Diagnostic, sources: &mut HashMap<String, Option<Arc<String>>>) -> Self {
        let source = diagnostic.place.as_ref().and_then(|place| {
            let file = place.file.as_ref()?;
            let text = sources
                .entry(file.clone())
                .or_insert_with(|| std::fs::read_to_string(Path::new(file)).ok().map(Arc::new))
                .clone()?;
            let span = span_of(&text, place.line, place.column)?;
            Some((NamedSource::new(file, text), span))
        });
        Self { diagnostic, source }
    }
}

/// The rest of the word at a place.
fn span_of(text: &str, line: u32, column: u32) -> Option<SourceSpan> {
    let index = usize::try_from(line).ok()?.checked_sub(1)?;
    let start: usize = text.split_inclusive('\n').take(index).map(str::len).sum();
    let line = text.split_inclusive('\n').nth(index).unwrap_or_default();
    let skip = usize::try_from(column).ok()?.saturating_sub(1);
    let offset = line.char_indices().nth(skip).map_or(line.trim_end().len(), |(offset, _)| offset);
    let length = line[offset..].split([' ', '\n', '\r', ',']).next().map_or(0, str::len);
    Some(SourceSpan::new((start + offset).into(), length))
}

impl std::fmt::Display for Finding<'_> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match (&self.source, &self.diagnostic.place) {
            // Without the text the place has to be said in words.
            (None, Some(place)) => write!(formatter, "{place}: {}", self.diagnostic.message),
            _ => formatter.write_str(&self.diagnostic.message),
        }
    }
}

impl std::error::Error for Finding<'_> {}

impl miette::Diagnostic for Finding<'_> {
    fn code<'a>(&'a self) -> Option<Box<dyn std::fmt::Display + 'a>> {
        Some(Box::new(&self.diagnostic.code))
    }

    fn severity(&self) -> Option<miette::Severity> {
        Some(match self.diagnostic.severity {
            Severity::Info => miette::Severity::Advice,
            Severity::Warning => miette::Severity::Warning,
            Severity::Error => miette::Severity::Error,
        })
    }

    fn help<'a>(&'a self) -> Option<Box<dyn std::fmt::Display + 'a>> {
        self.diagnostic.hint.as_ref().map(|hint| Box::new(hint) as Box<dyn std::fmt::Display>)
    }

    fn source_code(&self) -> Option<&dyn miette::SourceCode> {
        self.source.as_ref().map(|(source, _)| source as &dyn miette::SourceCode)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        let (_, span) = self.source.as_ref()?;
        Some(Box::new(std::iter::once(LabeledSpan::new_with_span(None, *span))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_the_word_at_the_place() {
        let text = "kind: Component\nmetadata:\n  näme: x y\n";
        for (line, column, expected) in [(1, 7, "Component"), (3, 3, "näme:"), (3, 9, "x"), (9, 1, ""), (1, 99, "")] {
            let span = span_of(text, line, column).unwrap();
            assert_eq!(&text[span.offset()..span.offset() + span.len()], expected, "{line}:{column}");
        }
    }
}
