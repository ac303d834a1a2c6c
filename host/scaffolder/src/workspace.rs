//! The folder of one task, and the only paths that its steps may touch.

use std::fs;
use std::io;
use std::path::{Component, Path, PathBuf};

use walkdir::WalkDir;

/// How much a workspace may hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Limits {
    pub(crate) bytes: u64,
    pub(crate) entries: usize,
}

/// A folder out of which no path leads.
#[derive(Debug, Clone)]
pub(crate) struct Enclosure {
    /// What it is called in messages: the workspace, the template's folder.
    name: &'static str,
    root: PathBuf,
}

/// Why a path or a folder cannot be used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum WorkspaceError {
    #[error("{path:?} leads out of {name}; paths are relative to it and stay inside")]
    Outside { path: String, name: &'static str },
    #[error("{path:?} goes through a symbolic link that leads out of {name}")]
    Link { path: String, name: &'static str },
    #[error("the workspace would hold more than {0} bytes")]
    TooManyBytes(u64),
    #[error("the workspace would hold more than {0} files and folders")]
    TooManyEntries(usize),
    #[error("cannot {what} {path:?}: {source}")]
    Io { what: &'static str, path: String, source: io::Error },
}

/// A file or folder, by its path in the folder that was listed, with `/` between.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Entry {
    pub(crate) path: String,
    pub(crate) kind: EntryKind,
    pub(crate) bytes: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum EntryKind {
    File,
    Folder,
    Link,
}

impl Enclosure {
    /// An existing folder.
    pub(crate) fn open(name: &'static str, root: &Path) -> Result<Self, WorkspaceError> {
        let root = fs::canonicalize(root).map_err(|source| failed("open", root, source))?;
        Ok(Self { name, root })
    }

    /// The workspace of a running step.
    pub(crate) fn workspace(root: &Path) -> Result<Self, WorkspaceError> {
        Self::open("the workspace", root)
    }

    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    /// Where a relative path leads, whether something is there or not.
    pub(crate) fn resolve(&self, path: &str) -> Result<PathBuf, WorkspaceError> {
        self.resolve_from(&self.root, path)
    }

    /// As `resolve`, for a path that starts from a folder inside.
    pub(crate) fn resolve_from(&self, from: &Path, path: &str) -> Result<PathBuf, WorkspaceError> {
        let outside = || WorkspaceError::Outside { path: path.to_owned(), name: self.name };
        if path.contains('\0') || path.contains('\\') {
            return Err(outside());
        }
        let mut resolved = from.to_owned();
        for component in Path::new(path).components() {
            match component {
                Component::CurDir => {}
                Component::Normal(part) => resolved.push(part),
                Component::ParentDir if resolved != self.root => {
                    resolved.pop();
                }
                Component::ParentDir | Component::RootDir | Component::Prefix(_) => return Err(outside()),
            }
        }
        if !resolved.starts_with(&self.root) {
            return Err(outside());
        }
        self.check_links(&resolved, path)?;
        Ok(resolved)
    }

    /// A path as it is told to people: relative, with `/` between.
    pub(crate) fn relative(&self, path: &Path) -> String {
        slashes(path.strip_prefix(&self.root).unwrap_or(path))
    }

    fn check_links(&self, resolved: &Path, path: &str) -> Result<(), WorkspaceError> {
        let mut existing = resolved;
        while existing != self.root && existing.symlink_metadata().is_err() {
            match existing.parent() {
                Some(parent) => existing = parent,
                None => break,
            }
        }
        // A link that leads nowhere could be made to lead anywhere.
        match fs::canonicalize(existing) {
            Ok(real) if real.starts_with(&self.root) => Ok(()),
            _ => Err(WorkspaceError::Link { path: path.to_owned(), name: self.name }),
        }
    }
}

impl Limits {
    /// Fails when a workspace holds more than it may.
    pub(crate) fn check(self, root: &Path) -> Result<(), WorkspaceError> {
        let mut tally = Tally::new(self);
        for entry in WalkDir::new(root).min_depth(1).follow_links(false) {
            let entry = entry.map_err(|error| walk_failed(root, error))?;
            let bytes = entry.metadata().map(|metadata| if metadata.is_file() { metadata.len() } else { 0 });
            tally.add(bytes.unwrap_or(0))?;
        }
        Ok(())
    }
}

/// Counts what is about to be written.
#[derive(Debug)]
pub(crate) struct Tally {
    limits: Limits,
    bytes: u64,
    entries: usize,
}

impl Tally {
    pub(crate) fn new(limits: Limits) -> Self {
        Self { limits, bytes: 0, entries: 0 }
    }

    /// One more file or folder.
    pub(crate) fn add(&mut self, bytes: u64) -> Result<(), WorkspaceError> {
        self.bytes = self.bytes.saturating_add(bytes);
        self.entries += 1;
        if self.bytes > self.limits.bytes {
            return Err(WorkspaceError::TooManyBytes(self.limits.bytes));
        }
        if self.entries > self.limits.entries {
            return Err(WorkspaceError::TooManyEntries(self.limits.entries));
        }
        Ok(())
    }
}

/// Everything below a folder, in the order of the paths, at most this many entries; links are told, not followed.
pub(crate) fn list(root: &Path, most: usize) -> Result<Vec<Entry>, WorkspaceError> {
    let mut entries = Vec::new();
    for entry in WalkDir::new(root).min_depth(1).follow_links(false) {
        let entry = entry.map_err(|error| walk_failed(root, error))?;
        if entries.len() == most {
            return Err(WorkspaceError::TooManyEntries(most));
        }
        let kind = match entry.file_type() {
            kind if kind.is_dir() => EntryKind::Folder,
            kind if kind.is_file() => EntryKind::File,
            _ => EntryKind::Link,
        };
        let bytes = entry.metadata().map_or(0, |metadata| if metadata.is_file() { metadata.len() } else { 0 });
        entries.push(Entry { path: slashes(entry.path().strip_prefix(root).unwrap_or(entry.path())), kind, bytes });
    }
    entries.sort_by(|one, other| one.path.cmp(&other.path));
    Ok(entries)
}

/// Makes the folders that lead to a file.
pub(crate) fn make_parents(path: &Path) -> Result<(), WorkspaceError> {
    match path.parent() {
        Some(parent) => fs::create_dir_all(parent).map_err(|source| failed("make the folder", parent, source)),
        None => Ok(()),
    }
}

pub(crate) fn failed(what: &'static str, path: &Path, source: io::Error) -> WorkspaceError {
    let name = path.file_name().map_or_else(|| path.to_string_lossy(), |name| name.to_string_lossy());
    WorkspaceError::Io { what, path: name.into_owned(), source }
}

fn walk_failed(root: &Path, error: walkdir::Error) -> WorkspaceError {
    let path = error.path().unwrap_or(root).to_owned();
    failed("read", &path, error.into_io_error().unwrap_or_else(|| io::Error::other("a loop of links")))
}

fn slashes(path: &Path) -> String {
    path.components().map(|part| part.as_os_str().to_string_lossy()).collect::<Vec<_>>().join("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_path_leads_out() {
        let outer = tempfile::tempdir().unwrap();
        let root = outer.path().join("workspace");
        fs::create_dir_all(root.join("inside/deep")).unwrap();
        fs::write(outer.path().join("secret"), "x").unwrap();
        std::os::unix::fs::symlink(outer.path(), root.join("out")).unwrap();
        std::os::unix::fs::symlink(outer.path().join("nothing"), root.join("dangling")).unwrap();
        std::os::unix::fs::symlink(root.join("inside"), root.join("alias")).unwrap();
        let enclosure = Enclosure::workspace(&root).unwrap();
        for (path, allowed) in [
            (".", true),
            ("", true),
            ("inside/new/file", true),
            ("inside/../inside", true),
            ("./a", true),
            ("alias/x", true),
            ("..", false),
            ("../secret", false),
            ("inside/../../secret", false),
            ("/etc/passwd", false),
            ("out/secret", false),
            ("out", false),
            ("dangling", false),
            ("dangling/x", false),
            ("a\\..\\b", false),
            ("a\0b", false),
        ] {
            assert_eq!(enclosure.resolve(path).is_ok(), allowed, "{path:?}: {:?}", enclosure.resolve(path));
        }
    }

    #[test]
    fn quotas_hold() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("a"), "12345").unwrap();
        fs::create_dir(folder.path().join("b")).unwrap();
        assert!(Limits { bytes: 5, entries: 2 }.check(folder.path()).is_ok());
        assert!(matches!(Limits { bytes: 4, entries: 2 }.check(folder.path()), Err(WorkspaceError::TooManyBytes(4))));
        assert!(matches!(Limits { bytes: 5, entries: 1 }.check(folder.path()), Err(WorkspaceError::TooManyEntries(1))));
        assert_eq!(list(folder.path(), 10).unwrap().len(), 2);
    }
}
