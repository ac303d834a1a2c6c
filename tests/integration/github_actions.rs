//! The `github-actions` plugin against a server of GitHub's shapes: data, actions, credentials, and every way in which
//! the other side can be ill.

use std::time::Duration;

use callboard_tests::github::{FakeGithub, Options};
use callboard_tests::{TestPortal, eventually};
use serde_json::{Value, json};

use crate::support::component;

const TOKEN: &str = "a-token-that-nobody-sees";
const SHOP: &str = "component:default/shop";

fn config(github: &FakeGithub) -> String {
    format!(
        "plugins: {{ github-actions: {{ upstreams: {{ github: acme }} }} }}\nupstreams:\n  acme:\n    target: {}\n    headers: {{ \
         Authorization: \"Bearer {TOKEN}\" }}\n    allowPrivateNetwork: true\n",
        github.url()
    )
}

async fn shop(github: &FakeGithub) -> TestPortal {
    TestPortal::builder()
        .config(&config(github))
        .catalog_file("shop.yaml", &component("shop", &[("github.com/project-slug", "acme/shop")]))
        .catalog_file("missing.yaml", &component("gone", &[("github.com/project-slug", "acme/missing-shop")]))
        .catalog_file("odd.yaml", &component("odd", &[("github.com/project-slug", "no slug at all")]))
        .catalog_file("plain.yaml", &component("plain", &[]))
        .start()
        .await
}

async fn github() -> FakeGithub {
    FakeGithub::start(Options { require_token: Some(TOKEN.to_owned()), ..Options::default() }).unwrap()
}

/// The id of the card.
async fn card_id(portal: &TestPortal) -> String {
    let list = portal.get_json("/api/views/default/component/shop").await;
    list["items"][0]["card"]["id"].as_str().unwrap().to_owned()
}

fn table(card: &Value) -> &Value {
    assert!(card["view"].is_object(), "no view: {card}");
    let blocks = card["view"]["blocks"].as_array().unwrap();
    &blocks.iter().find(|block| block["type"] == "table").unwrap()["value"]
}

#[tokio::test]
async fn the_card_shows_runs_and_the_credential_is_nowhere_but_at_github() {
    let github = github().await;
    let portal = shop(&github).await;
    let id = card_id(&portal).await;
    let card = portal.card(SHOP, "github-actions", &id).await;
    let rows = table(&card)["rows"].as_array().unwrap();
    assert!(!rows.is_empty(), "{card}");
    let run = &github.runs("acme", "shop")[0];
    let title = run["display_title"].as_str().unwrap();
    assert!(card.to_string().contains(title), "{title} is not in {card}");
    let requests = github.recorded_requests();
    assert!(!requests.is_empty());
    for request in &requests {
        assert_eq!(request.headers["authorization"], format!("Bearer {TOKEN}"), "{request:?}");
        assert!(request.headers.contains_key("user-agent"), "{request:?}");
        assert!(request.path.starts_with("/repos/acme/shop/"), "{request:?}");
    }
    // What the plugin could see or say: its views, its log, its status, the portal's pages and log.
    let page = portal.page("/catalog/default/component/shop").await;
    assert!(page.contains(title), "the run is not on the page");
    let seen = [
        card.to_string(),
        page,
        portal.page("/plugins/github-actions").await,
        portal.get("/api/plugins").await.text(),
        portal.get("/api/plugins/github-actions/logs").await.text(),
        portal.get("/metrics").await.text(),
        portal.log().join("\n"),
    ];
    assert!(seen.iter().all(|text| !text.contains(TOKEN)), "the credential leaked");
    assert!(portal.get_json("/api/views/default/component/plain").await["items"].as_array().unwrap().is_empty());
}

#[tokio::test]
async fn a_run_is_started_again_and_only_once_for_one_click() {
    let github = github().await;
    let portal = shop(&github).await;
    let id = card_id(&portal).await;
    let card = portal.card(SHOP, "github-actions", &id).await;
    let actions = card["view"]["actions"].as_array().unwrap();
    let rerun = actions.iter().find(|action| action["id"] == "rerun").unwrap();
    assert!(rerun["confirm"].is_string() || rerun.to_string().contains("again"), "it asks first: {rerun}");
    let run = github.runs("acme", "shop").into_iter().find(|run| run["status"] == "completed").unwrap();
    let body = json!({ "action": "rerun", "input": { "run": run["id"] }, "idempotencyKey": "one-click" });
    let receipt = portal.act(SHOP, "github-actions", &id, &body).await.json_of(200);
    assert!(receipt["message"].as_str().unwrap().len() > 3, "{receipt}");
    assert_eq!(receipt["refresh"], true, "{receipt}");
    let posts = || github.recorded_requests().into_iter().filter(|request| request.method == "POST").count();
    assert_eq!(posts(), 1);
    let now = github.runs("acme", "shop").into_iter().find(|other| other["id"] == run["id"]).unwrap();
    assert_ne!(now["status"], "completed", "{now}");
    // The card shows it without waiting for a cache to grow old.
    eventually("the run on the card", async || {
        let card = portal.card(SHOP, "github-actions", &id).await.to_string();
        (card.contains("queued") || card.contains("Queued") || card.contains("progress")).then_some(())
    })
    .await;
    let log = rusqlite::Connection::open(portal.data().join("callboard.db")).unwrap();
    let written: (String, String) = log
        .query_row("SELECT actor, detail FROM audit_log WHERE action = 'card.act' ORDER BY id LIMIT 1", [], |row| {
            Ok((row.get(0)?, row.get(1)?))
        })
        .expect("who asked for it is written down");
    assert_eq!(written.0, "guest");
    assert!(written.1.contains("rerun"), "{}", written.1);
}

