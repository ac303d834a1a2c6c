//! Tasks: values, streams, cancelling, failing, trying without effect.

use callboard_tests::{TestPortal, eventually};
use serde_json::{Value, json};

use crate::support::{documents, template};

const LOG: &str =
    "    - { id: say, name: Say it, action: debug:log, input: { message: \"hello ${{ parameters.name }}\" } }\n";
const WAIT: &str = "    - { id: wait, name: Wait, action: debug:wait, input: { seconds: 300 } }\n";
const ESCAPE: &str = "    - { id: out, action: fetch:template, input: { url: \"../../../../../../../../etc\" } }\n";
const DELETE: &str = "    - { id: out, action: fs:delete, input: { files: [\"../../callboard.db\"] } }\n";
const UNKNOWN: &str = "    - { id: out, action: no:such, input: {} }\n";
const EXPRESSION: &str =
    "    - { id: out, action: debug:log, input: { message: \"${{ parameters.name | nosuchfilter }}\" } }\n";

async fn portal() -> TestPortal {
    let list = [
        template("log", LOG),
        template("wait", &format!("{LOG}{WAIT}")),
        template("escape", ESCAPE),
        template("delete", DELETE),
        template("unknown", UNKNOWN),
        template("expression", EXPRESSION),
    ];
    TestPortal::builder().catalog_file("templates.yaml", &documents(&list)).start().await
}

fn log(events: &[Value]) -> String {
    let messages = events.iter().filter_map(|event| event["body"]["message"].as_str());
    messages.collect::<Vec<_>>().join("\n")
}

#[tokio::test]
async fn values_that_do_not_fit_are_answered_as_backstages_validator_does() {
    let portal = portal().await;
    let post = async |values: Value| {
        portal
            .post("/api/scaffolder/v2/tasks", &json!({ "templateRef": "template:default/log", "values": values }))
            .await
    };
    for (values, path, word) in [
        (json!({}), json!([]), "name"),
        (json!({ "name": "BAD NAME" }), json!(["name"]), "pattern"),
        (json!({ "name": "x", "count": 0 }), json!(["count"]), ""),
        (json!({ "name": "x", "count": "many" }), json!(["count"]), ""),
        (json!({ "name": 7 }), json!(["name"]), ""),
    ] {
        let body = post(values.clone()).await.json_of(400);
        let errors = body["errors"].as_array().unwrap_or_else(|| panic!("{values}: {body}"));
        assert_eq!(body.as_object().unwrap().len(), 1, "{body}");
        let error = &errors[0];
        let at = &error["path"];
        assert!(*at == path || path == json!([]), "{values}: {body}");
        assert!(error["message"].is_string() && error.to_string().contains(word), "{values}: {body}");
        assert!(error["property"].as_str().unwrap().starts_with("instance"), "{body}");
        assert!(error["stack"].is_string(), "{body}");
    }
    let body = portal.post("/api/scaffolder/v2/tasks", &json!({ "values": {} })).await.json_of(400);
    assert_eq!(body["error"]["message"], "request/body must have required property 'templateRef'");
    let nothing = json!({ "templateRef": "template:default/nothing", "values": {} });
    assert_eq!(portal.post("/api/scaffolder/v2/tasks", &nothing).await.json_of(404)["error"]["name"], "NotFoundError");
    let list = portal.get_json("/api/scaffolder/v2/tasks").await;
    assert_eq!(list, json!({ "tasks": [], "totalTasks": 0 }), "nothing was begun");
}

#[tokio::test]
async fn tasks_are_listed_and_found() {
    let portal = portal().await;
    let id = portal.create_task("template:default/log", &json!({ "name": "x" })).await;
    let task = portal.ended_task(&id).await;
    assert_eq!(task["status"], "completed");
    assert_eq!(task["spec"]["parameters"], json!({ "name": "x", "count": 3 }), "defaults are filled in");
    let list = portal.get_json("/api/scaffolder/v2/tasks?status=completed&limit=5").await;
    assert_eq!((&list["totalTasks"], &list["tasks"][0]["id"]), (&json!(1), &json!(id)));
    assert_eq!(portal.get_json("/api/scaffolder/v2/tasks?status=failed").await["totalTasks"], 0);
    let missing = portal.get("/api/scaffolder/v2/tasks/nope").await.json_of(404);
    assert_eq!(missing["error"]["message"], "No task with id 'nope' found");
    assert_eq!(portal.get("/api/scaffolder/v2/tasks/nope/eventstream").await.status, 404);
    assert_eq!(portal.get("/api/scaffolder/v2/tasks?status=bogus").await.status, 400);
}

#[tokio::test]
async fn the_event_stream_ends_with_the_completion_and_resumes() {
    let portal = portal().await;
    let id = portal.create_task("template:default/log", &json!({ "name": "x" })).await;
    let path = format!("/api/scaffolder/v2/tasks/{id}/eventstream");
    let answer = portal.get(&path).await;
    assert_eq!(answer.header("content-type"), "text/event-stream");
    let text = answer.text_of(200);
    let events: Vec<&str> = text.split("\n\n").filter(|event| event.contains("event:")).collect();
    assert!(
        events.last().unwrap().contains("event: completion") || events.last().unwrap().contains("event:completion"),
        "{text}"
    );
    assert!(text.contains("hello x"), "{text}");
    let all = portal.task_events(&id).await;
    assert_eq!(events.len(), all.len());

    let after = all[1]["id"].as_i64().unwrap();
    let rest = portal.get(&format!("{path}?after={after}")).await.text();
    assert_eq!(rest.split("\n\n").filter(|event| event.contains("event:")).count(), all.len() - 2, "{rest}");
    let resumed =
        portal.request(reqwest::Method::GET, &path).header("last-event-id", &after.to_string()).send().await.text();
    assert_eq!(resumed.split("\n\n").filter(|event| event.contains("event:")).count(), all.len() - 2);
    assert_eq!(portal.get(&format!("{path}?after=x")).await.status, 400);
}

