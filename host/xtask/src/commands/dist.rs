//! `cargo xtask dist`: one release binary that runs from anywhere.

use std::process::ExitCode;

use anyhow::{Context as _, Result};

use crate::{
    cargo::Profile,
    checkout::Checkout,
    commands::build::{self, Arguments},
    files,
    process::say,
};

/// Builds the binary and puts it into `target/dist`, or, so that nobody hands out a slow one, into `target/dist-dev`.
pub fn run(checkout: &Checkout, arguments: &Arguments) -> Result<ExitCode> {
    let binary = build::everything(checkout, arguments.profile)?;
    let folder = match arguments.profile {
        Profile::Release => "dist",
        Profile::Dev => "dist-dev",
    };
    let destination = checkout.own_target(folder).join("callboard");
    files::copy_if_changed(&binary, &destination)?;
    let size = std::fs::metadata(&destination).with_context(|| format!("reading {}", destination.display()))?.len();
    say(format_args!("{} ({:.1} MB)", destination.display(), size as f64 / 1e6));
    Ok(ExitCode::SUCCESS)
}
