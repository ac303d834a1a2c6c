//! Which entities are meant: the filters and predicates of the REST API.

use std::borrow::Cow;

use serde_json::{Map, Value, json};

use super::Index;
use super::postings::Bits;
use crate::QueryError;

/// Deepest nesting of a predicate.
const DEEPEST: usize = 32;
/// The same of one that was written here, which says in levels of its own what others leave unsaid.
const DEEPEST_WRITTEN: usize = DEEPEST * 2 + 2;

/// A condition on entities. Keys and values are in lower case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Selection {
    /// All of these hold; with none, everything is meant.
    All(Vec<Selection>),
    /// Any of these holds; with none, nothing is meant.
    Any(Vec<Selection>),
    /// This does not hold.
    Not(Box<Selection>),
    /// The key exists.
    Exists(String),
    /// The key has one of these values.
    In(String, Vec<String>),
    /// The key has a value that begins so.
    Prefix(String, String),
}

impl Default for Selection {
    fn default() -> Self {
        Self::All(Vec::new())
    }
}

impl Selection {
    /// Reads `filter` parameters: each a list of conditions `key`, `key=` or `key=value` that must all hold, where a key
    /// that comes several times may have any of its values. An entity is meant when any parameter's conditions hold.
    ///
    /// # Errors
    /// When a condition has no key.
    pub fn from_filters<S: AsRef<str>>(filters: &[S]) -> Result<Self, QueryError> {
        let mut any = Vec::new();
        for filter in filters {
            let mut all: Vec<Selection> = Vec::new();
            for statement in filter.as_ref().split(',').map(str::trim).filter(|statement| !statement.is_empty()) {
                let (key, value) = match statement.split_once('=') {
                    Some((key, value)) => (key.trim().to_lowercase(), Some(value.trim().to_lowercase())),
                    None => (statement.to_lowercase(), None),
                };
                if key.is_empty() {
                    return Err(QueryError::InvalidFilter(statement.to_owned()));
                }
                add_condition(&mut all, key, value);
            }
            if !all.is_empty() {
                add_alternative(&mut any, all);
            }
        }
        Ok(if any.is_empty() { Self::default() } else { Self::Any(any) })
    }

    /// Reads a predicate such as `{"$all": [{"kind": "component"}, {"$not": {"spec.type": {"$in": ["website"]}}}]}`. A key
    /// that begins with `$` is written with one more before it.
    ///
    /// # Errors
    /// When it does not follow the grammar.
    pub fn from_predicate(predicate: &Value) -> Result<Self, QueryError> {
        read(predicate, DEEPEST)
    }

    /// Reads what [`Selection::to_predicate`] gave.
    ///
    /// # Errors
    /// When it does not follow the grammar.
    pub(super) fn from_written(predicate: &Value) -> Result<Self, QueryError> {
        read(predicate, DEEPEST_WRITTEN)
    }

    /// The predicate that means the same.
    pub fn to_predicate(&self) -> Value {
        match self {
            Self::All(all) => json!({"$all": all.iter().map(Self::to_predicate).collect::<Vec<_>>()}),
            Self::Any(any) => json!({"$any": any.iter().map(Self::to_predicate).collect::<Vec<_>>()}),
            Self::Not(inner) => json!({"$not": inner.to_predicate()}),
            Self::Exists(key) => json!({written(key): {"$exists": true}}),
            Self::In(key, values) => json!({written(key): {"$in": values}}),
            Self::Prefix(key, prefix) => json!({written(key): {"$hasPrefix": prefix}}),
        }
    }