#[tokio::test]
async fn a_running_task_is_cancelled() {
    let portal = portal().await;
    let id = portal.create_task("template:default/wait", &json!({ "name": "x" })).await;
    eventually("the waiting step to begin", async || {
        log(&portal.task_events(&id).await).contains("Beginning step Wait").then_some(())
    })
    .await;
    let answer = portal.post(&format!("/api/scaffolder/v2/tasks/{id}/cancel"), &json!({})).await;
    assert_eq!(answer.json_of(200), json!({ "status": "cancelled" }));
    assert_eq!(portal.ended_task(&id).await["status"], "cancelled");
    let events = portal.task_events(&id).await;
    assert!(events.iter().any(|event| event["type"] == "cancelled"), "{events:#?}");
    assert_eq!(events.last().unwrap()["type"], "completion", "{events:#?}");
    // Once more does no harm.
    let again = portal.post(&format!("/api/scaffolder/v2/tasks/{id}/cancel"), &json!({})).await;
    assert!(matches!(again.status, 200 | 409), "{}", again.text());
}

#[tokio::test]
async fn steps_that_cannot_be_done_fail_the_task_with_a_reason() {
    let portal = portal().await;
    for (name, word) in [("escape", ""), ("delete", ""), ("unknown", "no:such"), ("expression", "nosuchfilter")] {
        let id = portal.create_task(&format!("template:default/{name}"), &json!({ "name": "x" })).await;
        let task = portal.ended_task(&id).await;
        let events = portal.task_events(&id).await;
        assert_eq!(task["status"], "failed", "{name}: {}", log(&events));
        let last = events.last().unwrap();
        assert_eq!(last["type"], "completion", "{name}");
        let error = &last["body"]["error"];
        let message = error["message"].as_str().unwrap_or_else(|| panic!("{name}: {last}"));
        assert!(message.len() > 10 && message.contains(word), "{name}: {message}");
        assert!(!message.contains("panicked"), "{name}: {message}");
    }
    assert!(portal.data().join("callboard.db").exists());
    assert_eq!(portal.get("/readyz").await.status, 200);
}

#[tokio::test]
async fn the_workspaces_of_the_newest_tasks_are_kept_and_older_ones_go() {
    let portal = portal().await;
    let workspaces = portal.data().join("workspaces");
    let mut ids = Vec::new();
    for _ in 0..22 {
        let id = portal.create_task("template:default/log", &json!({ "name": "x" })).await;
        portal.ended_task(&id).await;
        ids.push(id);
    }
    eventually("the oldest workspaces to go", async || {
        let left = std::fs::read_dir(&workspaces).map_or(0, Iterator::count);
        (left == 20).then_some(())
    })
    .await;
    assert!(workspaces.join(&ids[21]).is_dir() && !workspaces.join(&ids[0]).exists());
}

#[tokio::test]
async fn a_dry_run_shows_what_would_be_and_changes_nothing() {
    let portal = portal().await;
    let body = json!({
        "template": {
            "apiVersion": "scaffolder.backstage.io/v1beta3", "kind": "Template", "metadata": { "name": "t" },
            "spec": { "type": "x", "parameters": [], "steps": [
                { "id": "a", "name": "A", "action": "fetch:template", "input": { "url": ".", "values": { "name": "${{ parameters.name }}" } } },
                { "id": "b", "name": "B", "action": "debug:log", "input": { "message": "hi ${{ parameters.name }}" } },
            ], "output": { "text": [{ "title": "T", "content": "${{ parameters.name }}" }] } },
        },
        "values": { "name": "ada" },
        "secrets": {},
        "directoryContents": [{ "path": "hello-${{ values.name }}.txt", "base64Content": "SGVsbG8gJHt7IHZhbHVlcy5uYW1lIH19" }],
    });
    let answer = portal.post("/api/scaffolder/v2/dry-run", &body).await.json_of(200);
    let file = &answer["directoryContents"][0];
    assert_eq!(
        (&file["path"], &file["base64Content"]),
        (&json!("hello-ada.txt"), &json!("SGVsbG8gYWRh")),
        "{answer:#}"
    );
    assert_eq!(answer["output"]["text"][0]["content"], "ada", "{answer:#}");
    assert!(answer["log"].to_string().contains("hi ada"), "{answer:#}");
    assert_eq!(portal.get_json("/api/scaffolder/v2/tasks").await["totalTasks"], 0);
    let unknown = json!({ "template": { "apiVersion": "scaffolder.backstage.io/v1beta3", "kind": "Template",
        "metadata": { "name": "t" }, "spec": { "type": "x", "steps": [{ "id": "a", "action": "no:such" }] } },
        "values": {}, "directoryContents": [] });
    let refused = portal.post("/api/scaffolder/v2/dry-run", &unknown).await;
    assert!(refused.text().contains("no:such"), "{}", refused.text());
    assert_eq!(portal.get("/readyz").await.status, 200);
}
