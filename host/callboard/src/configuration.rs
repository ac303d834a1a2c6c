//! Reads the configuration for a command: files by default or by flag, then the environment, then flags.

use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use host_config::{LoadRequest, Loaded};
use host_model::Severity;

use crate::cli::ConfigArguments;
use crate::commands;

/// The file that is read when none is named.
const DEFAULT_FILE: &str = "callboard.yaml";

/// Reads the configuration and reports what is wrong with it.
pub(crate) fn load(arguments: &ConfigArguments) -> anyhow::Result<Loaded> {
    let working_directory = std::env::current_dir().context("the working directory cannot be read")?;
    let files = if arguments.files.is_empty() { default_files(&working_directory) } else { arguments.files.clone() };
    let environment =
        std::env::vars_os().filter_map(|(key, value)| Some((key.into_string().ok()?, value.into_string().ok()?)));
    Ok(host_config::load(&LoadRequest {
        files,
        environment: environment.collect(),
        working_directory,
        flags: Vec::new(),
    }))
}

/// The same, but errors end the command.
pub(crate) fn load_valid(arguments: &ConfigArguments) -> anyhow::Result<Loaded> {
    let loaded = load(arguments)?;
    for diagnostic in &loaded.diagnostics {
        commands::talk(&diagnostic.to_string());
    }
    if loaded.diagnostics.iter().any(|diagnostic| diagnostic.severity == Severity::Error) {
        bail!("the configuration has errors; nothing was started");
    }
    Ok(loaded)
}

fn default_files(working_directory: &Path) -> Vec<PathBuf> {
    let file = working_directory.join(DEFAULT_FILE);
    if file.exists() { vec![file] } else { Vec::new() }
}
