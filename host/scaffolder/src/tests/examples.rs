//! The templates of the example company.

use std::path::PathBuf;

use host_model::task::{Effect, EffectKind};
use host_ports::ActionResult;

use super::*;
use crate::testing::FakeAction;

fn example(name: &str) -> Value {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../examples/acme/templates").join(name);
    let text = std::fs::read_to_string(folder.join("template.yaml")).unwrap();
    let mut entity = host_yaml::parse_one(&text, &host_yaml::Limits::default()).unwrap().to_json();
    let location = format!("file:{}", folder.join("template.yaml").display());
    entity["metadata"]["annotations"] = json!({"backstage.io/managed-by-location": location});
    entity
}

fn documents(text: &str) -> Vec<Value> {
    host_yaml::parse_documents(text, &host_yaml::Limits::default())
        .into_iter()
        .map(|document| document.node.unwrap_or_else(|| panic!("{:?}", document.diagnostics)).to_json())
        .collect()
}

#[tokio::test]
async fn a_service_is_made() {
    let portal = Portal::start(vec![example("new-service")], Vec::new()).await;
    *portal.registrar.refuses.lock().unwrap() = true;
    let values = json!({
        "name": "crate-counter", "description": "Counts crates: \"all\" of them, #1", "owner": "group:default/depots",
        "system": "system:default/depots", "register": true
    });
    let (id, events) = portal.run("new-service", values).await;
    assert_eq!(portal.status(&id).await, "completed", "{:#?}", messages(&events));

    let entities = documents(&portal.read(&id, "catalog-info.yaml").unwrap());
    assert_eq!(entities.len(), 2);
    assert_eq!(entities[0]["metadata"]["description"], "Counts crates: \"all\" of them, #1");
    assert_eq!(entities[0]["metadata"]["tags"], json!(["go"]));
    assert_eq!(entities[0]["spec"]["providesApis"], json!(["crate-counter-api"]));
    assert_eq!(entities[1]["spec"]["definition"], json!({"$text": "./openapi.yaml"}));
    assert!(portal.read(&id, "cmd/crate-counter/main.go").unwrap().contains("Addr: \":8080\""));
    assert!(portal.read(&id, ".github/workflows/ci.yml").unwrap().contains("${{ secrets.REGISTRY_TOKEN }}"));
    assert!(portal.read(&id, ".gitignore").is_some() && portal.read(&id, "gitignore").is_none());
    assert!(portal.read(&id, "openapi.yaml").is_some());
    let said = messages(&events);
    assert!(said.iter().any(|line| line == "Skipping step without-api because its if condition was false"));
    assert!(said.iter().any(|line| line.contains("was not registered, which is optional here")), "{said:#?}");
    let output = &events.last().unwrap().body["output"];
    assert_eq!(output["links"][0]["url"], "https://github.com/acme-groceries/crate-counter");
    assert!(output["text"][0]["content"].as_str().unwrap().contains("listens on port 8080"));

    let values = json!({
        "name": "bare", "description": "A service without an API", "owner": "group:default/depots", "api": false, "tags": []
    });
    let (id, _) = portal.run("new-service", values).await;
    let entities = documents(&portal.read(&id, "catalog-info.yaml").unwrap());
    assert_eq!((entities.len(), entities[0]["metadata"].get("tags")), (1, None));
    assert!(portal.read(&id, "openapi.yaml").is_none());
}

#[tokio::test]
async fn a_job_is_made_and_registered_by_a_plugin() {
    let request = FakeAction::boxed("http:request", |context| async move {
        assert_eq!(context.input["body"]["schedule"], "0 6 * * 1-5");
        context.log.line(host_ports::LogLevel::Info, "POST /registrations: 201");
        let effect = Effect { kind: EffectKind::Called, target: "api POST /registrations".to_owned(), url: None };
        Ok(ActionResult { output: json!({"status": 201, "body": {"id": "ACC-7"}}), effects: vec![effect] })
    });
    let portal = Portal::start(vec![example("scheduled-job")], vec![request]).await;
    let values = json!({
        "name": "basil-forecast", "description": "Says how much basil is wanted", "owner": "group:default/depots",
        "system": "system:default/depots", "language": "go", "schedule": "0 6 * * 1-5", "minutes": 5,
        "reads": ["resource:default/orders-db"], "channels": ["fulfilment", "payments"], "documentation": false, "announce": true
    });
    let (id, events) = portal.run("scheduled-job", values).await;
    assert_eq!(portal.status(&id).await, "completed", "{:#?}", messages(&events));
    let cronjob = &documents(&portal.read(&id, "cronjob.yaml").unwrap())[0];
    assert_eq!(cronjob["spec"]["jobTemplate"]["spec"]["activeDeadlineSeconds"], 300);
    assert_eq!(cronjob["metadata"]["annotations"]["acme.example/tell"], "fulfilment,payments");
    let entity = &documents(&portal.read(&id, "catalog-info.yaml").unwrap())[0];
    assert_eq!(entity["spec"]["dependsOn"], json!(["resource:default/orders-db"]));
    assert!(portal.read(&id, "main.go").is_some() && portal.read(&id, "job.py").is_none());
    assert!(portal.read(&id, "mkdocs.yml").is_none() && portal.read(&id, "docs/index.md").is_none());
    assert!(portal.read(&id, "README.md").unwrap().ends_with("| Tells | #fulfilment |\n| Tells | #payments |\n"));
    let last = &events.last().unwrap().body;
    assert_eq!(last["output"]["text"][1], json!({"title": "In the register", "content": "It is entered as `ACC-7`."}));
    assert_eq!(last["effects"], json!([{"kind": "called", "target": "api POST /registrations"}]));
    assert_eq!(portal.store.tasks().effects(&id).await.unwrap().len(), 1);
}
