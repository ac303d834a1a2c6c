//! Pages of tasks.

use host_model::task::{Task, TaskStatus};
use rusqlite::types::Value as Parameter;
use rusqlite::{Connection, params_from_iter};

use crate::StoreError;
use crate::tasks::{COLUMNS, task};

/// Which tasks are meant; an empty list says nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TaskQuery {
    pub created_by: Vec<String>,
    pub status: Vec<TaskStatus>,
    /// Complete references of templates, in lower case.
    pub template_ref: Vec<String>,
    /// What comes first; without it the newest do.
    pub order: Vec<(TaskOrder, bool)>,
    /// At most this many; at most 1,000.
    pub limit: Option<usize>,
    pub offset: usize,
}

/// By what tasks can be ordered; the flag beside it is true for ascending.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TaskOrder {
    CreatedAt,
    CreatedBy,
    Status,
    LastHeartbeatAt,
}

/// Some tasks, and how many there are in all.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct TaskPage {
    pub tasks: Vec<Task>,
    pub total: u64,
}

impl TaskOrder {
    fn column(self) -> &'static str {
        match self {
            Self::CreatedAt => "created_at",
            Self::CreatedBy => "created_by",
            Self::Status => "status",
            Self::LastHeartbeatAt => "heartbeat_at",
        }
    }
}

pub(crate) fn list(connection: &Connection, query: &TaskQuery) -> Result<TaskPage, StoreError> {
    let mut conditions = Vec::new();
    let mut parameters: Vec<Parameter> = Vec::new();
    let mut one_of = |column: &str, values: Vec<String>| {
        if !values.is_empty() {
            conditions.push(format!("{column} IN ({})", vec!["?"; values.len()].join(", ")));
            parameters.extend(values.into_iter().map(Parameter::Text));
        }
    };
    one_of("created_by", query.created_by.clone());
    one_of("status", query.status.iter().map(|status| status.as_str().to_owned()).collect());
    one_of("template_ref", query.template_ref.clone());
    let condition = if conditions.is_empty() { String::new() } else { format!(" WHERE {}", conditions.join(" AND ")) };

    let total: i64 = connection
        .prepare_cached(&format!("SELECT count(*) FROM tasks{condition}"))?
        .query_row(params_from_iter(parameters.iter()), |row| row.get(0))?;

    let mut order: Vec<String> = query
        .order
        .iter()
        .map(|(field, ascending)| format!("{} {}", field.column(), if *ascending { "ASC" } else { "DESC" }))
        .collect();
    if order.is_empty() {
        order.push("created_at DESC".to_owned());
    }
    order.push("id".to_owned());
    parameters.push(Parameter::Integer(query.limit.unwrap_or(1000).min(1000) as i64));
    parameters.push(Parameter::Integer(i64::try_from(query.offset).unwrap_or(i64::MAX)));
    let text = format!("{COLUMNS} FROM tasks{condition} ORDER BY {} LIMIT ? OFFSET ?", order.join(", "));
    let mut statement = connection.prepare_cached(&text)?;
    let mut rows = statement.query(params_from_iter(parameters))?;
    let mut tasks = Vec::new();
    while let Some(row) = rows.next()? {
        tasks.push(task(row)?);
    }
    Ok(TaskPage { tasks, total: u64::try_from(total).unwrap_or(0) })
}
