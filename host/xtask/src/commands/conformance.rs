//! `cargo xtask conformance`: Backstage's own client for the catalog, unmodified, against the binary.
//!
//! The client comes from the npm registry into the target folder, and stays there; nothing of it is in the repository.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, ExitCode},
};

use anyhow::{Context as _, Result, bail};

use crate::{cargo::Profile, checkout::Checkout, commands::build, files, process};

/// The oldest Node that has what the script uses.
const NODE: u32 = 20;

/// Builds the binary, installs the client and runs the script.
pub fn run(checkout: &Checkout) -> Result<ExitCode> {
    let (node, npm) = (program("node")?, program("npm")?);
    let version = process::output_of(&node.to_string_lossy(), &["--version"]).unwrap_or_default();
    if !is_new_enough(&version) {
        bail!(
            "`cargo xtask conformance` needs Node {NODE} or newer, and `node --version` says {version:?}; nothing was compared"
        );
    }
    let binary = build::everything(checkout, Profile::Dev)?;
    let script = checkout.root.join("tests").join("conformance");
    let modules = checkout.own_target("conformance");
    install(&npm, &script.join("package.json"), &modules)?;
    let mut command = Command::new(node);
    command.current_dir(&checkout.root).arg(script.join("run.mjs"));
    command.arg("--binary").arg(binary);
    command.arg("--recorded").arg(checkout.root.join("tests").join("recorded"));
    command.arg("--modules").arg(&modules);
    command.arg("--work").arg(modules.join("work"));
    process::exit_code(&mut command)
}

fn program(name: &str) -> Result<PathBuf> {
    process::find_program(name).with_context(|| {
        format!(
            "`cargo xtask conformance` drives Backstage's client, which needs Node {NODE} or newer with npm, and there is \
             no `{name}` on the PATH; install Node (Debian: apt install nodejs npm) and run it again. Nothing was compared"
        )
    })
}

/// Whether a version such as `v20.20.2` will do.
fn is_new_enough(version: &str) -> bool {
    let major = version.trim().trim_start_matches('v').split('.').next().and_then(|major| major.parse::<u32>().ok());
    major.is_some_and(|major| major >= NODE)
}

/// Installs what the manifest names, unless that has been done.
fn install(npm: &Path, manifest: &Path, folder: &Path) -> Result<()> {
    fs::create_dir_all(folder).with_context(|| format!("making {}", folder.display()))?;
    let changed = files::copy_if_changed(manifest, &folder.join("package.json"))?;
    // Written last, so that an installation that broke off is done again.
    let done = folder.join("installed");
    if !changed && done.is_file() {
        return Ok(());
    }
    let quiet = ["--no-audit", "--no-fund", "--no-package-lock", "--loglevel=error"];
    let mut command = Command::new(npm);
    // Nothing that is installed runs while it is installed.
    command.current_dir(folder).args(["install", "--ignore-scripts"]).args(quiet);
    process::run("installing Backstage's client", &mut command)
        .context("the client comes from the npm registry; without a network there is nothing to compare with")?;
    fs::write(&done, "").with_context(|| format!("writing {}", done.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn old_and_missing_versions_are_refused() {
        for (version, expected) in
            [("v20.20.2", true), ("v24.1.0\n", true), ("v18.19.0", false), ("", false), ("node", false)]
        {
            assert_eq!(is_new_enough(version), expected, "{version}");
        }
        let message = program("callboard-no-such-program").unwrap_err().to_string();
        assert!(message.contains("no `callboard-no-such-program` on the PATH"), "{message}");
    }
}
