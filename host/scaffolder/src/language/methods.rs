//! The methods that JavaScript's texts and arrays have, as far as templates use them.

use minijinja::value::{Value, ValueKind};
use minijinja::{Error, ErrorKind};

use super::bounded::check;
use super::text_filters::replaced;
use super::value::{items, join, list, text};

/// Calls a method by its name in JavaScript.
pub(super) fn call(value: &Value, name: &str, arguments: &[Value]) -> Result<Value, Error> {
    match value.kind() {
        ValueKind::String => text_method(value.as_str().unwrap_or_default(), name, arguments),
        ValueKind::Seq | ValueKind::Iterable => list_method(value, name, arguments),
        ValueKind::Number | ValueKind::Bool if name == "toString" => Ok(Value::from(text(value)?)),
        ValueKind::Undefined | ValueKind::None => {
            Err(Error::new(ErrorKind::InvalidOperation, format!("{name}() is called on a value that is missing")))
        }
        _ => Err(ErrorKind::UnknownMethod.into()),
    }
}

fn text_method(subject: &str, name: &str, arguments: &[Value]) -> Result<Value, Error> {
    let argument = |index: usize| arguments.get(index).map_or_else(|| Ok(String::new()), text);
    let characters = || subject.chars().collect::<Vec<_>>();
    Ok(match name {
        "toLowerCase" | "toLocaleLowerCase" => Value::from(subject.to_lowercase()),
        "toUpperCase" | "toLocaleUpperCase" => Value::from(subject.to_uppercase()),
        "trim" => Value::from(subject.trim()),
        "trimStart" => Value::from(subject.trim_start()),
        "trimEnd" => Value::from(subject.trim_end()),
        "toString" => Value::from(subject),
        "startsWith" => Value::from(subject.starts_with(&argument(0)?)),
        "endsWith" => Value::from(subject.ends_with(&argument(0)?)),
        "includes" => Value::from(subject.contains(&argument(0)?)),
        "indexOf" => position(subject, subject.find(&argument(0)?)),
        "lastIndexOf" => position(subject, subject.rfind(&argument(0)?)),
        "replace" => Value::from(replaced(subject, &argument(0)?, &argument(1)?, Some(1))?),
        "replaceAll" => Value::from(replaced(subject, &argument(0)?, &argument(1)?, None)?),
        "concat" => Value::from(join(&[&[Value::from(subject)], arguments].concat(), "")?),
        "charAt" => Value::from(
            characters().get(integer(arguments.first(), 0) as usize).map(char::to_string).unwrap_or_default(),
        ),
        "slice" | "substring" => {
            let characters = characters();
            let (start, end) = range(arguments, characters.len(), name == "slice");
            Value::from(characters[start..end].iter().collect::<String>())
        }
        "split" => list(split(subject, arguments)?),
        "repeat" => {
            let times = usize::try_from(integer(arguments.first(), 0)).unwrap_or(0);
            check(subject.len().saturating_mul(times))?;
            Value::from(subject.repeat(times))
        }
        "padStart" | "padEnd" => {
            let pad = padding(subject, arguments)?;
            Value::from(if name == "padStart" { pad + subject } else { subject.to_owned() + &pad })
        }
        _ => return Err(ErrorKind::UnknownMethod.into()),
    })
}

fn list_method(value: &Value, name: &str, arguments: &[Value]) -> Result<Value, Error> {
    let all = items(value)?;
    let find = |wanted: Option<&Value>| all.iter().position(|item| Some(item) == wanted);
    Ok(match name {
        "join" => {
            let between = arguments.first().map_or_else(|| Ok(",".to_owned()), text)?;
            Value::from(join(&all, &between)?)
        }
        "includes" => Value::from(find(arguments.first()).is_some()),
        "indexOf" => find(arguments.first()).map_or(Value::from(-1), Value::from),
        "slice" => {
            let (start, end) = range(arguments, all.len(), true);
            list(all[start..end].to_vec())
        }
        "concat" => {
            let mut all = all;
            for argument in arguments {
                match argument.kind() {
                    ValueKind::Seq | ValueKind::Iterable => all.extend(items(argument)?),
                    _ => all.push(argument.clone()),
                }
            }
            list(all)
        }
        "reverse" => list(all.into_iter().rev().collect()),
        "toString" => Value::from(text(value)?),
        _ => return Err(ErrorKind::UnknownMethod.into()),
    })
}

fn position(subject: &str, at: Option<usize>) -> Value {
    at.map_or(Value::from(-1), |at| Value::from(subject[..at].chars().count()))
}

fn split(subject: &str, arguments: &[Value]) -> Result<Vec<Value>, Error> {
    let Some(between) = arguments.first().filter(|value| !value.is_undefined()) else {
        return Ok(vec![Value::from(subject)]);
    };
    let between = text(between)?;
    Ok(if between.is_empty() {
        subject.chars().map(|character| Value::from(character.to_string())).collect()
    } else {
        subject.split(&between).map(Value::from).collect()
    })
}

fn padding(subject: &str, arguments: &[Value]) -> Result<String, Error> {
    let width = usize::try_from(integer(arguments.first(), 0)).unwrap_or(0);
    let fill = arguments.get(1).map_or_else(|| Ok(" ".to_owned()), text)?;
    check(width)?;
    Ok(fill.chars().cycle().take(width.saturating_sub(subject.chars().count())).collect())
}

fn range(arguments: &[Value], length: usize, from_end: bool) -> (usize, usize) {
    let place = |index: usize, otherwise: usize| {
        let number = integer(arguments.get(index), otherwise as i64);
        let number = if number < 0 && from_end { number + length as i64 } else { number };
        usize::try_from(number).unwrap_or(0).min(length)
    };
    let (start, end) = (place(0, 0), place(1, length));
    match (start <= end, from_end) {
        (true, _) => (start, end),
        (false, true) => (start, start),
        (false, false) => (end, start),
    }
}

fn integer(value: Option<&Value>, otherwise: i64) -> i64 {
    value.and_then(Value::as_i64).unwrap_or(otherwise)
}
