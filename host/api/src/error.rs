//! How operations fail: the names, statuses and body that Backstage's clients know.

use host_model::plugin::FieldError;
use serde::{Deserialize, Serialize};

/// The answer of an operation.
pub type ApiResult<T> = Result<T, ApiError>;

/// The kinds of failure. Each has the name and the status of the error of the same name in Backstage.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum ApiErrorKind {
    #[serde(rename = "InputError")]
    Input,
    #[serde(rename = "AuthenticationError")]
    Authentication,
    #[serde(rename = "NotAllowedError")]
    NotAllowed,
    #[serde(rename = "NotFoundError")]
    NotFound,
    #[serde(rename = "ConflictError")]
    Conflict,
    #[serde(rename = "PayloadTooLargeError")]
    PayloadTooLarge,
    #[serde(rename = "RequestHeaderFieldsTooLargeError")]
    HeadersTooLarge,
    #[serde(rename = "NotImplementedError")]
    NotImplemented,
    #[serde(rename = "ServiceUnavailableError")]
    ServiceUnavailable,
    #[serde(rename = "Error")]
    Internal,
}

impl ApiErrorKind {
    /// The name on the wire.
    pub fn name(self) -> &'static str {
        match self {
            Self::Input => "InputError",
            Self::Authentication => "AuthenticationError",
            Self::NotAllowed => "NotAllowedError",
            Self::NotFound => "NotFoundError",
            Self::Conflict => "ConflictError",
            Self::PayloadTooLarge => "PayloadTooLargeError",
            Self::HeadersTooLarge => "RequestHeaderFieldsTooLargeError",
            Self::NotImplemented => "NotImplementedError",
            Self::ServiceUnavailable => "ServiceUnavailableError",
            Self::Internal => "Error",
        }
    }

    /// The HTTP status.
    pub fn status(self) -> u16 {
        match self {
            Self::Input => 400,
            Self::Authentication => 401,
            Self::NotAllowed => 403,
            Self::NotFound => 404,
            Self::Conflict => 409,
            Self::PayloadTooLarge => 413,
            Self::HeadersTooLarge => 431,
            Self::NotImplemented => 501,
            Self::ServiceUnavailable => 503,
            Self::Internal => 500,
        }
    }
}

/// A failed operation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[error("{message}")]
pub struct ApiError {
    pub kind: ApiErrorKind,
    /// What is wrong and what to do. For [`ApiErrorKind::Internal`] it never tells more than where to look.
    pub message: String,
    /// The fields that are wrong, when a form or a body was.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fields: Vec<FieldError>,
}

impl ApiError {
    /// A failure of any kind.
    pub fn new(kind: ApiErrorKind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into(), fields: Vec::new() }
    }

    /// The request is wrong.
    pub fn input(message: impl Into<String>) -> Self {
        Self::new(ApiErrorKind::Input, message)
    }

    /// Fields of a form or a body are wrong.
    pub fn fields(message: impl Into<String>, fields: Vec<FieldError>) -> Self {
        Self { fields, ..Self::input(message) }
    }

    /// What was asked for does not exist.
    pub fn not_found(message: impl Into<String>) -> Self {
        Self::new(ApiErrorKind::NotFound, message)
    }

    /// The principal may not do this.
    pub fn not_allowed(message: impl Into<String>) -> Self {
        Self::new(ApiErrorKind::NotAllowed, message)
    }

    /// The present state does not allow it.
    pub fn conflict(message: impl Into<String>) -> Self {
        Self::new(ApiErrorKind::Conflict, message)
    }

    /// Something is not ready or broken for now.
    pub fn unavailable(message: impl Into<String>) -> Self {
        Self::new(ApiErrorKind::ServiceUnavailable, message)
    }

    /// The portal failed. The message must not carry details that a stranger should not read.
    pub fn internal(message: impl Into<String>) -> Self {
        Self::new(ApiErrorKind::Internal, message)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_on_the_wire_are_those_of_serde() {
        for kind in [
            ApiErrorKind::Input,
            ApiErrorKind::Authentication,
            ApiErrorKind::NotAllowed,
            ApiErrorKind::NotFound,
            ApiErrorKind::Conflict,
            ApiErrorKind::PayloadTooLarge,
            ApiErrorKind::NotImplemented,
            ApiErrorKind::ServiceUnavailable,
            ApiErrorKind::Internal,
        ] {
            assert_eq!(serde_json::to_value(kind).unwrap(), kind.name());
        }
    }
}
