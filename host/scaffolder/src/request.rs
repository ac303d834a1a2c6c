//! What is asked of the scaffolder and what it answers, as plain types.

use host_model::EntityRef;
use host_model::task::Effect;
use serde_json::{Map, Value};

/// The form of a template.
#[derive(Debug, Clone, PartialEq)]
pub struct TemplateForm {
    pub title: String,
    pub description: Option<String>,
    /// `spec.presentation` as written.
    pub presentation: Option<Value>,
    pub pages: Vec<FormPage>,
}

/// One page of a form.
#[derive(Debug, Clone, PartialEq)]
pub struct FormPage {
    pub title: String,
    pub description: Option<String>,
    /// JSON Schema (draft 7) with `ui:` options.
    pub schema: Value,
}

/// Asks for a task.
#[derive(Debug, Clone, PartialEq)]
pub struct TaskInput {
    pub template: EntityRef,
    /// What the form gave.
    pub values: Map<String, Value>,
    /// Handed to the inputs of steps; kept in memory only.
    pub secrets: Map<String, Value>,
}

/// Asks what a template would do.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct DryRunInput {
    /// A whole template entity.
    pub template: Value,
    pub values: Map<String, Value>,
    pub secrets: Map<String, Value>,
    /// `[{path, base64Content}]`: the files beside the template.
    pub directory_contents: Vec<Value>,
}

/// What a template would do.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct DryRunOutcome {
    /// The steps with their ids and names.
    pub steps: Vec<Value>,
    /// `[{body: {message, stepId?, status?}}]`.
    pub log: Vec<Value>,
    /// `[{path, executable, base64Content}]`: what the workspace holds at the end.
    pub directory_contents: Vec<Value>,
    pub output: Value,
    /// What steps would change in other systems.
    pub effects: Vec<Effect>,
}
