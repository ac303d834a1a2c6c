//! Two checkouts that share one target folder.
//!
//! Cargo names what it builds of a workspace by the path inside it, and judges its age by the files' times. With a shared
//! `CARGO_TARGET_DIR` it may therefore take the other checkout's crate for this one's. Dependencies are not concerned.

use std::fs;

use anyhow::{Context as _, Result};

use crate::{
    cargo::cargo,
    checkout::Checkout,
    files::write_if_changed,
    process::{run, say},
};

/// Holds the path of the checkout that used the target folder last.
const STAMP: &str = "callboard-checkout";

/// Where crates of ours may lie.
const PLACES: &[&[&str]] = &[
    &[],
    &["--release"],
    &["--profile", "plugin", "--target", "wasm32-wasip2"],
    &["--profile", "site", "--target", "wasm32-unknown-unknown"],
];

/// Removes what another checkout left of our own crates in cargo's target folder.
pub(super) fn part(checkout: &Checkout) -> Result<()> {
    let stamp = checkout.cargo_target.join(STAMP);
    let here = checkout.root.to_string_lossy();
    let last = fs::read_to_string(&stamp).ok();
    if let Some(last) = last.filter(|last| *last != here) {
        say(format_args!(
            "{} was used by the checkout {last} before; what is ours in it is built anew",
            checkout.cargo_target.display()
        ));
        for place in PLACES {
            let mut command = cargo(checkout, ["clean", "--quiet"]);
            command.args(*place);
            // This program was built for this checkout just now, and is running.
            for package in checkout.packages.iter().filter(|package| package.name.as_str() != "xtask") {
                command.args(["-p", package.name.as_str()]);
            }
            run("clearing", &mut command)?;
        }
    }
    write_if_changed(&stamp, here.as_bytes()).context("remembering which checkout used the target folder")?;
    Ok(())
}
