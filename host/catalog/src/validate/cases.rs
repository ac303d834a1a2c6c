//! What Backstage's rules accept and refuse, derived from the rules one by one: each case changes a valid entity in one
//! place. The recorded verdicts of the real backend are a second, independent table.

use rstest::rstest;
use serde_json::{Value, json};

use super::validate_entity;
use crate::declared::Model;

const LOCATION: &str = "url:https://github.com/acme/shop/blob/main/catalog-info.yaml";

fn envelope(kind: &str, spec: Value) -> Value {
    let version = match kind {
        "Template" => "scaffolder.backstage.io/v1beta3",
        _ => "backstage.io/v1alpha1",
    };
    json!({"apiVersion": version, "kind": kind, "metadata": {"name": "a"}, "spec": spec})
}

fn base(kind: &str) -> Value {
    let spec = match kind {
        "Component" | "AiResource" => json!({"type": "service", "lifecycle": "production", "owner": "a"}),
        "API" => json!({"type": "openapi", "lifecycle": "production", "owner": "a", "definition": "x"}),
        "mcp" => {
            json!({"type": "mcp-server", "lifecycle": "production", "owner": "a", "remotes": [{"type": "sse", "url": "x"}]})
        }
        "skill" => json!({"type": "skill", "lifecycle": "production", "owner": "a"}),
        "rule" => json!({"type": "rule", "lifecycle": "production", "owner": "a", "category": "c", "rationale": "r"}),
        "plugin" => json!({"type": "plugin", "lifecycle": "production", "owner": "a", "skills": []}),
        "marketplace" => json!({"type": "marketplace", "lifecycle": "production", "owner": "a", "plugins": []}),
        "Resource" => json!({"type": "database", "owner": "a"}),
        "System" | "Domain" => json!({"owner": "a"}),
        "Group" => json!({"type": "team", "children": []}),
        "User" => json!({"memberOf": []}),
        "Location" => json!({"type": "url", "target": "https://a.example/c.yaml"}),
        _ => json!({"type": "service", "steps": [{"action": "x"}]}),
    };
    let kind = match kind {
        "mcp" => "API",
        "skill" | "rule" | "plugin" | "marketplace" => "AiResource",
        kind => kind,
    };
    envelope(kind, spec)
}

/// The base of a kind with a value at a pointer, or without what is there.
fn changed(kind: &str, pointer: &str, value: Option<&Value>) -> Value {
    let mut entity = base(kind);
    let (parent, key) = pointer.rsplit_once('/').unwrap();
    let mut place = &mut entity;
    for step in parent.split('/').skip(1) {
        place = match place {
            Value::Array(items) => &mut items[step.parse::<usize>().unwrap()],
            other => &mut other[step],
        };
        if place.is_null() {
            *place = json!({});
        }
    }
    let object = place.as_object_mut().unwrap();
    match value {
        Some(value) => drop(object.insert(key.to_owned(), value.clone())),
        None => drop(object.shift_remove(key)),
    }
    entity
}

fn valid(entity: &Value) -> bool {
    validate_entity(entity, LOCATION, &Model::default()).is_empty()
}

fn long(length: usize) -> Value {
    Value::from("a".repeat(length))
}

