//! `callboard check`.

use std::collections::HashMap;
use std::io::Read as _;
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::{Context, bail};
use host_model::{Diagnostic, Severity};
use miette::{GraphicalReportHandler, GraphicalTheme, LabeledSpan, NamedSource, SourceSpan};
use serde_json::json;

use super::{FINDINGS, print, sarif, talk};
use crate::cli::{CheckArguments, CheckFormat};
use crate::paths::before_pattern;
use crate::text;

/// Findings that are shown with their lines; of more, only the sentence is.
const MOST_WITH_LINES: usize = 500;
/// The longest line of which a part is shown, in bytes; others would fill the terminal.
const LONGEST_LINE: usize = 1_000;
/// The largest file of which lines are shown.
const LARGEST_SHOWN: u64 = 4 << 20;

/// Checks files and folders and prints what is wrong.
pub(crate) fn run(arguments: &CheckArguments) -> anyhow::Result<ExitCode> {
    for path in &arguments.paths {
        if !before_pattern(path).exists() {
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
        CheckFormat::Sarif => {
            let here = std::env::current_dir().context("the working directory cannot be read")?;
            let usual = arguments.paths.first().map(|path| path.display().to_string()).unwrap_or_default();
            print(&sarif::document(&findings, &sarif::Base::of(&here), &usual).to_string());
        }
    }
    talk(&format!("{} entities in {} files, {} finding(s)", report.entities, report.files, findings.len()));
    if report.files == 0 && findings.is_empty() {
        talk("hint: no file there holds descriptors, which end in .yaml, .yml or .json and have apiVersion and kind");
    }
    // What is only worth knowing does not fail a pipeline.
    let failing = findings.iter().any(|finding| finding.severity >= Severity::Warning);
    Ok(if failing { ExitCode::from(FINDINGS) } else { ExitCode::SUCCESS })
}

fn human(findings: &[Diagnostic]) {
    let theme = if super::stdout_is_colourful() { GraphicalTheme::unicode() } else { GraphicalTheme::none() };
    let handler = GraphicalReportHandler::new_themed(theme).with_links(false);
    let mut sources = HashMap::new();
    for finding in findings.iter().take(MOST_WITH_LINES) {
        let mut report = String::new();
        let shown = Finding::new(finding, &mut sources);
        match handler.render_report(&mut report, &shown) {
            Ok(()) => print(&report),
            Err(_) => print(&text::one_line(&finding.to_string())),
        }
    }
    for finding in findings.iter().skip(MOST_WITH_LINES) {
        print(&text::one_line(&finding.to_string()));
    }
}

/// The text of a file that a finding is about, with nothing in it that a terminal would obey. None when it is too large or
/// no text.
pub(super) fn text_of(file: &str) -> Option<String> {
    let path = Path::new(file);
    // What is no plain file, such as a pipe, may never end.
    let about = std::fs::metadata(path).ok().filter(|about| about.is_file() && about.len() <= LARGEST_SHOWN)?;
    let mut read = String::new();
    std::fs::File::open(path).ok()?.take(about.len()).read_to_string(&mut read).ok()?;
    Some(text::lines(&read))
}

/// A diagnostic with the line that it is about.
#[derive(Debug)]
struct Finding<'a> {
    diagnostic: &'a Diagnostic,
    hint: Option<String>,
    source: Option<(NamedSource<Arc<String>>, SourceSpan)>,
}

impl<'a> Finding<'a> {
    fn new(diagnostic: &'a Diagnostic, sources: &mut HashMap<String, Option<Arc<String>>>) -> Self {
        let source = diagnostic.place.as_ref().and_then(|place| {
            let file = place.file.as_ref()?;
            let text = sources.entry(file.clone()).or_insert_with(|| text_of(file).map(Arc::new)).clone()?;
            let span = span_of(&text, place.line, place.column)?;
            Some((NamedSource::new(text::one_line(file), text), span))
        });
        let hint = diagnostic.hint.as_deref().map(text::lines);
        Self { diagnostic, hint, source }
    }
}

/// The rest of the word at a place.
fn span_of(text: &str, line: u32, column: u32) -> Option<SourceSpan> {
    let index = usize::try_from(line).ok()?.checked_sub(1)?;
    let start: usize = text.split_inclusive('\n').take(index).map(str::len).sum();
    let line = text.split_inclusive('\n').nth(index).unwrap_or_default();
    if line.len() > LONGEST_LINE {
        return None;
    }
    let skip = usize::try_from(column).ok()?.saturating_sub(1);
    let offset = line.char_indices().nth(skip).map_or(line.trim_end().len(), |(offset, _)| offset);
    let length = line[offset..].split([' ', '\n', '\r', ',']).next().map_or(0, str::len);
    Some(SourceSpan::new((start + offset).into(), length))
}

impl std::fmt::Display for Finding<'_> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match (&self.source, &self.diagnostic.place) {
            // Without the text the place has to be said in words.
            (None, Some(place)) => {
                write!(formatter, "{}", text::one_line(&format!("{place}: {}", self.diagnostic.message)))
            }
            _ => formatter.write_str(&text::one_line(&self.diagnostic.message)),
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
        self.hint.as_ref().map(|hint| Box::new(hint) as Box<dyn std::fmt::Display>)
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
