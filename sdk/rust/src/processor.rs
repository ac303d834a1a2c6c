//! Entities on their way into the catalog.

use serde_json::Value;

use crate::raw::catalog_processor as raw;
use crate::set::set_of_entities;
use crate::{Diagnostic, Entity, Error, error};

/// A plugin that validates, enriches or relates entities.
pub trait CatalogProcessor: 'static {
    /// What it wants to see and to write. Called without any capability.
    fn processor() -> Declaration;

    /// Looks at one entity. The same entity gives the same outcome: the host remembers outcomes.
    fn process(item: &Item) -> Outcome;
}

/// What a processor wants to see and to write.
#[derive(Debug, Clone, PartialEq)]
pub struct Declaration(raw::Declaration);

impl Default for Declaration {
    fn default() -> Self {
        Self::new()
    }
}

impl Declaration {
    /// Sees nothing and writes nothing.
    pub fn new() -> Self {
        Self(raw::Declaration { interests: Vec::new(), writes: Vec::new() })
    }

    /// Sees a set of entities; said several times, each of the sets.
    #[must_use]
    pub fn interest(mut self, interest: Interest) -> Self {
        self.0.interests.push(interest.0);
        self
    }

    /// Writes a path, such as `metadata.annotations.example.com/*`. The administrator grants it.
    #[must_use]
    pub fn writes(mut self, path: impl Into<String>) -> Self {
        self.0.writes.push(path.into());
        self
    }

    pub(crate) fn into_raw(self) -> raw::Declaration {
        self.0
    }
}

set_of_entities! {
    Interest(raw::Interest);
    /// Only with this annotation; said several times, with any of them.
    annotation
}

/// An entity to look at.
#[derive(Debug, Clone, PartialEq)]
pub struct Item {
    pub entity: Entity,
    /// Where it came from, such as `file:/srv/catalog/payments.yaml`.
    pub location: String,
}

impl Item {
    pub(crate) fn from_raw(raw: raw::Item) -> Result<Self, Error> {
        Ok(Self { entity: error::from_host(&raw.entity)?.into(), location: raw.location })
    }
}

/// What came of one entity.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Outcome {
    /// Fields by JSON pointer; none removes the field.
    pub changes: Vec<(String, Option<Value>)>,
    pub diagnostics: Vec<Diagnostic>,
    /// Further entities that this one gives rise to.
    pub emits: Vec<Value>,
    /// Relations from this entity: a name, such as `dependsOn`, and a full entity reference.
    pub relations: Vec<(String, String)>,
}

impl Outcome {
    /// Nothing to say.
    pub fn new() -> Self {
        Self::default()
    }

    /// Sets a field by its JSON pointer.
    #[must_use]
    pub fn set(mut self, pointer: impl Into<String>, value: impl Into<Value>) -> Self {
        self.changes.push((pointer.into(), Some(value.into())));
        self
    }

    /// Sets an annotation.
    #[must_use]
    pub fn annotate(self, key: &str, value: impl Into<String>) -> Self {
        let pointer = format!("/metadata/annotations/{}", key.replace('~', "~0").replace('/', "~1"));
        self.set(pointer, value.into())
    }

    /// Removes a field by its JSON pointer.
    #[must_use]
    pub fn remove(mut self, pointer: impl Into<String>) -> Self {
        self.changes.push((pointer.into(), None));
        self
    }

    /// Adds a finding, which is shown to the entity's owner.
    #[must_use]
    pub fn diagnostic(mut self, diagnostic: Diagnostic) -> Self {
        self.diagnostics.push(diagnostic);
        self
    }

    /// Adds a further entity.
    #[must_use]
    pub fn emit(mut self, entity: Value) -> Self {
        self.emits.push(entity);
        self
    }

    /// Adds a relation from this entity.
    #[must_use]
    pub fn relate(mut self, name: impl Into<String>, target: impl Into<String>) -> Self {
        self.relations.push((name.into(), target.into()));
        self
    }

    pub(crate) fn into_raw(self) -> raw::Outcome {
        let changes = self.changes.into_iter();
        let relations = self.relations.into_iter();
        raw::Outcome {
            changes: changes
                .map(|(pointer, value)| raw::Change { pointer, value: value.map(|value| value.to_string()) })
                .collect(),
            diagnostics: self.diagnostics,
            emits: self.emits.iter().map(Value::to_string).collect(),
            relations: relations.map(|(name, target)| raw::Relation { name, target }).collect(),
        }
    }
}
