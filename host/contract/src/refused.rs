//! The services of a plugin that may reach nothing: while it describes itself, and when it is only measured.

use std::sync::Arc;

use async_trait::async_trait;
use host_model::{EntityRef, Principal};
use host_ports::{
    CallServices, CatalogError, CatalogPage, CatalogQuery, CatalogReader, KeyValueError, KeyValueStore, LogSink,
    UpstreamClient, UpstreamError, UpstreamRequest, UpstreamResponse,
};

const REASON: &str = "a plugin has no capability while it describes itself";

/// Services that refuse everything but the log.
pub fn refused(log: Arc<dyn LogSink>) -> CallServices {
    let refused = Arc::new(Refused);
    CallServices {
        principal: Principal::System,
        log,
        config: "{}".into(),
        kv: refused.clone(),
        catalog: refused.clone(),
        upstreams: refused,
        workspace: None,
    }
}

struct Refused;

#[async_trait]
impl KeyValueStore for Refused {
    async fn get(&self, _: &str) -> Result<Option<Vec<u8>>, KeyValueError> {
        Err(KeyValueError::Unavailable(REASON.to_owned()))
    }

    async fn set(&self, _: &str, _: Vec<u8>, _: Option<u32>) -> Result<(), KeyValueError> {
        Err(KeyValueError::Unavailable(REASON.to_owned()))
    }

    async fn remove(&self, _: &str) -> Result<(), KeyValueError> {
        Err(KeyValueError::Unavailable(REASON.to_owned()))
    }

    async fn keys(&self, _: &str, _: Option<&str>, _: u32) -> Result<Vec<String>, KeyValueError> {
        Err(KeyValueError::Unavailable(REASON.to_owned()))
    }
}

#[async_trait]
impl CatalogReader for Refused {
    async fn get(&self, _: &Principal, _: &[EntityRef]) -> Result<Vec<Option<Arc<str>>>, CatalogError> {
        Err(CatalogError::NotAllowed(REASON.to_owned()))
    }

    async fn query(&self, _: &Principal, _: &CatalogQuery) -> Result<CatalogPage, CatalogError> {
        Err(CatalogError::NotAllowed(REASON.to_owned()))
    }
}

#[async_trait]
impl UpstreamClient for Refused {
    async fn send(&self, _: UpstreamRequest) -> Result<UpstreamResponse, UpstreamError> {
        Err(UpstreamError::Denied(REASON.to_owned()))
    }
}
