//! Puts the configuration together: files in order, then variables, then flags.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use host_model::diagnostic::{Diagnostic, Severity};
use host_yaml::{Position, to_yaml};

use crate::decode::{Field, Report};
use crate::include::Reader;
use crate::item::{Item, Kind, Origin, Source};
use crate::types::Config;
use crate::{environment, keys, mask, sections};

/// What to read the configuration from.
#[derive(Clone, Debug, Default)]
pub struct LoadRequest {
    /// The files, later ones over earlier ones; relative to the working directory.
    pub files: Vec<PathBuf>,
    /// The environment.
    pub environment: BTreeMap<String, String>,
    /// The working directory; absolute.
    pub working_directory: PathBuf,
    /// What flags say, over everything else: the flag as messages call it, the path of its key, its value.
    pub flags: Vec<(String, Vec<String>, serde_json::Value)>,
}

/// A configuration that was read.
#[derive(Clone, Debug)]
pub struct Loaded {
    /// The typed result. Whatever was wrong has its default; do not use it if [`Loaded::has_errors`].
    pub config: Config,
    /// The merged result as it may be shown: every secret is `***`.
    pub masked: serde_json::Value,
    /// What was found, in the order in which it was read.
    pub diagnostics: Vec<Diagnostic>,
    /// Every file that the result depends on, also those that could not be read; for watching.
    pub files: Vec<PathBuf>,
}

impl Loaded {
    /// Whether any finding is an error.
    pub fn has_errors(&self) -> bool {
        self.diagnostics.iter().any(|diagnostic| diagnostic.severity == Severity::Error)
    }

    /// The merged result as YAML that may be shown.
    pub fn masked_yaml(&self) -> String {
        to_yaml(&self.masked)
    }
}

/// Reads, merges, checks and decodes the configuration.
pub fn load(request: &LoadRequest) -> Loaded {
    let directory = request.working_directory.as_path();
    let mut reader = Reader::new(&request.environment, directory);
    let mut merged = empty(directory);
    for file in &request.files {
        if let Some(item) = reader.file(file) {
            merged.merge(item);
        }
    }
    // A key that is missing because its file could not be read is no reason for further complaints.
    let is_complete = !reader.has_errors();
    let Reader { files, mut diagnostics, .. } = reader;
    environment::overlay(&mut merged, &request.environment, directory, &mut diagnostics);
    for (flag, path, value) in &request.flags {
        let source = Arc::new(Source { name: flag.clone(), directory: directory.to_owned() });
        merged.merge(Item::nested(path, Item::from_json(value, &source)));
    }
    keys::check(&merged, &mut diagnostics);
    let report = Report::default();
    let config = sections::config(&Field::root(&merged, &report));
    let follow_ups = report.into_inner();
    diagnostics.extend(follow_ups.into_iter().filter(|finding| is_complete || !depends_on_others(finding)));
    Loaded { config, masked: mask::masked(&merged), diagnostics, files: files.into_iter().collect() }
}

fn depends_on_others(finding: &Diagnostic) -> bool {
    matches!(finding.code.as_str(), "config/missing" | "config/unknown-upstream")
}

fn empty(directory: &Path) -> Item {
    let source = Arc::new(Source { name: "configuration".to_owned(), directory: directory.to_owned() });
    Item::new(Kind::Map(Vec::new()), Origin::new(&source, Position { line: 1, column: 1 }))
}
