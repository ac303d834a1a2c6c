//! Takes open tasks, as many at a time as may run, and sees each of them to its end.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::panic::AssertUnwindSafe;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant, SystemTime};

use futures::FutureExt as _;
use host_jobs::Jobs;
use host_model::Principal;
use host_model::task::{Task, TaskStatus};
use host_ports::{Action, Extensions};
use host_store::{StoreError, TaskOrder, TaskQuery, Tasks};
use host_telemetry::events::TaskFinished;
use serde_json::Value;
use tokio::sync::{Notify, Semaphore};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::engine::journal::interrupted_step;
use crate::engine::{End, Journal, Live, Position, Redactor, Run, RunError, TaskLog};
use crate::language::mentions;
use crate::workspace::Limits;
use crate::{ScaffolderError, ScaffolderOptions};

/// How often a running task says that it lives.
const HEARTBEAT: Duration = Duration::from_secs(1);
/// How many folders of ended tasks are kept.
const KEPT_WORKSPACES: usize = 20;
/// How many open tasks are looked for at a start.
const PAGE: usize = 1000;

/// What all tasks share.
pub(crate) struct Engine {
    pub(crate) options: ScaffolderOptions,
    pub(crate) tasks: Tasks,
    pub(crate) built_in: Vec<Arc<dyn Action>>,
    pub(crate) extensions: Arc<dyn Extensions>,
    pub(crate) live: Live,
    pub(crate) shutdown: CancellationToken,
    queue: Mutex<VecDeque<String>>,
    wake: Notify,
}

/// Starts the job that runs tasks.
pub(crate) fn spawn(engine: &Arc<Engine>, jobs: &Jobs) {
    let engine = Arc::clone(engine);
    let permits = Arc::new(Semaphore::new(engine.options.concurrent_tasks_limit));
    let tracker = TaskTracker::new();
    jobs.spawn("scaffolder", move |cancel| {
        let (engine, permits, tracker) = (Arc::clone(&engine), Arc::clone(&permits), tracker.clone());
        async move { dispatch(engine, permits, tracker, cancel).await }
    });
}

impl Engine {
    pub(crate) fn new(
        options: ScaffolderOptions,
        tasks: Tasks,
        built_in: Vec<Arc<dyn Action>>,
        extensions: Arc<dyn Extensions>,
        shutdown: CancellationToken,
    ) -> Self {
        let (live, queue, wake) = (Live::default(), Mutex::default(), Notify::new());
        Self { options, tasks, built_in, extensions, live, shutdown, queue, wake }
    }

    /// Ends what a dead process was working on and queues what is open.
    pub(crate) async fn recover(&self) -> Result<(), ScaffolderError> {
        for task in self.tasks.abandoned().await? {
            let journal = self.tasks.journal(&task.id).await?;
            let step = interrupted_step(&journal);
            let error = interrupted(&task.spec, step, "Callboard ended without warning");
            tracing::warn!(task = task.id, step, "a task was interrupted by the end of the process");
            let stopped = step.map(|step| (step.to_owned(), step_name(&task.spec, step)));
            let effects = self.tasks.effects(&task.id).await?;
            let end = End::Failed(error);
            self.tasks.finish(&task.id, end.status(), end.events(stopped, &effects)).await?;
        }
        let query = TaskQuery {
            status: vec![TaskStatus::Open],
            order: vec![(TaskOrder::CreatedAt, true)],
            limit: Some(PAGE),
            ..TaskQuery::default()
        };
        for task in self.tasks.list(query).await?.tasks {
            let principal = principal_of(&task);
            self.live.add(&task.id, principal, None);
            self.enqueue(&task.id);
        }
        Ok(())
    }

    /// Has an open task run when there is room.
    pub(crate) fn enqueue(&self, id: &str) {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner).push_back(id.to_owned());
        self.wake.notify_one();
    }

    /// The actions that can be named now, in the order of their ids; what is built in goes before a plugin's.
    pub(crate) fn actions(&self) -> Vec<Arc<dyn Action>> {
        let mut actions = self.built_in.clone();
        for action in self.extensions.actions() {
            if !actions.iter().any(|known| known.declaration().id == action.declaration().id) {
                actions.push(action);
            }
        }
        actions.sort_by(|one, other| one.declaration().id.cmp(&other.declaration().id));
        actions
    }

    /// The action with an id.
    pub(crate) fn find(&self, id: &str) -> Result<Arc<dyn Action>, RunError> {
        let actions = self.actions();
        if let Some(action) = actions.iter().find(|action| action.declaration().id == id) {
            return Ok(Arc::clone(action));
        }
        let nearest = actions
            .iter()
            .map(|action| action.declaration().id.as_str())
            .max_by(|one, other| strsim::jaro_winkler(id, one).total_cmp(&strsim::jaro_winkler(id, other)));
        let hint = nearest.map(|nearest| format!("; the nearest one is '{nearest}'")).unwrap_or_default();
        Err(RunError::new("NotFoundError", format!("Template action with ID '{id}' is not registered{hint}")))
    }

    pub(crate) fn limits(&self) -> Limits {
        Limits { bytes: self.options.workspace_bytes, entries: self.options.workspace_entries }
    }

    /// The folder of workspaces.
    pub(crate) fn workspaces(&self) -> PathBuf {
        self.options.data_dir.join("workspaces")
    }

    /// Stores how a task ended and tells whoever waits.
    pub(crate) async fn finish(
        &self,
        id: &str,
        end: &End,
        stopped: Option<(String, String)>,
    ) -> Result<(), StoreError> {
        let effects = self.tasks.effects(id).await?;
        let finished = self.tasks.finish(id, end.status(), end.events(stopped, &effects)).await;
        self.live.remove(id);
        finished.map(drop)
    }

    async fn next(&self) -> String {
        loop {
            let waiting = self.queue.lock().unwrap_or_else(PoisonError::into_inner).pop_front();
            match waiting {
                Some(id) => return id,
                None => self.wake.notified().await,
            }
        }
    }
}

