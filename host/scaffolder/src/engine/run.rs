//! One run of a template's steps.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use host_model::plugin::PluginError;
use host_model::task::Effect;
use host_model::{EntityRef, Principal};
use host_ports::{Action, ActionContext, ActionResult, LogLevel};
use serde_json::{Map, Value, json};

use crate::engine::journal::Journal;
use crate::engine::log::StepLog;
use crate::engine::steps::{Iteration, Step, iterations, steps_of};
use crate::engine::{Redactor, TaskLog};
use crate::language::{dictionary, is_truthy, standard, to_template};
use crate::schema;
use crate::workspace::Limits;

/// How often a step with `each` may run.
const MAX_ITERATIONS: usize = 1000;
/// How many bytes of JSON the output of a step may have.
const MAX_OUTPUT: usize = 4 * 1024 * 1024;

/// Everything that a run needs.
pub(crate) struct Run<Find> {
    pub(crate) spec: Value,
    pub(crate) task_id: String,
    pub(crate) template_base: Option<String>,
    pub(crate) principal: Principal,
    pub(crate) secrets: Map<String, Value>,
    pub(crate) redactor: Redactor,
    pub(crate) workspace: PathBuf,
    pub(crate) limits: Limits,
    pub(crate) dry_run: bool,
    pub(crate) log: TaskLog,
    pub(crate) journal: Journal,
    /// Finds an action by its id.
    pub(crate) find: Find,
    /// The step that is running, for whoever stops the run.
    pub(crate) position: Position,
}

/// Which step is running: its id and its name.
#[derive(Clone, Default)]
pub(crate) struct Position(Arc<Mutex<Option<(String, String)>>>);

/// What a run came to.
#[derive(Debug, Default)]
pub(crate) struct RunOutcome {
    pub(crate) output: Value,
    /// Of the steps that ended; also kept with the task.
    pub(crate) effects: Vec<Effect>,
}

/// Why a run ended early.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub(crate) struct RunError {
    /// The class of the error, as Backstage's clients know it.
    pub(crate) name: &'static str,
    pub(crate) message: String,
    /// The id of the step that failed.
    pub(crate) step: Option<String>,
}

impl Position {
    pub(crate) fn get(&self) -> Option<(String, String)> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn set(&self, step: Option<&Step>) {
        let place = step.map(|step| (step.id.clone(), step.name.clone()));
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = place;
    }
}

impl RunError {
    pub(crate) fn new(name: &'static str, message: impl Into<String>) -> Self {
        Self { name, message: message.into(), step: None }
    }
}

