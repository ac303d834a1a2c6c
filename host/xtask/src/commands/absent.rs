//! Names that are kept for commands which do not exist yet, so that nobody takes silence for success.

use std::process::ExitCode;

use crate::process::say;

/// Says that there is nothing behind the command.
pub fn say_so(command: &str) -> ExitCode {
    say(format_args!("`cargo xtask {command}`: nothing is here yet; `cargo xtask --help` lists what there is"));
    ExitCode::from(2)
}
