//! Plugins for tests: a file is JSON that says how the plugin behaves.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use host_contract::{ActionRun, Call, CallReport, CardAct, CardRender, Ending, Fault, Outcome};
use host_model::Secret;
use host_model::plugin::{
    ActionDeclaration, CardDeclaration, Description, ExtensionPoint, FaultCode, PluginError, ProcessorDeclaration,
    Route, Upstream, Width,
};
use host_model::view::View;
use host_ports::{ActOutcome, ActionResult, ProcessorItem, ProcessorOutcome};
use serde_json::{Value, json};
use tokio::sync::Notify;

use crate::life::loaded::{Callee, Loaded, Rejected, Shape, Told};
use crate::life::loader::{FileBytes, Loader};
use crate::settings::{BindingSettings, PluginSettings, PluginsConfig};

/// Loads plugins of JSON: `{"id", "version", "upstreams": [name], "writes": [path], "schema", "points": [name],
/// "actions": [id], "reject": code, "behaviour": "fault" | "wait"}`.
#[derive(Default)]
pub(crate) struct FakeLoader {
    /// Lets calls of plugins that wait go on.
    pub(crate) go: Arc<Notify>,
}

#[async_trait]
impl Loader for FakeLoader {
    async fn load(&self, file: FileBytes) -> Result<Loaded, Rejected> {
        let spec: Value =
            serde_json::from_slice(&file.bytes).map_err(|error| Rejected::new("not-webassembly", error.to_string()))?;
        if let Some(code) = spec["reject"].as_str() {
            let fault = Fault::new(FaultCode::Trap, "it broke");
            file.account.charge(&CallReport::default(), Ending::Faulted(&fault));
            return Err(Rejected::new(code, "it broke"));
        }
        if spec["never"].as_bool() == Some(true) {
            std::future::pending::<()>().await;
        }
        build(&spec, &file.sha256, Arc::clone(&self.go))
    }
}

/// A plugin without a file.
pub(crate) fn load(spec: &Value) -> Result<Loaded, Rejected> {
    build(spec, "", Arc::default())
}

fn build(spec: &Value, sha256: &str, go: Arc<Notify>) -> Result<Loaded, Rejected> {
    let strings = |name: &str| -> Vec<String> {
        spec[name].as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect()
    };
    let points = strings("points");
    let extension_points: Vec<_> =
        ExtensionPoint::ALL.into_iter().filter(|point| points.iter().any(|name| name == point.as_str())).collect();
    let id = spec["id"].as_str().unwrap_or("fake").to_owned();
    let upstream = |name: String| Upstream {
        name,
        purpose: "to ask".into(),
        routes: vec![Route { method: "GET".into(), path: "/**".into() }],
    };
    let action = |id: String| ActionDeclaration {
        id,
        summary: String::new(),
        input_schema: json!({}),
        output_schema: json!({}),
        examples: vec![],
        supports_dry_run: false,
        plugin: None,
    };
    let card = CardDeclaration { id: "card".into(), title: "Card".into(), applies_to: vec![], width: Width::Medium };
    let offers = |point| extension_points.contains(&point);
    let writes = strings("writes");
    let told = Told {
        processor: (offers(ExtensionPoint::CatalogProcessor) || !writes.is_empty())
            .then(|| ProcessorDeclaration { interests: vec![], writes }),
        actions: strings("actions").into_iter().map(action).collect(),
        cards: if offers(ExtensionPoint::UiCard) { vec![card] } else { vec![] },
        description: Description {
            version: spec["version"].as_str().unwrap_or("1.0.0").to_owned(),
            title: format!("The {id}"),
            summary: String::new(),
            homepage: None,
            upstreams: strings("upstreams").into_iter().map(upstream).collect(),
            config_schema: spec.get("schema").map(Value::to_string),
            id,
        },
    };
    let callee = FakeCallee {
        version: told.description.version.clone(),
        behaviour: spec["behaviour"].as_str().unwrap_or_default().to_owned(),
        go,
    };
    Loaded::new(sha256, Shape { extension_points, ..Shape::default() }, told, Arc::new(callee))
}

struct FakeCallee {
    version: String,
    behaviour: String,
    go: Arc<Notify>,
}

impl FakeCallee {
    async fn behave<T>(&self, call: &Call, answer: T) -> Outcome<T> {
        let report = CallReport { cpu: Duration::from_millis(2), peak_memory: 1000, ..CallReport::default() };
        if self.behaviour == "wait" {
            self.go.notified().await;
        }
        if self.behaviour == "fault" {
            let fault = Fault::new(FaultCode::Trap, "it broke");
            call.account.charge(&report, Ending::Faulted(&fault));
            let error = PluginError::Fault { fault: fault.code, message: fault.message };
            return Outcome { result: Err(error), report };
        }
        call.account.charge(&report, Ending::Answered);
        Outcome { result: Ok(answer), report }
    }
}

#[async_trait]
impl Callee for FakeCallee {
    async fn process(&self, call: Call, items: Vec<ProcessorItem>) -> Outcome<Vec<ProcessorOutcome>> {
        self.behave(&call, items.iter().map(|_| ProcessorOutcome::default()).collect()).await
    }

    async fn run(&self, call: Call, run: ActionRun) -> Outcome<ActionResult> {
        let output = json!({ "version": self.version, "input": run.input, "config": &*call.services.config });
        self.behave(&call, ActionResult { output, effects: vec![] }).await
    }

    async fn render(&self, call: Call, _: CardRender) -> Outcome<View> {
        let view =
            View { blocks: vec![], roots: vec![], actions: vec![], fetched_at: None, source: None, missing: vec![] };
        self.behave(&call, view).await
    }

    async fn act(&self, call: Call, _: CardAct) -> Outcome<ActOutcome> {
        let outcome = ActOutcome { message: self.version.clone(), refresh: false, url: None };
        self.behave(&call, outcome).await
    }
}

/// A configuration from JSON in the shape of the configuration's file.
pub(crate) fn config(text: &Value) -> PluginsConfig {
    let mut config = PluginsConfig::default();
    for (id, plugin) in text["plugins"].as_object().into_iter().flatten() {
        let upstreams = plugin["upstreams"].as_object().into_iter().flatten();
        let write = plugin["write"].as_array().into_iter().flatten();
        let settings = PluginSettings {
            enabled: plugin["enabled"].as_bool().unwrap_or(true),
            upstreams: upstreams.map(|(name, to)| (name.clone(), to.as_str().unwrap().to_owned())).collect(),
            write: write.map(|path| path.as_str().unwrap().to_owned()).collect(),
            config: plugin["config"].clone(),
        };
        config.plugins.insert(id.clone(), settings);
    }
    for (name, binding) in text["upstreams"].as_object().into_iter().flatten() {
        let mut settings = BindingSettings::to(binding["target"].as_str().unwrap());
        for (header, value) in binding["headers"].as_object().into_iter().flatten() {
            settings.headers.push((header.clone(), Secret::new(value.as_str().unwrap().to_owned())));
        }
        config.upstreams.insert(name.clone(), settings);
    }
    config
}
