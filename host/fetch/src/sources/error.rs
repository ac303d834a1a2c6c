//! Why an address was not read.

use std::time::Duration;

/// Why an address was not read. Addresses in it are without user, password and query.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReadError {
    /// The address cannot be understood.
    #[error("{url} cannot be read: {reason}")]
    Invalid { url: String, reason: String, hint: Option<String> },
    /// The configuration does not allow it, it leads to a refused network, or its host wants another credential.
    #[error("{url} may not be read: {reason}")]
    NotAllowed { url: String, reason: String, hint: Option<String> },
    #[error("{url} was not found: {reason}")]
    NotFound { url: String, reason: String, hint: Option<String> },
    #[error("{url} is too large: {reason}")]
    TooLarge { url: String, reason: String },
    /// It did not answer as it should. Another try may succeed, after the time that it says.
    #[error("{url} could not be read: {reason}")]
    Unavailable { url: String, reason: String, retry_after: Option<Duration> },
}

impl ReadError {
    /// What to do about it.
    pub fn hint(&self) -> Option<&str> {
        match self {
            Self::Invalid { hint, .. } | Self::NotAllowed { hint, .. } | Self::NotFound { hint, .. } => hint.as_deref(),
            Self::TooLarge { .. } | Self::Unavailable { .. } => None,
        }
    }

    /// How long the other side will not be asked again.
    pub fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Unavailable { retry_after, .. } => *retry_after,
            _ => None,
        }
    }

    pub(crate) fn invalid(url: impl Into<String>, reason: impl Into<String>, hint: Option<&str>) -> Self {
        Self::Invalid { url: url.into(), reason: reason.into(), hint: hint.map(str::to_owned) }
    }

    pub(crate) fn not_found(url: impl Into<String>, reason: impl Into<String>) -> Self {
        Self::NotFound { url: url.into(), reason: reason.into(), hint: None }
    }

    pub(crate) fn unavailable(url: impl Into<String>, reason: impl Into<String>) -> Self {
        Self::Unavailable { url: url.into(), reason: reason.into(), retry_after: None }
    }

    pub(crate) fn too_large(url: impl Into<String>, reason: impl Into<String>) -> Self {
        Self::TooLarge { url: url.into(), reason: reason.into() }
    }
}

/// A size as people write it.
pub(crate) fn size(bytes: u64) -> String {
    match bytes {
        0..1_024 => format!("{bytes} bytes"),
        1_024..1_048_576 => format!("{} KiB", bytes >> 10),
        _ => format!("{} MiB", bytes >> 20),
    }
}
