//! What a machine must have before anything is built, and how to get what is missing.
//!
//! Whatever rustup or the distribution can give is fetched and said; for the rest, an error names the piece, what it is
//! for and what to type. Nothing is ever left out silently.

mod browser;
mod neighbours;

use std::{path::PathBuf, process::Command};

use anyhow::{Context as _, Result, bail};

pub use self::browser::{Browser, browser};
use crate::{
    checkout::Checkout,
    process::{find_program, output_of, run},
};

const TARGETS: &[(&str, &str)] = &[("wasm32-wasip2", "plugins"), ("wasm32-unknown-unknown", "the site")];

/// Checks the compiler, sees to the WebAssembly targets, and parts from other checkouts.
pub fn for_building(checkout: &Checkout) -> Result<()> {
    check_compiler(checkout)?;
    see_to_targets()?;
    neighbours::part(checkout)
}

fn see_to_targets() -> Result<()> {
    let missing: Vec<_> = TARGETS.iter().filter(|(target, _)| !has_target(target)).collect();
    if missing.is_empty() {
        return Ok(());
    }
    let names: Vec<_> = missing.iter().map(|(name, _)| *name).collect();
    let uses: Vec<_> = missing.iter().map(|(name, purpose)| format!("{name} for {purpose}")).collect();
    if find_program("rustup").is_none() {
        bail!(
            "the compiler has no standard library for {}, and there is no rustup to fetch it; install rustup from \
             https://rustup.rs, or your distribution's packages of these targets",
            uses.join(" and ")
        );
    }
    run("installing wasm targets", Command::new("rustup").args(["target", "add"]).args(&names))?;
    match names.iter().find(|name| !has_target(name)) {
        None => Ok(()),
        Some(name) => bail!(
            "rustup added {name}, but `rustc` is of another toolchain ({}); put rustup's `~/.cargo/bin` first in PATH",
            sysroot().unwrap_or_default().display()
        ),
    }
}

/// Sees to the formatter and the linter.
pub fn for_linting() -> Result<()> {
    for (component, probe) in [("rustfmt", ["fmt", "--version"]), ("clippy", ["clippy", "--version"])] {
        if output_of("cargo", &probe).is_some() {
            continue;
        }
        if find_program("rustup").is_none() {
            bail!("`cargo {}` is missing; install your distribution's package of {component}, or rustup", probe[0]);
        }
        run("installing a component", Command::new("rustup").args(["component", "add", component]))?;
    }
    Ok(())
}

fn check_compiler(checkout: &Checkout) -> Result<()> {
    let wanted = checkout.package("callboard")?.rust_version.clone().context("the manifest has no rust-version")?;
    let printed = output_of("rustc", &["--version"])
        .context("there is no `rustc`; install Rust from https://rustup.rs (`rustup toolchain install stable`)")?;
    let Some(found) = release_of(&printed) else { bail!("`rustc --version` says `{printed}`, which is no version") };
    if found >= (wanted.major, wanted.minor) {
        return Ok(());
    }
    bail!(
        "Callboard needs Rust {}.{} or newer, and this is `{printed}`; type `rustup update stable`",
        wanted.major,
        wanted.minor
    )
}

/// Major and minor of what `rustc --version` prints.
fn release_of(printed: &str) -> Option<(u64, u64)> {
    let mut parts = printed.strip_prefix("rustc ")?.split(['.', '-', ' ']);
    Some((parts.next()?.parse().ok()?, parts.next()?.parse().ok()?))
}

fn has_target(target: &str) -> bool {
    sysroot().is_some_and(|root| root.join("lib/rustlib").join(target).join("lib").is_dir())
}

fn sysroot() -> Option<PathBuf> {
    output_of("rustc", &["--print", "sysroot"]).map(PathBuf::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_compilers_version_is_read() {
        let cases = [
            ("rustc 1.95.0 (59807616e 2026-04-14)", Some((1, 95))),
            ("rustc 1.97.0-nightly (abc 2026-06-01)", Some((1, 97))),
            ("rustc 2.0.1", Some((2, 0))),
            ("rustc", None),
            ("gcc 12.2.0", None),
        ];
        for (printed, expected) in cases {
            assert_eq!(release_of(printed), expected, "{printed}");
        }
    }
}
