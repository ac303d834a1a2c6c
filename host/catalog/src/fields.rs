//! Keeps only some fields of an entity.

use serde_json::{Map, Value};

use crate::QueryError;

/// Most paths of one request.
const MOST: usize = 500;

/// Paths such as `metadata.name`. A key that holds dots is found too: `metadata.annotations.backstage.io/orphan`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Fields(Vec<String>);

impl Fields {
    /// Reads paths; without any, everything is kept.
    ///
    /// # Errors
    /// When a path means an item of a list in brackets, or there are too many.
    pub(crate) fn new(paths: &[String]) -> Result<Self, QueryError> {
        let paths: Vec<String> =
            paths.iter().map(|path| path.trim().to_owned()).filter(|path| !path.is_empty()).collect();
        if let Some(path) = paths.iter().find(|path| path.contains('[')) {
            return Err(QueryError::InvalidField(path.clone()));
        }
        if paths.len() > MOST {
            return Err(QueryError::InvalidQuery(format!("there are {} fields, and {MOST} are the most", paths.len())));
        }
        Ok(Self(paths))
    }

    /// Whether everything is kept.
    pub(crate) fn is_all(&self) -> bool {
        self.0.is_empty()
    }

    /// The entity with these fields only, as text.
    pub(crate) fn apply(&self, text: &str) -> String {
        let Ok(entity) = serde_json::from_str::<Value>(text) else { return "{}".to_owned() };
        let mut kept = Value::Object(Map::new());
        for path in self.0.iter().filter(|path| leads(&entity, path)) {
            pick(&entity, path, &mut kept);
        }
        kept.to_string()
    }
}

/// Copies one path, which leads to something.
fn pick(from: &Value, path: &str, into: &mut Value) {
    let Some((key, rest, value)) = step(from, path) else { return };
    let Some(slot) = slot(into, key) else { return };
    let Some(rest) = rest else {
        *slot = value.clone();
        return;
    };
    if slot.is_null() {
        *slot = if value.is_array() { Value::Array(Vec::new()) } else { Value::Object(Map::new()) };
    }
    pick(value, rest, slot);
}

/// Whether a path leads to something.
fn leads(from: &Value, path: &str) -> bool {
    step(from, path).is_some_and(|(_, rest, value)| rest.is_none_or(|rest| leads(value, rest)))
}

/// The shortest key with which a path begins, what is left of the path, and the key's value. A number names an item of a
/// list.
fn step<'v, 'p>(from: &'v Value, path: &'p str) -> Option<(&'p str, Option<&'p str>, &'v Value)> {
    let begins = |key: &str| path.strip_prefix(key).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'));
    let (length, value) = match from {
        Value::Object(object) => {
            let fitting = object.iter().filter(|(key, _)| begins(key));
            fitting.map(|(key, value)| (key.len(), value)).min_by_key(|(length, _)| *length)?
        }
        Value::Array(items) => {
            let number = path.split('.').next()?;
            (number.len(), items.get(number.parse::<usize>().ok()?)?)
        }
        _ => return None,
    };
    Some((&path[..length], path.get(length + 1..), value))
}

fn slot<'a>(into: &'a mut Value, key: &str) -> Option<&'a mut Value> {
    match into {
        Value::Object(object) => Some(object.entry(key.to_owned()).or_insert(Value::Null)),
        Value::Array(items) => {
            let at = key.parse::<usize>().ok()?;
            if items.len() <= at {
                items.resize(at + 1, Value::Null);
            }
            items.get_mut(at)
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn keeps_paths_and_finds_keys_with_dots() {
        let entity = json!({"kind": "API", "metadata": {"name": "a", "annotations": {"a.b/c": "d", "x": "y"}}, "spec": {"n": null, "l": ["b", {"a": 1, "c": 2}]}});
        for (paths, expected) in [
            (vec!["kind", "metadata.name"], json!({"kind": "API", "metadata": {"name": "a"}})),
            (vec!["metadata.annotations.a.b/c"], json!({"metadata": {"annotations": {"a.b/c": "d"}}})),
            (vec!["metadata.none.deeper", "spec.n"], json!({"spec": {"n": null}})),
            (vec!["metadata.name", "metadata"], json!({"metadata": entity["metadata"]})),
            (vec!["kind.x"], json!({})),
            (vec!["spec.l.1.a", "spec.l.0"], json!({"spec": {"l": ["b", {"a": 1}]}})),
            (vec!["spec.l.1.a"], json!({"spec": {"l": [null, {"a": 1}]}})),
            (vec!["spec.l.2", "spec.l.x"], json!({})),
        ] {
            let paths: Vec<String> = paths.into_iter().map(str::to_owned).collect();
            let kept: Value = serde_json::from_str(&Fields::new(&paths).unwrap().apply(&entity.to_string())).unwrap();
            assert_eq!(kept, expected, "{paths:?}");
        }
        let message = Fields::new(&["a[0]".to_owned()]).unwrap_err().to_string();
        assert_eq!(message, "Invalid field \"a[0]\", array type fields are not supported");
    }
}
