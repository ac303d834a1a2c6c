//! Keeps only some fields of an entity.

use serde_json::{Map, Value};

use crate::QueryError;

/// Paths such as `metadata.name`. A key that holds dots is found too: `metadata.annotations.backstage.io/orphan`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Fields(Vec<String>);

impl Fields {
    /// Reads paths; without any, everything is kept.
    ///
    /// # Errors
    /// When a path means an item of a list.
    pub(crate) fn new(paths: &[String]) -> Result<Self, QueryError> {
        let paths: Vec<String> =
            paths.iter().map(|path| path.trim().to_owned()).filter(|path| !path.is_empty()).collect();
        match paths.iter().find(|path| path.contains('[')) {
            Some(path) => Err(QueryError::InvalidField(path.clone())),
            None => Ok(Self(paths)),
        }
    }

    /// Whether everything is kept.
    pub(crate) fn is_all(&self) -> bool {
        self.0.is_empty()
    }

    /// The entity with these fields only, as text.
    pub(crate) fn apply(&self, text: &str) -> String {
        let Ok(entity) = serde_json::from_str::<Value>(text) else { return "{}".to_owned() };
        let mut kept = Value::Object(Map::new());
        for path in &self.0 {
            pick(&entity, path, &mut kept);
        }
        kept.to_string()
    }
}

/// Copies one path. At each level the shortest key that exists is taken.
fn pick(from: &Value, path: &str, into: &mut Value) {
    let (Some(object), Some(target)) = (from.as_object(), into.as_object_mut()) else { return };
    let ends = path.match_indices('.').map(|(at, _)| at).chain([path.len()]);
    for end in ends {
        let Some(value) = object.get(&path[..end]) else { continue };
        let key = path[..end].to_owned();
        match path.get(end + 1..) {
            None => {
                target.insert(key, value.clone());
            }
            Some(rest) => {
                let fresh = !target.contains_key(&key);
                let slot = target.entry(key.clone()).or_insert_with(|| Value::Object(Map::new()));
                pick(value, rest, slot);
                if fresh && slot.as_object().is_some_and(Map::is_empty) {
                    target.shift_remove(&key);
                }
            }
        }
        return;
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn keeps_paths_and_finds_keys_with_dots() {
        let entity = json!({"kind": "API", "metadata": {"name": "a", "annotations": {"a.b/c": "d", "x": "y"}}, "spec": {"n": null}});
        for (paths, expected) in [
            (vec!["kind", "metadata.name"], json!({"kind": "API", "metadata": {"name": "a"}})),
            (vec!["metadata.annotations.a.b/c"], json!({"metadata": {"annotations": {"a.b/c": "d"}}})),
            (vec!["metadata.none.deeper", "spec.n"], json!({"spec": {"n": null}})),
            (vec!["metadata.name", "metadata"], json!({"metadata": entity["metadata"]})),
            (vec!["kind.x"], json!({})),
        ] {
            let paths: Vec<String> = paths.into_iter().map(str::to_owned).collect();
            let kept: Value = serde_json::from_str(&Fields::new(&paths).unwrap().apply(&entity.to_string())).unwrap();
            assert_eq!(kept, expected, "{paths:?}");
        }
        let message = Fields::new(&["a[0]".to_owned()]).unwrap_err().to_string();
        assert_eq!(message, "invalid field \"a[0]\", array type fields are not supported");
    }
}
