//! Being asked to end: what runs may end, streams are told to come back, and the exit code is 0.

use callboard_tests::{TestPortal, eventually};
use reqwest::Method;
use serde_json::json;

use crate::support::template;

const SHORT_WAIT: &str = "    - { id: wait, name: Wait, action: debug:wait, input: { seconds: 3 } }\n";
const LONG_WAIT: &str = "    - { id: wait, name: Wait, action: debug:wait, input: { seconds: 300 } }\n";

async fn running(steps: &str) -> (TestPortal, String) {
    let portal = TestPortal::builder().catalog_file("t.yaml", &template("wait", steps)).start().await;
    let id = portal.create_task("template:default/wait", &json!({ "name": "x" })).await;
    eventually("the step to begin", async || {
        let events = portal.task_events(&id).await;
        serde_json::to_string(&events).unwrap().contains("Beginning step Wait").then_some(())
    })
    .await;
    (portal, id)
}

#[tokio::test]
async fn at_rest_it_ends_at_once() {
    let mut portal = TestPortal::builder().start().await;
    assert_eq!(portal.terminate().code, Some(0), "{}", portal.log_tail());
    let wal = portal.data().join("callboard.db-wal");
    assert!(!wal.exists() || std::fs::metadata(&wal).unwrap().len() == 0, "the log was not merged");
    portal.start_again().await;
    assert_eq!(portal.terminate().code, Some(0));
}

#[tokio::test]
async fn a_step_that_runs_may_end() {
    let (mut portal, id) = running(SHORT_WAIT).await;
    let stream = portal.request(Method::GET, &format!("/api/scaffolder/v2/tasks/{id}/eventstream")).open().await;
    portal.begin_to_terminate();
    let answer =
        eventually("readiness to end", async || portal.try_get("/readyz").await.filter(|answer| answer.status == 503))
            .await;
    assert!(answer.text().contains("shutdown"), "{}", answer.text());
    // The stream ends, with the time after which its reader is to come back.
    let text = stream.text().await.unwrap_or_default();
    assert!(text.contains("retry:"), "{text}");
    let ended = portal.wait_for_end();
    assert_eq!(ended.code, Some(0), "{}", portal.log_tail());
    portal.start_again().await;
    assert_eq!(portal.ended_task(&id).await["status"], "completed");
}

#[tokio::test]
async fn a_step_that_goes_on_for_ever_does_not_hold_the_end_up() {
    let (mut portal, id) = running(LONG_WAIT).await;
    assert_eq!(portal.terminate().code, Some(0), "{}", portal.log_tail());
    portal.start_again().await;
    let task = portal.ended_task(&id).await;
    assert!(matches!(task["status"].as_str(), Some("failed" | "cancelled")), "{task}");
    // Its end was stored before the process ended, not found out by the next one.
    let events = serde_json::to_string(&portal.task_events(&id).await).unwrap();
    assert!(events.contains("Callboard was stopped while step Wait"), "{events}");
}
