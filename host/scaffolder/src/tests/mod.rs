//! Whole tasks, from what a person asks to what is stored.

mod examples;
mod lifecycle;
mod recorded;

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use host_jobs::Jobs;
use host_model::Principal;
use host_model::task::{TaskEvent, TaskEventKind};
use host_ports::Action;
use host_store::Store;
use serde_json::{Map, Value, json};

use crate::testing::{FakeCatalog, FakeExtensions, FakeRegistrar};
use crate::{Scaffolder, ScaffolderError, ScaffolderOptions, TaskInput};

/// A portal with a few templates and nothing else.
struct Portal {
    scaffolder: Scaffolder,
    registrar: Arc<FakeRegistrar>,
    store: Store,
    jobs: Jobs,
    data: tempfile::TempDir,
}

impl Portal {
    async fn start(entities: Vec<Value>, actions: Vec<Arc<dyn Action>>) -> Self {
        Self::start_in(tempfile::tempdir().unwrap(), entities, actions, |options| options).await
    }

    async fn start_in(
        data: tempfile::TempDir,
        entities: Vec<Value>,
        actions: Vec<Arc<dyn Action>>,
        options: impl FnOnce(ScaffolderOptions) -> ScaffolderOptions,
    ) -> Self {
        let store = Store::open(data.path()).unwrap();
        let (registrar, jobs) = (Arc::new(FakeRegistrar::default()), Jobs::new());
        let scaffolder = Scaffolder::start(
            options(ScaffolderOptions::new(data.path())),
            store.clone(),
            Arc::new(FakeCatalog::with(entities)),
            Arc::clone(&registrar) as Arc<dyn host_ports::LocationRegistrar>,
            FakeExtensions::with(actions),
            &jobs,
        )
        .await
        .unwrap();
        Self { scaffolder, registrar, store, jobs, data }
    }

    async fn create(&self, template: &str, values: Value) -> Result<String, ScaffolderError> {
        self.create_with(template, values, json!({})).await
    }

    async fn create_with(&self, template: &str, values: Value, secrets: Value) -> Result<String, ScaffolderError> {
        let input = TaskInput {
            template: format!("template:default/{template}").parse().unwrap(),
            values: object(values),
            secrets: object(secrets),
        };
        self.scaffolder.create_task(&Principal::Guest, input).await
    }

    /// The events of a task until one that says this; waits for them as a page does.
    async fn events_until(&self, id: &str, is_last: impl Fn(&TaskEvent) -> bool) -> Vec<Arc<TaskEvent>> {
        let mut all: Vec<Arc<TaskEvent>> = Vec::new();
        loop {
            let after = all.last().map(|event| event.id);
            let wait = Duration::from_secs(30);
            let events = self.scaffolder.events(&Principal::Guest, id, after, wait).await.unwrap();
            assert!(!events.is_empty(), "the task went silent after {:?}", all.last());
            all.extend(events);
            if all.iter().any(|event| is_last(event)) {
                return all;
            }
        }
    }

    async fn events(&self, id: &str) -> Vec<Arc<TaskEvent>> {
        self.events_until(id, |event| event.kind == TaskEventKind::Completion).await
    }

    async fn run(&self, template: &str, values: Value) -> (String, Vec<Arc<TaskEvent>>) {
        let id = self.create(template, values).await.unwrap();
        let events = self.events(&id).await;
        (id, events)
    }

    fn read(&self, id: &str, path: &str) -> Option<String> {
        std::fs::read_to_string(self.data.path().join("workspaces").join(id).join(path)).ok()
    }

    async fn status(&self, id: &str) -> &'static str {
        self.scaffolder.task(&Principal::Guest, id).await.unwrap().status.as_str()
    }
}

fn object(value: Value) -> Map<String, Value> {
    value.as_object().cloned().unwrap()
}

fn template(name: &str, base: &Path, spec: Value) -> Value {
    json!({
        "apiVersion": "scaffolder.backstage.io/v1beta3",
        "kind": "Template",
        "metadata": {
            "name": name,
            "annotations": {"backstage.io/managed-by-location": format!("file:{}", base.join("template.yaml").display())}
        },
        "spec": spec
    })
}

fn steps(name: &str, steps: Value) -> Value {
    template(name, Path::new("/nowhere"), json!({"steps": steps}))
}

fn messages(events: &[Arc<TaskEvent>]) -> Vec<String> {
    events.iter().map(|event| event.body["message"].as_str().unwrap().to_owned()).collect()
}
