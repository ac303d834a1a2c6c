//! What readers see: the index, and what is known of every source.

use std::collections::HashMap;
use std::sync::Arc;

use host_model::Diagnostic;

use crate::index::Index;
use crate::ingest::Finding;

/// A source as readers see it.
#[derive(Debug, Clone, Default)]
pub(crate) struct SourceView {
    /// The location reference of the location that led to it in the end.
    pub(crate) origin: Arc<str>,
    /// The Location entity that led to it directly.
    pub(crate) parent: Option<Arc<str>>,
    pub(crate) findings: Arc<[Finding]>,
}

/// The catalog as readers see it.
#[derive(Default)]
pub(crate) struct Shared {
    pub(crate) index: Index,
    pub(crate) sources: HashMap<Arc<str>, SourceView>,
}

impl Shared {
    /// Findings about an entity; for a Location also those about everything that it led to.
    pub(crate) fn diagnostics(&self, entity_ref: &str) -> Vec<Diagnostic> {
        let mut found = Vec::new();
        let mut open = vec![entity_ref.to_owned()];
        let mut seen = Vec::new();
        while let Some(current) = open.pop() {
            if seen.contains(&current) {
                continue;
            }
            if let Some(entry) = self.index.get(&current) {
                found.extend(entry.findings.iter().cloned());
            }
            for (location, source) in &self.sources {
                let leads = source.parent.as_deref() == Some(current.as_str());
                let about = source.findings.iter().filter(|finding| leads || finding.entity.as_ref() == Some(&current));
                found.extend(about.map(|finding| finding.diagnostic.clone()));
                if leads {
                    let inside = self.index.iter().filter(|(_, entry)| entry.source == *location);
                    for (inner, entry) in inside {
                        if inner.starts_with("location:") {
                            open.push(inner.to_string());
                        } else {
                            found.extend(entry.findings.iter().cloned());
                        }
                    }
                }
            }
            seen.push(current);
        }
        order(&mut found);
        found
    }

    /// Every finding.
    pub(crate) fn all_diagnostics(&self) -> Vec<Diagnostic> {
        let sources =
            self.sources.values().flat_map(|source| source.findings.iter().map(|finding| &finding.diagnostic));
        let entities = self.index.iter().flat_map(|(_, entry)| entry.findings.iter());
        let mut found: Vec<Diagnostic> = sources.chain(entities).cloned().collect();
        order(&mut found);
        found
    }
}

/// By place, each once.
pub(crate) fn order(found: &mut Vec<Diagnostic>) {
    found.sort_by(|a, b| (&a.place, &a.code, &a.message).cmp(&(&b.place, &b.code, &b.message)));
    found.dedup();
}
