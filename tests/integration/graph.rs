//! Graphs and what fails when something fails.

use callboard_tests::TestPortal;
use serde_json::{Value, json};

use crate::support::documents;

fn entity(kind: &str, name: &str, annotations: &str, spec: &str) -> String {
    format!(
        "apiVersion: backstage.io/v1alpha1\nkind: {kind}\nmetadata:\n  name: {name}\n  annotations: {{ {annotations} }}\nspec: {{ {spec} }}\n"
    )
}

fn component(name: &str, more: &str) -> String {
    entity("Component", name, "", &format!("type: service, lifecycle: production, owner: crew{more}"))
}

/// A database that a store needs, which gives an API that a shop uses, in a circle.
fn company() -> String {
    documents(&[
        entity("Group", "crew", "pagerduty.com/service-id: P1", "type: team, children: []"),
        entity(
            "Resource",
            "db",
            "opsgenie.com/team: data",
            "type: database, owner: crew, dependencyOf: ['component:store']",
        ),
        component("store", ", system: sales, providesApis: [orders]"),
        entity("API", "orders", "", "type: openapi, lifecycle: production, owner: crew, definition: x"),
        component("shop", ", consumesApis: [orders], dependsOn: ['component:store', 'component:nowhere']"),
        component("circle", ", dependsOn: ['component:shop'], dependencyOf: ['component:shop']"),
        entity("System", "sales", "", "owner: crew"),
        component("alone", ""),
    ])
}

async fn portal() -> TestPortal {
    TestPortal::builder().catalog_file("all.yaml", &company()).start().await
}

fn names(graph: &Value) -> Vec<String> {
    let nodes = graph["nodes"].as_array().unwrap();
    let mut names: Vec<String> = nodes.iter().map(|node| node["entityRef"].as_str().unwrap().to_owned()).collect();
    names.sort_unstable();
    names
}

#[tokio::test]
async fn graphs_follow_what_they_are_told_to() {
    let portal = portal().await;
    let around = "/api/catalog/graph/component/default/shop";
    for (query, expected) in [
        ("depth=0", "component:default/shop"),
        (
            "direction=out&relation=dependsOn",
            "component:default/circle component:default/nowhere component:default/shop component:default/store",
        ),
        ("direction=in", "component:default/circle component:default/shop"),
        ("kind=api", "api:default/orders component:default/shop"),
        ("kind=API&depth=9&direction=out", "api:default/orders component:default/shop"),
        (
            "relation=dependencyOf&depth=2&direction=out",
            "component:default/circle component:default/nowhere component:default/shop component:default/store resource:default/db",
        ),
    ] {
        let graph = portal.get_json(&format!("{around}?{query}")).await;
        assert_eq!(names(&graph).join(" "), expected, "{query}");
        assert_eq!((&graph["truncated"], &graph["omitted"]), (&json!(false), &json!(0)), "{query}");
    }
    let graph = portal.get_json(&format!("{around}?depth=3&limit=2")).await;
    assert_eq!(names(&graph).len(), 2);
    assert_eq!(graph["truncated"], true);
    assert!(graph["omitted"].as_u64().unwrap() >= 1 && graph["depth"] == 3, "{graph}");
    let root = &graph["nodes"][0];
    assert!(root["entityRef"] == "component:default/shop" && root["hidden"].as_u64().unwrap() > 0, "{graph}");
    let whole = portal.get_json("/api/catalog/graph?filter=kind=component&filter=kind=api").await;
    assert_eq!(names(&whole).len(), 5, "{whole}");
    assert!(whole["edges"].as_array().unwrap().iter().any(|edge| edge["relation"] == "consumesApi"));
    for (path, says) in [
        (format!("{around}?direction=up"), "out, in or both"),
        (format!("{around}?depth=x"), "depth"),
        ("/api/catalog/graph?entity=x".to_owned(), "kind"),
    ] {
        let answer = portal.get(&path).await.json_of(400);
        assert!(answer["error"]["message"].as_str().unwrap().contains(says), "{path}: {answer}");
    }
    assert_eq!(portal.get("/api/catalog/graph/component/default/none").await.status, 404);
    let several = portal.get("/api/catalog/graph?entity=component:none&entity=component:shop").await.json_of(404);
    assert!(several["error"]["message"].as_str().unwrap().contains("component:default/none"), "{several}");
}

