//! Health, readiness, metrics and the API's description.

use callboard_tests::TestPortal;
use serde_json::json;

use crate::support::component;

#[tokio::test]
async fn a_portal_without_anything_is_healthy_and_ready() {
    let portal = TestPortal::builder().start().await;
    for (path, body) in [
        ("/healthz", json!({ "status": "ok" })),
        ("/readyz", json!({ "status": "ok" })),
        ("/.backstage/health/v1/readiness", json!({ "status": "ok" })),
        ("/.backstage/health/v1/liveness", json!({ "status": "ok" })),
    ] {
        assert_eq!(portal.get_json(path).await, body, "{path}");
    }
    assert!(portal.data().join("callboard.db").is_file());
    assert!(portal.drop_folder().is_dir());
}

#[tokio::test]
async fn serve_makes_its_folders_and_needs_no_configuration() {
    let mut portal = TestPortal::builder().prepare();
    std::fs::remove_dir_all(portal.data()).unwrap();
    portal.launch_without_waiting().await;
    portal.wait_until_ready().await;
    assert!(portal.drop_folder().is_dir());
    assert_eq!(portal.get("/").await.status, 200);
}

#[tokio::test]
async fn readiness_waits_until_every_file_has_been_read() {
    let documents: Vec<String> = (0..400).map(|index| component(&format!("c{index}"), &[])).collect();
    let mut portal = TestPortal::builder().catalog_file("many.yaml", &documents.join("---\n")).prepare();
    portal.launch_without_waiting().await;
    // The socket answers from the beginning.
    assert_eq!(portal.get("/healthz").await.status, 200);
    let before = portal.get("/readyz").await;
    if before.status == 503 {
        assert!(!before.json()["pending"].as_array().unwrap().is_empty(), "{}", before.text());
    }
    portal.wait_until_ready().await;
    assert_eq!(portal.references("filter=kind=component&fields=kind,metadata").await.len(), 400);
}

#[tokio::test]
async fn metrics_count_requests_by_route_and_never_by_path() {
    let portal = TestPortal::builder().catalog_file("a.yaml", &component("a", &[])).start().await;
    portal.entity("component:default/a").await.unwrap();
    let answer = portal.get("/metrics").await;
    assert!(answer.header("content-type").starts_with("text/plain"), "{:?}", answer.headers);
    let text = answer.text_of(200);
    assert!(
        text.contains("route=\"/api/catalog/entities/by-name/{kind}/{namespace}/{name}\""),
        "no count of the route in:\n{text}"
    );
    assert!(!text.contains("default/a"), "a path became a label in:\n{text}");
    for name in ["callboard_http_requests_total", "callboard_catalog_entities_written_total"] {
        assert!(text.contains(&format!("# TYPE {name} ")), "{name} is missing in:\n{text}");
    }
}

#[tokio::test]
async fn the_api_describes_itself() {
    let portal = TestPortal::builder().start().await;
    let document = portal.get_json("/api/openapi.json").await;
    assert!(document["openapi"].as_str().unwrap().starts_with("3."));
    for path in ["/api/catalog/entities/by-query", "/api/plugins", "/api/scaffolder/v2/tasks", "/readyz"] {
        assert!(document["paths"][path].is_object(), "{path} is not described");
    }
    // What is described is there: every GET without parameters answers.
    for (path, operations) in document["paths"].as_object().unwrap() {
        if operations["get"].is_object() && !path.contains('{') {
            // Only how the answer begins: a stream has no end.
            let status = portal.request(reqwest::Method::GET, path).open().await.status().as_u16();
            // What is for those who signed in asks for it, and what OpenID has to name is not there.
            let accepted = if path.starts_with("/api/auth/v1/") { status != 404 } else { matches!(status, 200 | 400) };
            assert!(accepted, "GET {path} answered {status}");
        }
    }
}

#[tokio::test]
async fn logs_are_json_with_the_id_that_the_answer_bears() {
    let portal = TestPortal::builder().start().await;
    let answer = portal.get("/api/plugins").await;
    let id = answer.header("x-request-id").to_owned();
    assert!(!id.is_empty(), "{:?}", answer.headers);
    let line = callboard_tests::eventually("the request's log line", async || {
        portal.log().into_iter().find(|line| line.contains(&id))
    })
    .await;
    let line: serde_json::Value = serde_json::from_str(&line).unwrap();
    assert_eq!(line["http.path"], "/api/plugins");
    assert_eq!(line["http.status"], 200);
    assert!(line["timestamp"].is_string() && line["level"].is_string(), "{line}");
}
