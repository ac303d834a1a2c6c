//! The task runner: every command that a person or a machine types in a checkout.
//!
//! It builds plugins to components, the site to hashed and compressed files, and the binary that holds both; it starts
//! the example company, runs every test and keeps the house tidy. It brings its tools as library crates, installs what
//! rustup or the distribution can give, and says what it does on standard error. It must never be a dependency of
//! anything else, and never knows what a portal does.

pub mod bundle;
pub mod cargo;
pub mod checkout;
pub mod commands;
pub mod files;
pub mod process;
pub mod setup;
pub mod tidy;

use std::process::ExitCode;

use clap::Parser as _;

/// Reads the command line, runs the command and turns its result into an exit code.
pub fn main() -> ExitCode {
    let command = commands::Cli::parse().command;
    match commands::run(command) {
        Ok(code) => code,
        Err(error) => {
            process::say(format_args!("error: {error:#}"));
            ExitCode::FAILURE
        }
    }
}