async fn dispatch(engine: Arc<Engine>, permits: Arc<Semaphore>, tracker: TaskTracker, cancel: CancellationToken) {
    loop {
        let taken = async {
            let permit = Arc::clone(&permits).acquire_owned().await.ok()?;
            Some((permit, engine.next().await))
        };
        let (permit, id) = tokio::select! {
            biased;
            () = cancel.cancelled() => break,
            taken = taken => match taken {
                Some(taken) => taken,
                None => break,
            },
        };
        let engine = Arc::clone(&engine);
        tracker.spawn(async move {
            if AssertUnwindSafe(run_task(&engine, &id)).catch_unwind().await.is_err() {
                let error = panicked(&Position::default());
                if let Err(error) = engine.finish(&id, &End::Failed(error), None).await {
                    tracing::error!(task = id, %error, "the end of a task could not be stored");
                }
            }
            drop(permit);
        });
    }
    tracker.close();
    tracker.wait().await;
}

async fn run_task(engine: &Arc<Engine>, id: &str) {
    if let Err(error) = try_run_task(engine, id).await {
        tracing::error!(task = id, %error, "a task could not be run or its end could not be stored");
        engine.live.remove(id);
    }
}

async fn try_run_task(engine: &Arc<Engine>, id: &str) -> Result<(), StoreError> {
    let Some(live) = engine.live.get(id) else { return Ok(()) };
    if !engine.tasks.claim(id).await? {
        // It was cancelled while it waited.
        engine.live.remove(id);
        return Ok(());
    }
    let Some(task) = engine.tasks.get(id).await? else { return Ok(()) };
    tracing::info!(task = id, "a task begins");
    let started = Instant::now();
    let template = task.spec.pointer("/templateInfo/entityRef").and_then(Value::as_str).unwrap_or_default().to_owned();
    let redactor = Redactor::new(live.secrets.as_ref().unwrap_or(&serde_json::Map::new()));
    let log = TaskLog::stored(engine.tasks.clone(), id, Arc::clone(&live.changed), redactor.clone());
    let position = Position::default();
    let workspace = match prepare(engine, &task, live.secrets.is_none()).await {
        Ok(workspace) => workspace,
        Err(error) => return engine.finish(id, &End::Failed(error), None).await,
    };
    let run = Run {
        template_base: task.spec.pointer("/templateInfo/baseUrl").and_then(Value::as_str).map(str::to_owned),
        spec: task.spec,
        task_id: id.to_owned(),
        principal: live.principal.clone(),
        secrets: live.secrets.clone().unwrap_or_default(),
        redactor,
        workspace,
        limits: engine.limits(),
        dry_run: false,
        log: log.clone(),
        journal: Journal(Some((engine.tasks.clone(), id.to_owned()))),
        find: |action: &str| engine.find(action),
        position: position.clone(),
    };
    let (end, stopped) = tokio::select! {
        biased;
        () = live.cancel.cancelled() => (End::Cancelled { by: live.stopped_by() }, position.get()),
        () = patience(engine) => {
            let place = position.get();
            let error = interrupted(&run.spec, place.as_ref().map(|(step, _)| step.as_str()), "Callboard was stopped");
            (End::Failed(error), place)
        }
        () = tokio::time::sleep(engine.options.task_timeout) => (End::Failed(timed_out(engine, &position)), position.get()),
        outcome = AssertUnwindSafe(run.run(|effects| keep_effects(engine, id, effects))).catch_unwind() => match outcome {
            Ok(Ok(outcome)) => (End::Completed(outcome), None),
            Ok(Err(error)) => (End::Failed(error), None),
            Err(_) => (End::Failed(panicked(&position)), position.get()),
        },
        never = beat(&engine.tasks, id) => match never {},
    };
    log.close().await;
    TaskFinished { task: id, template: &template, outcome: end.status().as_str(), duration: started.elapsed() }.emit();
    engine.finish(id, &end, stopped).await?;
    prune(engine).await;
    Ok(())
}

