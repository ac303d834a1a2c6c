//! What a card's plugin can do to its host, and what people see of it.

use callboard_tests::{TestPortal, eventually};
use serde_json::{Value, json};

use crate::support::{component, documents, wasm};

/// A portal with one component for each deed.
async fn torture(deeds: &[&str]) -> TestPortal {
    let list: Vec<String> =
        deeds.iter().map(|deed| component(&format!("e-{deed}"), &[("torture.test/card", deed)])).collect();
    TestPortal::builder()
        .plugin("torture")
        .plugin("greeter")
        .catalog_file("deeds.yaml", &documents(&list))
        .start()
        .await
}

async fn deed(portal: &TestPortal, deed: &str) -> Value {
    portal.card(&format!("component:default/e-{deed}"), "torture", "deed").await
}

/// The text that a deed's card shows.
fn text(card: &Value) -> &str {
    card["view"]["blocks"][0]["value"].as_str().unwrap_or_default()
}

async fn expect_fault(portal: &TestPortal, name: &str, faults: &[&str]) {
    let card = deed(portal, name).await;
    let error = &card["error"];
    assert_eq!(error["code"], "fault", "{name}: {card}");
    assert!(faults.contains(&error["fault"].as_str().unwrap()), "{name}: {card}");
    assert!(error["message"].as_str().unwrap().len() > 10, "{name}: {card}");
    assert!(card["view"].is_null(), "{name}: {card}");
    // The others go on.
    let greeting = portal.card(&format!("component:default/e-{name}"), "greeter", "greeting").await;
    assert!(greeting["view"].is_object(), "{name}: {greeting}");
}

#[tokio::test]
async fn traps_panics_loops_and_recursion_are_typed_faults() {
    let portal = torture(&["trap", "panic", "loop", "recurse", "ok"]).await;
    expect_fault(&portal, "trap", &["trap"]).await;
    expect_fault(&portal, "panic", &["trap"]).await;
    expect_fault(&portal, "loop", &["processor-budget", "deadline"]).await;
    // A stack within the memory of the guest ends at its edge, which is a trap like any other.
    expect_fault(&portal, "recurse", &["stack-overflow", "trap"]).await;
    assert_eq!(text(&deed(&portal, "ok").await), "ok", "it still serves");
    let plugin = portal.plugin_in("torture.wasm", "serving").await;
    assert_eq!(plugin["faults"], 4, "{plugin}");
    let recorded: Vec<&str> =
        plugin["recentFaults"].as_array().unwrap().iter().map(|fault| fault["fault"].as_str().unwrap()).collect();
    assert_eq!(recorded.len(), 4, "{plugin}");
    // The page of an entity whose card fails is a page, and says so in the card's own frame.
    let page = portal.page("/catalog/default/component/e-trap").await;
    assert!(page.contains("Greeter 1.0.0 greets"), "the other card is missing");
    assert!(page.contains("It stopped with an error of its own"), "the failed card says nothing");
}

#[tokio::test]
async fn memory_output_and_invalid_views_are_typed_faults() {
    let portal = torture(&["hog", "huge", "invalid-view", "unknown-action"]).await;
    expect_fault(&portal, "hog", &["memory"]).await;
    expect_fault(&portal, "huge", &["output", "memory"]).await;
    expect_fault(&portal, "invalid-view", &["bad-data"]).await;
    expect_fault(&portal, "unknown-action", &["bad-data"]).await;
    assert!(portal.resident_memory().is_none_or(|bytes| bytes < 1 << 30), "the portal kept what the plugin took");
}

#[tokio::test]
async fn a_view_with_too_many_blocks_and_an_error_of_the_plugins_own() {
    let portal = torture(&["many-blocks", "error"]).await;
    expect_fault(&portal, "many-blocks", &["bad-data"]).await;
    let card = deed(&portal, "error").await;
    assert_eq!(card["error"]["code"], "other", "{card}");
    assert_eq!(card["error"]["message"], "the plugin says no");
    assert_eq!(portal.plugin_in("torture.wasm", "serving").await["faults"], 1, "an error is no fault");
}

#[tokio::test]
async fn the_sandbox_is_empty() {
    let portal = torture(&["http", "http-address", "environment", "files", "print", "log-flood"]).await;
    for name in ["http", "http-address"] {
        let card = deed(&portal, name).await;
        assert_eq!(card["error"]["code"], "denied", "{name}: {card}");
        assert!(card["error"]["message"].as_str().unwrap().len() > 10, "{card}");
    }
    assert_eq!(text(&deed(&portal, "environment").await), "0 variables, 0 arguments");
    assert!(text(&deed(&portal, "files").await).ends_with("written: false"));
    assert!(text(&deed(&portal, "files").await).starts_with('0'), "no path is found");
    assert_eq!(text(&deed(&portal, "print").await), "ok");
    let lines = portal.get_json("/api/plugins/torture/logs").await;
    let lines = lines["lines"].to_string();
    assert!(lines.contains("said to standard output") && lines.contains("said to standard error"), "{lines}");
    deed(&portal, "log-flood").await;
    let lines = portal.get_json("/api/plugins/torture/logs").await;
    assert!(lines.to_string().len() < 1 << 20, "the log is bounded");
}

#[tokio::test]
async fn a_plugin_that_breaks_again_and_again_rests() {
    let portal = torture(&["trap", "ok"]).await;
    let rested = eventually("the plugin to rest", async || {
        let card = deed(&portal, "trap").await;
        (card["error"]["code"] == "not-serving").then_some(card)
    })
    .await;
    assert!(rested["error"]["message"].as_str().unwrap().len() > 10, "{rested}");
    let faults = portal.plugin_file("torture.wasm").await.unwrap()["faults"].as_u64().unwrap();
    assert!(faults <= 6, "{faults} calls were made before it rested");
    assert_eq!(deed(&portal, "ok").await["error"]["code"], "not-serving");
    // A new file begins anew.
    portal.drop_plugin("torture.wasm", &callboard_tests::artifacts::with_version(&wasm("torture"), "1.0.0", "1.0.1"));
    eventually("the new one to serve", async || (text(&deed(&portal, "ok").await) == "ok").then_some(())).await;
}

#[tokio::test]
async fn cards_are_listed_and_unknown_ones_are_not_found() {
    let portal = torture(&["ok"]).await;
    let list = portal.get_json("/api/views/default/component/e-ok").await;
    let cards: Vec<String> = list["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|item| format!("{}/{}", item["plugin"].as_str().unwrap(), item["card"]["id"].as_str().unwrap()))
        .collect();
    assert_eq!(cards, ["greeter/greeting", "torture/deed"]);
    for path in [
        "/api/views/default/component/nobody",
        "/api/views/default/component/e-ok/greeter/nothing",
        "/api/views/default/component/e-ok/nobody/greeting",
        "/api/views/default/component/nobody/greeter/greeting",
    ] {
        assert_eq!(portal.get(path).await.json_of(404)["error"]["name"], "NotFoundError", "{path}");
    }
    let action = portal.act("component:default/e-ok", "greeter", "greeting", &json!({ "action": "explode" })).await;
    assert!((400..500).contains(&action.status), "{}", action.text());
}
