//! The change stream: events as they happen, tokens that hold over restarts, filters, and the end of the portal.

use callboard_tests::{TestPortal, eventually};
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{component, documents, group};

const CHANGES: &str = "/api/catalog/changes";

async fn page(portal: &TestPortal, query: &str) -> Value {
    portal
        .request(Method::GET, &format!("{CHANGES}?{query}"))
        .header("accept", "application/json")
        .send()
        .await
        .json_of(200)
}

/// Reads pages until one has an event, and gives its events with the token to go on with.
async fn next(portal: &TestPortal, query: &str, since: &str) -> (Vec<Value>, String) {
    let mut since = since.to_owned();
    let items = eventually("something to be told", async || {
        let page = page(portal, &format!("{query}&wait=2&since={since}")).await;
        assert_eq!(page.get("reset"), None, "{page}");
        since = page["next"].as_str().unwrap().to_owned();
        let items = page["items"].as_array().unwrap().clone();
        (!items.is_empty()).then_some(items)
    })
    .await;
    (items, since)
}

fn told(items: &[Value]) -> Vec<(&str, &str, &str)> {
    items
        .iter()
        .map(|item| {
            (item["type"].as_str().unwrap(), item["entityRef"].as_str().unwrap(), item["what"].as_str().unwrap())
        })
        .collect()
}

#[tokio::test]
async fn what_happens_is_told_once_and_in_order() {
    let mut portal = TestPortal::builder().catalog_file("a.yaml", &component("a", &[])).start().await;
    let start = page(&portal, "").await;
    assert_eq!(start["items"], json!([]));
    let since = start["next"].as_str().unwrap().to_owned();

    portal.write_catalog_file("b.yaml", &documents(&[component("b", &[]), group("crew")]));
    let (items, since) = next(&portal, "", &since).await;
    let mut seen = told(&items);
    seen.sort_unstable();
    // The component of before has an owner now.
    assert_eq!(
        seen,
        [("created", "component:default/b", "entity"), ("created", "group:default/crew", "entity")],
        "{items:#?}"
    );
    let etag = portal.entity("component:default/b").await.unwrap()["metadata"]["etag"].clone();
    let b = items.iter().find(|item| item["entityRef"] == "component:default/b").unwrap();
    assert_eq!(
        (&b["etag"], &b["kind"], &b["version"], &b["matches"]),
        (&etag, &json!("component"), &json!(1), &json!(true))
    );
    assert!(b["time"].as_str().unwrap().ends_with('Z'));

    // While the reader is away the portal ends, something changes, and it starts again.
    portal.terminate();
    portal.write_catalog_file("a.yaml", &component("a", &[("example.com/x", "y")]));
    std::fs::remove_file(portal.catalog().join("b.yaml")).unwrap();
    portal.start_again().await;
    let mut all = Vec::new();
    let mut at = since.clone();
    while !all.iter().any(|item: &Value| item["type"] == "removed") {
        let (items, token) = next(&portal, "", &at).await;
        all.extend(items);
        at = token;
    }
    assert!(told(&all).contains(&("changed", "component:default/a", "entity")), "{all:#?}");
    assert!(told(&all).contains(&("removed", "component:default/b", "entity")), "{all:#?}");
    let removed = all.iter().find(|item| item["type"] == "removed").unwrap();
    assert_eq!(removed["etag"], Value::Null);
    // From an event in the middle of a change, the rest is told, and nothing twice.
    let (items, _) = next(&portal, "", &since).await;
    let (rest, _) = next(&portal, "", items[0]["token"].as_str().unwrap()).await;
    assert_ne!(rest[0]["token"], items[0]["token"]);
}

#[tokio::test]
async fn a_filter_tells_what_matches_and_what_no_longer_does() {
    let portal = TestPortal::builder().catalog_file("a.yaml", &component("a", &[])).start().await;
    let filter = "filter=kind=component,spec.lifecycle=production";
    let since = page(&portal, filter).await["next"].as_str().unwrap().to_owned();
    portal.write_catalog_file("g.yaml", &group("other"));
    portal.write_catalog_file("b.yaml", &component("b", &[]));
    let (items, since) = next(&portal, filter, &since).await;
    assert_eq!(told(&items), [("created", "component:default/b", "entity")]);
    portal.write_catalog_file("b.yaml", &component("b", &[]).replace("production", "deprecated"));
    let (items, since) = next(&portal, filter, &since).await;
    assert_eq!(
        (told(&items), &items[0]["matches"]),
        (vec![("changed", "component:default/b", "entity")], &json!(false))
    );
    portal.write_catalog_file("b.yaml", &component("b", &[("a.b/c", "d")]).replace("production", "deprecated"));
    std::fs::remove_file(portal.catalog().join("a.yaml")).unwrap();
    let (items, _) = next(&portal, filter, &since).await;
    assert_eq!(told(&items), [("removed", "component:default/a", "entity")]);
}

