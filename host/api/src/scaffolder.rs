//! Operations on templates and their tasks, in Backstage's shapes.

use host_model::task::{Effect, Task, TaskStatus};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// `GET /v2/templates/{namespace}/{kind}/{name}/parameter-schema`: the form of a template.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct ParameterSchema {
    pub title: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub presentation: Option<Value>,
    pub steps: Vec<ParameterStep>,
}

/// One page of a form.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct ParameterStep {
    pub title: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// JSON Schema (draft 7) with `ui:` options.
    pub schema: Value,
}

/// `GET /v2/actions`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ScaffolderAction {
    pub id: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// `[{description, example}]`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub examples: Vec<Value>,
    /// `{input, output}`.
    pub schema: Value,
    /// The plugin that brings it; none when it is built in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub plugin: Option<String>,
}

/// `POST /v2/tasks`.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CreateTask {
    pub template_ref: String,
    #[serde(default)]
    pub values: Map<String, Value>,
    /// Handed to steps, never stored or shown.
    #[serde(default)]
    pub secrets: Map<String, Value>,
}

/// The answer to [`CreateTask`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TaskId {
    pub id: String,
}

/// `GET /v2/tasks`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TaskListQuery {
    pub created_by: Vec<String>,
    pub status: Vec<TaskStatus>,
    pub template_ref: Option<String>,
    /// Oldest first instead of newest first.
    pub ascending: bool,
    pub limit: Option<usize>,
    pub offset: Option<usize>,
}

/// The answer to [`TaskListQuery`].
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TaskList {
    pub tasks: Vec<Task>,
    pub total_tasks: u64,
}

/// `GET /v2/tasks/{id}/events`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TaskEventsQuery {
    pub task: String,
    /// Only events with a greater id.
    pub after: Option<i64>,
    /// Wait for the next event when there is none yet, at most this many milliseconds.
    pub wait_ms: u64,
}

/// `POST /v2/dry-run`.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DryRun {
    pub template: Value,
    #[serde(default)]
    pub values: Map<String, Value>,
    #[serde(default)]
    pub secrets: Map<String, Value>,
    /// `[{path, base64Content}]`.
    #[serde(default)]
    pub directory_contents: Vec<Value>,
}

/// The answer to [`DryRun`].
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DryRunResult {
    pub steps: Vec<Value>,
    pub log: Vec<Value>,
    pub directory_contents: Vec<Value>,
    pub output: Value,
    /// What steps would change in other systems.
    pub effects: Vec<Effect>,
}
