//! Numbers, sizes, lengths of time and instants as people read them.

const SECOND: u64 = 1_000;
const MINUTE: u64 = 60 * SECOND;
const HOUR: u64 = 60 * MINUTE;
const DAY: u64 = 24 * HOUR;
const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/// How long ago, or how soon, an instant is: `3 h ago`, `in 2 d`, `just now`. Both in milliseconds since 1970.
pub fn relative_time(time: i64, now: i64) -> String {
    let distance = now.abs_diff(time);
    if distance < 45 * SECOND {
        return "just now".to_owned();
    }
    let (count, unit) = match distance {
        d if d < HOUR => (d.div_ceil(MINUTE).clamp(1, 59), "min"),
        d if d < DAY => (d / HOUR, "h"),
        d if d < 31 * DAY => (d / DAY, "d"),
        d if d < 365 * DAY => ((d / (30 * DAY)).clamp(1, 11), "mo"),
        d => (d / (365 * DAY), "y"),
    };
    if time <= now { format!("{count} {unit} ago") } else { format!("in {count} {unit}") }
}

/// A length of time in milliseconds with its two largest units: `850 ms`, `4.2 s`, `3 min 20 s`, `2 d 3 h`.
pub fn duration(milliseconds: u64) -> String {
    let pair = |large: u64, large_unit: &str, small: u64, small_unit: &str| {
        let rest = (milliseconds % large) / small;
        let count = group_digits(milliseconds / large);
        if rest == 0 { format!("{count} {large_unit}") } else { format!("{count} {large_unit} {rest} {small_unit}") }
    };
    match milliseconds {
        0..SECOND => format!("{milliseconds} ms"),
        SECOND..10_000 => trim_zeros(format!("{:.1}", milliseconds as f64 / 1_000.0)) + " s",
        10_000..MINUTE => format!("{} s", milliseconds / SECOND),
        MINUTE..HOUR => pair(MINUTE, "min", SECOND, "s"),
        HOUR..DAY => pair(HOUR, "h", MINUTE, "min"),
        _ => pair(DAY, "d", HOUR, "h"),
    }
}

/// A size in bytes with a binary unit: `512 B`, `1.5 KiB`, `34 MiB`.
pub fn bytes(size: u64) -> String {
    const UNITS: [&str; 6] = ["KiB", "MiB", "GiB", "TiB", "PiB", "EiB"];
    if size < 1024 {
        return format!("{size} B");
    }
    let mut value = size as f64 / 1024.0;
    let mut unit = 0;
    // 1023.95 would be written as 1024.
    while value >= 1023.95 && unit + 1 < UNITS.len() {
        value /= 1024.0;
        unit += 1;
    }
    let digits = usize::from(value < 99.95);
    format!("{} {}", trim_zeros(format!("{value:.digits$}")), UNITS[unit])
}

/// A number with grouped digits and at most three that matter behind the point: `12,345.68`, `0.0042`, `1.2e21`.
pub fn number(value: f64) -> String {
    let size = value.abs();
    if !value.is_finite() {
        return "–".to_owned();
    }
    if size >= 1e15 || (size > 0.0 && size < 1e-4) {
        return format!("{value:.2e}");
    }
    let digits = match size {
        s if s >= 1_000.0 => 1,
        s if s >= 1.0 => 2,
        s if s >= 0.1 => 3,
        _ => 5,
    };
    let text = trim_zeros(format!("{size:.digits$}"));
    let (whole, fraction) = text.split_once('.').map_or((text.as_str(), None), |(whole, rest)| (whole, Some(rest)));
    let whole = whole.parse().map_or_else(|_| whole.to_owned(), group_digits);
    let sign = if value < 0.0 && text != "0" { "−" } else { "" };
    fraction.map_or_else(|| format!("{sign}{whole}"), |fraction| format!("{sign}{whole}.{fraction}"))
}

/// A number with its unit; a percent sign and degrees stand without a space.
pub fn quantity(value: f64, unit: Option<&str>) -> String {
    let number = number(value);
    match unit.map(str::trim).filter(|unit| !unit.is_empty()) {
        Some(unit) if unit == "%" || unit.starts_with('°') => format!("{number}{unit}"),
        Some(unit) => format!("{number} {unit}"),
        None => number,
    }
}

