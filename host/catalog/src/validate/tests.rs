//! Verdicts and their words.

use serde_json::{Value, json};

use super::{Violation, lint, validate, validate_entity};
use crate::declared::Model;

fn component() -> Value {
    json!({
        "apiVersion": "backstage.io/v1alpha1", "kind": "Component",
        "metadata": {"name": "shop"},
        "spec": {"type": "service", "lifecycle": "production", "owner": "team-a"}
    })
}

fn with(pointer: &str, value: Value) -> Vec<Violation> {
    let mut entity = component();
    let (parent, key) = pointer.rsplit_once('/').unwrap();
    let parent = entity.pointer_mut(parent).unwrap().as_object_mut().unwrap();
    if value == json!("<remove>") {
        parent.remove(key);
    } else {
        parent.insert(key.into(), value);
    }
    validate(entity.as_object().unwrap(), &Model::default())
}

#[test]
fn says_what_is_wrong_what_is_expected_and_what_was_found() {
    assert_eq!(validate(component().as_object().unwrap(), &Model::default()), []);
    for (pointer, value, at, message) in [
        (
            "/metadata/name",
            json!("my shop"),
            "/metadata/name",
            "metadata.name is not valid: expected letters and digits, separated by any of - _ . (at most 63 characters), found \"my shop\"",
        ),
        ("/metadata/description", json!(3), "/metadata/description", "metadata.description must be text, found 3"),
        (
            "/metadata/tags",
            json!(["Go Lang"]),
            "/metadata/tags/0",
            "metadata.tags[0] is not valid: expected lower-case letters, digits and : + #, separated by - (at most 63 characters), found \"Go Lang\"",
        ),
        ("/metadata/links", json!([{"title": " "}]), "/metadata/links/0", "metadata.links[0].url is missing"),
        ("/spec/owner", json!("<remove>"), "/spec", "spec.owner is missing"),
        (
            "/spec/dependsOn",
            json!("resource:db"),
            "/spec/dependsOn",
            "spec.dependsOn must be a list of texts, found \"resource:db\"",
        ),
        ("/spec", json!("<remove>"), "", "spec is missing"),
        (
            "/kind",
            json!("Componant"),
            "/kind",
            "kind Componant is not known: expected one of Component, API, Resource, System, Domain, Group, User, Location, Template, AiResource",
        ),
        (
            "/apiVersion",
            json!("v9"),
            "/apiVersion",
            "kind Component has no apiVersion v9: expected backstage.io/v1alpha1 or backstage.io/v1beta1",
        ),
        (
            "/owner",
            json!("x"),
            "/owner",
            "owner is not a key of a descriptor: expected one of apiVersion, kind, metadata, spec",
        ),
    ] {
        let found = with(pointer, value);
        assert_eq!((found[0].pointer.as_str(), found[0].message.as_str()), (at, message), "{pointer}");
    }
}

#[test]
fn reports_everything_at_once_with_hints() {
    let entity = json!({"apiVersion": "backstage.io/v1alpha1", "kind": "Group", "metadata": {"name": "a", "tags": ["A B"], "Tags": []}, "spec": {"Type": "team"}});
    let found = validate(entity.as_object().unwrap(), &Model::default());
    let lines: Vec<_> =
        found.iter().map(|violation| (violation.code, violation.hint.clone().unwrap_or_default())).collect();
    assert_eq!(
        lines,
        [
            ("entity/format", "write a-b".to_owned()),
            ("entity/missing", "rename Type to type".to_owned()),
            ("entity/missing", "write children: [] when there is none".to_owned()),
            ("entity/duplicate-key", "rename or remove one of them".to_owned()),
        ]
    );
}

/// The verdicts that the real backend gave to hundreds of mutated entities.
#[test]
fn agrees_with_recorded_verdicts() {
    let cases: Vec<Value> = serde_json::from_str(include_str!("../../../../tests/recorded/validate.json")).unwrap();
    assert!(cases.len() > 500);
    let mut wrong = Vec::new();
    for case in &cases {
        let found = validate_entity(
            &case["entity"],
            "url:https://github.com/acme/shop/blob/main/catalog-info.yaml",
            &Model::default(),
        );
        if found.is_empty() != (case["status"] == 200) {
            wrong.push(format!("{} expected, found {found:?}: {}", case["status"], case["entity"]));
        }
    }
    assert!(wrong.is_empty(), "{} of {} differ:\n{}", wrong.len(), cases.len(), wrong.join("\n"));
}

