//! The feature's front: everything that can be asked of it, with the principal who asks first.

use std::sync::Arc;
use std::time::Duration;

use host_jobs::Jobs;
use host_model::plugin::ActionDeclaration;
use host_model::task::{Task, TaskEvent, TaskEventKind, TaskStatus};
use host_model::{EntityRef, Principal};
use host_policy::{Action as Permission, authorize};
use host_ports::{CatalogReader, Extensions, LocationRegistrar};
use host_store::{AuditEntry, AuditLog, NewEvent, NewTask, Store, TaskPage, TaskQuery};
use serde_json::{Map, Value, json};
use tokio::sync::Semaphore;
use tokio::time::{Instant, timeout_at};

use crate::actions::{Services, built_in};
use crate::dry_run;
use crate::engine::{End, Engine, spawn};
use crate::template::Template;
use crate::{DryRunInput, DryRunOutcome, ScaffolderError, ScaffolderOptions, TaskInput, TemplateForm};

/// How many events are given at a time.
const MAX_EVENTS: usize = 1000;
/// How long events are waited for at most.
const LONGEST_WAIT: Duration = Duration::from_secs(60);
/// How long a cancelled task may take to end before the answer is given without it.
const CANCEL_PATIENCE: Duration = Duration::from_secs(5);
/// How many dry runs run at a time.
const DRY_RUNS: usize = 2;
/// How many bytes of JSON values and secrets may have together.
const MAX_VALUES: usize = 1024 * 1024;

