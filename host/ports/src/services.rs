//! What the host offers to one call of a plugin.

use std::path::PathBuf;
use std::pin::Pin;
use std::sync::Arc;

use async_trait::async_trait;
use bytes::Bytes;
use futures::Stream;
use host_model::Principal;

use crate::{CatalogReader, LogSink};

/// Everything that one call may reach. What is not here does not exist for the plugin.
#[derive(Clone)]
pub struct CallServices {
    /// On whose behalf the call runs.
    pub principal: Principal,
    /// Where its lines go.
    pub log: Arc<dyn LogSink>,
    /// Its configuration as JSON text.
    pub config: Arc<str>,
    pub kv: Arc<dyn KeyValueStore>,
    pub catalog: Arc<dyn CatalogReader>,
    pub upstreams: Arc<dyn UpstreamClient>,
    /// The running task's directory, mounted at `/workspace`.
    pub workspace: Option<PathBuf>,
}

/// A plugin's own values; bound to one plugin.
#[async_trait]
pub trait KeyValueStore: Send + Sync {
    /// The value of a key.
    async fn get(&self, key: &str) -> Result<Option<Vec<u8>>, KeyValueError>;
    /// Sets a value, with a time to live in seconds if given.
    async fn set(&self, key: &str, value: Vec<u8>, time_to_live: Option<u32>) -> Result<(), KeyValueError>;
    /// Removes a value, if it is there.
    async fn remove(&self, key: &str) -> Result<(), KeyValueError>;
    /// Keys with a prefix, in order, after a key.
    async fn keys(&self, prefix: &str, after: Option<&str>, limit: u32) -> Result<Vec<String>, KeyValueError>;
}

/// Why a value was not stored or read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KeyValueError {
    #[error("the quota of {0} bytes is used up")]
    QuotaExceeded(u64),
    #[error("{0}")]
    InvalidKey(String),
    #[error("{0}")]
    Unavailable(String),
}

/// Sends requests to upstreams by name; bound to one plugin, its grants and its account.
#[async_trait]
pub trait UpstreamClient: Send + Sync {
    /// Sends a request and gives the answer as soon as its headers are there.
    ///
    /// # Errors
    /// When the request is refused or the upstream cannot be reached.
    async fn send(&self, request: UpstreamRequest) -> Result<UpstreamResponse, UpstreamError>;
}

/// A request as the plugin made it: the host part of the address is the name of an upstream.
#[derive(Debug, Clone)]
pub struct UpstreamRequest {
    pub method: http::Method,
    /// The host part as written, such as `github` or `eu.github`.
    pub authority: String,
    /// Path and query as written.
    pub path_and_query: String,
    pub headers: http::HeaderMap,
    pub body: Bytes,
}

/// A body as it arrives. It ends with an error when a limit is passed.
pub type UpstreamBody = Pin<Box<dyn Stream<Item = Result<Bytes, UpstreamError>> + Send>>;

/// An upstream's answer.
pub struct UpstreamResponse {
    pub status: http::StatusCode,
    pub headers: http::HeaderMap,
    pub body: UpstreamBody,
}

/// Why a request was not sent or not answered.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum UpstreamError {
    /// The plugin may not make this request; the text says which grant is missing.
    #[error("{0}")]
    Denied(String),
    #[error("{0}")]
    InvalidRequest(String),
    #[error("{0}")]
    Unreachable(String),
    #[error("the upstream did not answer within {0} ms")]
    Timeout(u64),
    #[error("the answer is larger than {0} bytes")]
    TooLarge(u64),
}
