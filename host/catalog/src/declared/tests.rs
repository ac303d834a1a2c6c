//! Declarations: what is accepted, what is refused and where, and what entities of declared kinds must look like.

use host_model::Entity;
use rstest::rstest;
use serde_json::{Value, json};

use super::*;
use crate::relations::{names, stated};
use crate::validate::{lint, validate};

fn declaration() -> Value {
    json!({
        "apiVersion": "callboard.dev/v1alpha1", "kind": "Kind",
        "metadata": {"name": "widget"},
        "spec": {
            "group": "acme.example",
            "names": {"kind": "Widget", "singular": "widget", "plural": "widgets"},
            "versions": [
                {
                    "name": ["v1", "v1beta1"],
                    "relationFields": [
                        {"selector": {"path": "spec.owner"}, "relation": "ownedBy", "defaultKind": "Group", "allowedKinds": ["Group", "User"]},
                        {"selector": {"path": "spec.parts.machine"}, "relation": "runsOn", "defaultKind": "Resource", "defaultNamespace": "default"},
                    ],
                    "schema": {"jsonSchema": {
                        "type": "object",
                        "required": ["spec"],
                        "additionalProperties": false,
                        "properties": {"spec": {
                            "type": "object",
                            "required": ["size", "owner"],
                            "properties": {
                                "size": {"type": "integer", "minimum": 1},
                                "owner": {"type": "string"},
                                "parts": {"type": "array", "items": {"$ref": "#/$defs/part"}}
                            }
                        }},
                        "$defs": {"part": {"type": "object", "properties": {"machine": {"type": "string"}}}}
                    }}
                },
                {"name": "v1", "specType": "small", "schema": {"jsonSchema": {"properties": {"spec": {"required": ["reason"]}}}}}
            ]
        }
    })
}

fn pair() -> Value {
    json!({
        "apiVersion": "callboard.dev/v1alpha1", "kind": "RelationPair", "metadata": {"name": "runs"},
        "spec": {"forward": {"type": "runsOn", "title": "runs on"}, "reverse": {"type": "runs"}}
    })
}

fn model(documents: &[Value]) -> Model {
    let entities: Vec<Entity> = documents.iter().cloned().map(|value| Entity::from_value(value).unwrap()).collect();
    let refs: Vec<String> = entities.iter().map(|entity| entity.entity_ref().to_string()).collect();
    Model::new(refs.iter().map(String::as_str).zip(&entities), HashMap::new(), "x".to_owned())
}

fn told(document: &Value, model: &Model) -> Vec<String> {
    let found = validate(document.as_object().unwrap(), model);
    found.into_iter().map(|found| format!("{} {}", found.pointer, found.message)).collect()
}

#[rstest]
#[case("/spec/group", json!("Acme"), "/spec/group spec.group is not valid: expected a lower-case domain such as acme.example, found \"Acme\"")]
#[case("/spec/names/kind", json!("api"), "/spec/names/kind kind api is a kind of the catalog itself")]
#[case("/spec/names/kind", json!("My Widget"), "/spec/names/kind spec.names.kind is not valid")]
#[case("/spec/versions", json!([]), "/spec/versions spec.versions is not valid: expected a list with at least one item")]
#[case("/spec/versions/0/name", json!("v1/x"), "/spec/versions/0/name spec.versions[0].name is not valid: expected a version such as v1alpha1")]
#[case("/spec/versions/0/name", json!(1), "/spec/versions/0/name spec.versions[0].name must be text or a list of texts, found 1")]
#[case("/spec/versions/1/specType", json!([]), "/spec/versions/1/specType spec.versions[1].specType must be text or a list of texts")]
#[case("/spec/versions/0/relationFields/0/relation", json!("owned by"), "/spec/versions/0/relationFields/0/relation ")]
#[case("/spec/versions/0/relationFields/0/defaultKind", json!("API"), "/spec/versions/0/relationFields/0/defaultKind spec.versions[0].relationFields[0].defaultKind: API is not among allowedKinds")]
#[case("/spec/versions/0/relationFields/0/selector/path", json!("metadata.owner"), "/spec/versions/0/relationFields/0/selector/path ")]
#[case("/spec/versions/0/relationFields/1/defaultNamespace", json!("other"), "/spec/versions/0/relationFields/1/defaultNamespace ")]
#[case("/spec/versions/0/schema/jsonSchema/properties/spec/type", json!("nonsense"), "/spec/versions/0/schema/jsonSchema/properties/spec/type spec.versions[0].schema.jsonSchema cannot be used: it is not a JSON Schema")]
#[case("/spec/versions/0/schema/jsonSchema/properties/spec/$ref", json!("https://evil.example/x"), "/spec/versions/0/schema/jsonSchema/properties/spec spec.versions[0].schema.jsonSchema cannot be used: its reference")]
#[case("/spec/versions/0/schema/jsonSchema/$defs/part/pattern", json!("(a{1000}){1000}"), "/spec/versions/0/schema/jsonSchema/$defs/part/pattern spec.versions[0]")]
#[case("/spec/versions/0/schema/jsonSchema/description", json!("x".repeat(300_000)), "/spec/versions/0/schema/jsonSchema spec.versions[0].schema.jsonSchema is 300")]
#[case("/spec/versions/1/specType", json!(null), "/spec/versions/1/specType ")]
fn wrong_declarations_are_refused_where_they_are_wrong(
    #[case] pointer: &str,
    #[case] value: Value,
    #[case] expected: &str,
) {
    let mut document = declaration();
    let (parent, key) = pointer.rsplit_once('/').unwrap();
    document.pointer_mut(parent).unwrap().as_object_mut().unwrap().insert(key.to_owned(), value);
    let found = told(&document, &Model::default());
    assert!(found.iter().any(|found| found.starts_with(expected)), "{found:#?}");
}

