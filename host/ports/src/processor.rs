//! Processors see entities on their way into the catalog.

use std::sync::Arc;

use async_trait::async_trait;
use host_model::diagnostic::Severity;
use host_model::plugin::{PluginError, ProcessorDeclaration};
use host_model::{Entity, Relation};
use serde_json::Value;

/// A step of ingestion that validates, enriches or relates entities.
#[async_trait]
pub trait Processor: Send + Sync {
    /// The name shown with its diagnostics: a plugin's id.
    fn name(&self) -> &str;

    /// Changes whenever the same entity might give another outcome; remembered outcomes are kept under it.
    fn version(&self) -> &str;

    /// What it wants to see and what it may write.
    fn declaration(&self) -> &ProcessorDeclaration;

    /// Looks at a batch and answers with one outcome each, in the same order.
    ///
    /// # Errors
    /// When the whole batch could not be looked at. The caller keeps the entities without this processor's changes and
    /// records the error as a diagnostic.
    async fn process(&self, items: Vec<ProcessorItem>) -> Result<Vec<ProcessorOutcome>, PluginError>;
}

/// An entity to look at.
#[derive(Debug, Clone)]
pub struct ProcessorItem {
    pub entity: Arc<Entity>,
    /// The location reference that it came from.
    pub location: String,
}

/// What came of one entity.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ProcessorOutcome {
    pub changes: Vec<Change>,
    pub findings: Vec<SourceFinding>,
    /// Further entities, which go through validation and rules like any other.
    pub emits: Vec<Entity>,
    pub relations: Vec<Relation>,
}

/// Sets or removes one field.
#[derive(Debug, Clone, PartialEq)]
pub struct Change {
    /// A JSON pointer.
    pub pointer: String,
    /// None removes the field.
    pub value: Option<Value>,
}

/// A finding as a processor states it: the place is relative to a text inside the entity.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceFinding {
    pub severity: Severity,
    pub code: String,
    pub message: String,
    /// A JSON pointer into the entity.
    pub pointer: Option<String>,
    /// Line and column, from 1, within the text at `pointer`.
    pub position: Option<(u32, u32)>,
}
