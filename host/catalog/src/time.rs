//! Times as people and programs read them.

use std::time::SystemTime;

use jiff::Timestamp;

/// RFC 3339 with milliseconds.
pub(crate) fn to_text(time: SystemTime) -> String {
    Timestamp::try_from(time).map_or_else(|_| "an unknown time".to_owned(), |time| format!("{time:.3}"))
}
