//! Values as JavaScript has them: how they print, what is true, how they become JSON.

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

use minijinja::value::{Enumerator, Object, ObjectRepr, Value, ValueKind};
use minijinja::{Error, ErrorKind};
use serde_json::{Map, Number, Value as Json};

use super::MAX_DEPTH;
use super::bounded::{MAX_TEXT, charge, check};

/// An array; true even when empty.
#[derive(Debug)]
struct List(Vec<Value>);

/// An object that keeps the order of its keys.
#[derive(Debug)]
struct Dictionary {
    entries: Vec<(Arc<str>, Value)>,
    index: HashMap<Arc<str>, usize>,
}

impl Object for List {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Seq
    }

    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        self.0.get(key.as_usize()?).cloned()
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        Enumerator::Seq(self.0.len())
    }

    fn is_true(self: &Arc<Self>) -> bool {
        true
    }

    fn render(self: &Arc<Self>, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&join(&self.0, ",").map_err(|_| fmt::Error)?)
    }
}

impl Object for Dictionary {
    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        self.get_value_by_str(key.as_str()?)
    }

    fn get_value_by_str(self: &Arc<Self>, key: &str) -> Option<Value> {
        self.index.get(key).map(|at| self.entries[*at].1.clone())
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        Enumerator::Values(self.entries.iter().map(|(key, _)| Value::from(Arc::clone(key))).collect())
    }

    fn is_true(self: &Arc<Self>) -> bool {
        true
    }

    fn render(self: &Arc<Self>, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("[object Object]")
    }
}

/// An array of values.
pub(super) fn list(items: Vec<Value>) -> Value {
    Value::from_object(List(items))
}

/// An object of values.
pub(crate) fn dictionary<Key: Into<Arc<str>>>(entries: impl IntoIterator<Item = (Key, Value)>) -> Value {
    let mut dictionary = Dictionary { entries: Vec::new(), index: HashMap::new() };
    for (key, value) in entries {
        let key = key.into();
        match dictionary.index.get(&key) {
            Some(at) => dictionary.entries[*at].1 = value,
            None => {
                dictionary.index.insert(Arc::clone(&key), dictionary.entries.len());
                dictionary.entries.push((key, value));
            }
        }
    }
    Value::from_object(dictionary)
}

/// JSON as a value of the language.
pub(crate) fn to_template(value: &Json) -> Value {
    match value {
        Json::Null => Value::from(()),
        Json::Bool(yes) => Value::from(*yes),
        Json::Number(number) => match (number.as_i64(), number.as_u64()) {
            (Some(number), _) => Value::from(number),
            (None, Some(number)) => Value::from(number),
            (None, None) => Value::from(number.as_f64().unwrap_or(f64::NAN)),
        },
        Json::String(text) => Value::from(text.as_str()),
        Json::Array(items) => list(items.iter().map(to_template).collect()),
        Json::Object(entries) => {
            dictionary(entries.iter().map(|(key, value)| (Arc::<str>::from(key.as_str()), to_template(value))))
        }
    }
}

/// A value of the language as JSON; none when it is undefined.
pub(crate) fn from_template(value: &Value) -> Result<Option<Json>, String> {
    from_template_at(value, 0)
}

fn from_template_at(value: &Value, depth: usize) -> Result<Option<Json>, String> {
    if depth > MAX_DEPTH {
        return Err(format!("the result is nested more than {MAX_DEPTH} deep"));
    }
    // Parts may be shared, so that few values become many.
    charge(value.as_str().map_or(16, str::len) + 8).map_err(|error| error.to_string())?;
    Ok(Some(match value.kind() {
        ValueKind::Undefined => return Ok(None),
        ValueKind::None => Json::Null,
        ValueKind::Bool => Json::Bool(value.is_true()),
        ValueKind::Number => number(value),
        ValueKind::String => Json::String(value.as_str().unwrap_or_default().to_owned()),
        ValueKind::Bytes => Json::String(value.to_string()),
        ValueKind::Seq | ValueKind::Iterable => {
            let mut items = Vec::new();
            for item in value.try_iter().map_err(|error| error.to_string())? {
                items.push(from_template_at(&item, depth + 1)?.unwrap_or(Json::Null));
            }
            Json::Array(items)
        }
        ValueKind::Map => {
            let mut entries = Map::new();
            for key in value.try_iter().map_err(|error| error.to_string())? {
                let item = value.get_item(&key).map_err(|error| error.to_string())?;
                if let Some(item) = from_template_at(&item, depth + 1)? {
                    entries.insert(text(&key).map_err(|error| error.to_string())?, item);
                }
            }
            Json::Object(entries)
        }
        ValueKind::Invalid => return Err(value.to_string()),
        // Functions and the like have no JSON, as in JavaScript.
        _ => return Ok(None),
    }))
}

fn number(value: &Value) -> Json {
    if let Some(number) = value.as_i64() {
        return Json::from(number);
    }
    let number = f64::try_from(value.clone()).unwrap_or(f64::NAN);
    // JavaScript knows no difference between 2 and 2.0.
    if number.fract() == 0.0 && number.abs() < 9_007_199_254_740_992.0 {
        return Json::from(number as i64);
    }
    Number::from_f64(number).map_or(Json::Null, Json::Number)
}

/// A value as text, as JavaScript writes it; null and undefined as nothing.
pub(super) fn text(value: &Value) -> Result<String, Error> {
    Ok(match value.kind() {
        ValueKind::Undefined | ValueKind::None => String::new(),
        ValueKind::Bool => if value.is_true() { "true" } else { "false" }.to_owned(),
        ValueKind::Number => match number(value) {
            Json::Null => "NaN".to_owned(),
            number => number.to_string(),
        },
        ValueKind::Seq | ValueKind::Iterable => join(&value.try_iter()?.collect::<Vec<_>>(), ",")?,
        ValueKind::Map => "[object Object]".to_owned(),
        ValueKind::Invalid => return Err(Error::new(ErrorKind::InvalidOperation, value.to_string())),
        _ => value.to_string(),
    })
}

/// The texts of values with something between them.
pub(super) fn join(items: &[Value], between: &str) -> Result<String, Error> {
    let mut joined = String::new();
    for (index, item) in items.iter().enumerate() {
        if index > 0 {
            joined.push_str(between);
        }
        joined.push_str(&text(item)?);
        if joined.len() > MAX_TEXT {
            check(joined.len())?;
        }
    }
    check(joined.len())?;
    Ok(joined)
}

/// Whether JavaScript takes a value for true.
pub(super) fn is_true(value: &Value) -> bool {
    matches!(value.kind(), ValueKind::Seq | ValueKind::Map | ValueKind::Iterable) || value.is_true()
}

/// The items of an array, or the characters of a text; nothing for what is missing.
pub(super) fn items(value: &Value) -> Result<Vec<Value>, Error> {
    match value.kind() {
        ValueKind::Undefined | ValueKind::None => Ok(Vec::new()),
        ValueKind::String => {
            Ok(value.as_str().unwrap_or_default().chars().map(|c| Value::from(c.to_string())).collect())
        }
        _ => Ok(value.try_iter()?.collect()),
    }
}

/// How many items, keys or UTF-16 units a value has.
pub(super) fn length(value: &Value) -> Value {
    match value.kind() {
        ValueKind::Undefined | ValueKind::None => Value::from(0),
        ValueKind::String => Value::from(value.as_str().unwrap_or_default().encode_utf16().count()),
        _ => value.len().map_or(Value::UNDEFINED, Value::from),
    }
}
