//! Template tasks: what was asked for, what has become of it, and everything that happened on the way.
//!
//! A task's secrets never come here; they live in the memory of the process that runs it.

use host_model::Principal;
use host_model::task::{Effect, Task, TaskEvent, TaskEventKind, TaskStatus};
use rusqlite::{Connection, OptionalExtension, Row, params};
use serde_json::Value;

use crate::clock::to_text;
use crate::task_query::{TaskPage, TaskQuery, list};
use crate::{AuditEntry, Store, StoreError, audit};

/// A task to store.
#[derive(Debug, Clone, PartialEq)]
pub struct NewTask {
    /// The task's specification, without secrets.
    pub spec: Value,
    /// The person's entity reference.
    pub created_by: Option<String>,
}

/// Something that happened to a task.
#[derive(Debug, Clone, PartialEq)]
pub struct NewEvent {
    pub kind: TaskEventKind,
    /// `{message, stepId?, status?, error?, output?}`.
    pub body: Value,
}

/// Tasks in the database.
#[derive(Clone)]
pub struct Tasks {
    store: Store,
}

impl Tasks {
    pub(crate) fn new(store: Store) -> Self {
        Self { store }
    }

    /// Stores a task with status `open`.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn create(&self, principal: &Principal, task: NewTask) -> Result<Task, StoreError> {
        let now = self.store.now();
        let task = Task {
            id: uuid::Uuid::new_v4().to_string(),
            status: TaskStatus::Open,
            created_at: to_text(now),
            last_heartbeat_at: None,
            created_by: task.created_by,
            spec: task.spec,
        };
        let template = task.spec.pointer("/templateInfo/entityRef").and_then(Value::as_str).map(str::to_lowercase);
        let entry = AuditEntry::new(principal, "task.create", &task.id).detail(template.clone().unwrap_or_default());
        self.store
            .write(move |connection| {
                connection
                    .prepare_cached(
                        "INSERT INTO tasks (id, spec, status, template_ref, created_at, created_by) VALUES (?, ?, ?, ?, ?, ?)",
                    )?
                    .execute(params![
                        task.id,
                        task.spec.to_string(),
                        task.status.as_str(),
                        template,
                        now,
                        task.created_by
                    ])?;
                audit::append(connection, now, &entry)?;
                Ok(task)
            })
            .await
    }

    /// The task with this id.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn get(&self, id: &str) -> Result<Option<Task>, StoreError> {
        let id = id.to_owned();
        self.store
            .read(move |connection| {
                let mut statement = connection.prepare_cached(&format!("{COLUMNS} FROM tasks WHERE id = ?"))?;
                statement.query_row([id], |row| Ok(task(row))).optional()?.transpose()
            })
            .await
    }

    /// A page of tasks, and how many match in all.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn list(&self, query: TaskQuery) -> Result<TaskPage, StoreError> {
        self.store.read(move |connection| list(connection, &query)).await
    }

    /// Takes an open task for this process; false when it is not open (any more).
    ///
    /// # Errors
    /// When the database fails.
    pub async fn claim(&self, id: &str) -> Result<bool, StoreError> {
        let (id, now, instance) = (id.to_owned(), self.store.now(), self.store.inner.instance.clone());
        self.store
            .write(move |connection| {
                let changed = connection
                    .prepare_cached(
                        "UPDATE tasks SET status = 'processing', claimed_by = ?, heartbeat_at = ? WHERE id = ? AND status = 'open'",
                    )?
                    .execute(params![instance, now, id])?;
                Ok(changed == 1)
            })
            .await
    }

    /// Tells that a task is still being worked on.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn heartbeat(&self, id: &str) -> Result<(), StoreError> {
        let (id, now) = (id.to_owned(), self.store.now());
        self.store
            .write(move |connection| {
                connection
                    .prepare_cached("UPDATE tasks SET heartbeat_at = ? WHERE id = ? AND status = 'processing'")?
                    .execute(params![now, id])?;
                Ok(())
            })
            .await
    }

    /// Ends a task with a final status and its last events, together; none when it had ended before.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn finish(
        &self,
        id: &str,
        status: TaskStatus,
        events: Vec<NewEvent>,
    ) -> Result<Option<Vec<TaskEvent>>, StoreError> {
        let (id, now) = (id.to_owned(), self.store.now());
        self.store
            .write(move |connection| {
                let changed = connection
                    .prepare_cached("UPDATE tasks SET status = ? WHERE id = ? AND status IN ('open', 'processing')")?
                    .execute(params![status.as_str(), id])?;
                if changed == 0 {
                    return Ok(None);
                }
                append(connection, now, &id, events).map(Some)
            })
            .await
    }

    /// Opens a task that ended, or that a dead process left, so that it can be claimed again; false when it is not so.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn reopen(&self, principal: &Principal, id: &str, events: Vec<NewEvent>) -> Result<bool, StoreError> {
        let (id, now, instance) = (id.to_owned(), self.store.now(), self.store.inner.instance.clone());
        let entry = AuditEntry::new(principal, "task.reopen", &id);
        self.store
            .write(move |connection| {
                let changed = connection
                    .prepare_cached(
                        "UPDATE tasks SET status = 'open', claimed_by = NULL
                         WHERE id = ? AND status != 'open' AND (status != 'processing' OR claimed_by IS NOT ?)",
                    )?
                    .execute(params![id, instance])?;
                if changed == 1 {
                    append(connection, now, &id, events)?;
                    audit::append(connection, now, &entry)?;
                }
                Ok(changed == 1)
            })
            .await
    }

    /// Appends events and gives them their numbers.
    ///
    /// # Errors
    /// When there is no such task or the database fails.
    pub async fn append_events(&self, id: &str, events: Vec<NewEvent>) -> Result<Vec<TaskEvent>, StoreError> {
        let (id, now) = (id.to_owned(), self.store.now());
        self.store.write(move |connection| append(connection, now, &id, events)).await
    }

    /// The events of a task after one of them, in order, at most `limit`.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn events(&self, id: &str, after: Option<i64>, limit: usize) -> Result<Vec<TaskEvent>, StoreError> {
        let (id, limit) = (id.to_owned(), i64::try_from(limit).unwrap_or(i64::MAX));
        self.store
            .read(move |connection| {
                let mut statement = connection.prepare_cached(
                    "SELECT id, kind, created_at, body FROM task_events WHERE task_id = ? AND id > ? ORDER BY id LIMIT ?",
                )?;
                let mut rows = statement.query(params![id, after.unwrap_or(0), limit])?;
                let mut events = Vec::new();
                while let Some(row) = rows.next()? {
                    events.push(event(row, &id)?);
                }
                Ok(events)
            })
            .await
    }

    /// Keeps what a step left behind, in place of what it had left before.
    ///
    /// # Errors
    /// When there is no such task or the database fails.
    pub async fn set_journal(&self, id: &str, step_id: &str, entry: &Value) -> Result<(), StoreError> {
        let (id, step_id, entry, now) = (id.to_owned(), step_id.to_owned(), entry.to_string(), self.store.now());
        self.store
            .write(move |connection| {
                connection
                    .prepare_cached(
                        "INSERT INTO task_steps (task_id, step_id, updated_at, entry) VALUES (?, ?, ?, ?)
                         ON CONFLICT (task_id, step_id) DO UPDATE SET updated_at = excluded.updated_at, entry = excluded.entry",
                    )?
                    .execute(params![id, step_id, now, entry])?;
                Ok(())
            })
            .await
    }

    /// What the steps of a task left behind, by step id.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn journal(&self, id: &str) -> Result<Vec<(String, Value)>, StoreError> {
        let id = id.to_owned();
        self.store
            .read(move |connection| {
                let mut statement = connection
                    .prepare_cached("SELECT step_id, entry FROM task_steps WHERE task_id = ? ORDER BY step_id")?;
                let mut rows = statement.query([id])?;
                let mut steps = Vec::new();
                while let Some(row) = rows.next()? {
                    let text: String = row.get(1)?;
                    steps.push((row.get(0)?, serde_json::from_str(&text)?));
                }
                Ok(steps)
            })
            .await
    }

    /// Adds effects to those that the task had so far.
    ///
    /// # Errors
    /// When there is no such task or the database fails.
    pub async fn add_effects(&self, id: &str, effects: Vec<Effect>) -> Result<(), StoreError> {
        let id = id.to_owned();
        self.store
            .write(move |connection| {
                let mut all =
                    read_effects(connection, &id)?.ok_or_else(|| StoreError::NotFound(format!("task {id}")))?;
                all.extend(effects);
                connection
                    .prepare_cached("UPDATE tasks SET effects = ? WHERE id = ?")?
                    .execute(params![serde_json::to_string(&all)?, id])?;
                Ok(())
            })
            .await
    }

    /// What the task changed in other systems.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn effects(&self, id: &str) -> Result<Vec<Effect>, StoreError> {
        let id = id.to_owned();
        self.store.read(move |connection| Ok(read_effects(connection, &id)?.unwrap_or_default())).await
    }

    /// Tasks that another process was working on; since only one process holds the folder, that one is dead.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn abandoned(&self) -> Result<Vec<Task>, StoreError> {
        let instance = self.store.inner.instance.clone();
        self.store
            .read(move |connection| {
                let mut statement = connection.prepare_cached(&format!(
                    "{COLUMNS} FROM tasks WHERE status = 'processing' AND claimed_by IS NOT ? ORDER BY created_at, id"
                ))?;
                let mut rows = statement.query([instance])?;
                let mut tasks = Vec::new();
                while let Some(row) = rows.next()? {
                    tasks.push(task(row)?);
                }
                Ok(tasks)
            })
            .await
    }
}

