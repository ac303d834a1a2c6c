//! Answers of Backstage's own backend, which is asked the same here: `tests/recorded/main` was recorded without sign-in,
//! `tests/recorded/auth` with it. What differs on purpose stands in [`differences`], each with its reason; everything else
//! must be the same but for what is different from run to run.

mod compare;
mod differences;

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use callboard_tests::{Answer, TestPortal, artifacts};
use reqwest::Method;
use serde_json::{Value, json};

use compare::Comparison;
use differences::difference;

/// The location that the recordings register.
const LOCATION: &str = "http://127.0.0.1:9/catalog-info.yaml";

/// A request with Backstage's answer.
struct Recording {
    name: String,
    request: Value,
    answer: Value,
}

fn folder() -> PathBuf {
    artifacts::checkout().join("tests").join("recorded")
}

fn recordings(series: &str) -> Vec<Recording> {
    let mut files: Vec<PathBuf> =
        std::fs::read_dir(folder().join(series)).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    let read = |path: &PathBuf| {
        let mut recording: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        Recording { name, request: recording["request"].take(), answer: recording["answer"].take() }
    };
    files.iter().map(read).collect()
}

/// A portal with the catalog and the template of the recordings, in the folder that stands for `/oracle`.
async fn recorded_portal() -> TestPortal {
    let mut builder = TestPortal::builder().config(
        "backend: { cors: { origin: http://localhost:3000, credentials: true } }\n\
         catalog:\n  locations:\n    - { type: file, target: ./catalog-60/all.yaml }\n    - { type: file, target: ./scaffolder-template/template.yaml }\n",
    );
    for part in ["catalog-60", "scaffolder-template", "scaffolder-template/content", "scaffolder-template/content/src"]
    {
        for entry in std::fs::read_dir(folder().join(part)).unwrap() {
            let path = entry.unwrap().path();
            if path.is_file() {
                let name = path.file_name().unwrap().to_string_lossy().into_owned();
                builder = builder.file(&format!("{part}/{name}"), std::fs::read(&path).unwrap());
            }
        }
    }
    builder.start().await
}

/// What was made on the way: recorded ids with the ids that stand for them here, and tokens.
#[derive(Default)]
struct Journey {
    ids: HashMap<String, String>,
    token: Option<String>,
}

impl Journey {
    fn with_ids(&self, text: &str) -> String {
        self.ids.iter().fold(text.to_owned(), |text, (recorded, ours)| text.replace(recorded, ours))
    }

    /// Does what recordings that are not here did before this one.
    async fn before(&mut self, portal: &TestPortal, name: &str) {
        match name {
            "073-locations-conflict" => {
                let body = json!({ "type": "url", "target": LOCATION });
                let made = portal.post("/api/catalog/locations", &body).await.json_of(201);
                let id = made["location"]["id"].as_str().unwrap().to_owned();
                self.ids.insert("720107cc-dbda-494a-bbec-4ce2f0d6062e".into(), id);
            }
            "133-scaffolder-task" => {
                let values = json!({ "name": "demo-svc", "owner": "group:default/x", "withReadme": true });
                let id = portal.create_task("template:default/baseline-template", &values).await;
                portal.ended_task(&id).await;
                self.ids.insert("b05b3f36-7841-48f4-b56f-c9baa767c78d".into(), id);
            }
            "005-with-token" => {
                let signed_in = portal.get_json("/api/auth/guest/refresh").await;
                self.token = signed_in["backstageIdentity"]["token"].as_str().map(str::to_owned);
            }
            _ => {}
        }
    }

    async fn ask(&self, portal: &TestPortal, recording: &Recording) -> Answer {
        let asked = &recording.request;
        let method: Method = asked["method"].as_str().unwrap().parse().unwrap();
        let is_deletion = method == Method::DELETE;
        let mut request = portal.request(method, &self.with_ids(asked["path"].as_str().unwrap()));
        for (name, value) in asked["headers"].as_object().into_iter().flatten() {
            let token = format!("Bearer {}", self.token.as_deref().unwrap_or_default());
            let value = value.as_str().unwrap().replace("Bearer <token>", &token);
            request = request.header(name.to_lowercase().as_str(), &value);
        }
        if is_deletion {
            // Whoever deletes has to be the administrator here.
            request = request.header("authorization", &format!("Bearer {}", portal.admin_token()));
        }
        match (&asked["text"], asked.get("body")) {
            (Value::String(text), _) => request.body(text.clone()).send().await,
            (_, Some(body)) => request.json(body).send().await,
            _ => request.send().await,
        }
    }
}

async fn replay(series: &str) {
    let portal = recorded_portal().await;
    let root = portal.folder().display().to_string();
    let mut journey = Journey::default();
    let mut wrong = Vec::new();
    let all = recordings(series);
    assert!(!all.is_empty());
    for recording in &all {
        journey.before(&portal, &recording.name).await;
        let answer = journey.ask(&portal, recording).await;
        let recorded: Value = serde_json::from_str(&journey.with_ids(&recording.answer.to_string())).unwrap();
        let comparison = Comparison { recorded: &recorded, answer: &answer, root: &root };
        let name = format!("{series}/{}", recording.name);
        let found = comparison.compare(difference(&name));
        if !found.is_empty() {
            wrong.push(format!("{name}\n  {}", found.join("\n  ")));
        }
    }
    assert!(wrong.is_empty(), "{} of {} answers differ:\n{}", wrong.len(), all.len(), wrong.join("\n"));
}

#[tokio::test]
async fn without_sign_in_the_answers_are_backstages() {
    replay("main").await;
}

#[tokio::test]
async fn with_sign_in_the_answers_are_backstages() {
    replay("auth").await;
}

#[test]
fn every_difference_is_one_of_a_recording() {
    let exists = |name: &str| Path::new(&folder()).join(format!("{name}.json")).is_file();
    for (name, _, reason) in differences::DIFFERENCES {
        assert!(exists(name), "{name} is no recording");
        assert!(reason.len() > 10, "{name} needs a reason");
    }
}
