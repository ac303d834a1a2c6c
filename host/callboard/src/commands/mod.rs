//! One file for each verb of the command line. Standard output is data, standard error is talk.

mod backup;
mod check;
mod config;
mod plugin;
mod sarif;
mod serve;

use std::io::{IsTerminal, Write};
use std::process::ExitCode;

use crate::cli::{Arguments, Command};

/// There are findings.
pub(crate) const FINDINGS: u8 = 1;
/// The command could not do its work.
pub(crate) const COULD_NOT_RUN: u8 = 2;

/// Runs a command.
pub(crate) fn run(arguments: Arguments) -> anyhow::Result<ExitCode> {
    match arguments.command {
        Command::Serve(serve) => serve::run(&serve, &arguments.log),
        Command::Check(check) => check::run(&check),
        Command::Config(command) => config::run(&command),
        Command::Plugin(command) => plugin::run(command),
        Command::Backup(backup) => backup::run(&backup),
        Command::CompilePlugin { input, output } => {
            host_contract::compile_child_main(&input, &output)?;
            Ok(ExitCode::SUCCESS)
        }
    }
}

/// Writes a line of data. A reader that has gone away is no error.
pub(crate) fn print(text: &str) {
    let _ = writeln!(std::io::stdout().lock(), "{text}");
}

/// Whether colours help on standard output: it is a terminal and nobody asked for none.
pub(crate) fn stdout_is_colourful() -> bool {
    std::io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none()
}

/// Writes a line of talk.
pub(crate) fn talk(text: &str) {
    let _ = writeln!(std::io::stderr().lock(), "{text}");
}

/// Tells why a command could not do its work, with all causes.
pub(crate) fn complain(error: &anyhow::Error) {
    talk(&format!("error: {error:#}"));
}
