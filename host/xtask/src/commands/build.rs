//! `cargo xtask build`: plugins, site and binary.

use std::process::ExitCode;

use anyhow::Result;

use crate::{
    bundle,
    cargo::{self, Profile},
    checkout::Checkout,
    process::say,
    setup,
};

/// Which build is wanted.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// `dev` builds faster, `release` runs faster
    #[arg(long, value_enum, default_value_t = Profile::Release)]
    pub profile: Profile,
}

/// Builds everything and says where the binary is.
pub fn run(checkout: &Checkout, arguments: &Arguments) -> Result<ExitCode> {
    let binary = everything(checkout, arguments.profile)?;
    say(format_args!("built {}", binary.display()));
    Ok(ExitCode::SUCCESS)
}

/// Sets up, builds the bundle and the binary that embeds it, and gives the binary's path.
pub fn everything(checkout: &Checkout, profile: Profile) -> Result<std::path::PathBuf> {
    setup::for_building(checkout)?;
    bundle::build(checkout)?;
    cargo::build_binaries(checkout, profile, &["callboard"])?;
    Ok(checkout.binary(profile, "callboard"))
}
