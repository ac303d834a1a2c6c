//! Filters on text and numbers, as nunjucks defines them.

use minijinja::value::{Value, ValueKind};
use minijinja::{Error, ErrorKind};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value as Json;

use super::bounded::{bounded, check};
use super::value::{from_template, items, text};

/// What JavaScript's `encodeURIComponent` leaves as it is.
const COMPONENT: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'!')
    .remove(b'~')
    .remove(b'*')
    .remove(b'\'')
    .remove(b'(')
    .remove(b')');

/// How wide `indent` and `center` may go.
const MAX_WIDTH: usize = 1000;

pub(super) fn dump(value: &Value, spaces: Option<usize>) -> Result<Value, Error> {
    let json = from_template(value).map_err(|message| Error::new(ErrorKind::BadSerialization, message))?;
    let Some(json) = json else { return Ok(Value::UNDEFINED) };
    Ok(Value::from(match spaces.unwrap_or(0).min(10) {
        0 => bounded(json.to_string())?,
        spaces => bounded(pretty(&json, spaces)?)?,
    }))
}

fn pretty(json: &Json, spaces: usize) -> Result<String, Error> {
    use serde::Serialize as _;

    let indent = " ".repeat(spaces);
    let mut out = Vec::new();
    let formatter = serde_json::ser::PrettyFormatter::with_indent(indent.as_bytes());
    json.serialize(&mut serde_json::Serializer::with_formatter(&mut out, formatter))
        .map_err(|error| Error::new(ErrorKind::BadSerialization, error.to_string()))?;
    Ok(String::from_utf8_lossy(&out).into_owned())
}

pub(super) fn lower(value: &Value) -> Result<String, Error> {
    bounded(text(value)?.to_lowercase())
}

pub(super) fn upper(value: &Value) -> Result<String, Error> {
    bounded(text(value)?.to_uppercase())
}

pub(super) fn capitalize(value: &Value) -> Result<String, Error> {
    Ok(capital(&text(value)?))
}

pub(super) fn title(value: &Value) -> Result<String, Error> {
    Ok(text(value)?.split(' ').map(capital).collect::<Vec<_>>().join(" "))
}

fn capital(word: &str) -> String {
    let mut characters = word.chars();
    match characters.next() {
        Some(first) => first.to_uppercase().chain(characters.as_str().to_lowercase().chars()).collect(),
        None => String::new(),
    }
}

pub(super) fn trim(value: &Value) -> Result<String, Error> {
    Ok(text(value)?.trim().to_owned())
}

pub(super) fn string(value: &Value) -> Result<String, Error> {
    text(value)
}

pub(super) fn replace(value: &Value, from: &Value, to: Option<Value>, count: Option<usize>) -> Result<String, Error> {
    let (subject, from) = (text(value)?, text(from)?);
    let to = to.map_or_else(|| Ok(String::new()), |to| text(&to))?;
    replaced(&subject, &from, &to, count)
}

/// A text with another one in place of a part, at most `count` times.
pub(super) fn replaced(subject: &str, from: &str, to: &str, count: Option<usize>) -> Result<String, Error> {
    let count = count.unwrap_or(usize::MAX);
    let times = subject.matches(from).take(count).count();
    check(subject.len().saturating_add(times.saturating_mul(to.len())))?;
    Ok(subject.replacen(from, to, count))
}

pub(super) fn truncate(
    value: &Value,
    length: Option<usize>,
    kill_words: Option<bool>,
    end: Option<String>,
) -> Result<String, Error> {
    let subject = text(value)?;
    let length = length.unwrap_or(255);
    if subject.chars().count() <= length {
        return Ok(subject);
    }
    let cut: String = subject.chars().take(length).collect();
    let cut = match cut.rfind(' ') {
        Some(at) if !kill_words.unwrap_or(false) && at > 0 => &cut[..at],
        _ => &cut,
    };
    Ok(format!("{cut}{}", end.as_deref().unwrap_or("...")))
}

pub(super) fn indent(value: &Value, width: Option<usize>, first: Option<bool>) -> Result<String, Error> {
    let pad = " ".repeat(width.unwrap_or(4).min(MAX_WIDTH));
    let subject = text(value)?;
    check(subject.len().saturating_add(subject.matches('\n').count().saturating_mul(pad.len())))?;
    let mut out = String::with_capacity(subject.len());
    for (index, line) in subject.split('\n').enumerate() {
        if index > 0 {
            out.push('\n');
        }
        if index > 0 || first.unwrap_or(false) {
            out.push_str(&pad);
        }
        out.push_str(line);
    }
    Ok(out)
}

