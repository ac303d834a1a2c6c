//! What plugins wrote.

use host_api::{ApiError, ApiResult};

use super::LocalPortal;

impl LocalPortal {
    pub(super) fn logs_of(&self, id: &str) -> ApiResult<Vec<String>> {
        let lines = self.features.plugins.logs(id);
        lines.ok_or_else(|| {
            ApiError::not_found(format!("there is no plugin {id}; /api/plugins lists those that there are"))
        })
    }
}
