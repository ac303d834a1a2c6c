//! Steps for templates.

use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::raw::scaffolder_action as raw;
use crate::{Error, error};

pub use crate::raw::scaffolder_action::EffectKind;

/// The task's workspace: the only directory that a run of an action can see.
pub const WORKSPACE: &str = "/workspace";

/// A plugin that brings actions.
pub trait ScaffolderAction: 'static {
    /// The actions that this plugin brings. Called without any capability.
    fn actions() -> Vec<ActionDeclaration>;

    /// Runs one action. Lines written with [`log`](crate::log) appear in the task's log at once.
    ///
    /// # Errors
    /// Why the step failed, for the person who runs the template.
    fn run(request: RunRequest) -> Result<RunResult, Error>;
}

/// An action that templates can name.
#[derive(Debug, Clone, PartialEq)]
pub struct ActionDeclaration(raw::Action);

impl ActionDeclaration {
    /// An action by its identifier, such as `http:request`, and one line on what it does. Until said otherwise its
    /// input and output are any JSON object.
    pub fn new(id: impl Into<String>, summary: impl Into<String>) -> Self {
        let object = json!({ "type": "object" }).to_string();
        Self(raw::Action {
            id: id.into(),
            summary: summary.into(),
            input_schema: object.clone(),
            output_schema: object,
            examples: Vec::new(),
            supports_dry_run: false,
        })
    }

    /// The JSON Schema of the input. The host checks the input before it calls.
    #[must_use]
    pub fn input(mut self, schema: &Value) -> Self {
        self.0.input_schema = schema.to_string();
        self
    }

    /// The JSON Schema of the output.
    #[must_use]
    pub fn output(mut self, schema: &Value) -> Self {
        self.0.output_schema = schema.to_string();
        self
    }

    /// A YAML list of steps that works as it stands.
    #[must_use]
    pub fn example(mut self, summary: impl Into<String>, steps: impl Into<String>) -> Self {
        self.0.examples.push(raw::Example { summary: summary.into(), steps: steps.into() });
        self
    }

    /// [`ScaffolderAction::run`] understands `dry_run`. Without this, a dry run skips the step.
    #[must_use]
    pub fn supports_dry_run(mut self) -> Self {
        self.0.supports_dry_run = true;
        self
    }

    pub(crate) fn into_raw(self) -> raw::Action {
        self.0
    }
}

/// One run of an action.
#[derive(Debug, Clone, PartialEq)]
pub struct RunRequest {
    /// The action's identifier.
    pub action: String,
    /// The input, after the template's expressions were evaluated and the schema was checked.
    pub input: Value,
    pub task_id: String,
    pub step_id: String,
    /// The template, as an entity reference.
    pub template: Option<String>,
    /// On whose behalf the task runs, as an entity reference.
    pub user: Option<String>,
    /// Tell what would be done, and change nothing outside the workspace.
    pub dry_run: bool,
}

impl RunRequest {
    /// A run with an input, for tests.
    pub fn new(action: impl Into<String>, input: Value) -> Self {
        Self {
            action: action.into(),
            input,
            task_id: "task".into(),
            step_id: "step".into(),
            template: None,
            user: None,
            dry_run: false,
        }
    }

    /// The input as a type of the plugin's.
    ///
    /// # Errors
    /// Invalid input, when it does not fit.
    pub fn input<T: DeserializeOwned>(&self) -> Result<T, Error> {
        error::read_input(&self.input)
    }

    pub(crate) fn from_raw(raw: raw::RunRequest) -> Result<Self, Error> {
        Ok(Self {
            action: raw.action,
            input: error::from_host(&raw.input)?,
            task_id: raw.task_id,
            step_id: raw.step_id,
            template: raw.template,
            user: raw.user,
            dry_run: raw.dry_run,
        })
    }
}

/// What a run did.
#[derive(Debug, Clone, PartialEq)]
pub struct RunResult {
    pub output: Value,
    pub effects: Vec<Effect>,
}

/// Something that was changed in another system, or would be in a dry run.
#[derive(Debug, Clone, PartialEq)]
pub struct Effect {
    pub kind: EffectKind,
    /// What was changed, in words: `repository acme/checkout`.
    pub target: String,
    /// Where to see it.
    pub url: Option<String>,
}

impl RunResult {
    /// An output that later steps can use.
    pub fn new(output: Value) -> Self {
        Self { output, effects: Vec::new() }
    }

    /// Adds something that was changed in another system.
    #[must_use]
    pub fn effect(mut self, kind: EffectKind, target: impl Into<String>, url: Option<String>) -> Self {
        self.effects.push(Effect { kind, target: target.into(), url });
        self
    }

    pub(crate) fn into_raw(self) -> raw::RunResult {
        let effects = self.effects.into_iter();
        raw::RunResult {
            output: self.output.to_string(),
            effects: effects
                .map(|effect| raw::Effect { kind: effect.kind, target: effect.target, url: effect.url })
                .collect(),
        }
    }
}