pub(super) fn center(value: &Value, width: Option<usize>) -> Result<String, Error> {
    let subject = text(value)?;
    let room = width.unwrap_or(80).min(MAX_WIDTH).saturating_sub(subject.chars().count());
    Ok(format!("{}{subject}{}", " ".repeat(room / 2), " ".repeat(room - room / 2)))
}

pub(super) fn word_count(value: &Value) -> Result<usize, Error> {
    Ok(text(value)?
        .split(|character: char| !character.is_alphanumeric() && character != '_')
        .filter(|word| !word.is_empty())
        .count())
}

pub(super) fn strip_tags(value: &Value) -> Result<String, Error> {
    let subject = text(value)?;
    let mut out = String::with_capacity(subject.len());
    let mut in_tag = false;
    for character in subject.chars() {
        match character {
            '<' => in_tag = true,
            '>' if in_tag => in_tag = false,
            _ if in_tag => {}
            other => out.push(other),
        }
    }
    Ok(out.split_whitespace().collect::<Vec<_>>().join(" "))
}

pub(super) fn line_breaks(value: &Value) -> Result<String, Error> {
    bounded(text(value)?.replace("\r\n", "\n").replace('\n', "<br />\n"))
}

pub(super) fn urlencode(value: &Value) -> Result<String, Error> {
    let encode = |value: &Value| bounded(utf8_percent_encode(&text(value)?, COMPONENT).to_string());
    let pair = |key: &Value, value: &Value| Ok::<_, Error>(format!("{}={}", encode(key)?, encode(value)?));
    let pairs: Vec<String> = match value.kind() {
        ValueKind::Map => value.try_iter()?.map(|key| pair(&key, &value.get_item(&key)?)).collect::<Result<_, _>>()?,
        ValueKind::Seq => value
            .try_iter()?
            .map(|entry| pair(&entry.get_item_by_index(0)?, &entry.get_item_by_index(1)?))
            .collect::<Result<_, _>>()?,
        _ => return encode(value),
    };
    bounded(pairs.join("&"))
}

pub(super) fn int(value: &Value, otherwise: Option<Value>, base: Option<u32>) -> Result<Value, Error> {
    if value.kind() == ValueKind::Number {
        return Ok(f64::try_from(value.clone()).map_or(Value::UNDEFINED, |number| Value::from(number.trunc() as i64)));
    }
    let subject = text(value)?;
    let subject = subject.trim();
    let (sign, digits) = match subject.strip_prefix('-') {
        Some(rest) => (-1, rest),
        None => (1, subject.strip_prefix('+').unwrap_or(subject)),
    };
    let base = base.unwrap_or(10).clamp(2, 36);
    let end = digits.find(|character: char| !character.is_digit(base)).unwrap_or(digits.len());
    Ok(i64::from_str_radix(&digits[..end], base)
        .map_or_else(|_| otherwise.unwrap_or_else(|| Value::from(0)), |number| Value::from(sign * number)))
}

pub(super) fn float(value: &Value, otherwise: Option<Value>) -> Result<Value, Error> {
    let subject = text(value)?;
    let subject = subject.trim();
    let is_part = |character: char| character.is_ascii_digit() || matches!(character, '.' | '-' | '+' | 'e' | 'E');
    let mut end = subject.find(|character| !is_part(character)).unwrap_or(subject.len());
    while end > 0 {
        if let Ok(number) = subject[..end].parse::<f64>() {
            return Ok(Value::from(number));
        }
        end -= 1;
    }
    Ok(otherwise.unwrap_or_else(|| Value::from(0)))
}

pub(super) fn round(value: &Value, precision: Option<i32>, method: Option<String>) -> Result<Value, Error> {
    let number = f64::try_from(value.clone())
        .map_err(|_| Error::new(ErrorKind::InvalidOperation, "only numbers can be rounded"))?;
    let factor = 10_f64.powi(precision.unwrap_or(0).clamp(-15, 15));
    let scaled = number * factor;
    let rounded = match method.as_deref() {
        Some("ceil") => scaled.ceil(),
        Some("floor") => scaled.floor(),
        // JavaScript rounds halves up.
        _ => (scaled + 0.5).floor(),
    };
    Ok(Value::from(rounded / factor))
}

/// Used by filters that take either text or a list.
pub(super) fn is_list(value: &Value) -> bool {
    matches!(value.kind(), ValueKind::Seq | ValueKind::Iterable) && items(value).is_ok()
}
