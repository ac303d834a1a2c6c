//! Entity providers.

use std::time::Duration;

use host_api::{ApiResult, ProviderInfo, RunProvider};
use host_catalog::ProviderStatus;
use host_model::Principal;

use super::LocalPortal;
use super::catalog::change_error;

impl LocalPortal {
    pub(super) fn list_providers(&self) -> Vec<ProviderInfo> {
        self.features.catalog.providers().into_iter().map(info).collect()
    }

    pub(super) async fn ask_provider(&self, principal: &Principal, name: &str, run: RunProvider) -> ApiResult<()> {
        self.features.catalog.run_provider(principal, name, run.approve).await.map_err(change_error)?;
        Ok(())
    }
}

fn info(status: ProviderStatus) -> ProviderInfo {
    let milliseconds = |took: Duration| u64::try_from(took.as_millis()).unwrap_or(u64::MAX);
    ProviderInfo {
        name: status.name,
        present: status.is_present,
        running: status.is_running,
        frequency_seconds: status.frequency.map(|frequency| frequency.as_secs()),
        runs: status.runs,
        last_run: status.last_run,
        last_run_ms: status.took.map(milliseconds),
        next_run: status.next_run,
        error: status.error,
        entities: status.entities as u64,
        parked: status.parked as u64,
        written: status.written as u64,
        removed: status.removed as u64,
        refusals: status.refusals as u64,
        refused: status.refused,
    }
}
