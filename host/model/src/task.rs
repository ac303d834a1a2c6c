//! Template tasks, their steps' effects and their events.

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// What has become of a task.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum TaskStatus {
    Open,
    Processing,
    Completed,
    Failed,
    Cancelled,
    Skipped,
}

impl TaskStatus {
    /// The word on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Processing => "processing",
            Self::Completed => "completed",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
            Self::Skipped => "skipped",
        }
    }

    /// The status with this word.
    pub fn from_word(word: &str) -> Option<Self> {
        [Self::Open, Self::Processing, Self::Completed, Self::Failed, Self::Cancelled, Self::Skipped]
            .into_iter()
            .find(|status| status.as_str() == word)
    }

    /// Whether nothing more will happen.
    pub fn is_final(self) -> bool {
        !matches!(self, Self::Open | Self::Processing)
    }
}

/// A task as the scaffolder's API shows it (Backstage's `SerializedTask`).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Task {
    pub id: String,
    /// The TaskSpec: steps, parameters, output, user, templateInfo. Never a secret.
    pub spec: Value,
    pub status: TaskStatus,
    /// RFC 3339 with milliseconds.
    pub created_at: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_heartbeat_at: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub created_by: Option<String>,
}

/// The kind of a task event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum TaskEventKind {
    Log,
    Completion,
    Cancelled,
    Recovered,
}

impl TaskEventKind {
    /// The word on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Log => "log",
            Self::Completion => "completion",
            Self::Cancelled => "cancelled",
            Self::Recovered => "recovered",
        }
    }
}

/// Something that happened to a task (Backstage's `SerializedTaskEvent`).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TaskEvent {
    /// Grows within a task; a reader resumes after the last one it has.
    pub id: i64,
    pub task_id: String,
    #[serde(rename = "type")]
    pub kind: TaskEventKind,
    /// RFC 3339 with milliseconds.
    pub created_at: String,
    /// `{message, stepId?, status?, error?, output?}`.
    pub body: Value,
}

/// Something that a step changed in another system, or would change in a dry run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Effect {
    pub kind: EffectKind,
    /// What was changed, in words.
    pub target: String,
    /// Where to see it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
}

/// What happened to the target of an effect.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum EffectKind {
    Created,
    Updated,
    Deleted,
    Pushed,
    Opened,
    Called,
    Registered,
}
