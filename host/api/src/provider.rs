//! Entity providers, for those who administer them.

use serde::{Deserialize, Serialize};

/// How an entity provider is doing.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ProviderInfo {
    pub name: String,
    /// False when nothing of this name runs any more, and what it gave is kept.
    pub present: bool,
    pub running: bool,
    /// Seconds between runs; none: only when somebody asks.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub frequency_seconds: Option<u64>,
    /// How often it has run since the portal was started.
    pub runs: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_run: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_run_ms: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_run: Option<String>,
    /// Why the last run failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// How many entities it has given.
    pub entities: u64,
    /// How many of them it gives no longer; their removal waits for an administrator.
    pub parked: u64,
    /// Entities that the last run wrote and removed.
    pub written: u64,
    pub removed: u64,
    /// How many entities of the last run were not taken, and why the first few were not.
    pub refusals: u64,
    pub refused: Vec<String>,
}

/// Asks an entity provider to run at once.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RunProvider {
    /// Carry out the removals that wait for an administrator first.
    #[serde(default)]
    pub approve: bool,
}
