//! Lengths of time, in every form in which Backstage takes them.

use std::time::Duration;

/// The units: singular name, abbreviation, length in milliseconds.
const UNITS: [(&str, &str, f64); 7] = [
    ("millisecond", "ms", 1.0),
    ("second", "s", 1_000.0),
    ("minute", "m", 60_000.0),
    ("hour", "h", 3_600_000.0),
    ("day", "d", 86_400_000.0),
    ("week", "w", 604_800_000.0),
    ("year", "y", 31_536_000_000.0),
];

/// Longest length: a century.
const MOST: f64 = 3_153_600_000_000.0;

/// Reads `30s`, `5 minutes`, `1.5h`, `PT1M30S` or `P1D`.
pub(crate) fn from_text(text: &str) -> Option<Duration> {
    let text = text.trim();
    if let Some(iso) = text.strip_prefix('P') {
        return from_iso(iso);
    }
    let end = text.find(|character: char| !character.is_ascii_digit() && character != '.').unwrap_or(text.len());
    let amount = text[..end].parse::<f64>().ok()?;
    let unit = text[end..].trim().to_ascii_lowercase();
    from_unit(&unit, amount)
}

/// A number of a unit; `None` if there is no such unit.
pub(crate) fn from_unit(unit: &str, amount: f64) -> Option<Duration> {
    let singular = if unit.len() > 2 { unit.strip_suffix('s').unwrap_or(unit) } else { unit };
    let aliases = match singular {
        "sec" => "s",
        "min" => "m",
        "hr" => "h",
        other => other,
    };
    let (_, _, milliseconds) = UNITS.iter().find(|(name, short, _)| aliases == *name || aliases == *short)?;
    from_milliseconds(amount * milliseconds)
}

/// A length in milliseconds, if it is neither negative nor absurd.
pub(crate) fn from_milliseconds(amount: f64) -> Option<Duration> {
    (0.0..=MOST).contains(&amount).then(|| Duration::from_secs_f64(amount / 1_000.0))
}

fn from_iso(text: &str) -> Option<Duration> {
    let (date, time) = match text.split_once('T') {
        Some((_, "")) => return None,
        Some((date, time)) => (date, time),
        None => (text, ""),
    };
    if date.is_empty() && time.is_empty() {
        return None;
    }
    let mut total = Duration::ZERO;
    for (part, units) in [(date, [('W', "w"), ('D', "d"), ('Y', "y")]), (time, [('H', "h"), ('M', "m"), ('S', "s")])] {
        let mut rest = part;
        while !rest.is_empty() {
            let end = rest.find(|character: char| character.is_ascii_alphabetic())?;
            let amount = rest[..end].parse::<f64>().ok()?;
            let letter = rest[end..].chars().next()?;
            let (_, unit) = units.iter().find(|(known, _)| *known == letter)?;
            total = total.checked_add(from_unit(unit, amount)?)?;
            rest = &rest[end + 1..];
        }
    }
    Some(total)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use rstest::rstest;

    use super::from_text;

    #[rstest]
    #[case("30s", Some(30_000))]
    #[case("250 ms", Some(250))]
    #[case("1.5h", Some(5_400_000))]
    #[case("2 minutes", Some(120_000))]
    #[case("1 Day", Some(86_400_000))]
    #[case("10 mins", Some(600_000))]
    #[case("PT1M30S", Some(90_000))]
    #[case("P1DT2H", Some(93_600_000))]
    #[case("P2W", Some(1_209_600_000))]
    #[case("P", None)]
    #[case("PT", None)]
    #[case("P1M", None)]
    #[case("30", None)]
    #[case("s", None)]
    #[case("-1s", None)]
    #[case("5 parsecs", None)]
    #[case("999999 years", None)]
    #[case("", None)]
    fn reads(#[case] text: &str, #[case] milliseconds: Option<u64>) {
        assert_eq!(from_text(text), milliseconds.map(Duration::from_millis));
    }
}
