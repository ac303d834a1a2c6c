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
pub fn to_text(milliseconds: i64) -> String {
    Timestamp::from_millisecond(milliseconds).map_or_else(|_| milliseconds.to_string(), |time| format!("{time:.3}"))
}

/// Reads RFC 3339 (`2026-01-31T12:00:00Z`); a day alone means its beginning in UTC.
pub fn parse_instant(text: &str) -> Option<i64> {
    let text = text.trim();
    // A plus sign in an address stands for a space.
    let written = text.parse().or_else(|_| text.replace(' ', "+").parse());
    let instant = written.or_else(|_| format!("{text}T00:00:00Z").parse::<Timestamp>()).ok()?;
    Some(instant.as_millisecond())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instants_are_read_as_people_and_programs_write_them() {
        for (text, expected) in [
            ("1970-01-01T00:00:01Z", Some(1000)),
            ("1970-01-01T01:00:00.5+01:00", Some(500)),
            ("1970-01-01T01:00:00 01:00", Some(0)),
            ("1970-01-02", Some(86_400_000)),
            ("yesterday", None),
            ("", None),
        ] {
            assert_eq!(parse_instant(text), expected, "{text}");
        }
    }

    #[test]
    fn times_have_three_digits() {
        assert_eq!(to_text(0), "1970-01-01T00:00:00.000Z");
        assert_eq!(to_text(1_700_000_000_120), "2023-11-14T22:13:20.120Z");
    }
}
