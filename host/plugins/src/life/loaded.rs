//! What a file turned out to be: a plugin that can be called, or why not.

use std::collections::BTreeMap;
use std::sync::Arc;

use async_trait::async_trait;
use host_contract::{ActionRun, Call, CardAct, CardRender, Outcome, Plugin};
use host_model::plugin::{
    ActionDeclaration, CardDeclaration, Description, ExtensionPoint, Grants, ProcessorDeclaration, Reason,
    UpstreamGrant,
};
use host_model::view::View;
use host_ports::{ActOutcome, ActionResult, ProcessorItem, ProcessorOutcome};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Everything that a plugin says when it is asked without any capability. Kept by the hash of its file.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Told {
    pub(crate) description: Description,
    pub(crate) processor: Option<ProcessorDeclaration>,
    pub(crate) actions: Vec<ActionDeclaration>,
    pub(crate) cards: Vec<CardDeclaration>,
}

/// What a component's type tells.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Shape {
    pub(crate) contract_version: Option<String>,
    pub(crate) extension_points: Vec<ExtensionPoint>,
    pub(crate) imports: Vec<String>,
    pub(crate) exports: Vec<String>,
}

/// A file that became no plugin, with what could be learned of it.
#[derive(Debug, Clone)]
pub(crate) struct Rejected {
    pub(crate) reason: Reason,
    pub(crate) shape: Box<Shape>,
    pub(crate) told: Option<Box<Told>>,
}

impl Rejected {
    pub(crate) fn new(code: &str, message: impl Into<String>) -> Self {
        let reason = Reason { code: code.to_owned(), message: message.into() };
        Self { reason, shape: Box::default(), told: None }
    }

    pub(crate) fn with_shape(mut self, shape: &Shape) -> Self {
        *self.shape = shape.clone();
        self
    }
}

/// A plugin's code, ready to be called.
#[async_trait]
pub(crate) trait Callee: Send + Sync {
    async fn process(&self, call: Call, items: Vec<ProcessorItem>) -> Outcome<Vec<ProcessorOutcome>>;
    async fn run(&self, call: Call, run: ActionRun) -> Outcome<ActionResult>;
    async fn render(&self, call: Call, render: CardRender) -> Outcome<View>;
    async fn act(&self, call: Call, act: CardAct) -> Outcome<ActOutcome>;
}

#[async_trait]
impl Callee for Plugin {
    async fn process(&self, call: Call, items: Vec<ProcessorItem>) -> Outcome<Vec<ProcessorOutcome>> {
        Plugin::process(self, call, items).await
    }

    async fn run(&self, call: Call, run: ActionRun) -> Outcome<ActionResult> {
        Plugin::run(self, call, run).await
    }

    async fn render(&self, call: Call, render: CardRender) -> Outcome<View> {
        Plugin::render(self, call, render).await
    }

    async fn act(&self, call: Call, act: CardAct) -> Outcome<ActOutcome> {
        Plugin::act(self, call, act).await
    }
}

/// A file that is a plugin of this portal's contract.
pub(crate) struct Loaded {
    pub(crate) sha256: String,
    pub(crate) shape: Shape,
    pub(crate) told: Told,
    pub(crate) version: semver::Version,
    pub(crate) requested: Grants,
    pub(crate) callee: Arc<dyn Callee>,
    schema: Option<host_schema::Validator>,
}

impl Loaded {
    /// Checks what the plugin said of itself as far as the contract leaves it to the host.
    pub(crate) fn new(sha256: &str, shape: Shape, mut told: Told, callee: Arc<dyn Callee>) -> Result<Self, Rejected> {
        let bad = |message: String| Rejected {
            reason: Reason { code: "bad-description".into(), message },
            shape: Box::new(shape.clone()),
            told: Some(Box::new(told.clone())),
        };
        let version = semver::Version::parse(&told.description.version).map_err(|error| {
            bad(format!(
                "its version {:?} is not a semantic version such as 1.2.0 ({error}); its author has to correct the \
                 description",
                told.description.version
            ))
        })?;
        let schema = match &told.description.config_schema {
            None => None,
            Some(text) => {
                let compiled = serde_json::from_str(text).map_err(|error| format!("it is not JSON: {error}"));
                let compiled =
                    compiled.and_then(|schema| host_schema::compile(&schema).map_err(|error| error.to_string()));
                Some(
                    compiled
                        .map_err(|error| bad(format!("the schema of its configuration cannot be used: {error}")))?,
                )
            }
        };
        for action in &told.actions {
            for (what, schema) in [("input", &action.input_schema), ("output", &action.output_schema)] {
                let checked = host_schema::compile(schema).map(drop);
                checked.map_err(|error| {
                    bad(format!("the {what} schema of its action {} cannot be used: {error}", action.id))
                })?;
            }
        }
        let requested = requested(&told);
        for action in &mut told.actions {
            action.plugin = Some(told.description.id.clone());
        }
        Ok(Self { sha256: sha256.to_owned(), shape, told, version, requested, callee, schema })
    }

    pub(crate) fn id(&self) -> &str {
        &self.told.description.id
    }

    /// What is wrong with a configuration, one line for each violation.
    pub(crate) fn check_config(&self, config: &Value) -> Result<(), Vec<String>> {
        let empty = matches!(config, Value::Null) || config.as_object().is_some_and(serde_json::Map::is_empty);
        let Some(schema) = &self.schema else {
            return if empty { Ok(()) } else { Err(vec!["the plugin has no configuration; remove `config`".into()]) };
        };
        let nothing = Value::Object(serde_json::Map::new());
        let instance = if matches!(config, Value::Null) { &nothing } else { config };
        let violations: Vec<String> = schema
            .iter_errors(instance)
            .take(20)
            .map(|error| {
                let path = error.instance_path().to_string();
                // Values are masked: a configuration may hold what no page should show.
                format!("{}: {}", if path.is_empty() { "/" } else { &path }, error.masked())
            })
            .collect();
        if violations.is_empty() { Ok(()) } else { Err(violations) }
    }
}

/// What a plugin asks for.
pub(crate) fn requested(told: &Told) -> Grants {
    let upstream = |upstream: &host_model::plugin::Upstream| {
        let grant = UpstreamGrant { purpose: upstream.purpose.clone(), routes: upstream.routes.clone(), binding: None };
        (upstream.name.clone(), grant)
    };
    let upstreams: BTreeMap<_, _> = told.description.upstreams.iter().map(upstream).collect();
    let mut write = told.processor.as_ref().map(|processor| processor.writes.clone()).unwrap_or_default();
    write.sort();
    write.dedup();
    Grants { upstreams, write }
}