#[tokio::test]
async fn actions_with_wrong_input_are_refused_before_anything_is_sent() {
    let github = github().await;
    let portal = shop(&github).await;
    let id = card_id(&portal).await;
    for body in [
        json!({ "action": "rerun", "input": {} }),
        json!({ "action": "rerun", "input": { "run": "../../secrets" } }),
        json!({ "action": "delete-everything", "input": { "run": 1 } }),
        json!({ "input": { "run": 1 } }),
    ] {
        let answer = portal.act(SHOP, "github-actions", &id, &body).await;
        assert!((400..500).contains(&answer.status), "{body}: {} {}", answer.status, answer.text());
    }
    assert!(github.recorded_requests().iter().all(|request| request.method == "GET"));
    let unknown = json!({ "action": "rerun", "input": { "run": 1 } });
    let answer = portal.act(SHOP, "github-actions", &id, &unknown).await;
    assert!((400..500).contains(&answer.status), "{}", answer.text());
}

#[tokio::test]
async fn whatever_github_answers_the_card_says_it() {
    let github = github().await;
    let portal = shop(&github).await;
    let id = card_id(&portal).await;
    let ask = async |reference: &str| portal.card(reference, "github-actions", &id).await;

    let card = ask("component:default/gone").await;
    assert_eq!(card["error"]["code"], "not-found", "{card}");
    let card = ask("component:default/odd").await;
    assert!(card["error"]["code"].is_string(), "{card}");

    // Pages of runs that have not been asked for before, so that no cache answers.
    let mut page = 1;
    let mut fresh = async || {
        page += 1;
        portal.get_json(&format!("/api/views/default/component/shop/github-actions/{id}?branch=b{page}")).await
    };
    for (status, codes) in [
        (401, &["needs-permission", "upstream-status"][..]),
        (403, &["needs-permission", "upstream-status", "rate-limited"]),
        (500, &["upstream-status", "unavailable"]),
        (502, &["upstream-status", "unavailable"]),
    ] {
        github.fail_with(status);
        let card = fresh().await;
        let code = card["error"]["code"].as_str().unwrap_or_default();
        assert!(codes.contains(&code), "{status}: {card}");
        github.recover();
    }
    github.set_rate_limited(true);
    let card = fresh().await;
    assert_eq!(card["error"]["code"], "rate-limited", "{card}");
    github.set_rate_limited(false);
}

#[tokio::test]
async fn nonsense_from_github_is_an_error_and_no_fault() {
    let github = github().await;
    let portal = shop(&github).await;
    let id = card_id(&portal).await;
    for (index, (kind, body)) in [
        ("application/json", "{\"workflow_runs\": 7}"),
        ("application/json", "{"),
        ("text/html", "<h1>Down for maintenance</h1>"),
        ("application/json", ""),
    ]
    .into_iter()
    .enumerate()
    {
        github.answer_with(200, kind, body);
        let path = format!("/api/views/default/component/shop/github-actions/{id}?branch=n{index}");
        let card = portal.get_json(&path).await;
        assert!(card["error"]["code"].is_string() && card["error"]["code"] != "fault", "{body}: {card}");
        github.recover();
    }
}

#[tokio::test]
async fn a_slow_or_absent_github_is_unavailable() {
    let github = github().await;
    let portal = shop(&github).await;
    let id = card_id(&portal).await;
    github.set_latency(Duration::from_secs(20));
    let card = portal.card(SHOP, "github-actions", &id).await;
    assert!(card["error"]["code"].is_string(), "{card}");
    drop(github);
    let card = portal.get_json(&format!("/api/views/default/component/shop/github-actions/{id}?branch=x")).await;
    assert!(card["error"]["code"].is_string(), "{card}");
    assert_eq!(portal.get("/readyz").await.status, 200);
}

#[tokio::test]
async fn a_private_address_is_refused_unless_the_binding_allows_it() {
    let github = github().await;
    let portal = TestPortal::builder()
        .config(&config(&github).replace("allowPrivateNetwork: true", "allowPrivateNetwork: false"))
        .catalog_file("shop.yaml", &component("shop", &[("github.com/project-slug", "acme/shop")]))
        .start()
        .await;
    let id = card_id(&portal).await;
    let card = portal.card(SHOP, "github-actions", &id).await;
    assert!(card["error"]["code"].is_string(), "{card}");
    assert!(github.recorded_requests().is_empty(), "it was asked");
}
