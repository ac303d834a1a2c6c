//! What differs between two versions of an entity.

use std::collections::BTreeSet;

use host_model::history::{FieldChange, FieldChangeKind};
use serde_json::{Map, Value};

use crate::relations::{Given, names};
use crate::validate::escape;

/// The most changes that are told.
const MOST: usize = 500;
/// The longest text of a value that is told in full, in bytes.
const LONGEST: usize = 2_000;

/// The differences, and whether there are more than are told. Relations are compared by name and target.
pub(crate) fn diff(old: &Value, new: &Value, relations: (&[Given], &[Given])) -> (Vec<FieldChange>, bool) {
    let mut changes = Vec::new();
    compare("", old, new, &mut changes);
    let (old, new): (BTreeSet<&Given>, BTreeSet<&Given>) = (relations.0.iter().collect(), relations.1.iter().collect());
    let relation = |(name, target): &Given| format!("/relations/{}/{}", escape(names(name).0), escape(target));
    changes
        .extend(old.difference(&new).map(|given| change(relation(given), Some(&Value::String(given.1.clone())), None)));
    changes
        .extend(new.difference(&old).map(|given| change(relation(given), None, Some(&Value::String(given.1.clone())))));
    let truncated = changes.len() > MOST;
    changes.truncate(MOST);
    (changes, truncated)
}

fn compare(pointer: &str, old: &Value, new: &Value, changes: &mut Vec<FieldChange>) {
    if changes.len() > MOST || old == new {
        return;
    }
    match (old, new) {
        (Value::Object(old), Value::Object(new)) => compare_objects(pointer, old, new, changes),
        (Value::Array(old), Value::Array(new)) => compare_lists(pointer, old, new, changes),
        _ => changes.push(change(pointer.to_owned(), Some(old), Some(new))),
    }
}

fn compare_objects(pointer: &str, old: &Map<String, Value>, new: &Map<String, Value>, changes: &mut Vec<FieldChange>) {
    let below = |key: &str| format!("{pointer}/{}", escape(key));
    for (key, value) in old {
        match new.get(key) {
            Some(other) => compare(&below(key), value, other, changes),
            None => changes.push(change(below(key), Some(value), None)),
        }
    }
    for (key, value) in new.iter().filter(|(key, _)| !old.contains_key(*key)) {
        changes.push(change(below(key), None, Some(value)));
    }
}

/// What both lists begin and end with is the same; if what is between has one length, it is compared one by one.
fn compare_lists(pointer: &str, old: &[Value], new: &[Value], changes: &mut Vec<FieldChange>) {
    let head = old.iter().zip(new).take_while(|(old, new)| old == new).count();
    let tail = old[head..].iter().rev().zip(new[head..].iter().rev()).take_while(|(old, new)| old == new).count();
    let (old, new) = (&old[head..old.len() - tail], &new[head..new.len() - tail]);
    let below = |at: usize| format!("{pointer}/{}", head + at);
    if old.len() == new.len() {
        for (at, (old, new)) in old.iter().zip(new).enumerate() {
            compare(&below(at), old, new, changes);
        }
        return;
    }
    let items = |items: &[Value], make: fn(String, &Value) -> FieldChange| {
        items.iter().take(MOST + 1).enumerate().map(|(at, item)| make(below(at), item)).collect::<Vec<_>>()
    };
    changes.extend(items(old, |pointer, value| change(pointer, Some(value), None)));
    changes.extend(items(new, |pointer, value| change(pointer, None, Some(value))));
}

fn change(pointer: String, from: Option<&Value>, to: Option<&Value>) -> FieldChange {
    let kind = match (from, to) {
        (None, _) => FieldChangeKind::Added,
        (_, None) => FieldChangeKind::Removed,
        _ => FieldChangeKind::Changed,
    };
    let mut shortened = false;
    let mut told = |value: Option<&Value>| {
        value.map(|value| {
            let (value, short) = bounded(value);
            shortened |= short;
            value
        })
    };
    let (from, to) = (told(from), told(to));
    FieldChange { pointer, change: kind, from, to, shortened }
}

/// The value, or the beginning of its text when that is too long.
fn bounded(value: &Value) -> (Value, bool) {
    let text = match value {
        Value::String(text) => text.clone(),
        Value::Array(_) | Value::Object(_) => value.to_string(),
        _ => return (value.clone(), false),
    };
    if text.len() <= LONGEST {
        return (value.clone(), false);
    }
    let end = (0..=LONGEST).rev().find(|end| text.is_char_boundary(*end)).unwrap_or(0);
    (Value::String(text[..end].to_owned()), true)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn told(old: &Value, new: &Value) -> Vec<String> {
        let (changes, _) = diff(old, new, (&[], &[]));
        let show = |value: &Option<Value>| value.as_ref().map_or("-".to_owned(), ToString::to_string);
        changes.iter().map(|change| format!("{} {} {}", change.pointer, show(&change.from), show(&change.to))).collect()
    }

    #[test]
    fn fields_and_items_are_named_by_their_places() {
        for (old, new, expected) in [
            (json!({"a": 1}), json!({"a": 1}), vec![]),
            (
                json!({"a": 1, "b": {"c": null}}),
                json!({"a": 2, "b": {"d": 1}}),
                vec!["/a 1 2", "/b/c null -", "/b/d - 1"],
            ),
            (json!({"x/y": 1}), json!({}), vec!["/x~1y 1 -"]),
            (json!([1, 2, 3]), json!([1, 9, 3]), vec!["/1 2 9"]),
            (json!([1, 2, 3]), json!([0, 1, 2, 3]), vec!["/0 - 0"]),
            (json!([1, 2, 3]), json!([1, 3]), vec!["/1 2 -"]),
            (json!([{"a": 1}]), json!([{"a": 2}]), vec!["/0/a 1 2"]),
            (json!({"a": [1]}), json!({"a": {"0": 1}}), vec!["/a [1] {\"0\":1}"]),
        ] {
            assert_eq!(told(&old, &new), expected, "{old} {new}");
        }
    }

    #[test]
    fn relations_are_compared_by_name_and_target() {
        let given = |target: &str| ("ownedBy".to_owned(), target.to_owned());
        let (changes, _) = diff(&json!({}), &json!({}), (&[given("group:default/a")], &[given("group:default/b")]));
        let pointers: Vec<_> = changes.iter().map(|change| change.pointer.as_str()).collect();
        assert_eq!(pointers, ["/relations/ownedBy/group:default~1a", "/relations/ownedBy/group:default~1b"]);
    }

    #[test]
    fn what_is_too_long_is_cut() {
        let long = "é".repeat(LONGEST);
        let (changes, truncated) = diff(&json!({"a": long}), &json!({"a": "b"}), (&[], &[]));
        assert!(changes[0].shortened && !truncated);
        assert!(changes[0].from.as_ref().unwrap().as_str().unwrap().len() <= LONGEST);
        let many: Vec<_> = (0..2 * MOST).collect();
        let (changes, truncated) = diff(&json!([]), &json!(many), (&[], &[]));
        assert_eq!((changes.len(), truncated), (MOST, true));
    }
}
