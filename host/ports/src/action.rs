//! Actions are the steps of templates.

use std::path::PathBuf;
use std::sync::Arc;

use async_trait::async_trait;
use host_model::plugin::{ActionDeclaration, PluginError};
use host_model::task::Effect;
use host_model::{EntityRef, Principal};
use serde_json::Value;

/// A step that templates can name.
#[async_trait]
pub trait Action: Send + Sync {
    /// Its identifier, schemas and examples.
    fn declaration(&self) -> &ActionDeclaration;

    /// Runs it. The input has passed the schema. Dropping the future cancels the run.
    ///
    /// # Errors
    /// What went wrong, for the person who runs the template.
    async fn run(&self, context: ActionContext) -> Result<ActionResult, PluginError>;
}

/// Everything that one run of an action may use.
#[derive(Clone)]
pub struct ActionContext {
    /// The input, after expressions were evaluated.
    pub input: Value,
    pub task_id: String,
    pub step_id: String,
    /// The template, and the directory or address that its relative paths start from.
    pub template: Option<EntityRef>,
    pub template_base: Option<String>,
    pub principal: Principal,
    /// The task's own directory; nothing outside it may be touched.
    pub workspace: PathBuf,
    /// Tell what would be done, and change nothing outside the workspace.
    pub dry_run: bool,
    /// The step's log.
    pub log: Arc<dyn LogSink>,
}

/// What a run did.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ActionResult {
    pub output: Value,
    pub effects: Vec<Effect>,
}

/// How important a line is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogLevel {
    Debug,
    Info,
    Warn,
    Error,
}

/// Takes lines for people: a step's log or a plugin's.
pub trait LogSink: Send + Sync {
    /// Takes one line; must not block.
    fn line(&self, level: LogLevel, message: &str);
}