impl<Find> Run<Find>
where
    Find: Fn(&str) -> Result<Arc<dyn Action>, RunError> + Send + Sync,
{
    /// Runs the steps in order. The effects of steps are told one by one, so that none is lost when a later step fails.
    ///
    /// # Errors
    /// What kept a step from being done; the step is named, and the log has said so.
    pub(crate) async fn run<Told, Telling>(&self, tell_effects: Told) -> Result<RunOutcome, RunError>
    where
        Told: Fn(Vec<Effect>) -> Telling + Send + Sync,
        Telling: Future<Output = Result<(), RunError>> + Send,
    {
        let steps = steps_of(&self.spec);
        let count = steps.len();
        self.log.say(&format!("Starting up task with {count} steps"), None);
        let mut outputs: Map<String, Value> = Map::new();
        let mut effects = Vec::new();
        for step in &steps {
            self.position.set(Some(step));
            match self.step(step, &outputs, &tell_effects).await {
                Ok(None) => {}
                Ok(Some((output, mut done))) => {
                    effects.append(&mut done);
                    outputs.insert(step.id.clone(), json!({ "output": output }));
                }
                Err(error) => {
                    let message = self.redactor.text(&format!("Step {} failed: {}", step.name, error.message));
                    self.log.say(&message, Some((&step.id, "failed")));
                    // The failure that is being told matters more than one of keeping it twice.
                    let _ = self.journal.note(&step.id, "failed", None).await;
                    return Err(RunError { message, step: Some(step.id.clone()), ..error });
                }
            }
        }
        self.position.set(None);
        Ok(RunOutcome { output: self.output(&outputs), effects })
    }

    async fn step<Told, Telling>(
        &self,
        step: &Step,
        outputs: &Map<String, Value>,
        tell_effects: &Told,
    ) -> Result<Option<(Value, Vec<Effect>)>, RunError>
    where
        Told: Fn(Vec<Effect>) -> Telling + Send + Sync,
        Telling: Future<Output = Result<(), RunError>> + Send,
    {
        self.log.say(&format!("Beginning step {}", step.name), Some((&step.id, "processing")));
        // Whoever reads the journal after a crash must find the step that had begun.
        self.note(step, "processing", None).await?;
        if let Some(condition) = &step.condition {
            let value = self.evaluate("if", condition, outputs, None, false)?;
            if !is_truthy(value.as_ref()) {
                let message = format!("Skipping step {} because its if condition was false", step.id);
                self.log.say(&message, Some((&step.id, "skipped")));
                self.note(step, "skipped", None).await?;
                return Ok(None);
            }
        }
        let action = (self.find)(&step.action)?;
        let times = self.times(step, outputs)?;
        let mut collected: Map<String, Value> = Map::new();
        let mut effects = Vec::new();
        for iteration in &times {
            if let Some(Iteration { key, value }) = iteration {
                let shown = json!({"key": key, "value": value});
                self.log.line(&step.id, LogLevel::Info, &format!("Running step each: {shown}"));
            }
            let result = self.once(step, &action, outputs, iteration.as_ref()).await?;
            if !result.effects.is_empty() {
                let cleaned: Vec<Effect> = result.effects.into_iter().map(|effect| self.clean(effect)).collect();
                tell_effects(cleaned.clone()).await?;
                effects.extend(cleaned);
            }
            for (name, value) in result.output.as_object().cloned().unwrap_or_default() {
                match iteration {
                    None => drop(collected.insert(name, value)),
                    Some(_) => {
                        let list = collected.entry(name).or_insert_with(|| Value::Array(Vec::new()));
                        list.as_array_mut().into_iter().for_each(|list| list.push(value.clone()));
                    }
                }
            }
        }
        let output = Value::Object(collected);
        if output.to_string().len() > MAX_OUTPUT {
            return Err(RunError::new("Error", format!("its output is larger than {MAX_OUTPUT} bytes")));
        }
        self.note(step, "completed", Some(self.redactor.json(output.clone()))).await?;
        self.log.say(&format!("Finished step {}", step.name), Some((&step.id, "completed")));
        Ok(Some((output, effects)))
    }

    /// None stands for a step without `each`.
    fn times(&self, step: &Step, outputs: &Map<String, Value>) -> Result<Vec<Option<Iteration>>, RunError> {
        let Some(each) = &step.each else { return Ok(vec![None]) };
        let value = self.evaluate("each", each, outputs, None, false)?;
        let Some(times) = value.as_ref().and_then(iterations) else {
            let got = value.map_or_else(|| "nothing".to_owned(), |value| value.to_string());
            return Err(RunError::new("InputError", format!("each must be a list or an object, and is {got}")));
        };
        if times.len() > MAX_ITERATIONS {
            let message = format!("each has {} items; at most {MAX_ITERATIONS} are allowed", times.len());
            return Err(RunError::new("InputError", message));
        }
        Ok(times.into_iter().map(Some).collect())
    }

    async fn once(
        &self,
        step: &Step,
        action: &Arc<dyn Action>,
        outputs: &Map<String, Value>,
        iteration: Option<&Iteration>,
    ) -> Result<ActionResult, RunError> {
        let input = self.evaluate("input", &step.input, outputs, iteration, true)?;
        let input = input.unwrap_or_else(|| Value::Object(Map::new()));
        let declaration = action.declaration();
        let faults = schema::check(&declaration.input_schema, &input).map_err(|problem| {
            RunError::new("Error", format!("the input schema of {} is broken: {problem}", declaration.id))
        })?;
        if !faults.is_empty() {
            let place = iteration.map(|iteration| format!("[{}]", iteration.key)).unwrap_or_default();
            let message =
                format!("Invalid input passed to action {}{place}, {}", declaration.id, schema::in_one_line(&faults));
            return Err(RunError::new("InputError", message));
        }
        if self.dry_run {
            let shown = serde_json::to_string_pretty(&self.redactor.json(input.clone())).unwrap_or_default();
            let message = format!("Running {} in dry-run mode with inputs (secrets redacted): {shown}", declaration.id);
            self.log.line(&step.id, LogLevel::Info, &message);
            if !declaration.supports_dry_run {
                let message = format!("Skipping because {} does not support dry-run", declaration.id);
                self.log.line(&step.id, LogLevel::Info, &message);
                return Ok(ActionResult { output: schema::example(&declaration.output_schema), effects: Vec::new() });
            }
        }
        let context = ActionContext {
            input,
            task_id: self.task_id.clone(),
            step_id: step.id.clone(),
            template: self.template(),
            template_base: self.template_base.clone(),
            principal: self.principal.clone(),
            workspace: self.workspace.clone(),
            dry_run: self.dry_run,
            log: Arc::new(StepLog { log: self.log.clone(), step: step.id.clone() }),
        };
        let result = action.run(context).await.map_err(|error| failure(&error))?;
        let (limits, root) = (self.limits, self.workspace.clone());
        let within = tokio::task::spawn_blocking(move || limits.check(&root)).await;
        match within {
            Ok(Ok(())) => Ok(result),
            Ok(Err(error)) => Err(RunError::new("Error", error.to_string())),
            Err(_) => Err(RunError::new("Error", "the size of the workspace could not be found out")),
        }
    }

    fn evaluate(
        &self,
        field: &str,
        value: &Value,
        outputs: &Map<String, Value>,
        iteration: Option<&Iteration>,
        with_secrets: bool,
    ) -> Result<Option<Value>, RunError> {
        let context = self.context(outputs, iteration, with_secrets);
        standard().json(value, &context).map_err(|error| {
            let pointer = format!("/{field}{}", error.pointer);
            let message = crate::language::LanguageError { pointer, ..error }.to_string();
            RunError::new("InputError", message)
        })
    }

    fn context(
        &self,
        outputs: &Map<String, Value>,
        iteration: Option<&Iteration>,
        with_secrets: bool,
    ) -> minijinja::value::Value {
        let spec = |key: &str| to_template(self.spec.get(key).unwrap_or(&Value::Null));
        let mut entries = vec![
            ("parameters", spec("parameters")),
            ("steps", to_template(&Value::Object(outputs.clone()))),
            ("user", spec("user")),
            ("context", to_template(&json!({"task": {"id": self.task_id}}))),
        ];
        if let Some(Iteration { key, value }) = iteration {
            entries.push(("each", to_template(&json!({"key": key, "value": value}))));
        }
        if with_secrets {
            entries.push(("secrets", to_template(&Value::Object(self.secrets.clone()))));
        }
        dictionary(entries)
    }

    /// The template's output. A part that cannot be evaluated is left out and told; the steps are done all the same.
    fn output(&self, outputs: &Map<String, Value>) -> Value {
        let context = self.context(outputs, None, false);
        let evaluate = |field: &str, value: &Value| match standard().json(value, &context) {
            Ok(value) => value,
            Err(error) => {
                self.log.say(&format!("warning: output {field} was left out: {error}"), None);
                None
            }
        };
        let mut result = Map::new();
        for (key, value) in self.spec.get("output").and_then(Value::as_object).into_iter().flatten() {
            let evaluated = match value {
                Value::Array(items) if key == "links" || key == "text" => {
                    let parts = items.iter().enumerate().filter_map(|(index, item)| {
                        let field = format!("{key}/{index}");
                        let is_wanted = item.get("if").is_none_or(|test| is_truthy(evaluate(&field, test).as_ref()));
                        let mut item = item.clone();
                        item.as_object_mut().into_iter().for_each(|item| drop(item.remove("if")));
                        if is_wanted { evaluate(&field, &item) } else { None }
                    });
                    Some(Value::Array(parts.collect()))
                }
                other => evaluate(key, other),
            };
            if let Some(evaluated) = evaluated {
                result.insert(key.clone(), evaluated);
            }
        }
        self.redactor.json(Value::Object(result))
    }

    fn template(&self) -> Option<EntityRef> {
        self.spec.pointer("/templateInfo/entityRef")?.as_str()?.parse().ok()
    }

    fn clean(&self, effect: Effect) -> Effect {
        Effect {
            kind: effect.kind,
            target: self.redactor.text(&effect.target),
            url: effect.url.map(|url| self.redactor.text(&url)),
        }
    }

    async fn note(&self, step: &Step, status: &str, output: Option<Value>) -> Result<(), RunError> {
        self.journal
            .note(&step.id, status, output)
            .await
            .map_err(|error| RunError::new("Error", format!("its state could not be kept: {error}")))
    }
}

fn failure(error: &PluginError) -> RunError {
    let name = match error {
        PluginError::InvalidInput { .. } => "InputError",
        PluginError::NotFound { .. } => "NotFoundError",
        PluginError::NeedsPermission { .. } | PluginError::Denied { .. } => "NotAllowedError",
        PluginError::Unavailable { .. } | PluginError::NotServing { .. } => "ServiceUnavailableError",
        _ => "Error",
    };
    RunError::new(name, error.to_string())
}