#[tokio::test]
async fn a_failure_is_followed_to_everyone_who_has_to_know() {
    let portal = portal().await;
    let impact = portal.get_json("/api/catalog/impact/resource/default/db").await;
    let items = impact["items"].as_array().unwrap();
    let reached: Vec<_> =
        items.iter().map(|item| (item["entityRef"].as_str().unwrap(), item["distance"].as_u64().unwrap())).collect();
    assert_eq!(
        reached,
        [
            ("component:default/store", 1),
            ("api:default/orders", 2),
            ("component:default/shop", 2),
            ("component:default/circle", 3)
        ],
        "{impact:#}"
    );
    let shop = &items[2];
    let path = shop["path"].as_array().unwrap();
    assert_eq!(
        (&path[0]["source"], &path[1]["target"]),
        (&json!("resource:default/db"), &json!("component:default/shop"))
    );
    assert_eq!(
        (&shop["owner"], &shop["onCall"][0]["annotation"]),
        (&json!("group:default/crew"), &json!("pagerduty.com/service-id"))
    );
    assert_eq!(shop["onCall"][0]["from"], "group:default/crew");
    assert_eq!(
        impact["root"]["onCall"][0],
        json!({ "annotation": "opsgenie.com/team", "value": "data", "from": "resource:default/db" })
    );
    assert_eq!(
        (&impact["owners"][0]["entityRef"], &impact["owners"][0]["count"]),
        (&json!("group:default/crew"), &json!(4))
    );
    assert_eq!((&impact["total"], &impact["truncated"]), (&json!(4), &json!(false)));
    let system = portal.get_json("/api/catalog/impact/system/default/sales").await;
    assert_eq!(system["items"][0]["path"][0]["relation"], "hasPart");
    let few = portal.get_json("/api/catalog/impact/resource/default/db?limit=1&depth=2").await;
    assert_eq!((few["items"].as_array().unwrap().len(), &few["truncated"]), (1, &json!(true)));
    let other = portal.get_json("/api/catalog/impact/group/default/crew?relation=ownerOf").await;
    assert_eq!(other["total"], 7, "{other:#}");
    assert_eq!(portal.get("/api/catalog/impact/component/default/none").await.status, 404);
}

#[tokio::test]
async fn the_page_draws_what_its_address_says() {
    let many: Vec<String> =
        (0..40).map(|number| component(&format!("many-{number}"), ", dependsOn: ['component:hub']")).collect();
    let portal = TestPortal::builder()
        .catalog_file("all.yaml", &company())
        .catalog_file("many.yaml", &documents(&[documents(&many), component("hub", "")]))
        .start()
        .await;
    let page =
        portal.page("/catalog-graph?entity=component:default/shop&depth=2&direction=in&relation=dependsOn").await;
    assert!(
        page.contains("component/circle") && !page.contains("href=\"/catalog/default/api/orders\""),
        "what is drawn follows the address"
    );
    let page = portal.page("/catalog-graph?entity=component:hub").await;
    assert!(
        page.contains("40 × Component") && page.contains("id=\"group-0\"") && page.contains("each=on"),
        "forty are drawn as one"
    );
    let page = portal.page("/catalog-graph?entity=component:hub&each=on").await;
    assert!(
        !page.contains("40 × Component") && page.matches("class=\"graph-node\"").count() > 40,
        "each is drawn by itself"
    );
    let page = portal.page("/catalog-graph?filter=kind%3Dsystem").await;
    assert!(page.contains("system/sales"), "a filter draws what matches");
    for wrong in ["?entity=:", "?filter==", "?entity=a&direction=up&depth=-1&limit=x"] {
        let answer = portal.get(&format!("/catalog-graph{wrong}")).await;
        assert!(answer.status < 500, "{wrong}: {}", answer.status);
    }
}