/// Values that are right and wrong at one place of one kind.
#[rstest]
// The envelope.
#[case("Component", "/apiVersion", &[json!("backstage.io/v1alpha1"), json!("backstage.io/v1beta1")], &[json!("backstage.io/v1"), json!("Backstage.io/v1alpha1"), json!("backstage.io/v1alpha1 "), json!("v1alpha1"), json!(""), json!(null), json!(1), json!(["backstage.io/v1alpha1"]), json!({}), json!("backstage.io//v1alpha1"), json!("scaffolder.backstage.io/v1beta3")])]
#[case("Component", "/kind", &[json!("Component")], &[json!("component"), json!("COMPONENT"), json!("Komponente"), json!("Component "), json!(""), json!(null), json!(3), json!(["Component"])])]
#[case("Component", "/metadata", &[json!({"name": "a"}), json!({"name": "a", "custom": [1, {"b": null}]})], &[json!({}), json!(null), json!([]), json!("a"), json!([{"name": "a"}])])]
#[case("Component", "/spec", &[], &[json!(null), json!([]), json!(""), json!({}), json!([{"type": "service", "lifecycle": "x", "owner": "a"}])])]
#[case("Component", "/relations", &[], &[json!([]), json!(null), json!([{"type": "ownedBy", "targetRef": "group:default/a"}])])]
#[case("Component", "/status", &[], &[json!({}), json!(null), json!({"items": []})])]
#[case("Component", "/attachments", &[], &[json!({}), json!(null)])]
#[case("Component", "/Spec", &[], &[json!({})])]
// Metadata.
#[case("Component", "/metadata/name", &[json!("a"), json!("A.b-c_d"), json!("0"), json!("a--b"), long(63)], &[json!(""), json!("-a"), json!("a-"), json!("a b"), json!("ä"), json!("日本"), json!("a/b"), json!("a:b"), json!("a\n"), json!(null), json!(1), json!(["a"]), long(64)])]
#[case("Component", "/metadata/namespace", &[json!("a"), json!("a-b"), json!("a--b"), json!("0"), long(63)], &[json!(""), json!("A"), json!("a.b"), json!("a_b"), json!("-a"), json!("a-"), json!("ä"), json!(null), json!(1), json!([]), long(64)])]
#[case("Component", "/metadata/title", &[json!("a"), json!(" "), json!("日本"), long(5000)], &[json!(""), json!(null), json!(1), json!(["a"])])]
#[case("Component", "/metadata/description", &[json!(""), json!("a\nb"), long(50000)], &[json!(null), json!(1), json!({})])]
#[case("Component", "/metadata/uid", &[json!("a"), json!("no uuid")], &[json!(""), json!(null), json!(1)])]
#[case("Component", "/metadata/etag", &[json!("a")], &[json!(""), json!(null), json!({})])]
#[case("Component", "/metadata/generation", &[json!("free"), json!(-1), json!(null)], &[])]
#[case("Component", "/metadata/labels", &[json!({}), json!({"a": "", "example.com/B.c": "A_b"}), json!({"a": "0"})], &[json!(null), json!([]), json!("a"), json!({"a": null}), json!({"a": 1}), json!({"a": true}), json!({"a": ["b"]}), json!({"": "a"}), json!({"a/b/c": "d"}), json!({"Example.com/a": "b"}), json!({"example..com/a": "b"}), json!({"a b": "c"}), json!({"a": "b c"}), json!({"a": "-b"}), json!({"/a": "b"}), json!({"a/": "b"})])]
#[case("Component", "/metadata/labels/a", &[long(63)], &[long(64)])]
#[case("Component", "/metadata/annotations", &[json!({}), json!({"a": ""}), json!({"a.example/b": "any\ntext"}), json!([]), json!(null), json!("text"), json!(1)], &[json!({"a": null}), json!({"a": 1}), json!({"a": true}), json!({"a": {}}), json!({"a/b/c": "d"}), json!({"": "a"}), json!({"日本": "a"}), json!([null]), json!([1])])]
#[case("Component", "/metadata/tags", &[json!([]), json!(["a", "a"]), json!(["c++", "c#", "a:b", "a-b", "0"])], &[json!(null), json!("a"), json!({}), json!([""]), json!(["A"]), json!(["a b"]), json!(["a_b"]), json!(["a.b"]), json!(["a--b"]), json!(["-a"]), json!(["ä"]), json!([null]), json!([1]), json!([["a"]])])]
#[case("Component", "/metadata/tags", &[json!([long(63)])], &[json!([long(64)])])]
#[case("Component", "/metadata/links", &[json!([]), json!([{"url": "https://a.example"}]), json!([{"url": "mailto:a@b"}]), json!([{"url": "a:b", "title": "t", "icon": "i", "type": "t"}]), json!([{"url": "https://a", "extra": 1}])], &[json!(null), json!({}), json!("a"), json!(["a"]), json!([null]), json!([{}]), json!([{"url": ""}]), json!([{"url": "no address"}]), json!([{"url": "/path"}]), json!([{"url": null}]), json!([{"url": 1}]), json!([{"url": "https://a", "title": ""}]), json!([{"url": "https://a", "title": 1}]), json!([{"url": "https://a", "icon": 1}]), json!([{"url": "https://a", "type": ""}])])]
// Fields of text, of every kind.
#[case("Component", "/spec/type", &[json!("anything"), json!(" "), json!("日本")], &[json!(""), json!(null), json!(1), json!(true), json!(["a"]), json!({})])]
#[case("Component", "/spec/owner", &[json!("a"), json!("group:x/a"), json!("a:b:c"), json!("x/y/z"), json!(" ")], &[json!(""), json!(":a"), json!("a:"), json!("/a"), json!("a/"), json!("group:/a"), json!(null), json!(["a"])])]
#[case("Component", "/spec/system", &[json!("a")], &[json!(""), json!(null), json!(["a"])])]
#[case("Component", "/spec/subcomponentOf", &[json!("a"), json!("api:a")], &[json!(""), json!(null), json!(1)])]
#[case("Component", "/spec/providesApis", &[json!([]), json!(["a", "a"])], &[json!(null), json!("a"), json!([""]), json!([null]), json!([["a"]]), json!({})])]
#[case("Component", "/spec/consumesApis", &[json!(["x/a"])], &[json!("a"), json!([1])])]
#[case("Component", "/spec/dependsOn", &[json!([]), json!(["component:a", "resource:x/b"])], &[json!(["a"]), json!(["x/a"]), json!("component:a"), json!([""])])]
#[case("Component", "/spec/dependencyOf", &[json!([]), json!("component:a"), json!(["component:a"]), json!(null), json!(""), json!(false), json!(0), json!([{"kind": "API", "name": "a"}])], &[json!("a"), json!(["a"]), json!([null]), json!([1]), json!(true), json!({}), json!([[]]), json!([""])])]
#[case("Component", "/spec/anything", &[json!(null), json!([1]), json!({"a": {}})], &[])]
#[case("API", "/spec/definition", &[json!("x"), json!(" ")], &[json!(""), json!(null), json!({"openapi": "3.0.0"}), json!(["x"])])]
#[case("API", "/spec/type", &[json!("openapi"), json!("anything"), json!("MCP-server")], &[json!("mcp-server"), json!("")])]
#[case("mcp", "/spec/remotes", &[json!([{"type": "sse", "url": "not an address", "more": 1}])], &[json!([]), json!(null), json!({}), json!([{}]), json!([{"type": "sse"}]), json!([{"url": "x"}]), json!([{"type": "", "url": "x"}]), json!([{"type": "sse", "url": 1}]), json!(["x"])])]
#[case("mcp", "/apiVersion", &[json!("backstage.io/v1beta1")], &[json!("backstage.io/v1")])]
#[case("mcp", "/spec/definition", &[json!("x"), json!(1)], &[])]
#[case("Resource", "/spec/dependsOn", &[json!(["component:a"])], &[json!(["a"])])]
#[case("Resource", "/spec/dependencyOf", &[json!(["component:a"])], &[json!(["a"])])]
#[case("System", "/spec/domain", &[json!("a")], &[json!(""), json!(null)])]
#[case("System", "/spec/type", &[json!("a")], &[json!(""), json!(null)])]
#[case("Domain", "/spec/subdomainOf", &[json!("a")], &[json!(""), json!(null), json!(["a"])])]
#[case("Group", "/spec/children", &[json!([]), json!(["a", "user:x"])], &[json!(null), json!("a"), json!([""]), json!([1])])]
#[case("Group", "/spec/members", &[json!([]), json!(["a"])], &[json!(null), json!([null])])]
#[case("Group", "/spec/parent", &[json!("a")], &[json!(""), json!(null)])]
#[case("Group", "/spec/profile", &[json!({}), json!({"displayName": "a", "email": "no address", "picture": "x", "more": 1})], &[json!(null), json!([]), json!("a"), json!({"displayName": ""}), json!({"email": 1}), json!({"picture": null})])]
#[case("User", "/spec/memberOf", &[json!([]), json!(["a"])], &[json!(null), json!("a"), json!([""])])]
#[case("User", "/spec/profile", &[json!({"displayName": "a"})], &[json!({"displayName": []})])]
#[case("Template", "/spec/steps", &[json!([]), json!([{"action": ""}]), json!([{"action": "a", "id": "", "name": "", "input": {}, "if": true, "each": [1]}]), json!([{"action": "a", "if": "${{ x }}"}])], &[json!(null), json!({}), json!("a"), json!([null]), json!(["a"]), json!([{}]), json!([{"action": 1}]), json!([{"action": "a", "if": 1}]), json!([{"action": "a", "input": []}]), json!([{"action": "a", "backstage:permissions": {"tags": [1]}}])])]
#[case("Template", "/spec/owner", &[json!("a")], &[json!(""), json!(null)])]
#[case("Template", "/spec/lifecycle", &[json!("a")], &[json!(""), json!(1)])]
#[case("Template", "/spec/parameters", &[json!({}), json!([]), json!([{"title": 1}])], &[json!(null), json!("a"), json!([1]), json!([null])])]
#[case("Template", "/spec/output", &[json!({}), json!({"a": "b", "links": [{"url": "x", "if": true}], "text": [{"content": ""}]})], &[json!(null), json!([]), json!({"a": 1}), json!({"links": {}}), json!({"links": [{"url": ""}]}), json!({"text": ["a"]})])]
#[case("Template", "/apiVersion", &[], &[json!("backstage.io/v1alpha1"), json!("scaffolder.backstage.io/v1beta2")])]
#[case("Location", "/spec/type", &[json!("url")], &[json!(""), json!(null), json!("file")])]
#[case("Location", "/spec/target", &[json!("https://a.example"), json!("./b.yaml")], &[json!(""), json!(null), json!(["a"])])]
#[case("Location", "/spec/targets", &[json!([]), json!(["a"])], &[json!(null), json!("a"), json!([""]), json!([1])])]
#[case("Location", "/spec/presence", &[json!("required"), json!("optional")], &[json!(""), json!("maybe"), json!(null), json!(true)])]
#[case("AiResource", "/spec/type", &[json!("anything"), json!("skill")], &[json!("rule"), json!("plugin"), json!("marketplace"), json!(""), json!(null)])]
#[case("AiResource", "/apiVersion", &[], &[json!("backstage.io/v1beta1")])]
#[case("skill", "/spec/dependsOn", &[json!(["a"]), json!(["component:a"])], &[json!("a"), json!([""])])]
#[case("skill", "/spec/allowedTools", &[json!([])], &[json!("a"), json!([1])])]
#[case("rule", "/spec/rationale", &[json!("a")], &[json!(""), json!(null)])]
#[case("rule", "/spec/activation", &[json!([{"harness": "cursor", "alwaysApply": true}]), json!([{"harness": "codex"}])], &[json!([]), json!({}), json!([{}]), json!([{"harness": "other"}]), json!([{"harness": "codex", "paths": []}]), json!([{"harness": "cursor", "alwaysApply": "yes"}])])]
#[case("plugin", "/spec/skills", &[json!(["a"])], &[json!(null), json!("a"), json!([""])])]
#[case("marketplace", "/spec/version", &[json!("1")], &[json!(""), json!(1)])]
fn values(#[case] kind: &str, #[case] pointer: &str, #[case] right: &[Value], #[case] wrong: &[Value]) {
    assert!(valid(&base(kind)), "{kind}");
    for value in right {
        let found = validate_entity(&changed(kind, pointer, Some(value)), LOCATION, &Model::default());
        assert_eq!(found, [], "{kind} {pointer} {value} should pass");
    }
    for value in wrong {
        assert!(!valid(&changed(kind, pointer, Some(value))), "{kind} {pointer} {value} should not pass");
    }
}

