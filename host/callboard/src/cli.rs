//! The command line as types.

mod catalog;
mod import;

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use host_config::Listen;

pub(crate) use catalog::*;
pub(crate) use import::*;

use crate::plugin_new::Kind;

/// Callboard, the internal developer portal.
#[derive(Debug, Parser)]
#[command(name = "callboard", version, about, max_term_width = 100)]
pub(crate) struct Arguments {
    #[command(flatten)]
    pub(crate) log: LogArguments,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// How to log; logs go to standard error.
#[derive(Debug, Clone, Args)]
pub(crate) struct LogArguments {
    /// The form of log lines.
    #[arg(long, global = true, value_enum, default_value = "text")]
    pub(crate) log_format: LogFormat,
    /// The least important lines to log: error, warn, info, debug, trace, or directives such as host_catalog=debug.
    #[arg(long, global = true, default_value = "info")]
    pub(crate) log_level: String,
}

/// The form of log lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum LogFormat {
    /// For people.
    Text,
    /// One JSON object a line.
    Json,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Serve the portal.
    Serve(ServeArguments),
    /// Check catalog files and folders without a server. Exits with 0 when they are clean, 1 when there are findings.
    Check(CheckArguments),
    /// Look at the catalog of a portal, or of files without a server.
    #[command(subcommand)]
    Catalog(CatalogCommand),
    /// Look at the configuration.
    #[command(subcommand)]
    Config(ConfigCommand),
    /// Write, check and install plugins.
    #[command(subcommand)]
    Plugin(PluginCommand),
    /// Bring along what another portal is configured with.
    #[command(subcommand)]
    Import(ImportCommand),
    /// Copy the database while the portal is serving.
    Backup(BackupArguments),
    /// Compile one plugin; the portal runs this as a child process of its own.
    #[command(hide = true)]
    CompilePlugin { input: PathBuf, output: PathBuf },
}

/// Which configuration to read.
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct ConfigArguments {
    /// A configuration file; later ones win. Without any, callboard.yaml is read if it is there.
    #[arg(long = "config", value_name = "FILE")]
    pub(crate) files: Vec<PathBuf>,
}

/// `callboard serve`.
#[derive(Debug, Clone, Args)]
pub(crate) struct ServeArguments {
    #[command(flatten)]
    pub(crate) config: ConfigArguments,
    /// The folder of the database, the plugins and the administrator's token; made when it is missing.
    #[arg(long, value_name = "DIR", default_value = "data")]
    pub(crate) data: PathBuf,
    /// The address to listen on, such as 127.0.0.1:7007 or localhost:7007; port 0 lets the system choose.
    #[arg(long, value_name = "ADDR", value_parser = listen)]
    pub(crate) listen: Option<Listen>,
}

fn listen(text: &str) -> Result<Listen, &'static str> {
    Listen::parse(text).ok_or("write it like 127.0.0.1:7007, localhost:7007 or [::1]:7007")
}

/// `callboard check`.
#[derive(Debug, Clone, Args)]
pub(crate) struct CheckArguments {
    /// Files and folders.
    #[arg(required = true, value_name = "PATH")]
    pub(crate) paths: Vec<PathBuf>,
    /// The form of the findings on standard output.
    #[arg(long, value_enum, default_value = "human")]
    pub(crate) format: CheckFormat,
}

/// The form of findings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum CheckFormat {
    /// For people, with the lines in question.
    Human,
    /// One JSON document.
    Json,
    /// SARIF 2.1.0, for code hosts.
    Sarif,
}

/// `callboard config`.
#[derive(Debug, Subcommand)]
pub(crate) enum ConfigCommand {
    /// Check the configuration and print the merged result with secrets masked.
    Check(ConfigArguments),
}

/// `callboard backup`.
#[derive(Debug, Clone, Args)]
pub(crate) struct BackupArguments {
    /// The file to write; it must not exist.
    pub(crate) file: PathBuf,
    /// The data folder of the portal.
    #[arg(long, value_name = "DIR", default_value = "data")]
    pub(crate) data: PathBuf,
}

/// `callboard plugin`.
#[derive(Debug, Subcommand)]
pub(crate) enum PluginCommand {
    /// Start a new plugin in Rust.
    New {
        /// The plugin's id: lower-case letters, digits and dashes.
        name: String,
        /// The extension point.
        #[arg(long, value_enum)]
        kind: Kind,
        /// Where to make the project's folder; by default here.
        #[arg(long, value_name = "DIR")]
        path: Option<PathBuf>,
    },
    /// Build the plugin in this folder and check it.
    Build {
        /// The folder of the plugin.
        #[arg(default_value = ".")]
        path: PathBuf,
    },
    /// Check a .wasm file as the portal would.
    Check { file: PathBuf },
    /// Show all that a .wasm file tells of itself.
    Inspect { file: PathBuf },
    /// Call one function of a .wasm file that is granted nothing, and print the answer.
    DryRun {
        file: PathBuf,
        /// A descriptor, in YAML or JSON: a card is rendered for it, a processor is shown it.
        #[arg(long, value_name = "FILE")]
        entity: Option<PathBuf>,
        /// The card or the action, when there are several.
        #[arg(long)]
        name: Option<String>,
        /// The input of a template's action, as JSON.
        #[arg(long, default_value = "{}")]
        input: String,
        /// The plugin's configuration, as JSON.
        #[arg(long, default_value = "{}")]
        config: String,
    },
    /// Put a .wasm file into the drop folder.
    Install {
        file: PathBuf,
        #[arg(long, value_name = "DIR", default_value = "data")]
        data: PathBuf,
    },
    /// Take a plugin out of the drop folder.
    Remove {
        /// The name of the file, with or without .wasm.
        name: String,
        #[arg(long, value_name = "DIR", default_value = "data")]
        data: PathBuf,
    },
    /// List the plugins in the drop folder.
    List {
        #[arg(long, value_name = "DIR", default_value = "data")]
        data: PathBuf,
    },
}
