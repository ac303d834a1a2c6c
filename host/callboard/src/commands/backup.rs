//! `callboard backup`.

use std::process::ExitCode;

use anyhow::Context;

use super::talk;
use crate::cli::BackupArguments;

/// Copies the database as it is at one moment, also while a portal is serving from it.
pub(crate) fn run(arguments: &BackupArguments) -> anyhow::Result<ExitCode> {
    host_store::backup_database(&arguments.data, &arguments.file)
        .with_context(|| format!("the database in {} was not copied", arguments.data.display()))?;
    talk(&format!("copied the database to {}", arguments.file.display()));
    Ok(ExitCode::SUCCESS)
}