    /// Both hold.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::All(none), other) | (other, Self::All(none)) if none.is_empty() => other,
            (first, second) => Self::All(vec![first, second]),
        }
    }

    /// Whether everything is meant.
    pub(crate) fn is_everything(&self) -> bool {
        matches!(self, Self::All(all) if all.is_empty())
    }

    /// Whether something else than an entity is meant, which has at most one value for each key.
    pub(crate) fn holds<'a>(&self, value: &impl Fn(&str) -> Option<&'a str>) -> bool {
        let lower = |key: &str| value(key).map(str::to_lowercase);
        match self {
            Self::All(all) => all.iter().all(|inner| inner.holds(value)),
            Self::Any(any) => any.iter().any(|inner| inner.holds(value)),
            Self::Not(inner) => !inner.holds(value),
            Self::Exists(key) => value(key).is_some(),
            Self::In(key, values) => lower(key).is_some_and(|value| values.contains(&value)),
            Self::Prefix(key, prefix) => lower(key).is_some_and(|value| value.starts_with(prefix.as_str())),
        }
    }

    /// The first key that passes a test.
    pub(crate) fn key_that(&self, test: &impl Fn(&str) -> bool) -> Option<&str> {
        match self {
            Self::All(inner) | Self::Any(inner) => inner.iter().find_map(|inner| inner.key_that(test)),
            Self::Not(inner) => inner.key_that(test),
            Self::Exists(key) | Self::In(key, _) | Self::Prefix(key, _) => Some(key.as_str()).filter(|key| test(key)),
        }
    }

    /// The entities that are meant.
    pub(crate) fn evaluate(&self, index: &Index) -> Bits {
        let size = index.size();
        match self {
            Self::All(all) => {
                let mut bits = match all.first() {
                    Some(first) => first.evaluate(index),
                    None => index.present().clone(),
                };
                for next in all.iter().skip(1) {
                    bits.and(&next.evaluate(index));
                }
                bits
            }
            Self::Any(any) => {
                let mut bits = Bits::none(size);
                for next in any {
                    bits.or(&next.evaluate(index));
                }
                bits
            }
            Self::Not(inner) => {
                let mut bits = index.present().clone();
                bits.without(&inner.evaluate(index));
                bits
            }
            Self::Exists(key) => {
                let mut bits = Bits::none(size);
                index.with_key(key, &mut bits);
                bits
            }
            Self::In(key, values) => {
                let mut bits = Bits::none(size);
                index.with_values(key, values, &mut bits);
                bits
            }
            Self::Prefix(key, prefix) => {
                let mut bits = Bits::none(size);
                index.with_value_that(key, |value| value.starts_with(prefix.as_str()), &mut bits);
                bits
            }
        }
    }
}

/// A key as predicates have it, where a single `$` begins an operator.
fn written(key: &str) -> Cow<'_, str> {
    if key.starts_with('$') { format!("${key}").into() } else { key.into() }
}

/// Adds the conditions of one parameter; many that differ only in the value of a key are one condition.
fn add_alternative(any: &mut Vec<Selection>, mut all: Vec<Selection>) {
    if let [Selection::In(key, values)] = all.as_mut_slice() {
        let same = any.iter_mut().find_map(|other| match other {
            Selection::All(one) => match one.as_mut_slice() {
                [Selection::In(other, known)] if other == key => Some(known),
                _ => None,
            },
            _ => None,
        });
        if let Some(known) = same {
            known.append(values);
            return;
        }
    }
    any.push(Selection::All(all));
}

fn add_condition(all: &mut Vec<Selection>, key: String, value: Option<String>) {
    let known = all.iter_mut().find(|condition| match condition {
        Selection::Exists(other) | Selection::In(other, _) => *other == key,
        _ => false,
    });
    match (known, value) {
        (Some(Selection::In(_, values)), Some(value)) => values.push(value),
        (Some(condition), Some(value)) => *condition = Selection::In(key, vec![value]),
        (Some(_), None) => {}
        (None, Some(value)) => all.push(Selection::In(key, vec![value])),
        (None, None) => all.push(Selection::Exists(key)),
    }
}

fn invalid(message: impl Into<String>) -> QueryError {
    QueryError::InvalidQuery(message.into())
}

