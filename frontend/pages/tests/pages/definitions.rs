//! Definitions of APIs: the fake one, and what its page says.

use std::sync::Arc;

use host_api::*;
use host_model::{Diagnostic, EntityRef, Place};

use crate::fake::Fake;
use crate::html::{tags, text};
use crate::render::get;

/// A definition with a bit of everything, every text of which goes through `say`.
pub(crate) fn document(say: &dyn Fn(&str) -> String, entity: &EntityRef) -> DefinitionDocument {
    let node = |name: &str, label: &str, reference: Option<&str>| ApiSchema {
        name: say(name),
        type_label: say(label),
        reference: reference.map(say),
        required: true,
        deprecated: true,
        marks: vec![say("read only")],
        description: "<p>Safe.</p>".into(),
        constraints: vec![say("at most 64 characters")],
        choices: vec![say("open"), say("closed")],
        default: Some(say("open")),
        example: Some(say("closed")),
        ..ApiSchema::default()
    };
    let order = ApiSchema {
        children: vec![
            node("id", "string", None),
            node("parent", "", Some("Order")),
            ApiSchema { is_label: true, children: vec![node("", "string", None)], ..node("one of", "", None) },
        ],
        ..node("", "object", None)
    };
    let section = |title: &str| ApiSection {
        title: say(title),
        note: say("application/json"),
        description: "<p>Safe.</p>".into(),
        schema: Some(node("", "array of", Some("Order"))),
        examples: vec![ApiExample { name: say("one"), language: "json".into(), text: say("{\"id\": 1}") }],
    };
    let operation = |number: usize| ApiOperation {
        id: format!("get-orders-{number}"),
        verb: say(if number == 0 { "POST" } else { "GET" }),
        name: say(&format!("/orders/{number}")),
        operation_id: say("getOrder"),
        summary: say("Reads an order"),
        description: "<p>Safe.</p>".into(),
        deprecated: number == 1,
        marks: vec![say("webhook")],
        security: vec![say("key")],
        sections: vec![section("Path parameters"), section("Response 200")],
        other_groups: if number == 3 { vec![say("stock")] } else { Vec::new() },
        line: Some(7),
    };
    let definition = ApiDefinition {
        format: say("OpenAPI 3.1.0"),
        language: "yaml".into(),
        title: say("Orders"),
        version: say("1.2.3"),
        description: "<p>What was <strong>ordered</strong>.</p>".into(),
        facts: vec![(say("Contact"), say("https://acme.example · javascript:alert(1)"))],
        servers: vec![ApiServer {
            name: say("main"),
            url: say("https://{region}.acme.example"),
            protocol: say("https"),
            description: "<p>Safe.</p>".into(),
            variables: vec![(say("region"), say("eu"))],
        }],
        security: vec![ApiSecurity {
            name: say("key"),
            kind: say("HTTP bearer"),
            description: String::new(),
            scopes: vec![(say("read"), say("reads"))],
        }],
        groups: vec![
            ApiGroup {
                name: say("orders"),
                description: "<p>Safe.</p>".into(),
                operations: (0..30).map(operation).collect(),
            },
            ApiGroup { name: say("stock"), ..ApiGroup::default() },
        ],
        types: vec![ApiType {
            id: "order".into(),
            name: say("Order"),
            kind: say("object"),
            schema: order,
            line: Some(3),
        }],
        findings: vec![
            Diagnostic::error("definition/syntax", say("a colon is missing"))
                .at(Place { file: None, line: 2, column: 4 })
                .hint(say("write one")),
        ],
        truncated: false,
    };
    let text = if entity.name() == "empty" { String::new() } else { say("openapi: 3.1.0\nbroken\n") };
    DefinitionDocument { definition: Arc::new(definition), text: text.into() }
}

const PATH: &str = "/catalog/default/api/orders/definition";

#[tokio::test]
async fn operations_are_filtered_and_paged_by_the_address() {
    let answer = get(PATH, Fake::friendly()).await;
    let words = text(&answer.html);
    for expected in
        ["Operations 30", "Types 1", "1–25 of 30", "POST", "/orders/24", "Response 200", "contains itself", "2:4"]
    {
        assert!(words.contains(expected), "{expected} in {words}");
    }
    assert!(!words.contains("/orders/25"));
    let all = tags(&answer.html);
    assert!(all.iter().any(|tag| tag.get("id") == Some("op-get-orders-3")));
    assert!(all.iter().any(|tag| tag.get("href") == Some(&format!("{PATH}?view=types#type-order"))));
    assert!(all.iter().any(|tag| tag.get("href") == Some(&format!("{PATH}?view=text#L2"))));
    let second = text(&get(&format!("{PATH}?page=2"), Fake::friendly()).await.html);
    assert!(second.contains("/orders/29") && second.contains("26–30 of 30"), "{second}");
    let one = get(&format!("{PATH}?q=ORDERS/7"), Fake::friendly()).await;
    let open =
        tags(&one.html).iter().filter(|tag| tag.get("class") == Some("operation") && tag.get("open").is_some()).count();
    assert_eq!(open, 1, "the only one that matches is open");
    let verb = text(&get(&format!("{PATH}?verb=post"), Fake::friendly()).await.html);
    assert!(verb.contains("/orders/0") && !verb.contains("/orders/1"), "{verb}");
    let other = text(&get(&format!("{PATH}?group=stock"), Fake::friendly()).await.html);
    assert!(other.contains("stock 1 operation") && other.contains("/orders/3"), "{other}");
    assert!(other.contains("Groups: orders, stock") && !other.contains("/orders/4"), "{other}");
    let none = text(&get(&format!("{PATH}?q=nothing"), Fake::friendly()).await.html);
    assert!(none.contains("No operation matches"), "{none}");
    let beyond = text(&get(&format!("{PATH}?page=99"), Fake::friendly()).await.html);
    assert!(beyond.contains("Nothing on this page") && !beyond.contains("No operation matches"), "{beyond}");
}

#[tokio::test]
async fn the_text_has_numbered_lines_and_marks() {
    let answer = get(&format!("{PATH}?view=text"), Fake::friendly()).await;
    let all = tags(&answer.html);
    let line = all.iter().find(|tag| tag.get("id") == Some("L2")).expect("the second line has an address");
    assert_eq!(line.get("data-tone"), Some("error"));
    assert!(all.iter().any(|tag| tag.get("href") == Some("/api/catalog/definition/api/default/orders/raw")));
}

#[tokio::test]
async fn types_are_listed_with_links() {
    let answer = get(&format!("{PATH}?view=types"), Fake::friendly()).await;
    assert!(tags(&answer.html).iter().any(|tag| tag.get("id") == Some("type-order")));
}
