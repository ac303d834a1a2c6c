//! Finds an entity in its source again.

use std::path::Path;
use std::sync::Arc;

use host_model::Place;
use host_model::history::SourceState;
use host_store::EntityRecord;

use crate::CatalogLimits;
use crate::declared::Model;
use crate::ingest::{Allowed, Context, Files, Written, open, read_file};
use crate::relations::Reference;

/// Where an entity is written.
pub(super) struct Places {
    pub(super) state: SourceState,
    /// Why there are no places, or why they are doubtful.
    pub(super) note: Option<String>,
    written: Option<Arc<Written>>,
    /// The references that it holds.
    pub(super) references: Vec<Reference>,
}

/// Where a value is written.
pub(super) struct Found {
    pub(super) place: Place,
    /// Whether a placeholder brought it in from another file.
    pub(super) is_included: bool,
}

impl Places {
    fn none(state: SourceState, note: Option<String>) -> Self {
        Self { state, note, written: None, references: Vec::new() }
    }

    /// Whether the entity was found, without a value at a pointer.
    pub(super) fn is_known_without(&self, pointer: &str) -> bool {
        self.written.is_some() && self.of(pointer).is_none()
    }

    /// Where the value at a pointer is written, if it is.
    pub(super) fn of(&self, pointer: &str) -> Option<Found> {
        let written = self.written.as_ref()?;
        let below = |included: &str| {
            pointer.strip_prefix(included).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        if let Some(included) = written.included.iter().find(|included| below(&included.pointer)) {
            let place = Place { file: Some(included.name.clone()), line: 1, column: 1 };
            return Some(Found { place, is_included: true });
        }
        written.node.pointer(pointer)?;
        Some(Found { place: written.place(pointer, false), is_included: false })
    }
}

/// Reads the source of an entity again.
pub(super) fn find(record: &EntityRecord, allowed: &Allowed, limits: &CatalogLimits, model: &Model) -> Places {
    if record.source.starts_with("root:") {
        return Places::none(SourceState::None, None);
    }
    let Some(path) = record.source.strip_prefix("file:") else {
        let note = format!("{} is not read again for this; places are told of files only", record.source);
        return Places::none(SourceState::None, Some(note));
    };
    let (bytes, stamp) = match open(Path::new(path), allowed, limits.file_bytes) {
        Ok(opened) => opened,
        Err(diagnostic) => return Places::none(SourceState::Gone, Some(diagnostic.message)),
    };
    let (origin_type, origin_target) = record.origin.split_once(':').unwrap_or(("file", &record.origin));
    let context = Context {
        location: &record.source,
        origin: &record.origin,
        origin_type,
        origin_target,
        rules: None,
        model,
        limits,
        // Files have no pages on a forge.
        forges: &[],
        keeps_places: &|entity| entity.entity_ref().to_string() == record.entity_ref,
    };
    let mut files = Files::new(allowed, limits.include_bytes, stamp);
    let read = read_file(path, path, &bytes, &mut files, &context);
    let found = read
        .candidates
        .into_iter()
        .find(|candidate| candidate.entity_ref == record.entity_ref && candidate.parent.is_none());
    match found {
        Some(candidate) => {
            let is_same = candidate.hash == record.raw_hash;
            let note = "the source has changed since; places are those of what it holds now, values those of before";
            Places {
                state: if is_same { SourceState::Same } else { SourceState::Changed },
                note: (!is_same).then(|| note.to_owned()),
                written: candidate.written,
                references: candidate.references,
            }
        }
        None => {
            let note = format!("{} does not hold the entity any more, or not without an error", record.source);
            Places::none(SourceState::Gone, Some(note))
        }
    }
}
