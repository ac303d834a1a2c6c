//! What is remembered of every source between passes and restarts.

use std::collections::{BTreeMap, HashMap};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Instant;

use host_model::Diagnostic;
use host_model::address::is_address;
use serde::{Deserialize, Serialize};

use crate::declared::{Model, is_declaration_kind};
use crate::validate::kinds;

/// A file as it was when it was read.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Stamp {
    pub(crate) path: PathBuf,
    pub(crate) size: u64,
    /// Nanoseconds since 1970; 0 when the file was too young for its time to tell of later changes.
    pub(crate) modified: u64,
    pub(crate) hash: String,
}

impl Stamp {
    /// A file that could not be read; when it can be, what needs it is read again.
    pub(crate) fn missing(path: PathBuf) -> Self {
        Self { path, size: 0, modified: 0, hash: String::new() }
    }

    pub(crate) fn is_missing(&self) -> bool {
        self.hash.is_empty()
    }

    /// Whether it stands for an address or a provider rather than a file.
    pub(crate) fn is_no_file(&self) -> bool {
        !self.path.is_absolute()
    }
}

impl PartialEq for Stamp {
    /// Times are left out: a file that was only touched did not change.
    fn eq(&self, other: &Self) -> bool {
        (&self.path, self.size, &self.hash) == (&other.path, other.size, &other.hash)
    }
}

/// An entity that a source holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Claim {
    #[serde(rename = "ref")]
    pub(crate) entity_ref: String,
    pub(crate) hash: String,
    pub(crate) document: usize,
    /// Where it is written.
    pub(crate) line: u32,
    pub(crate) column: u32,
    /// The entity that a processor made it from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) parent: Option<String>,
    /// The document is broken now; the entity is what it last held.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(crate) kept: bool,
}

/// A location that a Location entity points to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Target {
    /// The Location entity.
    pub(crate) parent: String,
    pub(crate) location_type: String,
    pub(crate) target: String,
    pub(crate) optional: bool,
    /// Where it is written.
    pub(crate) line: u32,
    pub(crate) column: u32,
}

/// A diagnostic and the entity that it is about, where that is known.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    pub diagnostic: Diagnostic,
    /// The entity that it is about, when that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub entity: Option<String>,
    /// The owner that a broken document names: the catalog may not have its entity, or one from another source.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner: Option<String>,
}

impl Finding {
    pub(crate) fn new(diagnostic: Diagnostic, entity: Option<String>) -> Self {
        Self { diagnostic, entity, owner: None }
    }
}

/// A source: a file, or a configured or registered location itself.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct SourceState {
    /// The location that led to it in the end.
    #[serde(skip)]
    pub(crate) origin: String,
    /// The Location entity that led to it directly.
    pub(crate) parent: Option<String>,
    /// The address that gave it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) address: Option<String>,
    /// What reading depends on besides the files.
    pub(crate) context: String,
    pub(crate) stamps: Vec<Stamp>,
    pub(crate) claims: Vec<Claim>,
    pub(crate) targets: Vec<Target>,
    /// What was found when it was read.
    pub(crate) findings: Vec<Finding>,
    /// What is found at every pass: conflicts, missing targets, parked deletions.
    pub(crate) standing: Vec<Finding>,
    /// The kinds of its documents that are not built in or declare others, in lower case, and what the model said of each
    /// when they were read.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) kinds: BTreeMap<String, String>,
}

impl SourceState {
    /// Remembers that what it gave depends on how a kind is declared.
    pub(crate) fn depends_on(&mut self, kind: &str, model: &Model) {
        let is_fixed = kinds::kind(kind).is_some() && !is_declaration_kind(kind);
        if !is_fixed && !self.kinds.contains_key(kind) {
            self.kinds.insert(kind.to_owned(), model.fingerprint_of(kind).to_owned());
        }
    }

    /// Whether every kind that it depends on is declared as it was.
    pub(crate) fn agrees_with(&self, model: &Model) -> bool {
        self.kinds.iter().all(|(kind, declared)| model.fingerprint_of(kind) == declared)
    }

    /// Whether it claims an entity.
    pub(crate) fn claims(&self, entity_ref: &str) -> bool {
        self.claims.iter().any(|claim| claim.entity_ref == entity_ref)
    }

    /// The addresses that it was read from: its own, and those of what it includes.
    pub(crate) fn addresses(&self) -> impl Iterator<Item = &str> {
        let included = self.stamps.iter().skip(1).filter_map(|stamp| stamp.path.to_str());
        self.address.as_deref().into_iter().chain(included.filter(|name| is_address(name)))
    }
}

/// An entity as the engine remembers it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Meta {
    pub(crate) source: Arc<str>,
    pub(crate) origin: Arc<str>,
    pub(crate) hash: String,
    /// The processors that were asked, as `name@version` lines.
    pub(crate) signature: String,
    /// Whether a processor failed in a way that may pass.
    pub(crate) retry: bool,
}

/// Everything that the engine remembers.
#[derive(Debug, Default)]
pub(crate) struct EngineState {
    pub(crate) sources: HashMap<Arc<str>, SourceState>,
    pub(crate) entities: HashMap<String, Meta>,
    /// What `status` holds, as JSON.
    pub(crate) statuses: HashMap<String, Arc<str>>,
    /// Since when this process knows of entities that nothing leads to.
    pub(crate) orphans: HashMap<String, Instant>,
    /// Whether, when claims were last looked at, each entity was claimed exactly once and each claim had its entity. As
    /// long as claims stay what they are, there is nothing to decide then.
    pub(crate) is_undisputed: bool,
}
