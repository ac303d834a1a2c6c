//! Why the catalog did not answer or did not do what was asked.

use host_policy::Denied;
use host_ports::CatalogError;
use host_store::StoreError;

/// A query that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum QueryError {
    #[error("Invalid filter, '{0}' is not a valid statement (expected a string on the form a=b or a= or a)")]
    InvalidFilter(String),
    #[error("Invalid query: {0}")]
    InvalidQuery(String),
    #[error("Invalid field {0:?}, array type fields are not supported")]
    InvalidField(String),
    #[error("Malformed cursor: {0}")]
    MalformedCursor(String),
    #[error("Malformed after cursor, could not be parsed")]
    MalformedAfter,
}

/// Why the catalog could not be started or changed.
#[derive(Debug, thiserror::Error)]
pub enum ChangeError {
    #[error(transparent)]
    Denied(#[from] Denied),
    #[error("{0}")]
    InvalidInput(String),
    #[error("{0}")]
    NotFound(String),
    #[error("{0}")]
    Conflict(String),
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The configuration says `catalog.readonly`.
    #[error("the catalog is read-only: catalog.readonly is set in the configuration")]
    ReadOnly,
    /// The portal is shutting down.
    #[error("the catalog takes no further changes")]
    Closed,
}

impl From<QueryError> for CatalogError {
    fn from(error: QueryError) -> Self {
        Self::InvalidInput(error.to_string())
    }
}

impl From<ChangeError> for CatalogError {
    fn from(error: ChangeError) -> Self {
        match error {
            ChangeError::Denied(denied) => Self::NotAllowed(denied.to_string()),
            ChangeError::ReadOnly => Self::NotAllowed(error.to_string()),
            ChangeError::InvalidInput(message) => Self::InvalidInput(message),
            ChangeError::NotFound(message) => Self::NotFound(message),
            ChangeError::Conflict(message) => Self::Conflict(message),
            ChangeError::Store(error) => Self::Unavailable(error.to_string()),
            ChangeError::Closed => Self::Unavailable("it takes no further changes".to_owned()),
        }
    }
}
