//! `cargo xtask dist`: one release binary that runs from anywhere.

use std::process::ExitCode;

use anyhow::{Context as _, Result};

use crate::{cargo::Profile, checkout::Checkout, commands::build, files, process::say};

/// Builds the release binary and puts it into `target/dist`.
pub fn run(checkout: &Checkout) -> Result<ExitCode> {
    let binary = build::everything(checkout, Profile::Release)?;
    let destination = checkout.own_target("dist").join("callboard");
    files::copy_if_changed(&binary, &destination)?;
    let size = std::fs::metadata(&destination).with_context(|| format!("reading {}", destination.display()))?.len();
    say(format_args!("{} ({:.1} MB)", destination.display(), size as f64 / 1e6));
    Ok(ExitCode::SUCCESS)
}