/// Reads a predicate that may be nested so many levels deep.
fn read(predicate: &Value, deepest: usize) -> Result<Selection, QueryError> {
    let Value::Object(object) = predicate else {
        return Err(invalid("the query must be an object such as {\"kind\": \"component\"}"));
    };
    if let Some(operator) = object.keys().find(|key| is_operator(key)) {
        if object.len() > 1 {
            return Err(invalid(format!("{operator} must be alone in its object; combine conditions with $all")));
        }
        return read_operator(operator, &object[operator], deepest);
    }
    let conditions: Result<Vec<_>, _> =
        object.iter().map(|(key, matcher)| read_matcher(&plain(key).to_lowercase(), matcher)).collect();
    let mut conditions = conditions?;
    match conditions.pop() {
        Some(only) if conditions.is_empty() => Ok(only),
        last => {
            conditions.extend(last);
            Ok(Selection::All(conditions))
        }
    }
}

fn is_operator(key: &str) -> bool {
    key.starts_with('$') && !key.starts_with("$$")
}

/// The key that [`written`] gave.
fn plain(key: &str) -> &str {
    key.strip_prefix('$').unwrap_or(key)
}

fn read_operator(operator: &str, value: &Value, deepest: usize) -> Result<Selection, QueryError> {
    let read = |inner: &Value| match deepest.checked_sub(1) {
        Some(deepest) => read(inner, deepest),
        None => Err(invalid(format!("the query is nested more than {DEEPEST} levels deep"))),
    };
    let list = || -> Result<Vec<Selection>, QueryError> {
        let items = value.as_array().ok_or_else(|| invalid(format!("{operator} must be a list of queries")))?;
        items.iter().map(read).collect()
    };
    match operator {
        "$all" => Ok(Selection::All(list()?)),
        "$any" => Ok(Selection::Any(list()?)),
        "$not" => Ok(Selection::Not(Box::new(read(value)?))),
        _ => Err(invalid(format!("{operator} is not known here; expected $all, $any or $not"))),
    }
}

fn read_matcher(key: &str, matcher: &Value) -> Result<Selection, QueryError> {
    if let Some(value) = scalar(matcher) {
        return Ok(Selection::In(key.to_owned(), vec![value]));
    }
    let operator = matcher.as_object().filter(|object| object.len() == 1).and_then(|object| object.iter().next());
    let Some((operator, value)) = operator else {
        return Err(invalid(format!(
            "the condition on {key} must be a value or one operator such as {{\"$in\": […]}}"
        )));
    };
    match (operator.as_str(), value) {
        ("$exists", Value::Bool(true)) => Ok(Selection::Exists(key.to_owned())),
        ("$exists", Value::Bool(false)) => Ok(Selection::Not(Box::new(Selection::Exists(key.to_owned())))),
        ("$in", Value::Array(items)) => {
            let values: Option<Vec<_>> = items.iter().map(scalar).collect();
            let values =
                values.ok_or_else(|| invalid(format!("$in on {key} must be a list of texts, numbers or booleans")))?;
            Ok(Selection::In(key.to_owned(), values))
        }
        ("$hasPrefix", Value::String(prefix)) => Ok(Selection::Prefix(key.to_owned(), prefix.to_lowercase())),
        ("$contains", Value::Object(wanted)) if key == "relations" => contains_relation(wanted),
        ("$contains", Value::Object(_)) => {
            Err(invalid(format!("$contains on {key} must be a value; only relations contain objects")))
        }
        ("$contains", value) if scalar(value).is_some() => {
            Ok(Selection::In(key.to_owned(), scalar(value).into_iter().collect()))
        }
        _ => Err(invalid(format!(
            "the condition on {key} is not valid; expected a value, $exists, $in, $hasPrefix or $contains"
        ))),
    }
}

/// `{"type": "ownedBy", "targetRef": "group:default/a"}`, whose keys may be in any case, as Backstage reads it.
fn contains_relation(wanted: &Map<String, Value>) -> Result<Selection, QueryError> {
    let (mut name, mut targets) = (None, None);
    for (key, value) in wanted {
        let slot_is_free = match key.to_lowercase().as_str() {
            "type" => {
                let text = value.as_str().filter(|text| !text.is_empty());
                let text = text.ok_or_else(|| invalid("the type in $contains on relations must be a text"))?;
                name.replace(text.to_lowercase()).is_none()
            }
            "targetref" => targets.replace(relation_targets(value)?).is_none(),
            _ => {
                return Err(invalid(format!(
                    "{key} is not known in $contains on relations: expected type or targetRef"
                )));
            }
        };
        if !slot_is_free {
            return Err(invalid(format!("{key} is there twice in $contains on relations")));
        }
    }
    let name = name.ok_or_else(|| invalid("$contains on relations must be {\"type\": …, \"targetRef\"?: …}"))?;
    let key = format!("relations.{name}");
    Ok(match targets {
        None => Selection::Exists(key),
        Some(targets) => Selection::In(key, targets),
    })
}

