//! What queries mean, said once more over plain JSON without any index: slow, and simple enough to be believed.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use serde_json::Value;

/// What filters see of an entity: keys in lower case, values as they are written.
pub(super) fn rows(entity: &Value) -> Vec<(String, Option<String>)> {
    let mut rows = Vec::new();
    for (key, value) in entity.as_object().unwrap() {
        if !["relations", "status", "attachments"].contains(&key.as_str()) {
            flatten(key, value, &mut rows);
        }
    }
    for relation in entity["relations"].as_array().into_iter().flatten() {
        let key = format!("relations.{}", relation["type"].as_str().unwrap());
        rows.push((key, relation["targetRef"].as_str().map(str::to_owned)));
    }
    rows.retain(|(key, _)| key != "metadata.etag");
    rows.into_iter().map(|(key, value)| (key.to_lowercase(), value)).collect()
}

fn flatten(path: &str, value: &Value, rows: &mut Vec<(String, Option<String>)>) {
    match value {
        Value::Object(object) => {
            object.iter().for_each(|(key, value)| flatten(&format!("{path}.{key}"), value, rows));
        }
        Value::Array(items) => {
            for item in items {
                flatten(path, item, rows);
                if let Some(text) = item.as_str() {
                    rows.push((format!("{path}.{text}"), Some("true".to_owned())));
                }
            }
        }
        Value::Null => rows.push((path.to_owned(), None)),
        Value::String(text) => rows.push((path.to_owned(), Some(text.clone()))),
        other => rows.push((path.to_owned(), Some(other.to_string()))),
    }
}

/// The values of a key in lower case.
fn values(entity: &Value, key: &str) -> Vec<String> {
    let rows = rows(entity).into_iter().filter(|(other, _)| *other == key.to_lowercase());
    rows.filter_map(|(_, value)| Some(value?.to_lowercase())).collect()
}

fn has_key(entity: &Value, key: &str) -> bool {
    rows(entity).iter().any(|(other, _)| *other == key.to_lowercase())
}

/// Whether any of some filters, each a list of conditions, selects an entity.
pub(super) fn filters_hold(entity: &Value, filters: &[String]) -> bool {
    let one = |filter: &String| {
        let mut conditions: BTreeMap<&str, Vec<String>> = BTreeMap::new();
        for condition in filter.split(',') {
            match condition.split_once('=') {
                Some((key, value)) => conditions.entry(key).or_default().push(value.to_lowercase()),
                None => drop(conditions.entry(condition).or_default()),
            }
        }
        conditions.iter().all(|(key, wanted)| match wanted.is_empty() {
            true => has_key(entity, key),
            false => values(entity, key).iter().any(|value| wanted.contains(value)),
        })
    };
    filters.is_empty() || filters.iter().any(one)
}

/// Whether a predicate holds for an entity.
pub(super) fn predicate_holds(entity: &Value, predicate: &Value) -> bool {
    let list = |list: &Value| list.as_array().unwrap().clone();
    predicate.as_object().unwrap().iter().all(|(key, matcher)| match key.as_str() {
        "$all" => list(matcher).iter().all(|inner| predicate_holds(entity, inner)),
        "$any" => list(matcher).iter().any(|inner| predicate_holds(entity, inner)),
        "$not" => !predicate_holds(entity, matcher),
        key => match matcher {
            Value::Object(operator) => {
                let (operator, wanted) = operator.iter().next().unwrap();
                match operator.as_str() {
                    "$exists" => has_key(entity, key) == wanted.as_bool().unwrap(),
                    "$in" => list(wanted).iter().any(|wanted| is(entity, key, wanted)),
                    "$contains" => is(entity, key, wanted),
                    _ => {
                        let prefix = wanted.as_str().unwrap().to_lowercase();
                        values(entity, key).iter().any(|value| value.starts_with(&prefix))
                    }
                }
            }
            wanted => is(entity, key, wanted),
        },
    })
}

fn is(entity: &Value, key: &str, wanted: &Value) -> bool {
    let wanted = wanted.as_str().map_or_else(|| wanted.to_string(), str::to_lowercase);
    values(entity, key).contains(&wanted)
}

/// The value by which an entity is ordered.
fn sort_value(entity: &Value, field: &str, descending: bool) -> Option<String> {
    let values = values(entity, field).into_iter();
    if descending { values.max() } else { values.min() }
}

/// Entities in order; those that lack the first field are left out.
pub(super) fn ordered(mut entities: Vec<Value>, order: &[(String, bool)]) -> Vec<Value> {
    if let Some((field, descending)) = order.first() {
        entities.retain(|entity| sort_value(entity, field, *descending).is_some());
    }
    entities.sort_by(|a, b| {
        for (field, descending) in order {
            let (a, b) = (sort_value(a, field, *descending), sort_value(b, field, *descending));
            let ordering = match (a, b) {
                (None, None) => Ordering::Equal,
                (None, Some(_)) => Ordering::Greater,
                (Some(_), None) => Ordering::Less,
                (Some(a), Some(b)) if *descending => b.cmp(&a),
                (Some(a), Some(b)) => a.cmp(&b),
            };
            if ordering != Ordering::Equal {
                return ordering;
            }
        }
        reference(a).cmp(&reference(b))
    });
    entities
}

/// The reference of an entity.
pub(super) fn reference(entity: &Value) -> String {
    let text = |value: &Value| value.as_str().unwrap().to_lowercase();
    let metadata = &entity["metadata"];
    format!("{}:{}/{}", text(&entity["kind"]), text(&metadata["namespace"]), text(&metadata["name"]))
}

/// The values of a key with the number of entities that have them.
pub(super) fn facet(entities: &[Value], key: &str) -> Vec<(String, usize)> {
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for entity in entities {
        let mut seen: Vec<String> = Vec::new();
        for (_, value) in rows(entity).into_iter().filter(|(other, _)| *other == key.to_lowercase()) {
            // Values that differ only in case count once, as the first is written.
            if let Some(value) = value.filter(|value| !seen.contains(&value.to_lowercase())) {
                seen.push(value.to_lowercase());
                *counts.entry(value).or_default() += 1;
            }
        }
    }
    counts.into_iter().collect()
}

/// Whether one of some fields holds a text.
pub(super) fn holds_text(entity: &Value, term: &str, fields: &[String]) -> bool {
    let term = term.trim().to_lowercase();
    term.is_empty() || fields.iter().any(|field| values(entity, field).iter().any(|value| value.contains(&term)))
}
