//! One file per verb; this one lists them all.

pub mod absent;
pub mod bench;
pub mod build;
pub mod conformance;
pub mod dist;
pub mod run;
pub mod test;
pub mod tidy;

use std::process::ExitCode;

use anyhow::Result;
use clap::{Parser, Subcommand};

use crate::checkout::Checkout;

/// Set up, build, run, test and measure Callboard.
#[derive(Debug, Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
pub struct Cli {
    #[command(subcommand)]
    pub command: Command,
}

/// What can be done in a checkout.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Build everything and serve the example company
    Run(run::Arguments),
    /// Set up and pass every test: formatting, lints, tidy, unit, integration, browser
    Test(test::Arguments),
    /// Build plugins, site and binary
    Build(build::Arguments),
    /// Build one self-contained release binary into target/dist
    Dist(build::Arguments),
    /// Run the benchmarks, or the one that is named
    Bench(bench::Arguments),
    /// Check the rules of the house: edges between crates, file lengths, forbidden words
    Tidy,
    /// Fuzz the parsers
    #[command(hide = true)]
    Fuzz,
    /// Build and run plugins in other languages than Rust
    #[command(hide = true)]
    Polyglot,
    /// Drive Backstage's own client against the binary and compare with recorded answers (needs Node)
    Conformance,
}

/// Runs one command; an error is for the caller to print.
pub fn run(command: Command) -> Result<ExitCode> {
    match command {
        Command::Fuzz => return Ok(absent::say_so("fuzz")),
        Command::Polyglot => return Ok(absent::say_so("polyglot")),
        _ => {}
    }
    let checkout = Checkout::open()?;
    match command {
        Command::Run(arguments) => run::run(&checkout, arguments),
        Command::Test(arguments) => test::run(&checkout, &arguments),
        Command::Build(arguments) => build::run(&checkout, &arguments),
        Command::Dist(arguments) => dist::run(&checkout, &arguments),
        Command::Bench(arguments) => bench::run(&checkout, &arguments),
        Command::Tidy => tidy::run(&checkout),
        Command::Conformance => conformance::run(&checkout),
        Command::Fuzz | Command::Polyglot => Ok(ExitCode::from(2)),
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn the_command_line_is_sound() {
        Cli::command().debug_assert();
    }

    #[test]
    fn arguments_after_two_dashes_are_left_for_the_server() {
        let cli = Cli::parse_from(["cargo xtask", "run", "--profile", "dev", "--", "--listen", "127.0.0.1:0"]);
        let Command::Run(arguments) = cli.command else { panic!("expected `run`") };
        assert_eq!(arguments.serve, ["--listen", "127.0.0.1:0"]);
    }

    #[test]
    fn commands_without_anything_behind_them_are_refused_with_two() {
        for command in [Command::Fuzz, Command::Polyglot] {
            assert_eq!(format!("{:?}", run(command).unwrap()), format!("{:?}", ExitCode::from(2)));
        }
    }
}