/// Templates and their tasks. Clones share the running tasks.
#[derive(Clone)]
pub struct Scaffolder {
    engine: Arc<Engine>,
    catalog: Arc<dyn CatalogReader>,
    audit: AuditLog,
    dry_runs: Arc<Semaphore>,
}

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
        let limits = crate::workspace::Limits { bytes: options.workspace_bytes, entries: options.workspace_entries };
        let services = Services { catalog: Arc::clone(&catalog), registrar, limits };
        let engine = Engine::new(options, store.tasks(), built_in(&services), extensions, jobs.token());
        let folder = engine.workspaces();
        std::fs::create_dir_all(&folder).map_err(|error| {
            ScaffolderError::Unavailable(format!("the folder {} cannot be made: {error}", folder.display()))
        })?;
        dry_run::remove_left_overs(&folder);
        engine.recover().await?;
        let engine = Arc::new(engine);
        spawn(&engine, jobs);
        let dry_runs = Arc::new(Semaphore::new(DRY_RUNS));
        Ok(Self { engine, catalog, audit: store.audit_log(), dry_runs })
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
        Ok(self.template(principal, template).await?.form())
    }

    /// The actions that templates can name now, in the order of their ids.
    pub fn actions(&self) -> Vec<ActionDeclaration> {
        self.engine.actions().iter().map(|action| action.declaration().clone()).collect()
    }

    /// Checks the values against the template's form, stores a task and has it run; gives its id.
    ///
    /// # Errors
    /// When the values or the template are wrong, naming the fields, or when the principal may not run templates.
    pub async fn create_task(&self, principal: &Principal, input: TaskInput) -> Result<String, ScaffolderError> {
        authorize(principal, Permission::RunTemplate, &input.template.to_string())?;
        self.check_running()?;
        check_size(&input.values, &input.secrets)?;
        let template = self.template(principal, &input.template).await?;
        template.check_secrets(&input.secrets)?;
        let values = template.complete(input.values)?;
        let user = match principal.user() {
            Some(user) => self.entity(principal, user).await?,
            None => None,
        };
        let task = NewTask {
            spec: template.task_spec(values, principal, user),
            created_by: principal.user().map(ToString::to_string),
        };
        let task = self.engine.tasks.create(principal, task).await?;
        self.engine.live.add(&task.id, principal.clone(), Some(input.secrets));
        self.engine.enqueue(&task.id);
        Ok(task.id)
    }

    /// A page of tasks.
    ///
    /// # Errors
    /// When the principal may not see tasks or the store fails.
    pub async fn tasks(&self, principal: &Principal, query: TaskQuery) -> Result<TaskPage, ScaffolderError> {
        authorize(principal, Permission::ReadTasks, "tasks")?;
        Ok(self.engine.tasks.list(query).await?)
    }

    /// One task.
    ///
    /// # Errors
    /// When there is no such task.
    pub async fn task(&self, principal: &Principal, id: &str) -> Result<Task, ScaffolderError> {
        authorize(principal, Permission::ReadTasks, id)?;
        self.existing(id).await
    }

    /// The events of a task after one of them, at most 1,000. When there are none yet and the task has not ended, waits
    /// for the next ones, at most this long.
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
        authorize(principal, Permission::ReadTasks, id)?;
        let deadline = Instant::now() + wait.min(LONGEST_WAIT);
        // From here on nothing that is stored goes unnoticed.
        let mut changed = self.engine.live.get(id).map(|task| task.changed.subscribe());
        self.existing(id).await?;
        loop {
            let events = self.engine.tasks.events(id, after, MAX_EVENTS).await?;
            if !events.is_empty() || !self.engine.live.knows(id) {
                return self.or_last(id, after, events).await;
            }
            let Some(changed) = &mut changed else { return Ok(Vec::new()) };
            tokio::select! {
                waited = timeout_at(deadline, changed.changed()) => match waited {
                    // The other side goes away only when the task has ended.
                    Ok(Ok(()) | Err(_)) => {}
                    Err(_) => return Ok(Vec::new()),
                },
                () = self.engine.shutdown.cancelled() => return Ok(Vec::new()),
            }
        }
    }

    /// Stops a task. One that has ended is left as it is.
    ///
    /// # Errors
    /// When there is no such task or the principal may not stop it.
    pub async fn cancel(&self, principal: &Principal, id: &str) -> Result<(), ScaffolderError> {
        authorize(principal, Permission::ControlTask, id)?;
        let task = self.existing(id).await?;
        if task.status.is_final() {
            return Ok(());
        }
        self.audit.append(AuditEntry::new(principal, "task.cancel", id)).await?;
        let by = principal.audit_name();
        let live = self.engine.live.get(id);
        if let Some(live) = &live {
            live.stop(&by);
        }
        match live {
            Some(live) if task.status == TaskStatus::Processing => {
                let mut changed = live.changed.subscribe();
                let ended = async { while self.engine.live.knows(id) && changed.changed().await.is_ok() {} };
                // A task that takes longer to end is cancelled all the same, a little later.
                let _ = tokio::time::timeout(CANCEL_PATIENCE, ended).await;
            }
            _ => self.engine.finish(id, &End::Cancelled { by }, None).await?,
        }
        Ok(())
    }

    /// Runs a task that failed or was cancelled once more, from its first step. Secrets have to be given again.
    ///
    /// # Errors
    /// When there is no such task or it has not ended badly.
    pub async fn retry(
        &self,
        principal: &Principal,
        id: &str,
        secrets: Map<String, Value>,
    ) -> Result<(), ScaffolderError> {
        authorize(principal, Permission::ControlTask, id)?;
        self.check_running()?;
        check_size(&Map::new(), &secrets)?;
        let task = self.existing(id).await?;
        let may_run = matches!(task.status, TaskStatus::Failed | TaskStatus::Cancelled) && !self.engine.live.knows(id);
        let body = json!({"message": "Task is run once more from its first step", "recoverStrategy": "startOver"});
        let events = vec![NewEvent { kind: TaskEventKind::Recovered, body }];
        if !may_run || !self.engine.tasks.reopen(principal, id, events).await? {
            let message = format!(
                "task {id} is {}; only a task that failed or was cancelled can be run again",
                task.status.as_str()
            );
            return Err(ScaffolderError::Conflict(message));
        }
        self.engine.live.add(id, principal.clone(), Some(secrets));
        self.engine.enqueue(id);
        Ok(())
    }

    /// Runs a template that is given whole, in a folder that is thrown away, without changing anything elsewhere.
    ///
    /// # Errors
    /// When the template or the values are wrong, or a step fails.
    pub async fn dry_run(&self, principal: &Principal, input: DryRunInput) -> Result<DryRunOutcome, ScaffolderError> {
        authorize(principal, Permission::RunTemplate, "dry-run")?;
        self.check_running()?;
        check_size(&input.values, &input.secrets)?;
        let _permit = self
            .dry_runs
            .acquire()
            .await
            .map_err(|_| ScaffolderError::Unavailable("no further dry runs are taken".to_owned()))?;
        dry_run::run(&self.engine, principal, input).await
    }

    async fn template(&self, principal: &Principal, template: &EntityRef) -> Result<Template, ScaffolderError> {
        authorize(principal, Permission::ReadCatalog, &template.to_string())?;
        match self.entity(principal, template).await? {
            Some(entity) => Template::read(entity),
            None => Err(ScaffolderError::NotFound(format!("Template {template} not found"))),
        }
    }

    async fn entity(&self, principal: &Principal, entity: &EntityRef) -> Result<Option<Value>, ScaffolderError> {
        let found = self.catalog.get(principal, std::slice::from_ref(entity)).await?;
        let Some(text) = found.into_iter().next().flatten() else { return Ok(None) };
        serde_json::from_str(&text)
            .map(Some)
            .map_err(|error| ScaffolderError::Unavailable(format!("{entity} cannot be read: {error}")))
    }

    async fn existing(&self, id: &str) -> Result<Task, ScaffolderError> {
        self.engine.tasks.get(id).await?.ok_or_else(|| ScaffolderError::no_task(id))
    }

    /// A task that ended between two looks has its last events by now.
    async fn or_last(
        &self,
        id: &str,
        after: Option<i64>,
        events: Vec<TaskEvent>,
    ) -> Result<Vec<Arc<TaskEvent>>, ScaffolderError> {
        let events = if events.is_empty() { self.engine.tasks.events(id, after, MAX_EVENTS).await? } else { events };
        Ok(events.into_iter().map(Arc::new).collect())
    }

    fn check_running(&self) -> Result<(), ScaffolderError> {
        if self.engine.shutdown.is_cancelled() {
            return Err(ScaffolderError::Unavailable("Callboard is about to stop; try again in a moment".to_owned()));
        }
        Ok(())
    }
}

fn check_size(values: &Map<String, Value>, secrets: &Map<String, Value>) -> Result<(), ScaffolderError> {
    let bytes = json!([values, secrets]).to_string().len();
    if bytes > MAX_VALUES {
        return Err(ScaffolderError::input(format!("the values have {bytes} bytes; at most {MAX_VALUES} are allowed")));
    }
    Ok(())
}
