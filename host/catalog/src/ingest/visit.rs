//! A source that a pass looks at: a file, a file behind an address, or some of a provider's entities.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use host_model::address::is_address;
use host_model::{Diagnostic, Place};

use super::addresses::{Linked, stamp_of};
use super::prepare::VERSION;
use super::provided::read_provided;
use super::reach::Files;
use super::read::{self, FileRead, looks_like_descriptors, read_file};
use super::state::{SourceState, Stamp};
use super::walk::{PART, Walk};
use crate::hash;

/// A source to look at.
#[derive(Clone)]
pub(super) struct Visit {
    pub(super) location: Arc<str>,
    pub(super) what: What,
    pub(super) root: usize,
    /// The Location entity that led to it.
    pub(super) parent: Option<String>,
    pub(super) depth: usize,
    /// Whether it was found by listing, so that it is passed over if it is no descriptor.
    pub(super) is_listing: bool,
    /// Where its location is written.
    pub(super) from: Option<Place>,
}

/// Where a source is.
#[derive(Clone)]
pub(super) enum What {
    File(PathBuf),
    /// A file that an address gave, with its own address and the hash of its content.
    Remote {
        address: Arc<str>,
        url: Arc<str>,
        hash: String,
        size: u64,
    },
    /// The entities of a provider that are in one bucket, with the stamp of all of them.
    Provided {
        provider: Arc<str>,
        bucket: u8,
        stamp: String,
    },
}

/// What looking at a source gave.
pub(super) enum Found {
    /// Nothing changed.
    Same,
    /// Nothing changed but times.
    Touched(Vec<Stamp>),
    Read(Box<FileRead>),
    Failed(Diagnostic),
}

impl Found {
    /// How much was read.
    pub(super) fn bytes(&self) -> usize {
        let Self::Read(read) = self else { return 0 };
        let bytes = read.stamps.iter().map(|stamp| usize::try_from(stamp.size).unwrap_or(PART)).sum();
        // What a provider gave has no size.
        if bytes == 0 { read.candidates.len() * 1024 } else { bytes }
    }
}

impl Visit {
    /// What messages call it.
    pub(super) fn label(&self) -> String {
        match &self.what {
            What::File(path) => path.display().to_string(),
            What::Remote { url, .. } => url.to_string(),
            What::Provided { provider, .. } => provider.to_string(),
        }
    }

    /// The address that it lies behind.
    pub(super) fn address(&self) -> Option<String> {
        match &self.what {
            What::Remote { address, .. } => Some(address.to_string()),
            What::File(_) | What::Provided { .. } => None,
        }
    }
}

