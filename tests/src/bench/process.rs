//! What the portal's process and its database take.

use std::path::Path;
use std::time::Duration;

use anyhow::{Context as _, Result};
use callboard_tests::TestPortal;

use super::figures::bytes;

/// Resident memory, as a figure.
pub(super) fn memory(portal: &TestPortal) -> Result<String> {
    let size = portal.resident_memory().with_context(|| format!("/proc/{}/status has no VmRSS", portal.pid()))?;
    Ok(bytes(size))
}

/// The most memory that was ever resident, as a figure.
pub(super) fn peak_memory(portal: &TestPortal) -> Result<String> {
    let path = format!("/proc/{}/status", portal.pid());
    let status = std::fs::read_to_string(&path).with_context(|| format!("reading {path}"))?;
    let peak = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:")?.trim().strip_suffix("kB")?.trim().parse::<u64>().ok());
    Ok(bytes(peak.with_context(|| format!("{path} has no VmHWM"))? * 1024))
}

/// The processor time of all threads that run now. Threads that ended are not counted, which is near enough for a
/// portal that does nothing.
pub(super) fn processor_time(portal: &TestPortal) -> Result<Duration> {
    let folder = format!("/proc/{}/task", portal.pid());
    let mut total = Duration::ZERO;
    for task in std::fs::read_dir(&folder).with_context(|| format!("reading {folder}"))?.flatten() {
        // A thread may end between the listing and the look at it.
        let Ok(text) = std::fs::read_to_string(task.path().join("schedstat")) else { continue };
        let nanoseconds = text.split_whitespace().next().and_then(|field| field.parse().ok());
        total += Duration::from_nanos(nanoseconds.with_context(|| format!("{folder} has no scheduler statistics"))?);
    }
    Ok(total)
}

/// The bytes of a database with its log. After an orderly end of the only process that used it, the log has been
/// written back and is gone.
pub(super) fn database_size(data: &Path) -> Result<u64> {
    let file = data.join("callboard.db");
    let size = std::fs::metadata(&file).with_context(|| format!("there is no database {}", file.display()))?.len();
    let log = std::fs::metadata(data.join("callboard.db-wal")).map(|log| log.len()).unwrap_or_default();
    Ok(size + log)
}
