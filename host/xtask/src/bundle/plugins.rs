//! Plugins: every crate of `plugins/` as a component in the bundle, every crate of `tests/plugins/` beside it for tests.

use std::{fs, path::Path};

use anyhow::{Context as _, Result};

use crate::{
    bundle::components::require_component,
    cargo::cargo,
    checkout::Checkout,
    files::{remove_others, write_if_changed},
    process::{run, say},
};

const TARGET: &str = "wasm32-wasip2";
const PROFILE: &str = "plugin";
const PREFIX: &str = "plugin-";

/// Builds the first-party plugins into the bundle.
pub fn build(checkout: &Checkout) -> Result<()> {
    build_folder(checkout, "plugins", "building plugins", &checkout.bundle().join("plugins"))
}

/// Builds the plugins that tests and benchmarks load; a checkout without any is fine.
pub fn build_fixtures(checkout: &Checkout) -> Result<()> {
    build_folder(checkout, "tests/plugins", "building the tests' plugins", &checkout.fixture_plugins())
}

/// The two kinds are never built in one call: together they could unite features and change the first-party bytes.
fn build_folder(checkout: &Checkout, folder: &str, purpose: &str, destination: &Path) -> Result<()> {
    fs::create_dir_all(destination).with_context(|| format!("creating {}", destination.display()))?;
    let names: Vec<_> =
        checkout.packages_below(folder).iter().map(|package| package.name.as_str().to_owned()).collect();
    if !names.is_empty() {
        let mut command = cargo(checkout, ["build", "--profile", PROFILE, "--target", TARGET]);
        for name in &names {
            command.args(["-p", name]);
        }
        run(purpose, &mut command)?;
    }

    let built = checkout.cargo_target.join(TARGET).join(PROFILE);
    for name in &names {
        let source = built.join(format!("{}.wasm", name.replace('-', "_")));
        let bytes = fs::read(&source).with_context(|| format!("reading the plugin {}", source.display()))?;
        require_component(&source.display().to_string(), &bytes)?;
        let file = file_name(name);
        if write_if_changed(&destination.join(&file), &bytes)? {
            say(format_args!("plugin {file}: {:.1} kB", bytes.len() as f64 / 1e3));
        }
    }
    remove_others(destination, |file| names.iter().any(|name| file_name(name) == file))
}

/// What a plugin's file is called: the crate's name without its prefix.
fn file_name(package: &str) -> String {
    format!("{}.wasm", package.strip_prefix(PREFIX).unwrap_or(package))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plugins_file_has_the_crates_name() {
        let cases = [
            ("plugin-openapi", "openapi.wasm"),
            ("plugin-github-actions", "github-actions.wasm"),
            ("fixture-loops", "fixture-loops.wasm"),
        ];
        for (package, file) in cases {
            assert_eq!(file_name(package), file);
        }
    }
}
