//! What a step is, as the task's specification holds it.

use serde_json::{Map, Value};

/// One step of a task.
#[derive(Debug, Clone)]
pub(crate) struct Step {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) action: String,
    pub(crate) input: Value,
    pub(crate) condition: Option<Value>,
    pub(crate) each: Option<Value>,
}

/// One time that a step runs.
#[derive(Debug, Clone)]
pub(crate) struct Iteration {
    pub(crate) key: String,
    pub(crate) value: Value,
}

/// The steps of a specification.
pub(crate) fn steps_of(spec: &Value) -> Vec<Step> {
    let text = |step: &Value, key: &str| step.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
    let steps = spec.get("steps").and_then(Value::as_array).into_iter().flatten();
    steps
        .map(|step| Step {
            id: text(step, "id"),
            name: text(step, "name"),
            action: text(step, "action"),
            input: step
                .get("input")
                .filter(|input| !input.is_null())
                .cloned()
                .unwrap_or_else(|| Value::Object(Map::new())),
            condition: step.get("if").filter(|condition| !condition.is_null()).cloned(),
            each: step.get("each").filter(|each| !each.is_null()).cloned(),
        })
        .collect()
}

/// The times that a step runs for a value of `each`.
pub(crate) fn iterations(each: &Value) -> Option<Vec<Iteration>> {
    match each {
        Value::Array(items) => Some(
            items
                .iter()
                .enumerate()
                .map(|(index, value)| Iteration { key: index.to_string(), value: value.clone() })
                .collect(),
        ),
        Value::Object(entries) => {
            Some(entries.iter().map(|(key, value)| Iteration { key: key.clone(), value: value.clone() }).collect())
        }
        _ => None,
    }
}