/// What is valid enters, with a warning where it is most likely not meant.
#[test]
fn warns_of_what_is_most_likely_not_meant() {
    for (pointer, value, at, message) in [
        ("/spec/sytem", json!("x"), "/spec/sytem", "spec.sytem is not known; did you mean spec.system?"),
        ("/spec/dependson", json!([]), "/spec/dependson", "spec.dependson is not known; did you mean spec.dependsOn?"),
        ("/spec/costCentre", json!("x"), "/spec/costCentre", ""),
        ("/spec/owners", json!(["x"]), "/spec/owners", ""),
        (
            "/metadata/anotations",
            json!({}),
            "/metadata/anotations",
            "metadata.anotations is not known; did you mean metadata.annotations?",
        ),
        ("/metadata/team", json!("x"), "/metadata/team", ""),
        ("/metadata/tag", json!([]), "/metadata/tag", "metadata.tag is not known; did you mean metadata.tags?"),
        ("/metadata/uuid", json!("x"), "/metadata/uuid", ""),
        (
            "/spec/system",
            json!(" a"),
            "/spec/system",
            "the reference \" a\" has spaces around it, which become part of the name",
        ),
        (
            "/metadata/annotations",
            json!({"backstage.io/techdocs-reff": "dir:."}),
            "/metadata/annotations/backstage.io~1techdocs-reff",
            "unknown annotation under backstage.io/: backstage.io/techdocs-reff",
        ),
        (
            "/metadata/annotations",
            json!({"backstage.io/techdocs-ref": "docs"}),
            "/metadata/annotations/backstage.io~1techdocs-ref",
            "the value of backstage.io/techdocs-ref is not valid: expected dir:. or url:https://…, found \"docs\"",
        ),
        (
            "/metadata/annotations",
            json!({"github.com/project-slug": "https://github.com/acme/shop"}),
            "/metadata/annotations/github.com~1project-slug",
            "the value of github.com/project-slug is not valid: expected owner/name, found \"https://github.com/acme/shop\"",
        ),
        ("/metadata/annotations", json!({"acme.example/x": "", "backstage.io/kubernetes-id": "a"}), "", ""),
        (
            "/metadata/annotations",
            json!({"backstage.io/view-url": "javascript:alert(1)"}),
            "/metadata/annotations/backstage.io~1view-url",
            "the value of backstage.io/view-url would run a script; it is replaced by a page that says so",
        ),
        (
            "/metadata/links",
            json!([{"url": "https://a.example", "titel": "x"}]),
            "/metadata/links/0/titel",
            "metadata.links[0].titel is not known; did you mean metadata.links[0].title?",
        ),
    ] {
        let mut entity = component();
        let (parent, key) = pointer.rsplit_once('/').unwrap();
        entity.pointer_mut(parent).unwrap().as_object_mut().unwrap().insert(key.into(), value);
        let document = entity.as_object().unwrap();
        assert_eq!(validate(document, &Model::default()), [], "{pointer}");
        let found = lint(document, &Model::default());
        let told: Vec<_> = found.iter().map(|found| (found.pointer.as_str(), found.message.as_str())).collect();
        let expected = if message.is_empty() { vec![] } else { vec![(at, message)] };
        assert_eq!(told, expected, "{pointer}");
    }
}

#[test]
fn misspelt_keys_of_a_templates_output_are_told() {
    let entity = json!({
        "apiVersion": "scaffolder.backstage.io/v1beta3", "kind": "Template", "metadata": {"name": "a"},
        "spec": {"type": "x", "steps": [], "output": {
            "link": "free", "links": [{"titel": "x"}], "text": [{"contents": "x"}]
        }}
    });
    let found = lint(entity.as_object().unwrap(), &Model::default());
    let pointers: Vec<&str> = found.iter().map(|found| found.pointer.as_str()).collect();
    assert_eq!(pointers, ["/spec/output/links/0/titel", "/spec/output/text/0/contents"]);
}

#[test]
fn what_is_too_much_to_tell_is_counted() {
    let mut entity = component();
    entity["metadata"]["annotations"] = (0..105).map(|number| (format!("a{number}"), json!(1.10))).collect();
    let found = validate(entity.as_object().unwrap(), &Model::default());
    assert_eq!(found.len(), 100);
    assert!(found[99].message.ends_with("; and 5 more, which are not told"), "{}", found[99].message);
    assert_eq!(found[0].hint.as_deref(), Some("put the value in quotes as it is written"));
}

#[test]
fn long_keys_are_not_compared() {
    let mut entity = component();
    entity["metadata"]["k".repeat(4 << 20)] = json!(1);
    entity["k".repeat(4 << 20)] = json!(1);
    assert_eq!(lint(entity.as_object().unwrap(), &Model::default()), []);
    let found = validate(entity.as_object().unwrap(), &Model::default());
    assert_eq!(found.len(), 1);
    assert!(found[0].message.len() < 2000);
}
