//! What others say of entities: set, shown, replaced, expired, refused.

use callboard_tests::{TestPortal, eventually};
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{component, documents};

const OF_A: &str = "/api/catalog/entities/by-name/component/default/a";
const STATUS: &str = "/api/catalog/entities/by-name/component/default/a/status";
const BATCH: &str = "/api/catalog/entities/status-batch";

async fn portal() -> TestPortal {
    let text = documents(&[component("a", &[]), component("b", &[])]);
    TestPortal::builder().catalog_file("a.yaml", &text).start().await
}

fn saying(source: &str, message: &str) -> Value {
    let item = json!({ "type": "example.com/build", "level": "error", "message": message });
    json!({ "source": source, "status": { "items": [item] } })
}

async fn say(portal: &TestPortal, path: &str, body: &Value) -> (u16, Value) {
    let answer = portal.request(Method::POST, path).token(&portal.admin_token()).json(body).send().await;
    (answer.status, if answer.text().is_empty() { Value::Null } else { answer.json() })
}

async fn items(portal: &TestPortal) -> Vec<Value> {
    portal.get_json(OF_A).await["status"]["items"].as_array().cloned().unwrap_or_default()
}

#[tokio::test]
async fn what_is_said_is_shown_replaced_taken_back_and_kept() {
    let mut portal = portal().await;
    let etag = async |portal: &TestPortal| portal.get_json(OF_A).await["metadata"]["etag"].clone();
    let before = etag(&portal).await;
    assert_eq!(say(&portal, STATUS, &saying("ci", "red")).await.0, 204);
    let said = etag(&portal).await;
    assert_ne!(said, before);
    let shown = items(&portal).await;
    assert_eq!(shown, [json!({ "type": "example.com/build", "level": "error", "message": "red", "source": "ci" })]);
    // The same again is no change.
    assert_eq!(say(&portal, STATUS, &saying("ci", "red")).await.0, 204);
    assert_eq!(etag(&portal).await, said);
    assert_eq!(say(&portal, STATUS, &saying("audit", "late")).await.0, 204);
    assert_eq!(say(&portal, STATUS, &saying("ci", "green")).await.0, 204);
    let status = portal.get_json(STATUS).await;
    let sources: Vec<_> = status["items"].as_array().unwrap().iter().map(|item| &item["source"]).collect();
    assert_eq!(sources, ["audit", "ci"]);
    assert_eq!(
        (&status["items"][1]["setBy"], &status["items"][1]["expiresAt"]),
        (&json!("administrator"), &Value::Null)
    );
    // What is read anew keeps what others say, and so does a restart.
    portal.write_catalog_file("a.yaml", &component("a", &[("a.b/c", "d")]));
    portal
        .entity_when("component:default/a", "the annotation", |entity| {
            entity["metadata"]["annotations"]["a.b/c"] == "d"
        })
        .await;
    assert_eq!(items(&portal).await.len(), 2);
    portal.terminate();
    portal.start_again().await;
    assert_eq!(items(&portal).await.len(), 2);

    let delete =
        async |path: &str| portal.request(Method::DELETE, path).token(&portal.admin_token()).send().await.status;
    assert_eq!(delete(&format!("{STATUS}?source=ci")).await, 204);
    assert_eq!(delete(&format!("{STATUS}?source=ci")).await, 204);
    assert_eq!(items(&portal).await.len(), 1);
    assert_eq!(delete(STATUS).await, 204);
    assert_eq!(portal.get_json(OF_A).await.get("status"), None);
    // It is no version of the entity.
    assert_eq!(portal.get_json(&format!("{OF_A}/history")).await["items"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn what_is_said_for_a_while_expires_and_is_told_to_followers() {
    let portal = portal().await;
    let start = portal.request(Method::GET, "/api/catalog/changes").header("accept", "application/json").send().await;
    let since = start.json()["next"].as_str().unwrap().to_owned();
    let mut body = saying("ci", "red");
    body["ttl"] = json!(1);
    assert_eq!(say(&portal, STATUS, &body).await.0, 204);
    assert_eq!(items(&portal).await.len(), 1);
    eventually("the status to expire", async || items(&portal).await.is_empty().then_some(())).await;
    let path = format!("/api/catalog/changes?since={since}");
    let told = portal.request(Method::GET, &path).header("accept", "application/json").send().await.json();
    let what: Vec<_> =
        told["items"].as_array().unwrap().iter().map(|item| (&item["entityRef"], &item["what"])).collect();
    let status = (&json!("component:default/a"), &json!("status"));
    assert_eq!(what, [status, status], "{told:#}");
}

#[tokio::test]
async fn a_batch_tells_what_came_of_each() {
    let portal = portal().await;
    let item = |entity: &str, message: &str| {
        let mut item = saying("ci", message);
        item["entityRef"] = json!(entity);
        item
    };
    let good = json!({ "items": [item("component:default/a", "x"), item("Component:b", "y")] });
    assert_eq!(say(&portal, BATCH, &good).await, (204, Value::Null));
    assert_eq!(items(&portal).await.len(), 1);
    let mixed = json!({ "items": [item("component:default/none", "x"), item("component:default/a", "z"), item("nothing", "x"), item("component:b", "")] });
    let (status, answer) = say(&portal, BATCH, &mixed).await;
    assert_eq!(status, 207);
    let results = answer["results"].as_array().unwrap();
    let told: Vec<_> =
        results.iter().map(|result| (result["ok"].as_bool().unwrap(), result["error"]["name"].as_str())).collect();
    assert_eq!(
        told,
        [(false, Some("NotFoundError")), (true, None), (false, Some("InputError")), (false, Some("InputError"))]
    );
    assert_eq!(items(&portal).await[0]["message"], "z");
    for (body, says) in [
        (json!({ "items": [] }), "1 to 100"),
        (json!({ "items": vec![item("component:a", "x"); 101] }), "1 to 100"),
        (json!({}), "items"),
        (json!({ "items": [{}] }), "entityRef"),
    ] {
        let (status, answer) = say(&portal, BATCH, &body).await;
        assert!(status == 400 && answer["error"]["message"].as_str().unwrap().contains(says), "{answer}");
    }
}

#[tokio::test]
async fn only_the_administrator_says_something_and_only_what_makes_sense() {
    let portal = portal().await;
    for (method, path) in [(Method::POST, STATUS), (Method::DELETE, STATUS)] {
        let answer = portal.request(method, path).json(&saying("ci", "x")).send().await.json_of(403);
        assert!(answer["error"]["message"].as_str().unwrap().contains("administrator's token"), "{answer}");
    }
    let answer = portal
        .post(BATCH, &json!({ "items": [{ "entityRef": "component:a", "source": "ci", "status": { "items": [] } }] }))
        .await;
    assert_eq!(answer.status, 403);
    for (body, says) in [
        (json!({ "source": "", "status": { "items": [] } }), "source"),
        (json!({ "source": "ci" }), "status"),
        (json!({ "source": "ci", "status": { "items": [{ "type": "a", "level": "bad", "message": "b" }] } }), "level"),
        (json!({ "source": "ci", "status": { "items": [] }, "ttl": -1 }), "ttl"),
        (json!({ "source": "ci", "status": { "items": [] }, "more": 1 }), "more"),
    ] {
        let (status, answer) = say(&portal, STATUS, &body).await;
        let message = answer["error"]["message"].as_str().unwrap();
        assert!(status == 400 && (message.contains(says) || says == "ttl"), "{body}: {answer}");
    }
    let none = "/api/catalog/entities/by-name/component/default/none/status";
    assert_eq!(say(&portal, none, &saying("ci", "x")).await.0, 404);
    assert_eq!(portal.get(none).await.status, 404);
    for number in 0..20 {
        assert_eq!(say(&portal, STATUS, &saying(&format!("source-{number}"), "x")).await.0, 204);
    }
    assert_eq!(say(&portal, STATUS, &saying("one-more", "x")).await.0, 409);
    // Within one batch as well, where a source that comes twice is one.
    let batch: Vec<Value> = (0..22)
        .map(|number| {
            let mut item = saying(&format!("source-{}", number % 21), "x");
            item["entityRef"] = json!("component:default/b");
            item
        })
        .collect();
    let (status, answer) = say(&portal, BATCH, &json!({ "items": batch })).await;
    let errors = answer["results"].as_array().unwrap().iter().filter_map(|result| result["error"]["name"].as_str());
    assert_eq!((status, errors.collect::<Vec<_>>()), (207, vec!["ConflictError"]), "{answer}");
}
