//! Types of scalars by the YAML 1.2 core schema, as the `yaml` package for JavaScript reads it.

use serde_json::Number;

use crate::node::Value;

/// What a plain scalar turned out to be.
#[derive(Debug, PartialEq)]
pub(crate) enum Plain {
    /// A value that is not text.
    Typed(Value),
    /// Text: the scalar as it is written.
    Text,
    /// A number that JSON has no form for: an infinity, not-a-number, or one that overflows.
    NotJson,
}

/// Types a plain scalar.
pub(crate) fn resolve(text: &str) -> Plain {
    let Some(first) = text.as_bytes().first() else {
        return Plain::Typed(Value::Null);
    };
    match first {
        b'~' | b'n' | b'N' if is_null(text) => Plain::Typed(Value::Null),
        b't' | b'T' | b'f' | b'F' => boolean(text).map_or(Plain::Text, |value| Plain::Typed(Value::Bool(value))),
        b'0'..=b'9' | b'+' | b'-' | b'.' => number(text),
        _ => Plain::Text,
    }
}

/// Whether the text is one of the forms of null.
pub(crate) fn is_null(text: &str) -> bool {
    matches!(text, "" | "~" | "null" | "Null" | "NULL")
}

/// The boolean that the text is a form of.
pub(crate) fn boolean(text: &str) -> Option<bool> {
    match text {
        "true" | "True" | "TRUE" => Some(true),
        "false" | "False" | "FALSE" => Some(false),
        _ => None,
    }
}

/// The number that the text is a form of.
pub(crate) fn number(text: &str) -> Plain {
    let bytes = text.as_bytes();
    if let Some(digits) = text.strip_prefix("0x") {
        return radix(digits, 16);
    }
    if let Some(digits) = text.strip_prefix("0o") {
        return radix(digits, 8);
    }
    let unsigned = bytes.strip_prefix(b"-").or_else(|| bytes.strip_prefix(b"+")).unwrap_or(bytes);
    if matches!(unsigned, b".inf" | b".Inf" | b".INF") || matches!(bytes, b".nan" | b".NaN" | b".NAN") {
        return Plain::NotJson;
    }
    match shape(unsigned) {
        Shape::Other => Plain::Text,
        Shape::Integer => integer(text),
        Shape::Float => float(text),
    }
}

enum Shape {
    Integer,
    Float,
    Other,
}

/// Whether an unsigned text is digits, or digits with a point or an exponent.
fn shape(text: &[u8]) -> Shape {
    let count = |rest: &[u8]| rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let whole = count(text);
    let mut rest = &text[whole..];
    if rest.is_empty() {
        return if whole > 0 { Shape::Integer } else { Shape::Other };
    }
    if rest[0] == b'.' {
        let fraction = count(&rest[1..]);
        if whole == 0 && fraction == 0 {
            return Shape::Other;
        }
        rest = &rest[1 + fraction..];
    } else if whole == 0 {
        return Shape::Other;
    }
    match rest {
        [] => Shape::Float,
        [b'e' | b'E', exponent @ ..] => {
            let digits = exponent.strip_prefix(b"-").or_else(|| exponent.strip_prefix(b"+")).unwrap_or(exponent);
            if !digits.is_empty() && count(digits) == digits.len() { Shape::Float } else { Shape::Other }
        }
        _ => Shape::Other,
    }
}

fn radix(digits: &str, radix: u32) -> Plain {
    if digits.is_empty() || !digits.chars().all(|character| character.is_digit(radix)) {
        return Plain::Text;
    }
    match u64::from_str_radix(digits, radix) {
        Ok(value) => Plain::Typed(Value::Number(value.into())),
        Err(_) => {
            let value = digits
                .chars()
                .filter_map(|character| character.to_digit(radix))
                .fold(0.0, |sum, digit| sum * f64::from(radix) + f64::from(digit));
            from_f64(value)
        }
    }
}

fn integer(text: &str) -> Plain {
    if let Ok(value) = text.parse::<i64>() {
        return Plain::Typed(Value::Number(value.into()));
    }
    match text.parse::<u64>() {
        Ok(value) => Plain::Typed(Value::Number(value.into())),
        Err(_) => float(text),
    }
}

fn float(text: &str) -> Plain {
    text.parse::<f64>().map_or(Plain::Text, from_f64)
}

/// JavaScript has one type of number and prints `1.0` as `1`; integers that it holds exactly become integers here.
#[expect(clippy::cast_possible_truncation, reason = "the range is checked: every such float is an exact integer")]
fn from_f64(value: f64) -> Plain {
    const EXACT: f64 = 9_007_199_254_740_992.0;
    if value.fract() == 0.0 && value.abs() < EXACT {
        return Plain::Typed(Value::Number((value as i64).into()));
    }
    Number::from_f64(value).map_or(Plain::NotJson, |number| Plain::Typed(Value::Number(number)))
}

#[cfg(test)]
mod tests {
    use rstest::rstest;
    use serde_json::json;

    use super::{Plain, resolve};
    use crate::node::{Node, Position};

    #[rstest]
    #[case("", json!(null))]
    #[case("~", json!(null))]
    #[case("null", json!(null))]
    #[case("Null", json!(null))]
    #[case("NULL", json!(null))]
    #[case("true", json!(true))]
    #[case("True", json!(true))]
    #[case("FALSE", json!(false))]
    #[case("0", json!(0))]
    #[case("-0", json!(0))]
    #[case("+12", json!(12))]
    #[case("007", json!(7))]
    #[case("-42", json!(-42))]
    #[case("0x1F", json!(31))]
    #[case("0o17", json!(15))]
    #[case("18446744073709551615", json!(18_446_744_073_709_551_615_u64))]
    #[case("123456789012345678901234567890", json!(1.234_567_890_123_456_8e29))]
    #[case("1.5", json!(1.5))]
    #[case("1.0", json!(1))]
    #[case("1.", json!(1))]
    #[case(".5", json!(0.5))]
    #[case("-.5", json!(-0.5))]
    #[case("1e3", json!(1000))]
    #[case("1.5E-2", json!(0.015))]
    fn is_typed(#[case] text: &str, #[case] expected: serde_json::Value) {
        let Plain::Typed(value) = resolve(text) else { panic!("{text} should not be text") };
        assert_eq!(Node { value, place: Position::default() }.to_json(), expected);
    }

    #[rstest]
    fn stays_text(
        #[values(
            "yes",
            "no",
            "on",
            "off",
            "y",
            "tRue",
            "nUll",
            "nil",
            "2024-01-01",
            "2024-01-01T10:00:00Z",
            "12:30:45",
            "1_000",
            "0b101",
            "0x",
            "0xg",
            "0o8",
            "-0x1f",
            "+0o7",
            "1.2.3",
            "1e",
            "e3",
            ".",
            "-",
            "+",
            "--1",
            "+-1",
            "..5",
            "1 2",
            ".e3",
            "v1",
            ".info",
            "-.nan",
            "nan",
            "inf",
            "1.e"
        )]
        text: &str,
    ) {
        assert_eq!(resolve(text), Plain::Text);
    }

    #[rstest]
    fn is_not_json(#[values(".inf", "-.INF", "+.Inf", ".nan", ".NaN", "1e999")] text: &str) {
        assert_eq!(resolve(text), Plain::NotJson);
    }
}
