//! Every call of cargo, so that they all have the same environment and choose packages the same way.
//!
//! Features of shared dependencies are united over the packages that a call names. Two calls with different packages
//! would build heavy dependencies twice; so there are three choices only: the host side with its tests ([`HOST`]), the
//! binaries of a release ([`build_binaries`]), and the WebAssembly packages by themselves.

use std::{ffi::OsStr, process::Command};

use anyhow::Result;

use crate::{
    checkout::{Checkout, TESTS},
    process,
};

/// Optimised for compiling or for running.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Profile {
    Dev,
    Release,
}

impl Profile {
    /// The folder in cargo's target directory.
    pub fn folder(self) -> &'static str {
        match self {
            Self::Dev => "debug",
            Self::Release => "release",
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Dev => "dev",
            Self::Release => "release",
        }
    }
}

/// All members for the machine itself but this program, which is built alone when it is started.
pub const HOST: &[&str] = &["--workspace", "--exclude", "xtask"];

/// A call of cargo in the checkout.
///
/// `CALLBOARD_BUNDLE` is set every time: the binary's build script looks at it, and would run again for every change.
pub fn cargo<I, S>(checkout: &Checkout, arguments: I) -> Command
where
    I: IntoIterator<Item = S>,
    S: AsRef<OsStr>,
{
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(&checkout.root).args(arguments).env("CALLBOARD_BUNDLE", checkout.bundle());
    // What cargo told us about this package is not meant for the packages that we build.
    for (name, _) in std::env::vars_os() {
        let Some(text) = name.to_str() else { continue };
        if text.starts_with("CARGO_PKG_") || text.starts_with("CARGO_MANIFEST_") || text.starts_with("CARGO_BIN_") {
            command.env_remove(&name);
        }
    }
    command
}

/// Builds binaries of the host side; all calls name the same two packages, whichever binaries they want.
pub fn build_binaries(checkout: &Checkout, profile: Profile, binaries: &[&str]) -> Result<()> {
    let mut arguments = vec!["build", "--profile", profile.name()];
    match profile {
        // The tests' choice of packages, and `--examples`, of which there are none: it makes cargo unite the features
        // of test dependencies too. Without it every dependency of the tests would be built once more for the binary.
        Profile::Dev => arguments.extend(HOST.iter().chain(&["--examples"])),
        Profile::Release => arguments.extend(["-p", "callboard", "-p", TESTS]),
    }
    for binary in binaries {
        arguments.extend(["--bin", binary]);
    }
    process::run("building", &mut cargo(checkout, arguments))
}