/// A whole number with grouped digits: `12,345`.
pub fn group_digits(value: u64) -> String {
    let digits = value.to_string();
    let mut grouped = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

/// A count with its noun: `1 entity`, `3 entities`.
pub fn count(value: u64, one: &str, many: &str) -> String {
    format!("{} {}", group_digits(value), if value == 1 { one } else { many })
}

/// An instant for people: `4 Mar 2026, 09:05:07 UTC`.
pub fn timestamp(time: i64) -> String {
    let Some(date) = Date::of(time) else { return "an unknown time".to_owned() };
    let month = MONTHS[date.month as usize - 1];
    let Date { year, day, hour, minute, second, .. } = date;
    format!("{day} {month} {year}, {hour:02}:{minute:02}:{second:02} UTC")
}

/// An instant for machines, as in RFC 3339; nothing for years that the format cannot write.
pub fn rfc3339(time: i64) -> Option<String> {
    let Date { year, month, day, hour, minute, second, millisecond } = Date::of(time)?;
    Some(format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{millisecond:03}Z"))
}

/// The day of an instant without the year, for the axes of charts: `4 Mar`; with the time of day when asked for.
pub fn short_date(time: i64, with_clock: bool) -> String {
    let Some(date) = Date::of(time) else { return "?".to_owned() };
    let day = format!("{} {}", date.day, MONTHS[date.month as usize - 1]);
    if with_clock { format!("{day}, {:02}:{:02}", date.hour, date.minute) } else { day }
}

/// Reads an instant as RFC 3339 writes it, with any offset.
pub fn parse_rfc3339(text: &str) -> Option<i64> {
    let field = |range: std::ops::Range<usize>| -> Option<i64> {
        let part = text.get(range)?;
        part.bytes().all(|byte| byte.is_ascii_digit()).then(|| part.parse().ok()).flatten()
    };
    let mark = |at: usize, allowed: &[u8]| text.as_bytes().get(at).filter(|byte| allowed.contains(byte));
    mark(4, b"-").and(mark(7, b"-")).and(mark(10, b"Tt ")).and(mark(13, b":")).and(mark(16, b":"))?;
    let (month, day, hour) = (field(5..7)?, field(8..10)?, field(11..13)?);
    let (minute, second) = (field(14..16)?, field(17..19)?);
    if !(1..=12).contains(&month) || !(1..=31).contains(&day) || hour > 23 || minute > 59 || second > 60 {
        return None;
    }
    let mut rest = text.get(19..)?;
    let mut millisecond = 0;
    if let Some(fraction) = rest.strip_prefix('.') {
        let length = fraction.bytes().take_while(u8::is_ascii_digit).count();
        let digits: String = fraction[..length].chars().chain("000".chars()).take(3).collect();
        millisecond = digits.parse::<i64>().ok().filter(|_| length > 0)?;
        rest = &fraction[length..];
    }
    let offset = match rest.as_bytes() {
        [b'Z' | b'z'] => 0,
        [sign @ (b'+' | b'-'), hours @ .., b':', _, _] if hours.len() == 2 => {
            let hours: i64 = rest.get(1..3)?.parse().ok()?;
            let minutes: i64 = rest.get(4..6)?.parse().ok()?;
            (hours * 60 + minutes) * if *sign == b'-' { -1 } else { 1 }
        }
        _ => return None,
    };
    let days = days_from_civil(field(0..4)?, month, day);
    Some((((days * 24 + hour) * 60 + minute - offset) * 60 + second) * 1_000 + millisecond)
}

/// The parts of an instant in UTC.
struct Date {
    year: i64,
    month: i64,
    day: i64,
    hour: i64,
    minute: i64,
    second: i64,
    millisecond: i64,
}

impl Date {
    /// The parts, for the years 0 to 9999. The calendar is computed in eras of 400 years that begin on 1 March.
    fn of(time: i64) -> Option<Self> {
        let day_length = DAY as i64;
        let (days, rest) = (time.div_euclid(day_length), time.rem_euclid(day_length));
        let shifted = days + 719_468;
        let (era, day_of_era) = (shifted.div_euclid(146_097), shifted.rem_euclid(146_097));
        let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
        let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let shifted_month = (5 * day_of_year + 2) / 153;
        let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 };
        let year = year_of_era + era * 400 + i64::from(month <= 2);
        (0..=9_999).contains(&year).then(|| Self {
            year,
            month,
            day: day_of_year - (153 * shifted_month + 2) / 5 + 1,
            hour: rest / HOUR as i64,
            minute: rest / MINUTE as i64 % 60,
            second: rest / SECOND as i64 % 60,
            millisecond: rest % 1_000,
        })
    }
}

/// The days from 1970-01-01 to a date.
fn days_from_civil(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let (era, year_of_era) = (year.div_euclid(400), year.rem_euclid(400));
    let day_of_year = (153 * (if month > 2 { month - 3 } else { month + 9 }) + 2) / 5 + day - 1;
    era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719_468
}

/// Removes zeros behind the point, and the point when nothing is left behind it.
fn trim_zeros(text: String) -> String {
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_owned() } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn relative_times() {
        let now = 1_700_000_000_000;
        for (ago, expected) in [
            (0, "just now"),
            (44_000, "just now"),
            (-44_000, "just now"),
            (60_000, "1 min ago"),
            (3_599_999, "59 min ago"),
            (3_600_000, "1 h ago"),
            (86_399_999, "23 h ago"),
            (86_400_000, "1 d ago"),
            (30 * 86_400_000, "30 d ago"),
            (31 * 86_400_000, "1 mo ago"),
            (364 * 86_400_000, "11 mo ago"),
            (365 * 86_400_000, "1 y ago"),
            (-7_200_000, "in 2 h"),
            (-120_000, "in 2 min"),
        ] {
            assert_eq!(relative_time(now - ago, now), expected, "{ago}");
        }
        assert_eq!(relative_time(i64::MIN, i64::MAX), "584942417 y ago");
    }

    #[test]
    fn durations() {
        for (milliseconds, expected) in [
            (0, "0 ms"),
            (999, "999 ms"),
            (1_000, "1 s"),
            (4_240, "4.2 s"),
            (59_999, "59 s"),
            (60_000, "1 min"),
            (200_000, "3 min 20 s"),
            (3_600_000, "1 h"),
            (3_900_000, "1 h 5 min"),
            (183_600_000, "2 d 3 h"),
            (u64::MAX, "213,503,982,334 d 14 h"),
        ] {
            assert_eq!(duration(milliseconds), expected);
        }
    }

    #[test]
    fn sizes() {
        for (size, expected) in [
            (0, "0 B"),
            (1_023, "1023 B"),
            (1_024, "1 KiB"),
            (1_536, "1.5 KiB"),
            (1_048_575, "1 MiB"),
            (35_651_584, "34 MiB"),
            (157_286_400, "150 MiB"),
            (u64::MAX, "16 EiB"),
        ] {
            assert_eq!(bytes(size), expected, "{size}");
        }
    }

    #[test]
    fn numbers() {
        for (value, expected) in [
            (0.0, "0"),
            (-0.0, "0"),
            (1.0, "1"),
            (1.005, "1"),
            (-12_345.678, "−12,345.7"),
            (1_234_567.0, "1,234,567"),
            (0.123_45, "0.123"),
            (0.004_2, "0.0042"),
            (0.000_01, "1.00e-5"),
            (1.2e21, "1.20e21"),
            (f64::NAN, "–"),
        ] {
            assert_eq!(number(value), expected, "{value}");
        }
        assert_eq!(quantity(99.95, Some("%")), "99.95%");
        assert_eq!(quantity(120.0, Some("req/s")), "120 req/s");
        assert_eq!(quantity(3.0, Some(" ")), "3");
        assert_eq!(count(1, "entity", "entities"), "1 entity");
        assert_eq!(count(1_200, "entity", "entities"), "1,200 entities");
    }

    #[test]
    fn instants() {
        for (time, people, machines) in [
            (0, "1 Jan 1970, 00:00:00 UTC", Some("1970-01-01T00:00:00.000Z")),
            (951_782_400_000, "29 Feb 2000, 00:00:00 UTC", Some("2000-02-29T00:00:00.000Z")),
            (1_772_615_107_089, "4 Mar 2026, 09:05:07 UTC", Some("2026-03-04T09:05:07.089Z")),
            (-1, "31 Dec 1969, 23:59:59 UTC", Some("1969-12-31T23:59:59.999Z")),
            (i64::MAX, "an unknown time", None),
            (i64::MIN, "an unknown time", None),
        ] {
            assert_eq!(timestamp(time), people);
            assert_eq!(rfc3339(time).as_deref(), machines);
            if let Some(machines) = machines {
                assert_eq!(parse_rfc3339(machines), Some(time));
            }
        }
    }

    #[test]
    fn reads_instants() {
        for (text, expected) in [
            ("1970-01-01T00:00:00Z", Some(0)),
            ("1970-01-01T01:00:00+01:00", Some(0)),
            ("1969-12-31T19:30:00.5-04:30", Some(500)),
            ("2026-03-04T09:05:07.089123Z", Some(1_772_615_107_089)),
            ("2026-13-04T09:05:07Z", None),
            ("2026-03-04", None),
            ("2026-03-04T09:05:07", None),
            ("2026-03-04T09:05:07.Z", None),
            ("", None),
            ("20é6-03-04T09:05:07Z", None),
        ] {
            assert_eq!(parse_rfc3339(text), expected, "{text}");
        }
    }
}
