//! How far a task is, told by its events.

use frontend_ui::format;
use host_model::task::{Task, TaskEvent, TaskEventKind, TaskStatus};
use serde_json::Value;

/// A step and what has become of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Step {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) action: String,
    pub(super) status: TaskStatus,
    /// Milliseconds since 1970.
    pub(super) began: Option<i64>,
    pub(super) ended: Option<i64>,
}

/// What events tell of a task.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Progress {
    pub(super) steps: Vec<Step>,
    /// The lines of the log.
    pub(super) log: String,
    /// The id of the last event.
    pub(super) last_event: Option<i64>,
    pub(super) output: Value,
    pub(super) error: Option<String>,
    pub(super) ended: Option<i64>,
}

/// Reads a task and its events, the oldest first.
pub(super) fn progress<'a>(task: &Task, events: impl IntoIterator<Item = &'a TaskEvent>) -> Progress {
    let mut progress = Progress { steps: steps(task), ..Progress::default() };
    for event in events {
        progress.take(event);
    }
    if task.status.is_final() {
        // What had not begun when the task ended never will.
        for step in progress.steps.iter_mut().filter(|step| !step.status.is_final()) {
            step.status = if step.status == TaskStatus::Open { TaskStatus::Skipped } else { task.status };
        }
    }
    progress
}

fn steps(task: &Task) -> Vec<Step> {
    let text = |step: &Value, key: &str| step.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
    let steps = task.spec.get("steps").and_then(Value::as_array).into_iter().flatten();
    steps
        .enumerate()
        .map(|(index, step)| {
            let or = |text: String, other: &str| if text.is_empty() { other.to_owned() } else { text };
            let action = text(step, "action");
            let id = or(text(step, "id"), &format!("step-{}", index + 1));
            Step {
                name: or(text(step, "name"), &or(action.clone(), &id)),
                id,
                action,
                status: TaskStatus::Open,
                began: None,
                ended: None,
            }
        })
        .collect()
}

impl Progress {
    fn take(&mut self, event: &TaskEvent) {
        let text = |key: &str| event.body.get(key).and_then(Value::as_str);
        let time = format::parse_rfc3339(&event.created_at);
        self.last_event = Some(event.id);
        if let Some(message) = text("message").filter(|message| !message.is_empty()) {
            self.log.push_str(message.trim_end_matches('\n'));
            self.log.push('\n');
        }
        let step = text("stepId").and_then(|id| self.steps.iter_mut().find(|step| step.id == id));
        if let (Some(step), Some(status)) = (step, text("status").and_then(TaskStatus::from_word)) {
            step.status = status;
            if status.is_final() {
                step.ended = time;
                step.began = step.began.or(time);
            } else {
                step.began = step.began.or(time);
            }
        }
        match event.kind {
            TaskEventKind::Completion => {
                self.output = event.body.get("output").cloned().unwrap_or(Value::Null);
                let error = event.body.get("error");
                self.error = error.map(error_message).filter(|message| !message.is_empty());
                self.ended = time;
            }
            // The task begins anew: what its steps had come to no longer counts.
            TaskEventKind::Recovered => {
                for step in &mut self.steps {
                    (step.status, step.began, step.ended) = (TaskStatus::Open, None, None);
                }
            }
            TaskEventKind::Log | TaskEventKind::Cancelled => {}
        }
    }
}

/// An error as people read it: its message with its name, or the text that it is.
fn error_message(error: &Value) -> String {
    match error {
        Value::String(text) => text.clone(),
        other => other.get("message").and_then(Value::as_str).unwrap_or_default().to_owned(),
    }
}

/// What the task is made from: the template's reference and title.
pub(crate) fn template_of(task: &Task) -> Option<(String, String)> {
    let info = task.spec.get("templateInfo")?;
    let reference = info.get("entityRef")?.as_str()?.to_owned();
    let metadata = info.pointer("/entity/metadata");
    let text = |key: &str| metadata?.get(key)?.as_str();
    let title = text("title").or_else(|| text("name")).unwrap_or(&reference).to_owned();
    Some((reference, title))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn task(status: TaskStatus) -> Task {
        Task {
            id: "t".into(),
            spec: json!({"steps": [{"id": "a", "name": "A", "action": "debug:log"}, {"action": "fs:delete"}], "templateInfo": {"entityRef": "template:default/x"}}),
            status,
            created_at: "2026-01-01T00:00:00.000Z".into(),
            last_heartbeat_at: None,
            created_by: None,
        }
    }

    fn event(id: i64, kind: TaskEventKind, body: Value) -> TaskEvent {
        TaskEvent { id, task_id: "t".into(), kind, created_at: format!("2026-01-01T00:00:0{id}.000Z"), body }
    }

    #[test]
    fn steps_follow_their_events() {
        let log = TaskEventKind::Log;
        let events = [
            event(1, log, json!({"message": "Beginning step A", "stepId": "a", "status": "processing"})),
            event(2, log, json!({"message": "two\nlines\n", "stepId": "a"})),
            event(3, log, json!({"message": "Finished", "stepId": "a", "status": "completed"})),
            event(4, log, json!({"message": "odd", "stepId": "nothing", "status": "completed"})),
            event(
                5,
                TaskEventKind::Completion,
                json!({"message": "Run failed", "error": {"name": "Error", "message": "no"}, "output": {"x": 1}}),
            ),
        ];
        let progress = progress(&task(TaskStatus::Failed), &events);
        assert_eq!(progress.log.lines().count(), 6);
        assert_eq!(progress.last_event, Some(5));
        assert_eq!(progress.error.as_deref(), Some("no"));
        let first = &progress.steps[0];
        assert_eq!(
            (first.status, first.ended.zip(first.began).map(|(end, begin)| end - begin)),
            (TaskStatus::Completed, Some(2_000))
        );
        assert_eq!(
            (progress.steps[1].id.as_str(), progress.steps[1].name.as_str(), progress.steps[1].status),
            ("step-2", "fs:delete", TaskStatus::Skipped)
        );
    }

    #[test]
    fn a_recovered_task_begins_anew() {
        let events = [
            event(1, TaskEventKind::Log, json!({"stepId": "a", "status": "failed"})),
            event(2, TaskEventKind::Recovered, json!({})),
        ];
        assert_eq!(progress(&task(TaskStatus::Processing), &events).steps[0].status, TaskStatus::Open);
        assert_eq!(
            template_of(&task(TaskStatus::Open)),
            Some(("template:default/x".into(), "template:default/x".into()))
        );
    }
}
