//! Every plugin file and how it is doing, as pages and the API show it.

use std::sync::Arc;

use host_model::plugin::{Reason, State, Status};

use crate::serve::account::FileAccount;
use crate::serve::live::seconds;
use crate::serve::log::LogBook;

/// A plugin file: what was found out and decided, with what goes on counting.
#[derive(Clone)]
pub(crate) struct Row {
    pub(crate) status: Status,
    pub(crate) account: Arc<FileAccount>,
    pub(crate) log: Arc<LogBook>,
}

impl Row {
    /// The status with the present counts.
    pub(crate) fn status(&self) -> Status {
        let reading = self.account.read();
        let mut status = self.status.clone();
        status.calls = reading.calls;
        status.faults = reading.faults;
        status.cpu_ms = reading.cpu_ms;
        status.peak_memory_bytes = reading.peak_memory_bytes;
        status.recent_faults = reading.recent_faults;
        if let (State::Serving, Some(rest)) = (status.state, reading.rest) {
            let last = status.recent_faults.first().map(|fault| format!("; the last one: {}", fault.message));
            status.reason = Some(Reason {
                code: "resting".into(),
                message: format!(
                    "it rests after repeated faults and is tried again in {} s{}",
                    seconds(rest),
                    last.unwrap_or_default()
                ),
            });
        }
        status
    }
}

/// Sorts by id, or by the file's name where there is none.
pub(crate) fn sort(rows: &mut [Row]) {
    let key = |row: &Row| (row.status.id.clone().unwrap_or_else(|| row.status.file.clone()), row.status.file.clone());
    rows.sort_by_cached_key(|row| (key(row), row.status.source));
}
