//! `callboard import`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::TableFormat;

/// From where to bring a configuration along.
#[derive(Debug, Subcommand)]
pub(crate) enum ImportCommand {
    /// Write a callboard.yaml from the configuration of a Backstage app, and tell what became of each key.
    ///
    /// Variables stay as they are written; nothing is read from the environment into the file. Paths are rewritten, since
    /// they are relative to the file here and to the backend's working directory there.
    Backstage(ImportArguments),
}

/// `callboard import backstage`.
#[derive(Debug, Clone, Args)]
pub(crate) struct ImportArguments {
    /// The files, such as app-config.yaml app-config.production.yaml; later ones win.
    #[arg(required = true, value_name = "FILE")]
    pub(crate) files: Vec<PathBuf>,
    /// The folder to write callboard.yaml to.
    #[arg(long, value_name = "DIR", default_value = ".")]
    pub(crate) out: PathBuf,
    /// Write over a callboard.yaml that is there.
    #[arg(long)]
    pub(crate) force: bool,
    /// The form of the report.
    #[arg(long, value_enum, default_value = "human")]
    pub(crate) format: TableFormat,
}
