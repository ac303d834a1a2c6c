//! How tasks end, and what is said of it last.

use host_model::task::{Effect, TaskEventKind, TaskStatus};
use host_store::NewEvent;
use serde_json::{Map, Value, json};

use crate::engine::run::{RunError, RunOutcome};

/// How a task ended.
pub(crate) enum End {
    Completed(RunOutcome),
    Failed(RunError),
    Cancelled { by: String },
}

impl End {
    /// The status that it leaves.
    pub(crate) fn status(&self) -> TaskStatus {
        match self {
            Self::Completed(_) => TaskStatus::Completed,
            Self::Failed(_) => TaskStatus::Failed,
            Self::Cancelled { .. } => TaskStatus::Cancelled,
        }
    }

    /// The last events. `stopped` is the step that was running when the task was stopped from outside.
    pub(crate) fn events(&self, stopped: Option<(String, String)>, effects: &[Effect]) -> Vec<NewEvent> {
        let status = self.status().as_str();
        let mut events = Vec::new();
        if let Some((step, name)) = stopped {
            let (word, status) = match self {
                Self::Cancelled { .. } => ("was cancelled", "cancelled"),
                _ => ("was stopped", "failed"),
            };
            let body = json!({"message": format!("Step {name} {word}"), "stepId": step, "status": status});
            events.push(NewEvent { kind: TaskEventKind::Log, body });
        }
        let mut body =
            Map::from_iter([("message".to_owned(), Value::String(format!("Run completed with status: {status}")))]);
        match self {
            Self::Completed(outcome) => drop(body.insert("output".to_owned(), outcome.output.clone())),
            Self::Failed(error) => {
                let mut told = json!({"name": error.name, "message": error.message});
                if let Some(step) = &error.step {
                    told["stepId"] = Value::String(step.clone());
                }
                body.insert("error".to_owned(), told);
            }
            Self::Cancelled { by } => {
                let message = format!("Task was cancelled by {by}");
                let body = json!({"message": message, "status": "cancelled"});
                events.push(NewEvent { kind: TaskEventKind::Cancelled, body });
            }
        }
        if !effects.is_empty() {
            body.insert("effects".to_owned(), json!(effects));
        }
        events.push(NewEvent { kind: TaskEventKind::Completion, body: Value::Object(body) });
        events
    }
}
