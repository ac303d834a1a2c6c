//! Filters on arrays and objects, as nunjucks defines them.

use std::cmp::Ordering;

use minijinja::Error;
use minijinja::value::{Value, ValueKind};

use super::bounded::charge;
use super::entity_filters::pick;
use super::text_filters::is_list;
use super::value::{dictionary, is_true, items, join as join_texts, list as make_list, text};

/// What `for key, value in` walks over: an object's entries, or an array of pairs as it is.
pub(super) fn pairs(value: &Value) -> Result<Value, Error> {
    if value.kind() != ValueKind::Map {
        return Ok(make_list(items(value)?));
    }
    let mut pairs = Vec::new();
    for key in value.try_iter()? {
        let item = value.get_item(&key)?;
        pairs.push(make_list(vec![key, item]));
    }
    Ok(make_list(pairs))
}

/// What a loop walks over, when its body of so many bytes may be written so often.
pub(super) fn charged(value: &Value, bytes: usize) -> Result<Value, Error> {
    let times = match value.kind() {
        ValueKind::Undefined | ValueKind::None => return Ok(make_list(Vec::new())),
        // In nunjucks an object has no items to walk over one by one.
        ValueKind::Map => return Ok(make_list(Vec::new())),
        ValueKind::String => return charged(&make_list(items(value)?), bytes),
        _ => value.len().unwrap_or(0),
    };
    charge(times.saturating_mul(bytes))?;
    Ok(value.clone())
}

pub(super) fn join(value: &Value, between: Option<Value>, attribute: Option<String>) -> Result<String, Error> {
    let between = between.map_or_else(|| Ok(String::new()), |between| text(&between))?;
    let mut all = items(value)?;
    if let Some(attribute) = attribute {
        all = all.iter().map(|item| pick(item, &attribute)).collect();
    }
    join_texts(&all, &between)
}

pub(super) fn first(value: &Value) -> Result<Value, Error> {
    Ok(items(value)?.into_iter().next().unwrap_or(Value::UNDEFINED))
}

pub(super) fn last(value: &Value) -> Result<Value, Error> {
    Ok(items(value)?.pop().unwrap_or(Value::UNDEFINED))
}

pub(super) fn list(value: &Value) -> Result<Value, Error> {
    if value.kind() != ValueKind::Map {
        return Ok(make_list(items(value)?));
    }
    let mut entries = Vec::new();
    for key in value.try_iter()? {
        let item = value.get_item(&key)?;
        entries.push(dictionary([("key", key), ("value", item)]));
    }
    Ok(make_list(entries))
}

pub(super) fn reverse(value: &Value) -> Result<Value, Error> {
    if is_list(value) {
        return Ok(make_list(items(value)?.into_iter().rev().collect()));
    }
    Ok(Value::from(text(value)?.chars().rev().collect::<String>()))
}

pub(super) fn sort(
    value: &Value,
    reversed: Option<Value>,
    case_sensitive: Option<Value>,
    attribute: Option<String>,
) -> Result<Value, Error> {
    let case_sensitive = case_sensitive.as_ref().is_some_and(is_true);
    let key = |item: &Value| {
        let item = attribute.as_ref().map_or_else(|| item.clone(), |attribute| pick(item, attribute));
        match item.as_str() {
            Some(text) if !case_sensitive => Value::from(text.to_lowercase()),
            _ => item,
        }
    };
    let mut keyed: Vec<(Value, Value)> = items(value)?.into_iter().map(|item| (key(&item), item)).collect();
    keyed.sort_by(|one, other| one.0.partial_cmp(&other.0).unwrap_or(Ordering::Equal));
    if reversed.as_ref().is_some_and(is_true) {
        keyed.reverse();
    }
    Ok(make_list(keyed.into_iter().map(|(_, item)| item).collect()))
}

pub(super) fn unique(value: &Value) -> Result<Value, Error> {
    let mut seen = std::collections::BTreeSet::new();
    Ok(make_list(items(value)?.into_iter().filter(|item| seen.insert(item.clone())).collect()))
}

pub(super) fn sum(value: &Value, attribute: Option<String>, start: Option<f64>) -> Result<f64, Error> {
    let mut total = start.unwrap_or(0.0);
    for item in items(value)? {
        let item = attribute.as_ref().map_or_else(|| item.clone(), |attribute| pick(&item, attribute));
        total += f64::try_from(item)?;
    }
    Ok(total)
}

pub(super) fn groupby(value: &Value, attribute: &str) -> Result<Value, Error> {
    let mut groups: Vec<(String, Vec<Value>)> = Vec::new();
    for item in items(value)? {
        let key = text(&pick(&item, attribute))?;
        match groups.iter_mut().find(|(known, _)| *known == key) {
            Some((_, members)) => members.push(item),
            None => groups.push((key, vec![item])),
        }
    }
    Ok(dictionary(groups.into_iter().map(|(key, members)| (key, make_list(members)))))
}

pub(super) fn by_attribute(value: &Value, attribute: &str, wanted: bool) -> Result<Value, Error> {
    let kept = items(value)?.into_iter().filter(|item| is_true(&pick(item, attribute)) == wanted);
    Ok(make_list(kept.collect()))
}