#[test]
fn versions_are_there_once() {
    let mut document = declaration();
    document["spec"]["versions"][1].as_object_mut().unwrap().remove("specType");
    assert_eq!(
        told(&document, &Model::default()),
        ["/spec/versions/1/name version v1 is already there for the same spec.type"]
    );
}

#[test]
fn entities_are_held_against_the_declaration() {
    let model = model(&[declaration(), pair()]);
    let widget = |version: &str, spec: Value| json!({"apiVersion": version, "kind": "Widget", "metadata": {"name": "a", "namespace": "shop", "title": "A"}, "spec": spec});
    for (document, expected) in [
        (widget("acme.example/v1", json!({"size": 3, "owner": "crew"})), vec![]),
        (widget("acme.example/v1beta1", json!({"size": 3, "owner": "crew", "type": "small"})), vec![]),
        (widget("acme.example/v1", json!({"type": "small", "reason": "x"})), vec![]),
        (
            widget("acme.example/v1", json!({"size": "3"})),
            vec!["/spec/owner spec.owner is required", "/spec/size spec.size must be a whole number"],
        ),
        (widget("acme.example/v1", json!({"type": "small"})), vec!["/spec/reason spec.reason is required"]),
        (
            widget("acme.example/v2", json!({})),
            vec![
                "/apiVersion kind Widget has no apiVersion acme.example/v2: expected acme.example/v1 or acme.example/v1beta1",
            ],
        ),
        (
            widget("v1", json!({})),
            vec!["/apiVersion kind Widget has no apiVersion v1: expected acme.example/v1 or acme.example/v1beta1"],
        ),
    ] {
        let mut found = told(&document, &model);
        found.sort();
        assert_eq!(found, expected, "{document}");
    }
    let misspelt = widget("acme.example/v1", json!({"size": 1, "owner": "crew", "prats": []}));
    let found = lint(misspelt.as_object().unwrap(), &model);
    assert_eq!(found[0].message, "spec.prats is not known; did you mean spec.parts?");
    let other_case = json!({"apiVersion": "acme.example/v1", "kind": "widget", "metadata": {"name": "a"}, "spec": {}});
    let found = validate(other_case.as_object().unwrap(), &model);
    assert_eq!(found[0].hint.as_deref(), Some("write Widget"));
}

#[test]
fn fields_state_relations() {
    let model = model(&[declaration(), pair()]);
    let document = json!({
        "apiVersion": "acme.example/v1", "kind": "Widget", "metadata": {"name": "a", "namespace": "shop"},
        "spec": {"size": 1, "owner": "crew", "parts": [{"machine": "m1"}, {}, {"machine": "component:x/m2"}]}
    });
    let entity = Entity::from_value(document.clone()).unwrap();
    let (given, references, bad) = stated(&entity, &model);
    let expected =
        [("ownedBy", "group:shop/crew"), ("runsOn/runs", "component:x/m2"), ("runsOn/runs", "resource:default/m1")];
    assert_eq!(given, expected.map(|(name, target)| (name.to_owned(), target.to_owned())));
    assert_eq!(names("runsOn/runs"), ("runsOn", Some("runs")));
    assert_eq!(references[2].pointer, "/spec/parts/2/machine");
    assert_eq!(bad, []);
    for (owner, expected) in [
        (json!("component:x"), "the reference leads to a component: expected one of Group, User"),
        (json!(""), "the reference \"\" has an empty part: expected [kind:][namespace/]name"),
        (json!(4), "a reference must be text, found 4"),
    ] {
        let mut entity = Entity::from_value(document.clone()).unwrap();
        entity.document_mut()["spec"]["owner"] = owner;
        assert_eq!(stated(&entity, &model).2[0].message, expected);
    }
}

#[test]
fn the_first_declaration_holds_and_others_are_told() {
    let mut second = declaration();
    second["metadata"]["name"] = json!("z-widget");
    let mut again = pair();
    again["metadata"]["name"] = json!("z-runs");
    let model = model(&[declaration(), second.clone(), pair(), again.clone()]);
    let messages = |document: &Value| -> Vec<String> {
        lint(document.as_object().unwrap(), &model).into_iter().map(|found| found.message).collect()
    };
    assert_eq!(messages(&declaration()), Vec::<String>::new());
    assert_eq!(
        messages(&second),
        ["kind Widget is already declared by kind:default/widget; this declaration is not used"]
    );
    assert_eq!(
        messages(&again)[0],
        "the relation runsOn is already declared by relationpair:default/runs; this declaration is not used"
    );
    let alone = lint(declaration().as_object().unwrap(), &Model::default());
    assert_eq!(alone[0].code, "kind/pair");
    assert_ne!(model.fingerprint_of("widget"), "");
    assert_eq!(model.fingerprint_of("component"), "");
}

#[test]
fn relation_pairs_have_names_of_their_own() {
    for (forward, expected) in [
        ("ownedBy", "/spec/forward/type spec.forward.type: \"ownedBy\" is a relation of the catalog itself"),
        ("runs on", "/spec/forward/type spec.forward.type is not valid"),
    ] {
        let mut document = pair();
        document["spec"]["forward"]["type"] = json!(forward);
        let found = told(&document, &Model::default());
        assert!(found[0].starts_with(expected), "{found:#?}");
    }
}
