//! The contract's `error` and the host's.

use host_model::plugin::{FieldError, PluginError};
use host_ports::{CatalogError, KeyValueError};

use super::bindings::callboard::plugin::kv::KvError;
use super::bindings::callboard::plugin::types;
use crate::check::cut;

/// The most bytes of a message; a longer one is cut, since it is an error already.
const MAX_MESSAGE: usize = 2_000;
/// The most fields of an input that are named.
const MAX_FIELDS: usize = 50;

/// What a guest says went wrong.
pub(super) fn from_guest(error: types::Error) -> PluginError {
    let short = |text| cut(text, MAX_MESSAGE);
    match error {
        types::Error::MissingAnnotation(annotation) => PluginError::MissingAnnotation { annotation: short(annotation) },
        types::Error::NotFound(what) => PluginError::NotFound { what: short(what) },
        types::Error::InvalidInput(fields) => PluginError::InvalidInput {
            fields: fields
                .into_iter()
                .take(MAX_FIELDS)
                .map(|field| FieldError { field: short(field.field), message: short(field.message) })
                .collect(),
        },
        types::Error::NeedsPermission(what) => PluginError::NeedsPermission { what: short(what) },
        types::Error::UpstreamStatus(answer) => PluginError::UpstreamStatus {
            upstream: short(answer.upstream),
            status: answer.status,
            message: short(answer.message),
        },
        types::Error::RateLimited(seconds) => PluginError::RateLimited { seconds },
        types::Error::Unavailable(message) => PluginError::Unavailable { message: short(message) },
        types::Error::Denied(message) => PluginError::Denied { message: short(message) },
        types::Error::Other(message) => PluginError::Other { message: short(message) },
    }
}

/// What the catalog tells a guest.
pub(super) fn from_catalog(error: CatalogError) -> types::Error {
    match error {
        CatalogError::InvalidInput(message) => invalid(message),
        CatalogError::NotFound(what) => types::Error::NotFound(what),
        CatalogError::NotAllowed(message) => types::Error::Denied(message),
        CatalogError::Conflict(message) => types::Error::Other(message),
        error @ CatalogError::Unavailable(_) => types::Error::Unavailable(error.to_string()),
    }
}

/// That the input as a whole is wrong.
pub(super) fn invalid(message: String) -> types::Error {
    types::Error::InvalidInput(vec![types::FieldError { field: String::new(), message }])
}

/// What the store of values tells a guest.
pub(super) fn from_key_value(error: KeyValueError) -> KvError {
    match error {
        KeyValueError::QuotaExceeded(quota) => KvError::QuotaExceeded(quota),
        KeyValueError::InvalidKey(message) => KvError::InvalidKey(message),
        KeyValueError::Unavailable(message) => KvError::Unavailable(message),
    }
}
