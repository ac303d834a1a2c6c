//! What readers see: the index, and what is known of every source.

use std::collections::HashMap;
use std::sync::Arc;

use host_model::Diagnostic;

use crate::declared::Model;
use crate::index::Index;
use crate::ingest::Finding;
use crate::status::StatusBook;

/// A source as readers see it.
#[derive(Debug, Clone, Default)]
pub(crate) struct SourceView {
    /// The location reference of the location that led to it in the end.
    pub(crate) origin: Arc<str>,
    /// The Location entity that led to it directly.
    pub(crate) parent: Option<Arc<str>>,
    /// The addresses that it was read from: its own, and those of what it includes.
    pub(crate) addresses: Arc<[Arc<str>]>,
    pub(crate) findings: Arc<[Finding]>,
}

/// The catalog as readers see it.
#[derive(Default)]
pub(crate) struct Shared {
    pub(crate) index: Index,
    pub(crate) sources: HashMap<Arc<str>, SourceView>,
    pub(crate) statuses: StatusBook,
    /// What descriptors declare.
    pub(crate) model: Arc<Model>,
}

impl Shared {
    /// Takes an entity out, with everything that is said of it.
    pub(crate) fn remove(&mut self, entity_ref: &str) {
        self.index.remove(entity_ref);
        self.statuses.forget(entity_ref);
    }

    /// Sets the catalog's own findings about an entity, as JSON.
    pub(crate) fn set_own_status(&mut self, entity_ref: &str, status: Option<Arc<str>>) {
        self.statuses.set_own(entity_ref, status);
        self.show_status(entity_ref);
    }

    /// Gives an entity the status that the book has for it.
    pub(crate) fn show_status(&mut self, entity_ref: &str) {
        self.index.set_status(entity_ref, self.statuses.compose(entity_ref));
    }

    /// Findings about an entity; for a Location also those about everything that it led to.
    pub(crate) fn problems(&self, entity_ref: &str) -> Vec<Finding> {
        let mut found = Vec::new();
        let mut open = vec![entity_ref.to_owned()];
        let mut seen = Vec::new();
        while let Some(current) = open.pop() {
            if seen.contains(&current) {
                continue;
            }
            if let Some(entry) = self.index.get(&current) {
                found.extend(entry.findings.iter().map(|finding| about(&current, finding)));
            }
            for (location, source) in &self.sources {
                let leads = source.parent.as_deref() == Some(current.as_str());
                let of_source =
                    source.findings.iter().filter(|finding| leads || finding.entity.as_ref() == Some(&current));
                found.extend(of_source.cloned());
                if leads {
                    let inside = self.index.iter().filter(|(_, entry)| entry.source == *location);
                    for (inner, entry) in inside {
                        if inner.starts_with("location:") {
                            open.push(inner.to_string());
                        } else {
                            found.extend(entry.findings.iter().map(|finding| about(inner, finding)));
                        }
                    }
                }
            }
            seen.push(current);
        }
        order_findings(&mut found);
        found
    }

    /// Every finding.
    pub(crate) fn all_problems(&self) -> Vec<Finding> {
        let mut found: Vec<Finding> =
            self.sources.values().flat_map(|source| source.findings.iter().cloned()).collect();
        for (entity, entry) in self.index.iter() {
            found.extend(entry.findings.iter().map(|finding| about(entity, finding)));
        }
        order_findings(&mut found);
        found
    }
}

fn about(entity: &str, diagnostic: &Diagnostic) -> Finding {
    Finding::new(diagnostic.clone(), Some(entity.to_owned()))
}

/// By place, each once.
fn order_findings(found: &mut Vec<Finding>) {
    let key = |finding: &Finding| {
        let Diagnostic { place, code, message, .. } = &finding.diagnostic;
        (place.clone(), code.clone(), message.clone(), finding.entity.clone())
    };
    found.sort_by_cached_key(key);
    found.dedup();
}

/// By place, each once.
pub(crate) fn order(found: &mut Vec<Diagnostic>) {
    found.sort_by(|a, b| (&a.place, &a.code, &a.message).cmp(&(&b.place, &b.code, &b.message)));
    found.dedup();
}
