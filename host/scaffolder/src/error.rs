//! Why the scaffolder did not do what was asked.

use host_model::plugin::FieldError;
use host_ports::CatalogError;
use host_store::StoreError;

/// Why an operation failed. The message is for the person who asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ScaffolderError {
    /// What was sent is wrong; the fields say where.
    #[error("{message}")]
    InvalidInput { message: String, fields: Vec<FieldError> },
    /// There is no such template, task or action.
    #[error("{0}")]
    NotFound(String),
    /// The principal may not do this.
    #[error("{0}")]
    NotAllowed(String),
    /// The task is not in a state in which this can be done.
    #[error("{0}")]
    Conflict(String),
    /// The store or the catalog does not answer, or this process is about to end.
    #[error("{0}")]
    Unavailable(String),
}

impl ScaffolderError {
    /// Wrong input that concerns no single field.
    pub(crate) fn input(message: impl Into<String>) -> Self {
        Self::InvalidInput { message: message.into(), fields: Vec::new() }
    }

    pub(crate) fn no_task(id: &str) -> Self {
        Self::NotFound(format!("No task with id '{id}' found"))
    }
}

impl From<host_policy::Denied> for ScaffolderError {
    fn from(denied: host_policy::Denied) -> Self {
        Self::NotAllowed(denied.to_string())
    }
}

impl From<StoreError> for ScaffolderError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::NotFound(_) => Self::NotFound(error.to_string()),
            StoreError::InvalidInput(message) => Self::input(message),
            other => Self::Unavailable(other.to_string()),
        }
    }
}

impl From<CatalogError> for ScaffolderError {
    fn from(error: CatalogError) -> Self {
        match error {
            CatalogError::InvalidInput(message) => Self::input(message),
            CatalogError::NotFound(message) => Self::NotFound(message),
            CatalogError::Conflict(message) => Self::Conflict(message),
            CatalogError::NotAllowed(message) => Self::NotAllowed(message),
            CatalogError::Unavailable(_) => Self::Unavailable(error.to_string()),
        }
    }
}
