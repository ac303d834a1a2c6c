//! `callboard plugin new`: writes a project for a plugin that builds, passes its tests and does something at once.
//!
//! The project stands alone: SDK and contract are written into it, so that nothing but the crates registry is needed.
//! This module knows files and text only; what it writes comes from its templates and from its caller's tables.

mod name;
mod template;
#[cfg(test)]
mod tests;

use std::fs;
use std::path::{Component, Path, PathBuf};

use anyhow::{Context, bail};

use template::Words;

/// What a new plugin begins as.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Kind {
    /// Shows a card on the pages of entities.
    UiCard,
    /// Looks at entities on their way into the catalog.
    CatalogProcessor,
    /// Brings a step for templates.
    ScaffolderAction,
}

/// A plugin that is to be written.
#[derive(Debug, Clone)]
pub(crate) struct NewPlugin {
    /// The plugin's id, which names its folder and its crate too.
    pub(crate) name: String,
    pub(crate) kind: Kind,
    /// Where the folder is made; none means the working directory.
    pub(crate) parent: Option<PathBuf>,
}

impl NewPlugin {
    /// The project's folder.
    pub(crate) fn folder(&self) -> PathBuf {
        self.parent.as_deref().unwrap_or(Path::new("")).join(&self.name)
    }

    /// The component, as a path within the project.
    pub(crate) fn component(&self) -> String {
        format!("target/wasm32-wasip2/release/{}.wasm", self.name.replace('-', "_"))
    }

    /// What to type next, one command on each line.
    pub(crate) fn next_steps(&self) -> Vec<String> {
        let component = self.component();
        // A portal that was started where the project was made keeps its data beside the project.
        let data = if self.parent.is_none() { "../data" } else { "DATA" };
        vec![
            format!("cd {}", quoted(&self.folder())),
            "cargo build --release --target wasm32-wasip2".to_owned(),
            format!("callboard plugin check {component}"),
            format!("cp {component} {data}/plugins/"),
        ]
    }
}

/// Writes the project and tells which files. `sdk` holds the SDK's files, `wit` the contract's, both with paths relative
/// to their own folder.
///
/// # Errors
/// When the name cannot be a plugin's, when there is something in the folder already, or when a file cannot be written.
pub(crate) fn generate(
    request: &NewPlugin,
    sdk: &[(&str, &[u8])],
    wit: &[(&str, &[u8])],
) -> anyhow::Result<Vec<PathBuf>> {
    name::check(&request.name)?;
    let folder = request.folder();
    check_folder(&folder)?;

    let mut written = Vec::new();
    let words = Words::new(request);
    for (path, text) in template::files(request.kind) {
        written.push(write(&folder, Path::new(path), words.fill(text).as_bytes())?);
    }
    let sdk_folder = Path::new("sdk");
    for (path, bytes) in sdk {
        written.push(write(&folder, &sdk_folder.join(path), bytes)?);
    }
    for (path, bytes) in wit {
        written.push(write(&folder, &sdk_folder.join("wit").join(path), bytes)?);
    }
    Ok(written)
}

/// The folder may be there already, but not with anything in it.
fn check_folder(folder: &Path) -> anyhow::Result<()> {
    let shown = folder.display();
    match fs::read_dir(folder).map(|mut entries| entries.next().is_none()) {
        Ok(true) => Ok(()),
        Ok(false) => bail!("{shown} is not empty\nhint: choose another name, or another folder with --path"),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(()),
        Err(error) if error.kind() == std::io::ErrorKind::NotADirectory => {
            bail!("{shown} is a file, not a folder\nhint: choose another name, or another folder with --path")
        }
        Err(error) => Err(error).with_context(|| format!("cannot look into {shown}")),
    }
}

fn write(folder: &Path, path: &Path, bytes: &[u8]) -> anyhow::Result<PathBuf> {
    if !path.components().all(|part| matches!(part, Component::Normal(_))) {
        bail!("{} is no path within the project", path.display());
    }
    let target = folder.join(path);
    if let Some(parent) = target.parent() {
        fs::create_dir_all(parent).with_context(|| format!("cannot make the folder {}", parent.display()))?;
    }
    fs::write(&target, bytes).with_context(|| format!("cannot write {}", target.display()))?;
    Ok(target)
}

/// A path as it is typed in a shell.
fn quoted(path: &Path) -> String {
    let text = path.display().to_string();
    let plain = text.chars().all(|c| c.is_alphanumeric() || "/._-".contains(c));
    if plain { text } else { format!("'{}'", text.replace('\'', r"'\''")) }
}
