//! What other features ask of the catalog.

use std::sync::Arc;

use async_trait::async_trait;
use host_model::{EntityRef, Principal};

/// Reads entities with the rights of a principal.
#[async_trait]
pub trait CatalogReader: Send + Sync {
    /// The entities with these references as JSON text, in the same order; none where there is no such entity.
    ///
    /// # Errors
    /// When the catalog cannot be read.
    async fn get(&self, principal: &Principal, refs: &[EntityRef]) -> Result<Vec<Option<Arc<str>>>, CatalogError>;

    /// The entities that match.
    ///
    /// # Errors
    /// When the query is wrong or the catalog cannot be read.
    async fn query(&self, principal: &Principal, query: &CatalogQuery) -> Result<CatalogPage, CatalogError>;
}

/// Registers locations, so that what they hold becomes part of the catalog.
#[async_trait]
pub trait LocationRegistrar: Send + Sync {
    /// Registers a location and reads it once. Registering a location twice gives the first registration.
    ///
    /// # Errors
    /// When the target may not be read or holds nothing valid.
    async fn register(
        &self,
        principal: &Principal,
        request: &RegisterLocation,
    ) -> Result<RegisteredLocation, CatalogError>;
}

/// Which entities are meant.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CatalogQuery {
    /// Each is a set of conditions in the grammar of the REST API; an entity matches when any does.
    pub filters: Vec<String>,
    /// The fields to return; none means all.
    pub fields: Vec<String>,
    /// At most this many.
    pub limit: usize,
    pub cursor: Option<String>,
}

/// Some entities, and how to get more.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CatalogPage {
    /// Entities as JSON text.
    pub items: Vec<Arc<str>>,
    pub total: u64,
    pub next: Option<String>,
}

/// A location to register.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RegisterLocation {
    /// `url` or `file`.
    pub location_type: String,
    pub target: String,
    /// Register even if nothing can be read there yet.
    pub optional: bool,
}

/// A registered location.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RegisteredLocation {
    pub id: String,
    /// What was found there.
    pub entities: Vec<EntityRef>,
}

/// Why the catalog did not answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CatalogError {
    #[error("{0}")]
    InvalidInput(String),
    #[error("{0}")]
    NotFound(String),
    #[error("{0}")]
    Conflict(String),
    #[error("{0}")]
    NotAllowed(String),
    #[error("the catalog cannot be read: {0}")]
    Unavailable(String),
}
