//! Properties: whatever is asked, the answer is a bounded list of violations with places, and a check never panics.

use host_model::Entity;
use proptest::prelude::*;
use serde_json::{Map, Number, Value, json};

use super::{lint, validate, validate_entity};
use crate::declared::Model;
use crate::relations::stated;

/// Keys and texts that the checks look for, and some that they do not.
const WORDS: [&str; 40] = [
    "",
    "a",
    "A",
    "apiVersion",
    "kind",
    "metadata",
    "spec",
    "name",
    "namespace",
    "annotations",
    "labels",
    "tags",
    "links",
    "url",
    "backstage.io/v1alpha1",
    "scaffolder.backstage.io/v1beta3",
    "callboard.dev/v1alpha1",
    "Component",
    "API",
    "Template",
    "AiResource",
    "Kind",
    "RelationPair",
    "Location",
    "type",
    "owner",
    "steps",
    "output",
    "versions",
    "schema",
    "jsonSchema",
    "relationFields",
    "selector",
    "path",
    "spec.owner",
    "mcp-server",
    "日本/ä",
    "backstage.io/x",
    "dependencyOf",
    "$ref",
];

fn any_json() -> impl Strategy<Value = Value> {
    let word = || prop::sample::select(&WORDS[..]).prop_map(str::to_owned);
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::Bool),
        any::<f64>().prop_map(|number| Number::from_f64(number).map_or(Value::Null, Value::Number)),
        word().prop_map(Value::String),
        ".{0,70}".prop_map(Value::String),
    ];
    leaf.prop_recursive(6, 64, 8, move |inner| {
        let key = prop_oneof![4 => prop::sample::select(&WORDS[..]).prop_map(str::to_owned), 1 => ".{0,10}"];
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::Array),
            prop::collection::vec((key, inner), 0..8).prop_map(|entries| Value::Object(Map::from_iter(entries))),
        ]
    })
}

/// An object with an envelope that lets the deeper checks be reached.
fn nearly_an_entity() -> impl Strategy<Value = Value> {
    let kinds = prop::sample::select(
        &["Component", "API", "Group", "Location", "Template", "AiResource", "Kind", "RelationPair", "Machine"][..],
    );
    (kinds, any_json(), any_json()).prop_map(|(kind, metadata, spec)| {
        let version = match kind {
            "Template" => "scaffolder.backstage.io/v1beta3",
            "Kind" | "RelationPair" => "callboard.dev/v1alpha1",
            _ => "backstage.io/v1alpha1",
        };
        json!({"apiVersion": version, "kind": kind, "metadata": metadata, "spec": spec})
    })
}

fn check(value: &Value) -> Result<(), TestCaseError> {
    let model = Model::default();
    let _ = validate_entity(value, "url:https://a.example", &model);
    let Value::Object(document) = value else { return Ok(()) };
    let found = validate(document, &model);
    prop_assert!(found.len() <= 100);
    for violation in found.iter().chain(&lint(document, &model)) {
        prop_assert!(!violation.message.is_empty() && violation.message.len() < 5000, "{violation:?}");
        prop_assert!(violation.pointer.is_empty() || violation.pointer.starts_with('/'), "{violation:?}");
    }
    let (given, references, bad) = stated(&Entity::new(document.clone()), &model);
    prop_assert!(given.len() <= references.len());
    prop_assert!(bad.iter().all(|bad| value.pointer(&bad.pointer).is_some()), "{bad:?}");
    prop_assert!(references.iter().all(|reference| value.pointer(&reference.pointer).is_some()));
    Ok(())
}

proptest! {
    #[test]
    fn never_panics_on_json(value in any_json()) {
        check(&value)?;
    }

    #[test]
    fn never_panics_behind_the_envelope(value in nearly_an_entity()) {
        check(&value)?;
    }
}
