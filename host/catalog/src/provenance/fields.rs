//! Goes through an entity as it is served, and tells of each value who gave it.

use std::collections::HashMap;

use host_model::history::{FieldOrigin, OriginStep, SourceState};
use host_model::{Entity, annotation};
use host_store::{EntityRecord, instant_text};
use serde_json::Value;

use super::places::Places;
use super::times::Times;
use crate::ingest::Outcomes;
use crate::validate::escape;

/// The most fields that are told.
const MOST: usize = 2_000;

/// What is known of an entity.
pub(super) struct Told<'a> {
    /// As it is served.
    pub(super) entity: &'a Entity,
    pub(super) record: &'a EntityRecord,
    pub(super) places: &'a Places,
    /// What plugins answered.
    pub(super) outcomes: &'a Outcomes,
    /// The plugin that made the whole of it.
    pub(super) made_by: Option<&'a str>,
    /// Who states each relation that it has: by name and target.
    pub(super) givers: &'a HashMap<(String, String), Vec<String>>,
    pub(super) times: &'a Times,
}

impl Told<'_> {
    /// The fields in the order in which they are served, and whether there are more.
    pub(super) fn fields(&self) -> (Vec<FieldOrigin>, bool) {
        let mut fields = Vec::new();
        for (key, value) in self.entity.document() {
            match key.as_str() {
                "relations" => self.relations(value, &mut fields),
                "status" => self.status(value, &mut fields),
                key => self.visit(&format!("/{}", escape(key)), value, &mut fields),
            }
        }
        let truncated = fields.len() > MOST;
        fields.truncate(MOST);
        (fields, truncated)
    }

    fn visit(&self, pointer: &str, value: &Value, fields: &mut Vec<FieldOrigin>) {
        if fields.len() > MOST {
            return;
        }
        match value {
            Value::Object(object) if !object.is_empty() => {
                for (key, value) in object {
                    self.visit(&format!("{pointer}/{}", escape(key)), value, fields);
                }
            }
            Value::Array(items) if !items.is_empty() => {
                for (at, value) in items.iter().enumerate() {
                    self.visit(&format!("{pointer}/{at}"), value, fields);
                }
            }
            _ => fields.push(self.field(pointer)),
        }
    }

    fn field(&self, pointer: &str) -> FieldOrigin {
        if let Some(note) = self.own(pointer) {
            let mut field = by_catalog(pointer, note);
            self.set_time(&mut field);
            if matches!(pointer, "/metadata/uid" | "/metadata/etag") {
                (field.version, field.changed_at) = (None, None);
            }
            return field;
        }
        let mut field = blank(pointer, OriginStep::Source);
        self.set_time(&mut field);
        if let Some(plugin) = self.plugin(pointer) {
            field.step = OriginStep::Plugin;
            field.plugin = Some(plugin);
            return field;
        }
        if let Some(plugin) = self.made_by {
            field.step = OriginStep::Plugin;
            field.plugin = Some(plugin.to_owned());
            field.note = Some("the plugin made the whole entity of another".to_owned());
            return field;
        }
        if self.record.source.starts_with("root:") {
            field.step = OriginStep::Catalog;
            field.note = Some("stands for a location of the configuration, or one that was registered".to_owned());
            return field;
        }
        match self.places.of(pointer) {
            Some(found) => {
                field.source = Some(self.record.source.clone());
                field.file = found.place.file;
                field.line = Some(found.place.line);
                field.column = Some(found.place.column);
                if found.is_included {
                    field.step = OriginStep::Placeholder;
                    field.note = Some("a placeholder brought it in from this file".to_owned());
                }
            }
            None if self.places.state == SourceState::Same => {
                field.step = OriginStep::Catalog;
                field.note = Some("completed by the catalog".to_owned());
            }
            None => {
                field.source = Some(self.record.source.clone());
                let is_changed = self.places.state == SourceState::Changed;
                field.note = is_changed.then(|| "no longer written in the source".to_owned());
            }
        }
        field
    }

    /// What the catalog itself gave, and what that is.
    fn own(&self, pointer: &str) -> Option<&'static str> {
        let managed = |key: &str| pointer == format!("/metadata/annotations/{}", escape(key));
        if pointer == "/metadata/uid" {
            Some("made from the reference")
        } else if pointer == "/metadata/etag" {
            Some("made from everything else that is served")
        } else if managed(annotation::MANAGED_BY_LOCATION) {
            Some("says what the entity is read from")
        } else if managed(annotation::MANAGED_BY_ORIGIN_LOCATION) {
            Some("says which location led there")
        } else if pointer == "/metadata/namespace" && self.made_by.is_none() && self.places.is_known_without(pointer) {
            Some("the default, since none is written")
        } else {
            None
        }
    }

    /// The last plugin that wrote the value there, or a mapping or list around it.
    fn plugin(&self, pointer: &str) -> Option<String> {
        let wrote =
            |change: &str| pointer.strip_prefix(change).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
        // In the order in which they were asked.
        let asked = self.record.signature.lines().filter_map(|signed| Some(signed.split_once('@')?.0));
        let mut last = None;
        for plugin in asked {
            let Some(outcome) = self.outcomes.get(plugin) else { continue };
            let of_it = outcome.changed().iter().any(|(change, value)| {
                wrote(change) && value.is_some() && self.entity.pointer(change) == value.as_ref()
            });
            if of_it {
                last = Some(plugin.to_owned());
            }
        }
        last
    }

    fn relations(&self, value: &Value, fields: &mut Vec<FieldOrigin>) {
        for (at, relation) in value.as_array().into_iter().flatten().enumerate() {
            let text = |key: &str| relation[key].as_str().unwrap_or_default().to_owned();
            let (name, target) = (text("type"), text("targetRef"));
            let pointer = format!("/relations/{at}");
            let givers = self.givers.get(&(name.clone(), target.clone())).cloned().unwrap_or_default();
            let reference = self.places.references.iter().find(|reference| reference.target == target);
            let is_own = givers.contains(&self.record.entity_ref);
            let mut field = by_catalog(&pointer, "");
            match reference.filter(|_| is_own) {
                Some(reference) => {
                    field.note = Some(format!("stated at {}", reference.pointer));
                    if let Some(found) = self.places.of(&reference.pointer) {
                        field.source = Some(self.record.source.clone());
                        field.file = found.place.file;
                        field.line = Some(found.place.line);
                        field.column = Some(found.place.column);
                    }
                    (field.version, field.changed_at) = self.time(&reference.pointer);
                }
                None => field.note = Some(format!("stated by {}", givers.join(", "))),
            }
            if let Some(plugin) = self.relating_plugin(&name, &target).filter(|_| reference.is_none()) {
                field.step = OriginStep::Plugin;
                field.plugin = Some(plugin);
            }
            fields.push(field);
        }
    }

    fn relating_plugin(&self, name: &str, target: &str) -> Option<String> {
        let relates = |(_, outcome): &(&String, &crate::ingest::Remembered)| {
            outcome.related().iter().any(|relation| relation.name == name && relation.target_ref.to_string() == target)
        };
        self.outcomes.iter().find(relates).map(|(plugin, _)| plugin.clone())
    }

    fn status(&self, value: &Value, fields: &mut Vec<FieldOrigin>) {
        for (at, item) in value["items"].as_array().into_iter().flatten().enumerate() {
            let pointer = format!("/status/items/{at}");
            fields.push(match item["source"].as_str() {
                Some(source) => {
                    let note = Some(format!("said by {source}"));
                    FieldOrigin { note, ..blank(&pointer, OriginStep::Outside) }
                }
                None => by_catalog(&pointer, "found when the source was read"),
            });
        }
    }

    fn set_time(&self, field: &mut FieldOrigin) {
        (field.version, field.changed_at) = self.time(&field.pointer);
    }

    fn time(&self, pointer: &str) -> (Option<u64>, Option<String>) {
        let (version, since) = self.times.of(pointer);
        (version, since.map(instant_text))
    }
}

fn by_catalog(pointer: &str, note: &str) -> FieldOrigin {
    FieldOrigin { note: Some(note.to_owned()), ..blank(pointer, OriginStep::Catalog) }
}

fn blank(pointer: &str, step: OriginStep) -> FieldOrigin {
    FieldOrigin {
        pointer: pointer.to_owned(),
        step,
        plugin: None,
        source: None,
        file: None,
        line: None,
        column: None,
        note: None,
        changed_at: None,
        version: None,
    }
}
