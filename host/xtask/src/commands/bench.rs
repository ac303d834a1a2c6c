//! `cargo xtask bench [NAME]`: the benchmarks, against the release binary unless another is asked for.

use std::process::ExitCode;

use anyhow::Result;

use crate::{
    bundle,
    cargo::{self, Profile},
    checkout::{Checkout, TESTS},
    process, setup,
};

/// Which benchmark is wanted, and what is handed on to it.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// `release` gives figures that mean something, `dev` builds faster
    #[arg(long, value_enum, default_value_t = Profile::Release)]
    pub profile: Profile,
    /// The benchmark to run; all of them when left out
    pub name: Option<String>,
    /// Arguments for the benchmark program
    #[arg(last = true)]
    pub rest: Vec<String>,
}

/// Builds the bundle, the binary and the benchmark program, and runs it.
pub fn run(checkout: &Checkout, arguments: &Arguments) -> Result<ExitCode> {
    checkout.require_binary(TESTS, "bench")?;
    setup::for_building(checkout)?;
    bundle::build(checkout)?;
    bundle::plugins::build_fixtures(checkout)?;
    cargo::build_binaries(checkout, arguments.profile, &["callboard", "bench"])?;

    let mut command = std::process::Command::new(checkout.binary(arguments.profile, "bench"));
    command.current_dir(&checkout.root).args(&arguments.name).args(&arguments.rest);
    command.envs(checkout.test_environment(arguments.profile));
    let binary = checkout.binary(arguments.profile, "callboard");
    let slow = if arguments.profile == Profile::Dev { "; it is a slow one, its figures are none" } else { "" };
    process::say(format_args!("running the benchmarks on {}{slow}", binary.display()));
    process::exit_code(&mut command)
}