async fn keep_effects(engine: &Engine, id: &str, effects: Vec<host_model::task::Effect>) -> Result<(), RunError> {
    engine
        .tasks
        .add_effects(id, effects)
        .await
        .map_err(|error| RunError::new("Error", format!("what it did could not be kept: {error}")))
}

/// An empty folder for a task.
async fn prepare(engine: &Engine, task: &Task, secrets_are_lost: bool) -> Result<PathBuf, RunError> {
    let inputs = task.spec.get("steps").cloned().unwrap_or_default();
    if secrets_are_lost && mentions(&inputs, "secrets") {
        return Err(RunError::new(
            "Error",
            "Callboard was restarted before this task began, and the secrets that it was given are not kept; run the template again",
        ));
    }
    let folder = engine.workspaces().join(&task.id);
    let made = {
        let folder = folder.clone();
        tokio::task::spawn_blocking(move || make_empty(&folder)).await
    };
    match made {
        Ok(Ok(())) => Ok(folder),
        Ok(Err(error)) => Err(RunError::new("Error", format!("the workspace cannot be made: {error}"))),
        Err(_) => Err(RunError::new("Error", "the workspace cannot be made")),
    }
}

/// Makes a folder anew that only this user can read.
pub(crate) fn make_empty(folder: &Path) -> std::io::Result<()> {
    match std::fs::remove_dir_all(folder) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

async fn beat(tasks: &Tasks, id: &str) -> Infallible {
    loop {
        tokio::time::sleep(HEARTBEAT).await;
        if let Err(error) = tasks.heartbeat(id).await {
            tracing::warn!(task = id, %error, "a running task could not say that it lives");
        }
    }
}

/// Ends when the process was asked to end and running steps have had their time.
async fn patience(engine: &Engine) {
    engine.shutdown.cancelled().await;
    tokio::time::sleep(engine.options.shutdown_patience).await;
}

fn interrupted(spec: &Value, step: Option<&str>, what: &str) -> RunError {
    let message = match step {
        Some(step) => format!(
            "{what} while step {} ({step}) was running; what that step had done by then may be there. Check it, then run the template again",
            step_name(spec, step)
        ),
        None => format!("{what} before a step was running; run the template again"),
    };
    RunError { name: "InterruptedError", message, step: step.map(str::to_owned) }
}

fn panicked(position: &Position) -> RunError {
    let step = position.get().map(|(step, _)| step);
    RunError { step, ..RunError::new("Error", "the task failed internally; the log of the server says more") }
}

fn timed_out(engine: &Engine, position: &Position) -> RunError {
    let step = position.get().map(|(step, _)| step);
    RunError {
        step,
        ..RunError::new("TimeoutError", format!("the task took longer than {:?}", engine.options.task_timeout))
    }
}

fn step_name(spec: &Value, step: &str) -> String {
    let mut steps = spec.get("steps").and_then(Value::as_array).into_iter().flatten();
    let found = steps.find(|known| known["id"] == step).and_then(|known| known["name"].as_str());
    found.unwrap_or(step).to_owned()
}

/// On whose behalf a task of an earlier process runs; never with more rights than then.
fn principal_of(task: &Task) -> Principal {
    let user = task.created_by.as_deref().and_then(|user| user.parse().ok());
    user.map_or(Principal::Guest, |entity| Principal::User { entity })
}

/// Removes the folders of tasks that ended long ago.
async fn prune(engine: &Engine) {
    let folder = engine.workspaces();
    let listed = tokio::task::spawn_blocking(move || -> Vec<(SystemTime, PathBuf)> {
        let entries = std::fs::read_dir(&folder).into_iter().flatten().flatten();
        let mut folders: Vec<_> =
            entries.filter_map(|entry| Some((entry.metadata().ok()?.modified().ok()?, entry.path()))).collect();
        folders.sort_by_key(|(changed, _)| std::cmp::Reverse(*changed));
        folders
    });
    let Ok(folders) = listed.await else { return };
    let is_live = |path: &Path| {
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        name.starts_with("dry-run-") || engine.live.knows(name)
    };
    let ended = folders.into_iter().map(|(_, path)| path).filter(|path| !is_live(path));
    let old: Vec<PathBuf> = ended.skip(KEPT_WORKSPACES).collect();
    if old.is_empty() {
        return;
    }
    let removed = tokio::task::spawn_blocking(move || old.iter().try_for_each(std::fs::remove_dir_all));
    if let Ok(Err(error)) = removed.await {
        tracing::warn!(%error, "the folder of a task that ended could not be removed");
    }
}
