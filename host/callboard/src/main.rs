//! The binary: its command line, and the only place that builds everything and puts it together.

mod bundle;
mod catalogs;
mod cli;
mod commands;
mod configuration;
mod paths;
mod plugin_new;
mod sources;
mod text;
mod wiring;

use std::process::ExitCode;

use clap::Parser;

/// The system's allocator keeps what a large ingestion has left behind, and takes a fifth more time for it.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

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