#[tokio::test]
async fn a_filter_on_relations_tells_when_they_end() {
    let files = documents(&[component("a", &[]), group("crew")]);
    let portal =
        TestPortal::builder().catalog_file("g.yaml", &group("other")).catalog_file("a.yaml", &files).start().await;
    let filter = "filter=kind=group,relations.ownerof=component:default/a";
    let since = page(&portal, filter).await["next"].as_str().unwrap().to_owned();
    // What the component states is what the group has: without it, the group no longer matches.
    portal.write_catalog_file("a.yaml", &group("crew"));
    let mut seen = Vec::new();
    let mut at = since;
    while !seen.iter().any(|item: &Value| item["entityRef"] == "group:default/crew") {
        let (items, token) = next(&portal, filter, &at).await;
        seen.extend(items);
        at = token;
    }
    let crew = seen.iter().find(|item| item["entityRef"] == "group:default/crew").unwrap();
    assert_eq!(crew["matches"], json!(false), "{seen:#?}");
    std::fs::remove_file(portal.catalog().join("g.yaml")).unwrap();
    let (items, _) = next(&portal, filter, &at).await;
    assert_eq!(told(&items), [("removed", "group:default/other", "entity")]);
}

#[tokio::test]
async fn a_token_that_is_not_known_resets_the_reader() {
    let portal = TestPortal::builder().catalog_file("a.yaml", &component("a", &[])).start().await;
    let present = page(&portal, "").await["next"].as_str().unwrap().to_owned();
    let (stream, _) = present.split_once('.').unwrap();
    for token in ["rubbish", "000000000000.1.0", &format!("{stream}.99999.0"), "%00"] {
        let answer = page(&portal, &format!("since={token}")).await;
        assert!(answer["reset"].as_str().is_some_and(|reason| !reason.is_empty()), "{token}: {answer}");
        assert_eq!(answer["next"], present.as_str());
    }
    let answer = portal.get(&format!("{CHANGES}?filter==x")).await;
    assert_eq!(answer.status, 400);
}

#[tokio::test]
async fn the_stream_sends_events_and_ends_with_the_portal() {
    let mut portal = TestPortal::builder().catalog_file("a.yaml", &component("a", &[])).start().await;
    let mut stream = portal.request(Method::GET, CHANGES).open().await;
    assert_eq!(stream.headers()["content-type"], "text/event-stream");
    let mut text = String::new();
    let read_until = async |stream: &mut reqwest::Response, text: &mut String, what: &str| {
        while !text.contains(what) {
            let chunk =
                stream.chunk().await.unwrap().unwrap_or_else(|| panic!("the stream ended before {what}: {text}"));
            text.push_str(&String::from_utf8_lossy(&chunk));
        }
    };
    read_until(&mut stream, &mut text, "event: start").await;
    portal.write_catalog_file("b.yaml", &component("b", &[]));
    read_until(&mut stream, &mut text, "event: created").await;
    read_until(&mut stream, &mut text, "component:default/b").await;
    assert!(text.contains("\nid: "), "{text}");
    // A reader that comes back with the last id that it saw misses nothing.
    let id = text.lines().filter_map(|line| line.strip_prefix("id: ")).next_back().unwrap().to_owned();
    portal.begin_to_terminate();
    read_until(&mut stream, &mut text, "retry:").await;
    portal.wait_for_end();
    portal.write_catalog_file("c.yaml", &component("c", &[]));
    portal.start_again().await;
    let mut stream = portal.request(Method::GET, CHANGES).header("last-event-id", &id).open().await;
    let mut text = String::new();
    read_until(&mut stream, &mut text, "component:default/c").await;
    assert!(!text.contains("component:default/b\"") && !text.contains("event: start"), "{text}");
    drop(stream);
    let mut stream = portal.request(Method::GET, CHANGES).header("last-event-id", "gone").open().await;
    let mut text = String::new();
    read_until(&mut stream, &mut text, "event: reset").await;
    eventually("the portal to answer others", async || (portal.get("/readyz").await.status == 200).then_some(())).await;
}
