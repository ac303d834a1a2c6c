//! `callboard config check`.

use std::process::ExitCode;

use host_model::Severity;

use super::{FINDINGS, print, talk};
use crate::cli::ConfigCommand;
use crate::configuration;

/// Prints the merged configuration and, on standard error, what is wrong with it.
pub(crate) fn run(command: &ConfigCommand) -> anyhow::Result<ExitCode> {
    let ConfigCommand::Check(arguments) = command;
    let loaded = configuration::load(arguments)?;
    print(loaded.masked_yaml().trim_end());
    for diagnostic in &loaded.diagnostics {
        talk(&diagnostic.to_string());
    }
    let count = |severity| loaded.diagnostics.iter().filter(|diagnostic| diagnostic.severity == severity).count();
    let (errors, warnings) = (count(Severity::Error), count(Severity::Warning));
    talk(&format!("{} file(s), {errors} error(s), {warnings} warning(s)", loaded.files.len()));
    Ok(if errors > 0 { ExitCode::from(FINDINGS) } else { ExitCode::SUCCESS })
}
