//! Finds an entity in its source again.

use std::sync::Arc;

use host_model::Place;
use host_model::history::SourceState;
use host_store::EntityRecord;

use super::reading::Reading;
use crate::ingest::{Context, Written, read_file};
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
pub(super) fn find(record: &EntityRecord, reading: &Reading<'_>) -> Places {
    let is_written = record.source.starts_with("file:") || record.source.starts_with("url:");
    if !is_written {
        return Places::none(SourceState::None, None);
    }
    let mut source = match reading.open(&record.source) {
        Ok(source) => source,
        Err(note) => return Places::none(SourceState::Gone, Some(note)),
    };
    let (origin_type, origin_target) = record.origin.split_once(':').unwrap_or(("file", &record.origin));
    let context = Context {
        location: &record.source,
        origin: &record.origin,
        origin_type,
        origin_target,
        rules: None,
        model: reading.model,
        limits: &reading.config.limits,
        forges: &reading.config.forges,
        keeps_places: &|entity| entity.entity_ref().to_string() == record.entity_ref,
    };
    let name = source.name.clone();
    let read = read_file(&name, &name, &source.bytes, &mut source.reach, &context);
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
