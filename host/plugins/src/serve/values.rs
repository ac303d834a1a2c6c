//! A plugin's own values in the store.

use async_trait::async_trait;
use host_ports::{KeyValueError, KeyValueStore};
use host_store::{PluginValues, StoreError};

/// What the keys and values of one plugin may take.
const QUOTA: u64 = 4 * 1024 * 1024;

/// The values of one plugin.
pub(crate) struct Values {
    pub(crate) plugin: String,
    /// None keeps nothing: for trials on the command line.
    pub(crate) store: Option<PluginValues>,
}

impl Values {
    fn store(&self) -> Result<&PluginValues, KeyValueError> {
        self.store.as_ref().ok_or_else(|| KeyValueError::Unavailable("there is no store in a dry run".into()))
    }
}

#[async_trait]
impl KeyValueStore for Values {
    async fn get(&self, key: &str) -> Result<Option<Vec<u8>>, KeyValueError> {
        self.store()?.get(&self.plugin, key).await.map_err(explain)
    }

    async fn set(&self, key: &str, value: Vec<u8>, time_to_live: Option<u32>) -> Result<(), KeyValueError> {
        self.store()?.set(&self.plugin, key, value, time_to_live, QUOTA).await.map_err(explain)
    }

    async fn remove(&self, key: &str) -> Result<(), KeyValueError> {
        self.store()?.remove(&self.plugin, key).await.map_err(explain)
    }

    async fn keys(&self, prefix: &str, after: Option<&str>, limit: u32) -> Result<Vec<String>, KeyValueError> {
        self.store()?.keys(&self.plugin, prefix, after, limit).await.map_err(explain)
    }
}

fn explain(error: StoreError) -> KeyValueError {
    match error {
        StoreError::QuotaExceeded(quota) => KeyValueError::QuotaExceeded(quota),
        StoreError::InvalidInput(message) => KeyValueError::InvalidKey(message),
        other => {
            tracing::warn!(error = %other, "a plugin's value could not be read or written");
            KeyValueError::Unavailable("the store failed".into())
        }
    }
}
