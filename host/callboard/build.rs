//! Writes the tables behind `bundle.rs`: what `CALLBOARD_BUNDLE` points to (nothing when it is not set, so that a plain
//! `cargo check` works), the plugin contract and the Rust SDK.

use std::{
    env,
    fmt::Write as _,
    fs,
    path::{Path, PathBuf},
};

/// The folder that `cargo xtask` fills with the built site and the first-party plugins.
const BUNDLE: &str = "CALLBOARD_BUNDLE";

type Failure = Box<dyn std::error::Error>;

fn main() -> Result<(), Failure> {
    let manifest = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").ok_or("cargo sets CARGO_MANIFEST_DIR")?);
    let output = PathBuf::from(env::var_os("OUT_DIR").ok_or("cargo sets OUT_DIR")?);
    let root = manifest.join("../..").canonicalize()?;
    let bundle = env::var_os(BUNDLE).map(PathBuf::from);
    say(&format!("rerun-if-env-changed={BUNDLE}"));
    say("rerun-if-changed=build.rs");

    let below_bundle = |name: &str| bundle.as_ref().map(|folder| folder.join(name));
    let mut text = String::new();
    table(&mut text, "SITE", below_bundle("site").as_deref(), |_| true)?;
    table(&mut text, "PLUGINS", below_bundle("plugins").as_deref(), |name| name.ends_with(".wasm"))?;
    table(&mut text, "WIT", Some(&root.join("wit/next")), |name| name.ends_with(".wit"))?;
    // The SDK's `wit` is a link to the contract, which has a table of its own.
    let of_sdk = |name: &str| name == "Cargo.toml" || name == "README.md" || name.starts_with("src/");
    table(&mut text, "SDK", Some(&root.join("sdk/rust")), of_sdk)?;

    fs::write(output.join("bundle.rs"), text)?;
    Ok(())
}

/// Writes one table: the wanted files below a folder by relative name, sorted.
fn table(text: &mut String, name: &str, folder: Option<&Path>, wanted: impl Fn(&str) -> bool) -> Result<(), Failure> {
    let mut files = Vec::new();
    if let Some(folder) = folder {
        if !folder.is_dir() {
            return Err(format!("{} is not a folder; `cargo xtask build` makes the bundle", folder.display()).into());
        }
        list(folder, "", &wanted, &mut files)?;
    }
    files.sort();
    writeln!(text, "static {name}: &[Asset] = &[")?;
    for (name, path) in files {
        writeln!(text, "    Asset {{ name: {name:?}, bytes: include_bytes!({path:?}) }},")?;
    }
    writeln!(text, "];")?;
    Ok(())
}

/// Gathers files, and asks cargo to look again when one appears, changes or goes.
fn list(
    folder: &Path,
    prefix: &str,
    wanted: &impl Fn(&str) -> bool,
    files: &mut Vec<(String, PathBuf)>,
) -> Result<(), Failure> {
    say(&format!("rerun-if-changed={}", folder.display()));
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let kind = entry.file_type()?;
        let name = entry.file_name().into_string().map_err(|name| format!("{name:?} is no text"))?;
        let name = format!("{prefix}{name}");
        if kind.is_dir() {
            list(&entry.path(), &format!("{name}/"), wanted, files)?;
        } else if kind.is_file() && wanted(&name) {
            files.push((name, entry.path()));
        }
    }
    Ok(())
}

/// Tells cargo something.
fn say(instruction: &str) {
    println!("cargo::{instruction}");
}
