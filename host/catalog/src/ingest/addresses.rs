//! The addresses that a pass wants: what locations point to, and what placeholders include.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Arc, PoisonError};

use host_model::address::is_address;
use host_model::{Diagnostic, Severity};
use host_ports::{SourceError, SourceFailure};

use super::reach::{Files, Reach};
use super::state::{Finding, Stamp};
use super::visit::{Visit, What};
use super::walk::{Pointed, Walk};
use crate::hash;
use crate::remote::{Demand, Remote, View};

/// Every address that a pass wants, and who wants it.
pub(super) type Wanted = HashMap<Arc<str>, Demand>;

/// Resolves and reads files as well as addresses. What an address holds is taken as it was read last.
pub(super) struct Linked<'a, 'w> {
    pub(super) files: Files<'a>,
    pub(super) walk: &'a Walk<'w>,
    pub(super) visit: &'a Visit,
}

impl Linked<'_, '_> {
    /// Whether what is looked at came from an address. It may name no file of this machine then, whatever its names
    /// look like.
    fn is_remote(&self) -> bool {
        matches!(self.visit.what, What::Remote { .. })
    }
}

impl Reach for Linked<'_, '_> {
    fn resolve(&self, base: &str, target: &str) -> Result<String, SourceError> {
        if self.is_remote() || is_address(base) {
            return self.walk.engine.remote.reader()?.resolve(base, target);
        }
        self.files.resolve(base, target)
    }

    fn read(&mut self, name: &str) -> Result<Vec<u8>, SourceError> {
        if !self.is_remote() && !is_address(name) {
            return self.files.read(name);
        }
        let remote = &self.walk.engine.remote;
        self.walk.engine.remote.reader()?.check(name)?;
        let is_wanted = self.walk.want(name, self.visit.root, &self.visit.location);
        self.files.stamps.push(stamp_of(remote, name));
        if !is_wanted {
            return Err(SourceError::new(
                SourceFailure::TooLarge,
                too_many(name, self.walk.engine.config.limits.addresses),
            ));
        }
        let View { snapshot, failure } = remote.view(name);
        let Some(snapshot) = snapshot else {
            let pending = || SourceError::new(SourceFailure::Unavailable, format!("{name} is about to be read"));
            return Err(failure.map_or_else(pending, |failure| (*failure).clone()));
        };
        let [file] = &snapshot.files[..] else {
            let message = format!("{name} means {} files rather than one", snapshot.files.len());
            return Err(SourceError::new(SourceFailure::Invalid, message));
        };
        let content = remote.content(name, &file.url).ok().flatten();
        let gone = || SourceError::new(SourceFailure::Unavailable, format!("what was read from {name} is not at hand"));
        let content = content.ok_or_else(gone)?;
        let limit = self.walk.engine.config.limits.include_bytes;
        if content.len() as u64 > limit {
            return Err(SourceError::new(SourceFailure::TooLarge, format!("{name} is longer than {limit} bytes")));
        }
        Ok(content)
    }
}

/// What an included address holds now: the hash of its content, or why there is none.
pub(super) fn stamp_of(remote: &Remote, address: &str) -> Stamp {
    let View { snapshot, failure } = remote.view(address);
    let path = PathBuf::from(address);
    match snapshot.as_deref().map(|snapshot| &snapshot.files[..]) {
        Some([file]) => Stamp { path, size: file.size, modified: 0, hash: file.hash.clone() },
        other => {
            let reason = failure.map(|failure| failure.message.clone()).or(other.map(|files| files.len().to_string()));
            let digits = reason.map(|reason| hash::of(reason.as_bytes())).unwrap_or_default();
            let size = u64::from_str_radix(digits.get(..8).unwrap_or_default(), 16).unwrap_or(0);
            Stamp { size, ..Stamp::missing(path) }
        }
    }
}

