//! Copies a skeleton into the workspace, filling in values on the way.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use globset::GlobMatcher;
use host_model::plugin::PluginError;
use host_ports::{LogLevel, LogSink};
use minijinja::value::Value;

use super::source::Source;
use super::{Stop, other};
use crate::language::Language;
use crate::workspace::{Enclosure, Entry, EntryKind, Limits, Tally, failed, list, make_parents};

/// Files that are larger are copied as they are.
const MAX_TEMPLATED: u64 = 4 * 1024 * 1024;
/// How much of a file is looked at to tell whether it is text.
const SNIFFED: usize = 8000;

/// How a skeleton becomes files.
pub(super) struct Rules {
    /// Neither names nor contents are filled in.
    pub(super) as_they_are: Vec<GlobMatcher>,
    /// Names are filled in, contents are not.
    pub(super) contents_as_they_are: Vec<GlobMatcher>,
    /// With a dot; only files that end in it are filled in, and lose it.
    pub(super) extension: Option<String>,
    pub(super) replace: bool,
    pub(super) language: Language,
    pub(super) context: Value,
}

/// Where a skeleton goes.
pub(super) struct Target<'a> {
    pub(super) workspace: &'a Enclosure,
    pub(super) folder: PathBuf,
    pub(super) limits: Limits,
    pub(super) log: &'a Arc<dyn LogSink>,
    pub(super) stop: &'a Stop,
}

/// Copies everything below a folder.
pub(super) fn copy(source: &Source, from: &Path, rules: &Rules, target: &Target<'_>) -> Result<(), PluginError> {
    let mut tally = Tally::new(target.limits);
    for entry in list(from, target.limits.entries)? {
        target.stop.check()?;
        tally.add(entry.bytes)?;
        copy_entry(source, from, &entry, rules, target)?;
    }
    target.limits.check(target.workspace.root())?;
    Ok(())
}

fn copy_entry(
    source: &Source,
    from: &Path,
    entry: &Entry,
    rules: &Rules,
    target: &Target<'_>,
) -> Result<(), PluginError> {
    let matches = |patterns: &[GlobMatcher]| {
        let parents = entry.path.match_indices('/').map(|(at, _)| &entry.path[..at]);
        parents.chain([entry.path.as_str()]).any(|path| patterns.iter().any(|pattern| pattern.is_match(path)))
    };
    let mut name = entry.path.clone();
    let mut fills_contents = !matches(&rules.as_they_are) && !matches(&rules.contents_as_they_are);
    if let Some(extension) = &rules.extension {
        let stem = name.strip_suffix(extension.as_str()).filter(|_| entry.kind != EntryKind::Folder);
        fills_contents = stem.is_some();
        name = stem.map_or(name.clone(), str::to_owned);
    }
    if !matches(&rules.as_they_are) || rules.extension.is_some() {
        name = fill(rules, &name, &entry.path)?;
    }
    // A name that came out empty leaves the file out.
    if name.split('/').any(str::is_empty) {
        return Ok(());
    }
    let path = target.workspace.resolve_from(&target.folder, &name)?;
    if !path.starts_with(&target.folder) {
        return Err(other(format!("{} would be written to {name}, which is outside of the target", entry.path)));
    }
    let exists = path.symlink_metadata().is_ok();
    if entry.kind == EntryKind::Folder {
        if !exists {
            target.log.line(LogLevel::Info, &format!("Writing directory {name}/ to template output path."));
            fs::create_dir_all(&path).map_err(|source| failed("make the folder", &path, source))?;
        }
        return Ok(());
    }
    if exists && !rules.replace {
        return Ok(());
    }
    let mut real = from.join(&entry.path);
    if entry.kind == EntryKind::Link {
        real = source.follow(&real)?;
        if real.is_dir() {
            return Err(other(format!("{} is a link to a folder; copy the folder instead", entry.path)));
        }
    }
    write(&real, &path, &entry.path, fills_contents, rules, target)
}

fn write(
    real: &Path,
    path: &Path,
    shown: &str,
    fills_contents: bool,
    rules: &Rules,
    target: &Target<'_>,
) -> Result<(), PluginError> {
    let metadata = fs::metadata(real).map_err(|source| failed("read", real, source))?;
    if metadata.len() > target.limits.bytes {
        return Err(other(format!("{shown} is larger than a workspace may be")));
    }
    make_parents(path)?;
    let told = target.workspace.relative(path);
    let text = if fills_contents { text_of(real, metadata.len())? } else { None };
    match text {
        Some(text) => {
            target.log.line(
                LogLevel::Info,
                &format!("Writing file {told} to template output path with mode {}.", mode(&metadata)),
            );
            let filled = fill(rules, &text, shown)?;
            fs::write(path, filled).map_err(|source| failed("write", path, source))?;
            fs::set_permissions(path, metadata.permissions()).map_err(|source| failed("write", path, source))?;
        }
        None => {
            let why = if fills_contents { "Copying binary file" } else { "Copying file without processing:" };
            target.log.line(LogLevel::Info, &format!("{why} {told}"));
            fs::copy(real, path).map_err(|source| failed("copy", path, source))?;
        }
    }
    make_writable(path)?;
    Ok(())
}

fn fill(rules: &Rules, text: &str, shown: &str) -> Result<String, PluginError> {
    rules.language.text(text, &rules.context).map_err(|error| {
        let line = error.line.map(|line| format!(", line {line}")).unwrap_or_default();
        let expression = if error.line.is_none() && !error.expression.contains('\n') {
            format!(" in {:?}", error.expression)
        } else {
            String::new()
        };
        other(format!("{shown}{line}: {}{expression}", error.message))
    })
}

/// A file's contents when they are text of a bearable size.
fn text_of(path: &Path, bytes: u64) -> Result<Option<String>, PluginError> {
    if bytes > MAX_TEMPLATED {
        return Ok(None);
    }
    let contents = fs::read(path).map_err(|source| failed("read", path, source))?;
    if contents.iter().take(SNIFFED).any(|byte| *byte == 0) {
        return Ok(None);
    }
    Ok(String::from_utf8(contents).ok())
}

#[cfg(unix)]
fn mode(metadata: &fs::Metadata) -> u32 {
    use std::os::unix::fs::PermissionsExt as _;
    metadata.permissions().mode()
}

#[cfg(not(unix))]
fn mode(_: &fs::Metadata) -> u32 {
    0o100_644
}

/// Skeletons may be read-only; what is made of them must not be.
#[cfg(unix)]
fn make_writable(path: &Path) -> Result<(), PluginError> {
    use std::os::unix::fs::PermissionsExt as _;
    let metadata = fs::metadata(path).map_err(|source| failed("write", path, source))?;
    let bits = metadata.permissions().mode() & 0o777;
    fs::set_permissions(path, fs::Permissions::from_mode(bits | 0o600))
        .map_err(|source| failed("write", path, source))?;
    Ok(())
}

#[cfg(not(unix))]
fn make_writable(_: &Path) -> Result<(), PluginError> {
    Ok(())
}
