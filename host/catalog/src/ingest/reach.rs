//! What a file may refer to: other files in the folders that may be read.

use std::path::{Path, PathBuf};

use host_ports::{SourceError, SourceFailure};

use super::prepare::clean;
use super::read::read_bounded;
use super::state::Stamp;
use host_model::address::is_address;

/// Finds and reads what a file refers to: what its placeholders include and what its Location entities point to.
///
/// A file is named by its whole path or by its address. Whoever implements this remembers what was asked for, so that a
/// change of it is seen.
pub(crate) trait Reach {
    /// The name of what a target means when it is written in the file `base`.
    ///
    /// # Errors
    /// When the target means nothing, or nothing that may be read.
    fn resolve(&self, base: &str, target: &str) -> Result<String, SourceError>;

    /// The content of the file with this name.
    ///
    /// # Errors
    /// When it may not or cannot be read, or is too long.
    fn read(&mut self, name: &str) -> Result<Vec<u8>, SourceError>;
}

/// The files of some folders.
pub(crate) struct Files<'a> {
    allowed: &'a Allowed,
    /// Longest file that is read, in bytes.
    limit: u64,
    /// The file that refers to others, and then what was asked for.
    pub(crate) stamps: Vec<Stamp>,
}

impl<'a> Files<'a> {
    pub(crate) fn new(allowed: &'a Allowed, limit: u64, first: Stamp) -> Self {
        Self { allowed, limit, stamps: vec![first] }
    }
}

impl Reach for Files<'_> {
    fn resolve(&self, base: &str, target: &str) -> Result<String, SourceError> {
        if is_address(target) {
            return Ok(target.to_owned());
        }
        let folder = Path::new(base).parent().unwrap_or(Path::new("/"));
        Ok(clean(&folder.join(target)).display().to_string())
    }

    fn read(&mut self, name: &str) -> Result<Vec<u8>, SourceError> {
        if is_address(name) {
            let message = format!("{name} is an address, which is read only while serving");
            let hint = "copy the file beside this one and give its relative path to have it checked";
            return Err(SourceError::new(SourceFailure::NotAllowed, message).hint(hint));
        }
        let path = PathBuf::from(name);
        let opened = match self.allowed.resolve(&path) {
            Ok(real) => read_bounded(&real, self.limit),
            Err(Refusal::Outside) => {
                let message = format!("{name} lies outside the folder of the location, and is not read");
                let hint = "move the file into that folder, or make the location's folder wider";
                return Err(SourceError::new(SourceFailure::NotAllowed, message).hint(hint));
            }
            Err(Refusal::Unreadable(error)) => Err(error),
        };
        match opened {
            // The path as written: it is what people know, and what is watched.
            Ok((bytes, stamp)) => {
                self.stamps.push(Stamp { path, ..stamp });
                Ok(bytes)
            }
            Err(error) => {
                self.stamps.push(Stamp::missing(path));
                Err(SourceError::new(SourceFailure::Unavailable, format!("{name} cannot be read: {error}")))
            }
        }
    }
}

/// The folders in which files may be read, without symbolic links.
#[derive(Debug, Clone, Default)]
pub(crate) struct Allowed(Vec<PathBuf>);

impl Allowed {
    /// Folders that do not exist are left out.
    pub(crate) fn new<'a>(folders: impl IntoIterator<Item = &'a Path>) -> Self {
        let mut folders: Vec<PathBuf> = folders.into_iter().filter_map(|folder| folder.canonicalize().ok()).collect();
        folders.sort();
        folders.dedup();
        Self(folders)
    }

    /// The file's true path, if it exists within one of the folders.
    pub(crate) fn resolve(&self, path: &Path) -> Result<PathBuf, Refusal> {
        let real = path.canonicalize().map_err(|error| Refusal::Unreadable(error.to_string()))?;
        if self.0.iter().any(|folder| real.starts_with(folder)) { Ok(real) } else { Err(Refusal::Outside) }
    }

    /// A text that changes when the folders do.
    pub(crate) fn fingerprint(&self) -> String {
        self.0.iter().map(|folder| format!("{}\n", folder.display())).collect()
    }
}

/// Why a file is not read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// It lies outside the folders.
    Outside,
    /// It does not exist or cannot be read.
    Unreadable(String),
}
