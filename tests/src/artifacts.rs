//! Where the things under test are: the binary, the plugins, the checkout.
//!
//! The task runner names them in the environment. Without it they are looked for beside the running test. A thing that
//! is missing fails the test with a sentence that says how to make it; it never lets the test pass.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

/// How to make what is missing.
const HOW: &str = "`cargo xtask test` builds everything in order";

/// The folder of the root manifest.
pub fn checkout() -> PathBuf {
    let own = std::env::var_os("CARGO_MANIFEST_DIR").map(PathBuf::from).filter(|folder| folder.ends_with("tests"));
    let own = own.unwrap_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")));
    own.parent().map_or_else(|| PathBuf::from("."), Path::to_owned)
}

/// The `callboard` under test.
///
/// # Errors
/// When it has not been built.
pub fn binary() -> Result<PathBuf> {
    let name = format!("callboard{}", std::env::consts::EXE_SUFFIX);
    let path = match std::env::var_os("CALLBOARD_BIN") {
        Some(path) => path.into(),
        None => profile_folder()?.join(name),
    };
    existing(path, "the binary")
}

/// Where cargo put the running program's profile: `target/debug`, wherever that is.
///
/// # Errors
/// When the running program is not in a target folder.
pub fn profile_folder() -> Result<PathBuf> {
    let program = std::env::current_exe().context("the running program has no path")?;
    let folder = program.parent().context("the running program has no folder")?;
    let folder = if folder.ends_with("deps") { folder.parent().unwrap_or(folder) } else { folder };
    Ok(folder.to_owned())
}

/// A folder for what tests keep from one run to the next; everything in it can be made again.
///
/// # Errors
/// When it cannot be made.
pub fn scratch(name: &str) -> Result<PathBuf> {
    let folder = profile_folder()?.parent().context("the target folder has no parent")?.join("tmp").join(name);
    std::fs::create_dir_all(&folder).with_context(|| format!("making {}", folder.display()))?;
    Ok(folder)
}

/// What the binary embeds: `site/` and `plugins/`.
///
/// # Errors
/// When it has not been built.
pub fn bundle() -> Result<PathBuf> {
    let path = std::env::var_os("CALLBOARD_BUNDLE").map(PathBuf::from);
    existing(path.unwrap_or_else(|| checkout().join("target").join("bundle")), "the bundle of site and plugins")
}

/// A plugin's file, first-party (`openapi`) or made for tests (`greeter`, `torture`).
///
/// # Errors
/// When there is none of this name.
pub fn plugin(name: &str) -> Result<PathBuf> {
    let fixtures = std::env::var_os("CALLBOARD_TEST_PLUGINS").map(PathBuf::from);
    let fixtures = fixtures.unwrap_or_else(|| checkout().join("target").join("bundle-tests").join("plugins"));
    let fixture = fixtures.join(format!("fixture-{name}.wasm"));
    if fixture.is_file() {
        return Ok(fixture);
    }
    let own = bundle()?.join("plugins").join(format!("{name}.wasm"));
    if own.is_file() {
        return Ok(own);
    }
    bail!("the plugin {name} is neither {} nor {}; {HOW}", fixture.display(), own.display())
}

/// A plugin's bytes.
///
/// # Errors
/// When there is none of this name, or it cannot be read.
pub fn plugin_bytes(name: &str) -> Result<Vec<u8>> {
    let path = plugin(name)?;
    std::fs::read(&path).with_context(|| format!("reading {}", path.display()))
}

/// A component with one version put in the place of another of the same length, wherever it stands. That is how the
/// same plugin is had in two versions without building it twice.
pub fn with_version(component: &[u8], from: &str, to: &str) -> Vec<u8> {
    assert_eq!(from.len(), to.len(), "a component's sections must keep their sizes");
    let mut changed = component.to_owned();
    let places: Vec<usize> = component
        .windows(from.len())
        .enumerate()
        .filter(|(_, window)| *window == from.as_bytes())
        .map(|(at, _)| at)
        .collect();
    assert!(!places.is_empty(), "the component does not say {from} anywhere");
    for at in places {
        changed[at..at + to.len()].copy_from_slice(to.as_bytes());
    }
    changed
}

fn existing(path: PathBuf, what: &str) -> Result<PathBuf> {
    if path.exists() { Ok(path) } else { bail!("{what} is not at {}; {HOW}", path.display()) }
}
