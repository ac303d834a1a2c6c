//! What a relation pair's declaration says.

use host_model::relation;
use serde_json::{Map, Value};

use crate::validate::{Violations, formats, shown};

/// The names of both directions, unless something is wrong with them.
pub(super) fn read(spec: &Map<String, Value>, found: &mut Violations) -> Option<(String, String)> {
    let before = found.0.len();
    for key in ["fromKind", "toKind"] {
        let pointer = format!("/spec/{key}");
        let kinds: Vec<&Value> = match spec.get(key) {
            None => continue,
            Some(Value::Array(kinds)) => kinds.iter().collect(),
            Some(kind) => vec![kind],
        };
        if let Some(bad) = kinds.into_iter().find(|kind| !kind.as_str().is_some_and(formats::is_kind)) {
            found.format(pointer, &format!("spec.{key}"), "the name of a kind, or a list of them", bad);
        }
    }
    let mut name = |direction: &str| {
        let pointer = format!("/spec/{direction}/type");
        let value = spec.get(direction).and_then(|direction| direction.get("type")).unwrap_or(&Value::Null);
        let name = value.as_str().unwrap_or_default();
        if !formats::is_relation(name) {
            found.format(pointer, &format!("spec.{direction}.type"), formats::RELATION, value);
        } else if relation::opposite(name).is_some() {
            let message = format!("spec.{direction}.type: {} is a relation of the catalog itself", shown(value));
            found.push(pointer, "kind/taken", message).hint = Some("choose another name".to_owned());
        }
        name.to_owned()
    };
    let (forward, reverse) = (name("forward"), name("reverse"));
    (found.0.len() == before).then_some((forward, reverse))
}
