//! What is kept of each step, so that it is known after a crash how far a task had come.

use host_store::{StoreError, Tasks};
use serde_json::{Value, json};

/// The journal of one task; a dry run keeps none.
#[derive(Clone)]
pub(crate) struct Journal(pub(crate) Option<(Tasks, String)>);

impl Journal {
    /// A step has a new status.
    pub(crate) async fn note(&self, step: &str, status: &str, output: Option<Value>) -> Result<(), StoreError> {
        let Some((tasks, id)) = &self.0 else { return Ok(()) };
        let mut entry = json!({"status": status});
        if let Some(output) = output {
            entry["output"] = output;
        }
        tasks.set_journal(id, step, &entry).await
    }
}

/// The step that was running when the journal ended.
pub(crate) fn interrupted_step(journal: &[(String, Value)]) -> Option<&str> {
    journal.iter().find(|(_, entry)| entry["status"] == "processing").map(|(step, _)| step.as_str())
}
