//! The binary: its command line, and the only place that builds everything and puts it together.

mod bundle;
mod catalogs;
mod cli;
mod commands;
mod configuration;
mod memory;
mod paths;
mod plugin_new;
mod sources;
mod text;
mod wiring;

use std::process::ExitCode;

use clap::Parser;

fn main() -> ExitCode {
    let arguments = cli::Arguments::parse();
    match commands::run(arguments) {
        Ok(code) => code,
        Err(error) => {
            commands::complain(&error);
            ExitCode::from(commands::COULD_NOT_RUN)
        }
    }
}
