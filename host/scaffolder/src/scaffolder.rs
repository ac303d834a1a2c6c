//! The feature's front: everything that can be asked of it, with the principal who asks first.

use std::sync::Arc;
use std::time::Duration;

use host_jobs::Jobs;
use host_model::plugin::ActionDeclaration;
use host_model::task::{Task, TaskEvent};
use host_model::{EntityRef, Principal};
use host_ports::{CatalogReader, Extensions, LocationRegistrar};
use host_store::{Store, TaskPage, TaskQuery};
use serde_json::{Map, Value};

use crate::{DryRunInput, DryRunOutcome, ScaffolderError, ScaffolderOptions, TaskInput, TemplateForm};

/// Templates and their tasks. Clones share the running tasks.
#[derive(Clone)]
pub struct Scaffolder {}

impl Scaffolder {
    /// Ends what a dead process left half done, starts to run tasks that are open, and takes new ones. Running steps end
    /// when `jobs` is shut down; give it at least `shutdown_patience` and a second.
    ///
    /// # Errors
    /// When the store does not answer or the folder of workspaces cannot be made.
    pub async fn start(
        options: ScaffolderOptions,
        store: Store,
        catalog: Arc<dyn CatalogReader>,
        registrar: Arc<dyn LocationRegistrar>,
        extensions: Arc<dyn Extensions>,
        jobs: &Jobs,
    ) -> Result<Self, ScaffolderError> {
        let _ = (options, store, catalog, registrar, extensions, jobs);
        Ok(Self {})
    }

    /// The form of a template.
    ///
    /// # Errors
    /// When there is no such template, or it cannot be read as one.
    pub async fn parameter_schema(
        &self,
        principal: &Principal,
        template: &EntityRef,
    ) -> Result<TemplateForm, ScaffolderError> {
        let _ = (principal, template);
        Err(ScaffolderError::Unavailable("not yet".to_owned()))
    }

    /// The actions that templates can name now, in the order of their ids.
    pub fn actions(&self) -> Vec<ActionDeclaration> {
        Vec::new()
    }

    /// Checks the values against the template's form, stores a task and has it run; gives its id.
    ///
    /// # Errors
    /// When the values or the template are wrong, naming the fields, or when the principal may not run templates.
    pub async fn create_task(&self, principal: &Principal, input: TaskInput) -> Result<String, ScaffolderError> {
        let _ = (principal, input);
        Err(ScaffolderError::Unavailable("not yet".to_owned()))
    }

    /// A page of tasks.
    ///
    /// # Errors
    /// When the principal may not see tasks or the store fails.
    pub async fn tasks(&self, principal: &Principal, query: TaskQuery) -> Result<TaskPage, ScaffolderError> {
        let _ = (principal, query);
        Err(ScaffolderError::Unavailable("not yet".to_owned()))
    }

    /// One task.
    ///
    /// # Errors
    /// When there is no such task.
    pub async fn task(&self, principal: &Principal, id: &str) -> Result<Task, ScaffolderError> {
        let _ = principal;
        Err(ScaffolderError::no_task(id))
    }

    /// The events of a task after one of them. When there are none yet and the task has not ended, waits for the next
    /// ones, at most this long.
    ///
    /// # Errors
    /// When there is no such task.
    pub async fn events(
        &self,
        principal: &Principal,
        id: &str,
        after: Option<i64>,
        wait: Duration,
    ) -> Result<Vec<Arc<TaskEvent>>, ScaffolderError> {
        let _ = (principal, after, wait);
        Err(ScaffolderError::no_task(id))
    }

    /// Stops a task. One that has ended is left as it is.
    ///
    /// # Errors
    /// When there is no such task or the principal may not stop it.
    pub async fn cancel(&self, principal: &Principal, id: &str) -> Result<(), ScaffolderError> {
        let _ = principal;
        Err(ScaffolderError::no_task(id))
    }

    /// Runs a task that failed or was cancelled once more, from its first step. Secrets have to be given again.
    ///
    /// # Errors
    /// When there is no such task or it has not ended.
    pub async fn retry(
        &self,
        principal: &Principal,
        id: &str,
        secrets: Map<String, Value>,
    ) -> Result<(), ScaffolderError> {
        let _ = (principal, secrets);
        Err(ScaffolderError::no_task(id))
    }

    /// Runs a template that is given whole, in a folder that is thrown away, without changing anything elsewhere.
    ///
    /// # Errors
    /// When the template or the values are wrong, or a step fails.
    pub async fn dry_run(&self, principal: &Principal, input: DryRunInput) -> Result<DryRunOutcome, ScaffolderError> {
        let _ = (principal, input);
        Err(ScaffolderError::Unavailable("not yet".to_owned()))
    }
}