impl Walk<'_> {
    /// The files behind an address, and what is wrong with it.
    pub(super) fn expand_address(&mut self, pointed: &Pointed<'_>, problems: &mut Vec<Diagnostic>) -> Vec<Visit> {
        let address = pointed.target;
        let allowed = self.engine.remote.reader().and_then(|reader| reader.check(address));
        if let Err(error) = allowed {
            problems.push(unread(&error, false));
            return Vec::new();
        }
        if !self.want(address, pointed.root, pointed.parent) {
            let message = too_many(address, self.engine.config.limits.addresses);
            problems.push(Diagnostic::error("location/too-many", message));
            return Vec::new();
        }
        let View { snapshot, failure } = self.engine.remote.view(address);
        let is_missing = failure.as_ref().is_some_and(|failure| failure.failure == SourceFailure::NotFound);
        if is_missing && pointed.optional {
            return Vec::new();
        }
        problems.extend(failure.map(|failure| unread(&failure, snapshot.is_some())));
        let Some(snapshot) = snapshot else { return Vec::new() };
        if snapshot.files.is_empty() && !pointed.optional {
            problems.push(Diagnostic::warning("location/empty", format!("{address} means no file")));
        }
        let is_pattern = address.contains(['*', '?']);
        let is_listing = snapshot.files.len() > 1 && !is_pattern;
        let visit = |file: &crate::remote::SnapshotFile| {
            // An address that means one file is known by what its author wrote.
            let own = if snapshot.files.len() == 1 && !is_pattern { address } else { &*file.url };
            Visit {
                location: format!("url:{own}").into(),
                what: What::Remote {
                    address: address.into(),
                    url: Arc::clone(&file.url),
                    hash: file.hash.clone(),
                    size: file.size,
                },
                root: pointed.root,
                parent: pointed.parent_ref(),
                depth: pointed.depth,
                is_listing,
                from: pointed.from.clone(),
            }
        };
        snapshot.files.iter().map(visit).collect()
    }

    /// Takes note that an address is wanted; false when there are too many.
    pub(super) fn want(&self, address: &str, root: usize, parent: &str) -> bool {
        let mut wanted = self.wanted.lock().unwrap_or_else(PoisonError::into_inner);
        if wanted.len() >= self.engine.config.limits.addresses && !wanted.contains_key(address) {
            return false;
        }
        let demand = wanted.entry(address.into()).or_default();
        let origin = &self.roots[root].location;
        if !demand.origins.contains(origin) {
            demand.origins.push(origin.clone());
        }
        if !demand.parents.iter().any(|known| known == parent) {
            demand.parents.push(parent.to_owned());
        }
        true
    }

    /// The addresses that a source includes are wanted as long as it is there. Tells which of them cannot be read any
    /// more although what they held last is still used.
    pub(super) fn want_includes(&self, visit: &Visit, stamps: &[Stamp]) -> Vec<Finding> {
        let mut stale = Vec::new();
        for stamp in stamps.iter().skip(1) {
            let Some(address) = stamp.path.to_str().filter(|name| is_address(name)) else { continue };
            self.want(address, visit.root, &visit.location);
            let View { snapshot, failure } = self.engine.remote.view(address);
            if let (Some(_), Some(failure)) = (snapshot, failure) {
                stale.push(Finding::new(unread(&failure, true), None));
            }
        }
        stale
    }

    /// Entities of a provider, a part at a time.
    pub(super) fn expand_provider(&self, pointed: &Pointed<'_>) -> Vec<Visit> {
        let provider: Arc<str> = pointed.target.into();
        let visit = |(bucket, stamp): (u8, String)| Visit {
            location: format!("provider:{provider}#{bucket}").into(),
            what: What::Provided { provider: Arc::clone(&provider), bucket, stamp },
            root: pointed.root,
            parent: None,
            depth: pointed.depth,
            is_listing: false,
            from: None,
        };
        self.engine.providers.buckets(pointed.target).into_iter().map(visit).collect()
    }
}

/// What is said of an address that was not read.
pub(crate) fn unread(error: &SourceError, is_kept: bool) -> Diagnostic {
    let code = match error.failure {
        SourceFailure::NotAllowed => "location/not-allowed",
        SourceFailure::Invalid => "location/invalid",
        SourceFailure::NotFound => "location/missing",
        SourceFailure::TooLarge => "location/too-large",
        SourceFailure::Unavailable => "location/unavailable",
    };
    let mut hint = error.hint.clone();
    if is_kept {
        let kept = "what was read last is kept";
        hint = Some(hint.map_or_else(|| kept.to_owned(), |hint| format!("{hint}; {kept}")));
    }
    Diagnostic { hint, ..Diagnostic::new(Severity::Error, code, error.message.clone()) }
}

fn too_many(address: &str, most: usize) -> String {
    format!("{address} is not read: the catalog reads at most {most} addresses")
}