fn relation_targets(value: &Value) -> Result<Vec<String>, QueryError> {
    let wrong = || invalid("the targetRef in $contains on relations must be a text or {\"$in\": [texts]}, not empty");
    if let Some(target) = value.as_str() {
        return Ok(vec![target.to_lowercase()]);
    }
    let list = value.as_object().filter(|object| object.len() == 1).and_then(|object| object.get("$in"));
    let list = list.and_then(Value::as_array).filter(|list| !list.is_empty()).ok_or_else(wrong)?;
    list.iter().map(|item| item.as_str().map(str::to_lowercase).ok_or_else(wrong)).collect()
}

/// A value as the index holds it.
fn scalar(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.to_lowercase()),
        Value::Number(number) => Some(super::rows::number_text(number)),
        Value::Bool(value) => Some(value.to_string()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_filters() {
        let filter =
            Selection::from_filters(&["kind=API, spec.type=a,spec.type = B,metadata.tags", "x=", "$y", " ", "X=Z"])
                .unwrap();
        let expected = json!({"$any": [
            {"$all": [{"kind": {"$in": ["api"]}}, {"spec.type": {"$in": ["a", "b"]}}, {"metadata.tags": {"$exists": true}}]},
            {"$all": [{"x": {"$in": ["", "z"]}}]},
            {"$all": [{"$$y": {"$exists": true}}]}
        ]});
        assert_eq!(filter.to_predicate(), expected);
        assert_eq!(Selection::from_predicate(&expected).unwrap(), filter);
        assert!(Selection::from_filters::<&str>(&[]).unwrap().is_everything());
        let message = Selection::from_filters(&["kind=a,=b"]).unwrap_err().to_string();
        assert_eq!(
            message,
            "Invalid filter, '=b' is not a valid statement (expected a string on the form a=b or a= or a)"
        );
    }

    #[test]
    fn whatever_is_read_can_be_written_and_read_again() {
        let mut deep = json!({"a": {"$exists": false}, "$$b": "c"});
        for _ in 0..DEEPEST {
            deep = json!({"$not": deep});
        }
        let filters = Selection::from_filters(&["$x=1,$$y", "kind=a,$z"]).unwrap();
        let both = filters.and(Selection::from_predicate(&deep).unwrap());
        assert_eq!(Selection::from_written(&both.to_predicate()), Ok(both));
        assert!(Selection::from_predicate(&json!({"$not": deep})).is_err());
    }

    #[test]
    fn refuses_what_is_no_predicate() {
        let mut deep = json!({"kind": "a"});
        for _ in 0..40 {
            deep = json!({"$not": deep});
        }
        for bad in [
            json!([]),
            json!({"$all": {}}),
            json!({"$or": []}),
            json!({"kind": "a", "$not": {}}),
            json!({"kind": {"$in": [{}]}}),
            json!({"kind": {"$exists": 1}}),
            json!({"kind": ["a"]}),
            json!({"relations": {"$contains": {"name": "x"}}}),
            json!({"relations": {"$contains": {"type": "a", "Type": "b"}}}),
            json!({"relations": {"$contains": {"type": ""}}}),
            json!({"relations": {"$contains": {"type": "a", "targetRef": {"$in": []}}}}),
            json!({"relations": {"$contains": {"type": "a", "targetRef": {"$hasPrefix": "b"}}}}),
            json!({"metadata.tags": {"$contains": {"type": "a"}}}),
            json!({"kind": null}),
            json!({"$all": ["component"]}),
            json!("component"),
            deep,
        ] {
            assert!(Selection::from_predicate(&bad).is_err(), "{bad}");
        }
    }
}
