//! What tests ask a portal again and again, in one call each.

use serde_json::{Value, json};

use super::{Answer, TestPortal, fail};
use crate::eventually;

impl TestPortal {
    /// An entity by reference (`component:default/checkout`); none when there is none.
    pub async fn entity(&self, reference: &str) -> Option<Value> {
        let answer = self.get(&format!("/api/catalog/entities/by-name/{}", by_name(reference))).await;
        match answer.status {
            404 => None,
            _ => Some(answer.json_of(200)),
        }
    }

    /// Waits until an entity is there and `accept` likes it.
    pub async fn entity_when(&self, reference: &str, what: &str, accept: impl Fn(&Value) -> bool) -> Value {
        eventually(&format!("{reference}: {what}"), async || self.entity(reference).await.filter(&accept)).await
    }

    /// The references of all entities that a filter of the API selects, in order.
    pub async fn references(&self, filter: &str) -> Vec<String> {
        let list = self.get_json(&format!("/api/catalog/entities?{filter}")).await;
        let mut references: Vec<String> = list.as_array().into_iter().flatten().map(reference_of).collect();
        references.sort();
        references
    }

    /// Everything that is wrong with the catalog.
    pub async fn problems(&self) -> Vec<Value> {
        items(&self.get_json("/api/catalog/problems").await)
    }

    /// All plugins.
    pub async fn plugins(&self) -> Vec<Value> {
        items(&self.get_json("/api/plugins").await)
    }

    /// The plugin of a file in the drop folder.
    pub async fn plugin_file(&self, file: &str) -> Option<Value> {
        self.plugins().await.into_iter().find(|plugin| plugin["file"] == file && plugin["source"] == "folder")
    }

    /// Waits until the plugin of a file is in a state.
    pub async fn plugin_in(&self, file: &str, state: &str) -> Value {
        let what = format!("{file} to be {state}");
        let last = std::cell::RefCell::new(Value::Null);
        let found = async || {
            let plugin = self.plugin_file(file).await;
            *last.borrow_mut() = plugin.clone().unwrap_or_default();
            let last_state = plugin.as_ref().and_then(|plugin| plugin["state"].as_str());
            // A final state that is not the one waited for does not change any more.
            if last_state == Some("failed") && state != "failed" {
                fail(&format!("{file} is to be {state}: {}", plugin.unwrap_or_default()));
            }
            plugin.filter(|plugin| plugin["state"] == state)
        };
        eventually(&what, found).await
    }

    /// The contents of a card, whatever came of it.
    pub async fn card(&self, reference: &str, plugin: &str, card: &str) -> Value {
        self.get_json(&format!("/api/views/{}/{plugin}/{card}", path(reference))).await
    }

    /// Carries out an action of a card.
    pub async fn act(&self, reference: &str, plugin: &str, card: &str, body: &Value) -> Answer {
        self.post(&format!("/api/views/{}/{plugin}/{card}/actions", path(reference)), body).await
    }

    /// Starts a task and gives its id.
    pub async fn create_task(&self, template: &str, values: &Value) -> String {
        let answer = self.post("/api/scaffolder/v2/tasks", &json!({ "templateRef": template, "values": values })).await;
        let id = answer.json_of(201)["id"].as_str().map(str::to_owned);
        id.unwrap_or_else(|| fail(&format!("a task without an id: {}", answer.text())))
    }

    /// A task.
    pub async fn task(&self, id: &str) -> Value {
        self.get_json(&format!("/api/scaffolder/v2/tasks/{id}")).await
    }

    /// Waits until a task has ended, and gives it.
    pub async fn ended_task(&self, id: &str) -> Value {
        eventually(&format!("the end of task {id}"), async || {
            let task = self.task(id).await;
            let ended = !matches!(task["status"].as_str(), Some("open" | "processing"));
            ended.then_some(task)
        })
        .await
    }

    /// The events of a task so far.
    pub async fn task_events(&self, id: &str) -> Vec<Value> {
        let events = self.get_json(&format!("/api/scaffolder/v2/tasks/{id}/events")).await;
        events.as_array().cloned().unwrap_or_default()
    }
}

/// `component:default/checkout` as `component/default/checkout`.
fn by_name(reference: &str) -> String {
    let (kind, namespace, name) = parts(reference);
    format!("{kind}/{namespace}/{name}")
}

/// `component:default/checkout` as `default/component/checkout`, as pages and views have it.
pub fn path(reference: &str) -> String {
    let (kind, namespace, name) = parts(reference);
    format!("{namespace}/{kind}/{name}")
}

fn parts(reference: &str) -> (&str, &str, &str) {
    let whole = reference.split_once(':').and_then(|(kind, rest)| {
        let (namespace, name) = rest.split_once('/')?;
        Some((kind, namespace, name))
    });
    whole.unwrap_or_else(|| fail(&format!("{reference} is no whole reference")))
}

/// The reference of an entity in JSON.
pub fn reference_of(entity: &Value) -> String {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_lowercase();
    let metadata = &entity["metadata"];
    format!("{}:{}/{}", text(&entity["kind"]), text(&metadata["namespace"]), text(&metadata["name"]))
}

fn items(list: &Value) -> Vec<Value> {
    list["items"].as_array().cloned().unwrap_or_default()
}
