//! Helpers for the errors and findings of the contract.

use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::raw::host::types::{Diagnostic, Error, FieldError, Position, Severity};

impl Error {
    /// What went wrong, in words for a log or a finding.
    pub fn message(&self) -> String {
        match self {
            Self::MissingAnnotation(key) => format!("the annotation {key} is missing"),
            Self::NotFound(what) => format!("{what} does not exist"),
            Self::InvalidInput(fields) => {
                let fields = fields.iter().map(|field| format!("{}: {}", field.field, field.message));
                fields.collect::<Vec<_>>().join("; ")
            }
            Self::NeedsPermission(what) => format!("permission is needed: {what}"),
            Self::UpstreamStatus(answer) => {
                format!("{} answered {}: {}", answer.upstream, answer.status, answer.message)
            }
            Self::RateLimited(Some(seconds)) => format!("the upstream asks to wait {seconds} s"),
            Self::RateLimited(None) => "the upstream asks to wait".to_owned(),
            Self::Denied(reason) => format!("refused: {reason}"),
            Self::Unavailable(message) | Self::Other(message) => message.clone(),
        }
    }

    /// Anything for which there is no better variant.
    pub fn other(message: impl Into<String>) -> Self {
        Self::Other(message.into())
    }

    /// One field of an input is wrong; the field is a JSON pointer, empty for the input as a whole.
    pub fn invalid(field: impl Into<String>, message: impl Into<String>) -> Self {
        Self::InvalidInput(vec![FieldError { field: field.into(), message: message.into() }])
    }
}

impl From<serde_json::Error> for Error {
    fn from(error: serde_json::Error) -> Self {
        Self::Other(format!("JSON could not be read or written: {error}"))
    }
}

impl Diagnostic {
    /// A finding of any severity, with a short stable code such as `openapi/no-title`.
    pub fn new(severity: Severity, code: impl Into<String>, message: impl Into<String>) -> Self {
        Self { severity, code: code.into(), message: message.into(), pointer: None, position: None }
    }

    /// Something that must be mended.
    pub fn error(code: impl Into<String>, message: impl Into<String>) -> Self {
        Self::new(Severity::Error, code, message)
    }

    /// Something that should be looked at.
    pub fn warning(code: impl Into<String>, message: impl Into<String>) -> Self {
        Self::new(Severity::Warning, code, message)
    }

    /// Something good to know.
    pub fn info(code: impl Into<String>, message: impl Into<String>) -> Self {
        Self::new(Severity::Info, code, message)
    }

    /// Where in the entity, as a JSON pointer.
    #[must_use]
    pub fn pointer(mut self, pointer: impl Into<String>) -> Self {
        self.pointer = Some(pointer.into());
        self
    }

    /// Where in the text at the pointer; line and column count from 1.
    #[must_use]
    pub fn position(mut self, line: u32, column: u32) -> Self {
        self.position = Some(Position { line, column });
        self
    }
}

/// Reads an input that has passed its schema into a type of the plugin's.
pub(crate) fn read_input<T: DeserializeOwned>(input: &Value) -> Result<T, Error> {
    T::deserialize(input).map_err(|error| Error::invalid("", error.to_string()))
}

/// Reads JSON that the host sent.
pub(crate) fn from_host(text: &str) -> Result<Value, Error> {
    serde_json::from_str(text).map_err(|error| Error::Other(format!("the host sent broken JSON: {error}")))
}