pub(crate) const COLUMNS: &str = "SELECT id, spec, status, created_at, heartbeat_at, created_by";

pub(crate) fn task(row: &Row<'_>) -> Result<Task, StoreError> {
    let (spec, status): (String, String) = (row.get(1)?, row.get(2)?);
    Ok(Task {
        id: row.get(0)?,
        spec: serde_json::from_str(&spec)?,
        status: TaskStatus::from_word(&status)
            .ok_or_else(|| StoreError::Corrupt(format!("unknown task status {status:?}")))?,
        created_at: to_text(row.get(3)?),
        last_heartbeat_at: row.get::<_, Option<i64>>(4)?.map(to_text),
        created_by: row.get(5)?,
    })
}

fn event(row: &Row<'_>, task_id: &str) -> Result<TaskEvent, StoreError> {
    let (kind, body): (String, String) = (row.get(1)?, row.get(3)?);
    let kinds = [TaskEventKind::Log, TaskEventKind::Completion, TaskEventKind::Cancelled, TaskEventKind::Recovered];
    Ok(TaskEvent {
        id: row.get(0)?,
        task_id: task_id.to_owned(),
        kind: kinds
            .into_iter()
            .find(|known| known.as_str() == kind)
            .ok_or_else(|| StoreError::Corrupt(format!("unknown task event {kind:?}")))?,
        created_at: to_text(row.get(2)?),
        body: serde_json::from_str(&body)?,
    })
}

fn append(connection: &Connection, now: i64, id: &str, events: Vec<NewEvent>) -> Result<Vec<TaskEvent>, StoreError> {
    let exists = connection.prepare_cached("SELECT 1 FROM tasks WHERE id = ?")?.exists([id])?;
    if !exists {
        return Err(StoreError::NotFound(format!("task {id}")));
    }
    let mut statement =
        connection.prepare_cached("INSERT INTO task_events (task_id, kind, created_at, body) VALUES (?, ?, ?, ?)")?;
    let mut stored = Vec::with_capacity(events.len());
    for NewEvent { kind, body } in events {
        let number = statement.insert(params![id, kind.as_str(), now, body.to_string()])?;
        stored.push(TaskEvent { id: number, task_id: id.to_owned(), kind, created_at: to_text(now), body });
    }
    Ok(stored)
}

fn read_effects(connection: &Connection, id: &str) -> Result<Option<Vec<Effect>>, StoreError> {
    let text: Option<String> = connection
        .prepare_cached("SELECT effects FROM tasks WHERE id = ?")?
        .query_row([id], |row| row.get(0))
        .optional()?;
    Ok(text.map(|text| serde_json::from_str(&text)).transpose()?)
}
