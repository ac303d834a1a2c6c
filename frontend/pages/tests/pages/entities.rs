//! Pages of entities.

use crate::fake::Fake;
use crate::html::{tags, text};
use crate::render::get;

#[tokio::test]
async fn an_entity_tells_what_it_is_and_what_it_touches() {
    let answer = get("/catalog/default/component/checkout", Fake::friendly()).await;
    let words = text(&answer.html);
    for expected in [
        "CHECKOUT",
        "component:default/checkout",
        "production",
        "SHOP",
        "STORE",
        "Runbook",
        "Provided APIs",
        "ORDERS",
        "Edit",
        "View source",
        "a colon is missing",
        "/srv/a.yaml:3:7",
        "hint: write a colon",
        "resource:default/gone",
        "not in the catalog",
    ] {
        assert!(words.contains(expected), "{expected}: {words}");
    }
    let tags = tags(&answer.html);
    assert!(
        tags.iter().any(|tag| tag.name == "a" && tag.get("class") == Some("graph-node")),
        "the graph's nodes are links"
    );
    let refresh = tags
        .iter()
        .find(|tag| tag.name == "form" && tag.get("action") == Some("/catalog/default/component/checkout"))
        .unwrap();
    assert_eq!(refresh.get("method"), Some("post"));
}

#[tokio::test]
async fn each_kind_has_its_cards() {
    for (path, expected) in [
        ("api/orders", &["Providers", "Consumers", "Definition", "add it to consumesApis"][..]),
        ("system/store", &["Components", "APIs", "This system has no resources"]),
        ("group/shop", &["Members", "Ownership", "ADA", "CHECKOUT", "shop@example.com"]),
        ("user/ada", &["Groups", "SHOP"]),
        ("location/all", &["Targets", "./*.yaml", "Problems", "1 problem"]),
        ("template/service", &["Use template", "Steps", "Say it", "debug:log"]),
    ] {
        let words = text(&get(&format!("/catalog/default/{path}"), Fake::friendly()).await.html);
        for word in expected {
            assert!(words.contains(word), "{path}: {word}: {words}");
        }
    }
}

#[tokio::test]
async fn more_relations_than_are_looked_up_are_not_missing() {
    for tab in ["", "/relations"] {
        let answer = get(&format!("/catalog/default/domain/hub{tab}"), Fake::friendly()).await;
        let words = text(&answer.html);
        assert!(!words.contains("not in the catalog"), "{words}");
        // A long relation does not keep the others from their names.
        assert!(words.contains("1,000") && words.contains("SHOP"), "{words}");
        assert!(answer.html.len() < 400_000, "{}", answer.html.len());
    }
}

#[tokio::test]
async fn tabs_show_their_part() {
    for (path, expected) in [
        ("api/orders/definition", &["OpenAPI 3.1.0", "a colon is missing"][..]),
        ("component/checkout/relations", &["Owned by", "Depends on", "Provides API"]),
        (
            "component/checkout/inspect",
            &["apiVersion: backstage.io/v1alpha1", "\"kind\": \"Component\"", "example.com/note"],
        ),
        ("component/checkout/problems", &["yaml/syntax", "plugin ci"]),
        ("user/ada/problems", &["Nothing is wrong"]),
    ] {
        let words = text(&get(&format!("/catalog/default/{path}"), Fake::friendly()).await.html);
        for word in expected {
            assert!(words.contains(word), "{path}: {word}: {words}");
        }
    }
}

#[tokio::test]
async fn a_missing_entity_suggests_others() {
    let answer = get("/catalog/default/component/check-out", Fake::friendly()).await;
    assert_eq!(answer.status, 404);
    let words = text(&answer.html);
    assert!(
        words.contains("The catalog has no component:default/check-out")
            && words.contains("Did you mean")
            && words.contains("CHECKOUT"),
        "{words}"
    );
    assert!(answer.html.contains("href=\"/search?q=check-out\""));
}
