//! One file for each verb of the command line. Standard output is data, standard error is talk.

mod backup;
mod catalog;
mod check;
mod config;
mod import;
mod plugin;
mod rules;
mod sarif;
mod serve;

use std::io::{ErrorKind, IsTerminal, Write};
use std::process::ExitCode;
use std::sync::OnceLock;

use anyhow::bail;

use crate::cli::{Arguments, Command};

/// There are findings.
pub(crate) const FINDINGS: u8 = 1;
/// The command could not do its work.
pub(crate) const COULD_NOT_RUN: u8 = 2;

/// Why data could not be written.
static UNWRITTEN: OnceLock<std::io::Error> = OnceLock::new();

/// Runs a command.
///
/// # Errors
/// When it could not do its work, or its data could not be written.
pub(crate) fn run(arguments: Arguments) -> anyhow::Result<ExitCode> {
    let code = dispatch(arguments)?;
    match UNWRITTEN.get() {
        Some(error) => bail!("the standard output cannot be written: {error}"),
        None => Ok(code),
    }
}

fn dispatch(arguments: Arguments) -> anyhow::Result<ExitCode> {
    match arguments.command {
        Command::Serve(serve) => serve::run(&serve, &arguments.log),
        Command::Check(check) => check::run(&check),
        Command::Catalog(command) => catalog::run(&command),
        Command::Config(command) => config::run(&command),
        Command::Import(command) => import::run(&command),
        Command::Plugin(command) => plugin::run(command),
        Command::Backup(backup) => backup::run(&backup),
        Command::CompilePlugin { input, output } => {
            host_contract::compile_child_main(&input, &output)?;
            Ok(ExitCode::SUCCESS)
        }
    }
}

/// Writes a line of data. A reader that has gone away is no error; anything else ends the command with one.
pub(crate) fn print(text: &str) {
    let mut output = std::io::stdout().lock();
    if let Err(error) = writeln!(output, "{text}").and_then(|()| output.flush())
        && error.kind() != ErrorKind::BrokenPipe
    {
        // The first one says it; more of them say no more.
        let _ = UNWRITTEN.set(error);
    }
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
    talk(&format!("error: {}", causes(error)));
}

/// The error and its causes; one that the words before already tell is not told again.
fn causes(error: &anyhow::Error) -> String {
    error.chain().map(ToString::to_string).fold(String::new(), |said, cause| match said.as_str() {
        "" => cause,
        _ if said.contains(&cause) => said,
        _ => format!("{said}: {cause}"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_cause_is_told_twice() {
        let error = anyhow::anyhow!("no such file").context("cannot use data: no such file").context("not started");
        assert_eq!(causes(&error), "not started: cannot use data: no such file");
    }
}
