//! The catalog that plugins read. It is given later than the plugin host, because the catalog itself uses plugins.

use std::sync::{Arc, OnceLock};

use async_trait::async_trait;
use host_model::{EntityRef, Principal};
use host_ports::{CatalogError, CatalogPage, CatalogQuery, CatalogReader};

/// A catalog that may not be there yet.
#[derive(Default)]
pub(crate) struct LateCatalog(OnceLock<Arc<dyn CatalogReader>>);

impl LateCatalog {
    /// Gives the catalog. Only the first one is taken.
    pub(crate) fn set(&self, catalog: Arc<dyn CatalogReader>) {
        if self.0.set(catalog).is_err() {
            tracing::warn!("plugins were given a second catalog, which is ignored");
        }
    }

    fn reader(&self) -> Result<&Arc<dyn CatalogReader>, CatalogError> {
        self.0.get().ok_or_else(|| CatalogError::Unavailable("it is still starting".into()))
    }
}

#[async_trait]
impl CatalogReader for LateCatalog {
    async fn get(&self, principal: &Principal, refs: &[EntityRef]) -> Result<Vec<Option<Arc<str>>>, CatalogError> {
        self.reader()?.get(principal, refs).await
    }

    async fn query(&self, principal: &Principal, query: &CatalogQuery) -> Result<CatalogPage, CatalogError> {
        self.reader()?.query(principal, query).await
    }
}
