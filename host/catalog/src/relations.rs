//! The relations that an entity's `spec` states.

use host_model::{Entity, EntityRef, EntityRefError};
use serde_json::Value;

use crate::validate::kinds::{self, Stated};

/// A relation from the entity at hand to another: its name and the complete reference.
pub(crate) type Given = (String, String);

/// A reference that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct BadReference {
    pub(crate) pointer: String,
    pub(crate) message: String,
}

/// A reference of an entity, for checks that look for its target.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Reference {
    pub(crate) pointer: String,
    pub(crate) target: String,
}

/// Reads the relations of an entity that is valid otherwise.
pub(crate) fn stated(entity: &Entity) -> (Vec<Given>, Vec<Reference>, Vec<BadReference>) {
    let (mut given, mut references, mut bad) = (Vec::new(), Vec::new(), Vec::new());
    let Some(kind) = kinds::kind(entity.kind()) else { return (given, references, bad) };
    for field in kind.spec {
        let (Some(relation), Some(value)) =
            (field.relation, entity.document().get("spec").and_then(|spec| spec.get(field.name)))
        else {
            continue;
        };
        let mut read = |text: &str, pointer: String| match parse(text, relation, entity.namespace()) {
            Ok(target) => {
                let target = target.to_string();
                references.push(Reference { pointer, target: target.clone() });
                given.push((relation.name.to_owned(), target));
            }
            Err(message) => bad.push(BadReference { pointer, message }),
        };
        match value {
            Value::String(text) => read(text, format!("/spec/{}", field.name)),
            Value::Array(items) => {
                for (index, item) in items.iter().enumerate() {
                    if let Value::String(text) = item {
                        read(text, format!("/spec/{}/{index}", field.name));
                    }
                }
            }
            _ => {}
        }
    }
    given.sort();
    given.dedup();
    (given, references, bad)
}

fn parse(text: &str, relation: Stated, namespace: &str) -> Result<EntityRef, String> {
    EntityRef::parse_with(text, relation.default_kind, namespace).map_err(|error| match error {
        EntityRefError::MissingKind(_) => {
            format!("the reference {text:?} names no kind: expected kind:name, such as component:{text}")
        }
        EntityRefError::EmptyPart(_) => {
            format!("the reference {text:?} has an empty part: expected [kind:][namespace/]name")
        }
    })
}