impl Walk<'_> {
    /// Looks at a source, and reads it if it changed.
    pub(super) fn look_at(&self, visit: &Visit, old: &HashMap<Arc<str>, SourceState>) -> Found {
        let before = old.get(&visit.location).filter(|before| {
            before.context == self.fingerprint(visit)
                && !self.again.contains(&*visit.location)
                && !before.stamps.is_empty()
                && before.agrees_with(self.model)
        });
        // What held entities is read on, so that they are not lost when the declaration of their kind is.
        let held = old.get(&visit.location).is_some_and(|before| !before.claims.is_empty());
        match &visit.what {
            What::File(path) => self.look_at_file(visit, path, before, held),
            What::Remote { .. } => self.look_at_remote(visit, before, old.contains_key(&visit.location), held),
            What::Provided { provider, bucket, stamp } => {
                self.look_at_provided(visit, before, provider, *bucket, stamp)
            }
        }
    }

    /// What the outcome of reading a source depends on besides its content.
    pub(super) fn fingerprint(&self, visit: &Visit) -> String {
        let root = &self.roots[visit.root];
        let allowed = match &visit.what {
            What::File(_) => self.allowed.fingerprint(),
            What::Remote { .. } | What::Provided { .. } => String::new(),
        };
        let parent = visit.parent.as_deref().unwrap_or_default();
        hash::of_parts(&[VERSION, &root.location, &root.fingerprint, parent, &allowed].map(str::as_bytes))
    }

    fn look_at_file(&self, visit: &Visit, path: &Path, before: Option<&SourceState>, held: bool) -> Found {
        let is_as_before = |stamp: &Stamp| {
            !self.request.touched.contains(&stamp.path)
                && self.is_linked_as_before(stamp).unwrap_or_else(|| read::seems_unchanged(stamp))
        };
        if before.is_some_and(|before| before.stamps.iter().all(is_as_before)) {
            return Found::Same;
        }
        let limits = &self.engine.config.limits;
        let (bytes, stamp) = match read::open(path, self.allowed, limits.file_bytes) {
            Ok(opened) => opened,
            Err(diagnostic) => return Found::Failed(*diagnostic),
        };
        if let Some(stamps) = before.and_then(|before| self.same_content(before, &stamp)) {
            return Found::Touched(stamps);
        }
        if visit.is_listing && !held && !looks_like_descriptors(path, &bytes, self.model) {
            return passed_over(&bytes, stamp);
        }
        self.read(visit, &path.display().to_string(), &bytes, stamp)
    }

    fn look_at_remote(&self, visit: &Visit, before: Option<&SourceState>, is_known: bool, held: bool) -> Found {
        let What::Remote { address, url, hash, size } = &visit.what else { return Found::Same };
        let stamp = Stamp { path: PathBuf::from(&**url), size: *size, modified: 0, hash: hash.clone() };
        let is_same = before.and_then(|before| before.stamps.split_first()).is_some_and(|(first, includes)| {
            *first == stamp && includes.iter().all(|include| self.is_linked_as_before(include) == Some(true))
        });
        if is_same {
            return Found::Same;
        }
        let bytes = match self.engine.remote.content(address, url) {
            Ok(Some(bytes)) => bytes,
            // It has been replaced meanwhile, and another pass is about to look at what came instead.
            Ok(None) if is_known => return Found::Same,
            Ok(None) => return Found::Read(Box::default()),
            Err(error) => {
                let message = format!("what was read from {url} is not at hand: {error}");
                return Found::Failed(Diagnostic::error("location/unavailable", message));
            }
        };
        if visit.is_listing && !held && !looks_like_descriptors(Path::new(&**url), &bytes, self.model) {
            return passed_over(&bytes, stamp);
        }
        self.read(visit, url, &bytes, stamp)
    }

    fn look_at_provided(
        &self,
        visit: &Visit,
        before: Option<&SourceState>,
        provider: &str,
        bucket: u8,
        stamp: &str,
    ) -> Found {
        let first = |hash: String| Stamp { path: PathBuf::from(provider), size: 0, modified: 0, hash };
        if before.is_some_and(|before| before.stamps == [first(stamp.to_owned())]) {
            return Found::Same;
        }
        match self.engine.providers.read(provider, bucket) {
            Ok((records, stamp)) => {
                let read = read_provided(self, visit, records);
                Found::Read(Box::new(FileRead { stamps: vec![first(stamp)], ..read }))
            }
            Err(error) => {
                let message = format!("what {provider} gave is not at hand: {error}");
                Found::Failed(Diagnostic::error("provider/unreadable", message))
            }
        }
    }

    fn read(&self, visit: &Visit, base: &str, bytes: &[u8], stamp: Stamp) -> Found {
        let root = &self.roots[visit.root];
        let rules = Some((self.rules, &root.rules));
        let context = self.engine.context(root, &visit.location, rules, self.model, self.keeps_places);
        let files = Files::new(self.allowed, self.engine.config.limits.include_bytes, stamp);
        let mut linked = Linked { files, walk: self, visit };
        let read = read_file(base, base, bytes, &mut linked, &context);
        Found::Read(Box::new(FileRead { stamps: linked.files.stamps, ..read }))
    }

    /// Whether what an address holds is what it held; none for files.
    fn is_linked_as_before(&self, stamp: &Stamp) -> Option<bool> {
        let address = stamp.path.to_str().filter(|name| is_address(name))?;
        Some(stamp_of(&self.engine.remote, address) == *stamp)
    }

    /// New stamps, if every file still holds what it held.
    fn same_content(&self, before: &SourceState, first: &Stamp) -> Option<Vec<Stamp>> {
        let (known, includes) = before.stamps.split_first()?;
        if known != first {
            return None;
        }
        let mut stamps = vec![first.clone()];
        for include in includes {
            let stamp = match self.is_linked_as_before(include) {
                Some(_) => stamp_of(&self.engine.remote, include.path.to_str()?),
                None => match read::read_bounded(&include.path, self.engine.config.limits.include_bytes) {
                    Ok((_, stamp)) => stamp,
                    Err(_) if include.is_missing() => include.clone(),
                    Err(_) => return None,
                },
            };
            if stamp != *include {
                return None;
            }
            stamps.push(stamp);
        }
        Some(stamps)
    }
}

/// What a listed file gives that is no descriptor, unless the kinds that its lines name are declared some day.
fn passed_over(bytes: &[u8], stamp: Stamp) -> Found {
    let kinds = read::foreign_kinds(bytes);
    Found::Read(Box::new(FileRead { stamps: vec![stamp], kinds, ..FileRead::default() }))
}
