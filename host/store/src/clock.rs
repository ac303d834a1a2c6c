//! Times as the store keeps them: milliseconds since 1970.

use std::sync::Arc;

use jiff::Timestamp;

/// Tells the time in milliseconds since 1970; tests give their own.
pub type Clock = Arc<dyn Fn() -> i64 + Send + Sync>;

/// The machine's clock.
pub fn system_clock() -> Clock {
    Arc::new(|| Timestamp::now().as_millisecond())
}

/// RFC 3339 with milliseconds, as tasks and events show times.
pub(crate) fn to_text(milliseconds: i64) -> String {
    Timestamp::from_millisecond(milliseconds).map_or_else(|_| milliseconds.to_string(), |time| format!("{time:.3}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_have_three_digits() {
        assert_eq!(to_text(0), "1970-01-01T00:00:00.000Z");
        assert_eq!(to_text(1_700_000_000_120), "2023-11-14T22:13:20.120Z");
    }
}