#[rstest]
#[case("Component", &["type", "lifecycle", "owner"])]
#[case("API", &["type", "lifecycle", "owner", "definition"])]
#[case("mcp", &["lifecycle", "owner", "remotes"])]
#[case("Resource", &["type", "owner"])]
#[case("System", &["owner"])]
#[case("Domain", &["owner"])]
#[case("Group", &["type", "children"])]
#[case("User", &["memberOf"])]
#[case("Template", &["type", "steps"])]
#[case("skill", &["type", "lifecycle", "owner"])]
#[case("rule", &["lifecycle", "owner", "category", "rationale"])]
#[case("plugin", &["lifecycle", "owner", "skills"])]
#[case("marketplace", &["lifecycle", "owner", "plugins"])]
fn required_fields(#[case] kind: &str, #[case] fields: &[&str]) {
    for field in fields {
        assert!(!valid(&changed(kind, &format!("/spec/{field}"), None)), "{kind} without {field}");
    }
    for key in ["apiVersion", "kind", "metadata", "spec"] {
        assert!(!valid(&changed(kind, &format!("/{key}"), None)), "{kind} without {key}");
    }
    assert!(!valid(&changed(kind, "/metadata/name", None)));
}

#[test]
fn a_location_needs_no_more_than_a_spec() {
    assert!(valid(&envelope("Location", json!({}))));
    let found = validate_entity(&envelope("Location", json!({})), "file:/srv/a.yaml", &Model::default());
    assert_eq!(found[0].code, "location/type");
}

#[test]
fn what_is_no_entity_or_no_location_is_told() {
    for entity in [json!(null), json!([]), json!("a"), json!(1), json!([base("Component")])] {
        assert!(!valid(&entity), "{entity}");
    }
    for location in ["", "url", "url:", ":x", " : ", "https://a.example/c.yaml", "http:x"] {
        assert!(!validate_entity(&base("Component"), location, &Model::default()).is_empty(), "{location:?}");
    }
    for location in ["url:https://a.example", "file:/a", "custom:x"] {
        assert!(validate_entity(&base("Component"), location, &Model::default()).is_empty(), "{location:?}");
    }
}
