//! Reads the source of an entity again: a file from the disk, an address from what it gave last.

use host_model::address::is_address;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use host_ports::{SourceError, SourceFailure};

use crate::declared::Model;
use crate::ingest::{Allowed, Files, Reach, Stamp, open};
use crate::remote::Remote;
use crate::{CatalogConfig, CatalogLimits};

/// Where sources are read from.
pub(super) struct Reading<'a> {
    pub(super) config: &'a CatalogConfig,
    pub(super) allowed: Allowed,
    pub(super) remote: &'a Remote,
    /// The addresses that the source was read from: its own, and those of what it includes.
    pub(super) addresses: &'a [Arc<str>],
    /// The kinds that there are.
    pub(super) model: &'a Model,
}

/// A source as it is now: its bytes, the name by which it refers to others, and a way to those.
pub(super) struct Source<'a> {
    pub(super) bytes: Vec<u8>,
    pub(super) name: String,
    pub(super) reach: Kept<'a>,
}

/// Reads files, and of addresses what they gave last; asks for nothing.
pub(super) struct Kept<'a> {
    files: Files<'a>,
    remote: &'a Remote,
    /// What came from an address may name no file of this machine.
    is_remote: bool,
}

impl Reading<'_> {
    /// Opens a source by its location reference.
    pub(super) fn open(&self, location: &str) -> Result<Source<'_>, String> {
        let limits = &self.config.limits;
        if let Some(path) = location.strip_prefix("file:") {
            let (bytes, stamp) =
                open(Path::new(path), &self.allowed, limits.file_bytes).map_err(|diagnostic| diagnostic.message)?;
            return Ok(Source { bytes, name: path.to_owned(), reach: self.reach(stamp, limits, false) });
        }
        let gone = || format!("what {location} gave last is not at hand");
        let own = location.strip_prefix("url:").ok_or_else(|| format!("{location} has no lines"))?;
        for address in self.addresses.iter().filter(|address| !address.is_empty()) {
            let Some(snapshot) = self.remote.view(address).snapshot else { continue };
            let is_one = snapshot.files.len() == 1 && **address == *own;
            let Some(file) = snapshot.files.iter().find(|file| is_one || *file.url == *own) else { continue };
            let bytes = self.remote.content(address, &file.url).ok().flatten().ok_or_else(gone)?;
            let stamp = Stamp::missing(PathBuf::from(&**address));
            return Ok(Source { bytes, name: file.url.to_string(), reach: self.reach(stamp, limits, true) });
        }
        Err(gone())
    }

    fn reach(&self, first: Stamp, limits: &CatalogLimits, is_remote: bool) -> Kept<'_> {
        Kept { files: Files::new(&self.allowed, limits.include_bytes, first), remote: self.remote, is_remote }
    }
}

impl Reach for Kept<'_> {
    fn resolve(&self, base: &str, target: &str) -> Result<String, SourceError> {
        if self.is_remote || is_address(base) {
            return self.remote.reader()?.resolve(base, target);
        }
        self.files.resolve(base, target)
    }

    fn read(&mut self, name: &str) -> Result<Vec<u8>, SourceError> {
        if !self.is_remote && !is_address(name) {
            return self.files.read(name);
        }
        let gone = || SourceError::new(SourceFailure::Unavailable, format!("what {name} gave last is not at hand"));
        let snapshot = self.remote.view(name).snapshot.ok_or_else(gone)?;
        let [file] = &snapshot.files[..] else { return Err(gone()) };
        self.remote.content(name, &file.url).ok().flatten().ok_or_else(gone)
    }
}
