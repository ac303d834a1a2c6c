//! The example company's templates, from values to files.

use callboard_tests::TestPortal;
use serde_json::{Value, json};

use crate::support::acme;

fn messages(events: &[Value]) -> Vec<String> {
    events.iter().filter_map(|event| event["body"]["message"].as_str()).map(str::to_owned).collect()
}

/// Runs a template to its end and gives the task, its events, and everything that was logged as one text.
async fn run(portal: &TestPortal, template: &str, values: &Value) -> (Value, Vec<Value>, String) {
    let id = portal.create_task(template, values).await;
    let task = portal.ended_task(&id).await;
    let events = portal.task_events(&id).await;
    let log = messages(&events).join("\n");
    (task, events, log)
}

#[tokio::test]
async fn a_new_service_is_made() {
    let (portal, _github) = acme().await;
    let values = json!({
        "name": "crate-counter", "description": "Counts the crates that leave a depot.", "owner": "group:default/platform",
        "system": "system:default/orders", "port": 9000, "tier": "1", "api": true, "tags": ["go", "depot"],
    });
    let (task, events, log) = run(&portal, "template:default/new-service", &values).await;
    assert_eq!(task["status"], "completed", "{log}");
    assert_eq!(task["spec"]["templateInfo"]["entityRef"], "template:default/new-service");
    assert_eq!(task["spec"]["parameters"]["name"], "crate-counter");
    let first = &events[0];
    assert_eq!(first["type"], "log");
    assert!(first["body"]["message"].as_str().unwrap().starts_with("Starting up task with 5 steps"), "{first}");
    for wanted in [
        "Beginning step Fill in the skeleton",
        "Finished step Fill in the skeleton",
        "Skipping step without-api because its if condition was false",
        "crate-counter is ready for group:default/platform",
        "cmd/crate-counter/main.go",
        "catalog-info.yaml",
        ".gitignore",
        "openapi.yaml",
    ] {
        assert!(log.contains(wanted), "{wanted:?} is not in:\n{log}");
    }
    assert!(!log.contains("descriptor.yaml\n"), "{log}");
    let last = events.last().unwrap();
    assert_eq!(last["type"], "completion", "{last}");
    assert_eq!(last["body"]["message"], "Run completed with status: completed", "{last}");
    let output = &last["body"]["output"];
    assert_eq!(output["links"][0]["url"], "https://github.com/acme-groceries/crate-counter", "{last}");
    assert!(output["text"][0]["content"].as_str().unwrap().contains("listens on port 9000"), "{last}");
    let ids: Vec<i64> = events.iter().map(|event| event["id"].as_i64().unwrap()).collect();
    assert!(ids.is_sorted() && ids.windows(2).all(|pair| pair[0] != pair[1]), "{ids:?}");
}

#[tokio::test]
async fn a_scheduled_job_is_made_and_entered_into_the_register() {
    let (portal, github) = acme().await;
    let values = json!({
        "name": "basil-forecast", "description": "Says how much basil is wanted.", "owner": "group:default/platform",
        "system": "system:default/orders", "language": "python", "schedule": "30 2 * * *", "documentation": false,
        "announce": true,
    });
    let (task, events, log) = run(&portal, "template:default/scheduled-job", &values).await;
    assert_eq!(task["status"], "completed", "{log}");
    for wanted in ["job.py", "pyproject.toml", "Skipping step go because", "basil-forecast runs at '30 2 * * *'"] {
        assert!(log.contains(wanted), "{wanted:?} is not in:\n{log}");
    }
    assert!(!log.contains("go.mod"), "{log}");
    let sent: Vec<_> =
        github.recorded_requests().into_iter().filter(|request| request.path == "/acme/registrations").collect();
    assert_eq!(sent.len(), 1, "{sent:#?}");
    assert_eq!(sent[0].method, "POST");
    assert_eq!(sent[0].headers["authorization"], "Bearer example-token");
    assert_eq!(sent[0].headers["x-requested-by"], "callboard");
    let body: Value = serde_json::from_str(&sent[0].body).unwrap();
    assert_eq!(body["name"], "basil-forecast");
    let output = events.last().unwrap()["body"]["output"].to_string();
    assert!(output.contains("reg-0001"), "the answer is in the output: {output}");
    assert!(!log.contains("example-token"), "the credential is in the log");
}

#[tokio::test]
async fn the_forms_are_told_as_schemas() {
    let (portal, _github) = acme().await;
    let schema = portal.get_json("/api/scaffolder/v2/templates/default/template/new-service/parameter-schema").await;
    assert_eq!(schema["title"], "New service");
    assert_eq!(schema["steps"].as_array().unwrap().len(), 3);
    assert_eq!(schema["steps"][0]["title"], "What is it?");
    assert_eq!(schema["steps"][0]["schema"]["properties"]["owner"]["ui:field"], "OwnerPicker");
    assert_eq!(schema["presentation"]["buttonLabels"]["createButtonText"], "Make it");
    let missing = "/api/scaffolder/v2/templates/default/template/nothing/parameter-schema";
    assert_eq!(portal.get(missing).await.json_of(404)["error"]["name"], "NotFoundError");

    let actions = portal.get_json("/api/scaffolder/v2/actions").await;
    let ids: Vec<&str> = actions.as_array().unwrap().iter().map(|action| action["id"].as_str().unwrap()).collect();
    for wanted in ["fetch:template", "fs:rename", "fs:delete", "debug:log", "catalog:register", "http:request"] {
        assert!(ids.contains(&wanted), "{wanted} is not in {ids:?}");
    }
    let request = actions.as_array().unwrap().iter().find(|action| action["id"] == "http:request").unwrap();
    assert_eq!(request["plugin"], "http-request");
    assert!(request["schema"]["input"]["properties"]["path"].is_object(), "{request}");
}

#[tokio::test]
async fn an_unbound_api_leaves_the_action_away_and_says_so() {
    let portal = TestPortal::builder()
        .catalog_file(
            "t.yaml",
            &crate::support::template("call", "    - { id: call, action: http:request, input: { path: /x } }\n"),
        )
        .start()
        .await;
    let actions = portal.get("/api/scaffolder/v2/actions").await.text();
    assert!(!actions.contains("http:request"));
    let (task, _, log) = run(&portal, "template:default/call", &json!({ "name": "x" })).await;
    assert_eq!(task["status"], "failed", "{log}");
    assert!(log.contains("http:request"), "{log}");
}
