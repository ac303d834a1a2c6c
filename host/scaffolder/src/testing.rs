//! Stand-ins for the rest of the portal in tests.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use host_model::plugin::{ActionDeclaration, PluginError};
use host_model::{Entity, EntityRef, Principal};
use host_ports::{
    Action, ActionContext, ActionResult, CardRenderer, CatalogError, CatalogPage, CatalogQuery, CatalogReader,
    Extensions, LocationRegistrar, Processor, RegisterLocation, RegisteredLocation,
};
use serde_json::{Value, json};
use tokio::sync::watch;

/// A catalog of a few entities.
#[derive(Default)]
pub(crate) struct FakeCatalog(BTreeMap<EntityRef, Arc<str>>);

/// Keeps what it was asked to register.
#[derive(Default)]
pub(crate) struct FakeRegistrar {
    pub(crate) refuses: Mutex<bool>,
    pub(crate) registered: Mutex<Vec<RegisterLocation>>,
}

/// Actions as plugins would bring them.
pub(crate) struct FakeExtensions {
    actions: Vec<Arc<dyn Action>>,
    changes: watch::Sender<u64>,
}

type Work =
    Box<dyn Fn(ActionContext) -> futures::future::BoxFuture<'static, Result<ActionResult, PluginError>> + Send + Sync>;

/// An action that does what a test says.
pub(crate) struct FakeAction {
    declaration: ActionDeclaration,
    work: Work,
}

impl FakeCatalog {
    pub(crate) fn with(entities: impl IntoIterator<Item = Value>) -> Self {
        let keyed = entities.into_iter().map(|entity| {
            let reference = Entity::from_value(entity.clone()).unwrap().entity_ref();
            (reference, Arc::from(entity.to_string()))
        });
        Self(keyed.collect())
    }
}

#[async_trait]
impl CatalogReader for FakeCatalog {
    async fn get(&self, _: &Principal, refs: &[EntityRef]) -> Result<Vec<Option<Arc<str>>>, CatalogError> {
        Ok(refs.iter().map(|reference| self.0.get(reference).cloned()).collect())
    }

    async fn query(&self, _: &Principal, _: &CatalogQuery) -> Result<CatalogPage, CatalogError> {
        Ok(CatalogPage::default())
    }
}

#[async_trait]
impl LocationRegistrar for FakeRegistrar {
    async fn register(&self, _: &Principal, request: &RegisterLocation) -> Result<RegisteredLocation, CatalogError> {
        if *self.refuses.lock().unwrap() {
            return Err(CatalogError::NotFound("nothing is there".to_owned()));
        }
        self.registered.lock().unwrap().push(request.clone());
        let entities = ["location:default/generated-1", "api:default/other", "component:default/made"];
        let entities = entities.iter().map(|text| text.parse().unwrap()).collect();
        Ok(RegisteredLocation { id: "1".to_owned(), entities })
    }
}

impl FakeExtensions {
    pub(crate) fn with(actions: Vec<Arc<dyn Action>>) -> Arc<Self> {
        Arc::new(Self { actions, changes: watch::Sender::new(0) })
    }
}

impl Extensions for FakeExtensions {
    fn processors(&self) -> Vec<Arc<dyn Processor>> {
        Vec::new()
    }

    fn actions(&self) -> Vec<Arc<dyn Action>> {
        self.actions.clone()
    }

    fn cards(&self) -> Vec<Arc<dyn CardRenderer>> {
        Vec::new()
    }

    fn changes(&self) -> watch::Receiver<u64> {
        self.changes.subscribe()
    }
}

impl FakeAction {
    pub(crate) fn boxed<Working>(
        id: &str,
        work: impl Fn(ActionContext) -> Working + Send + Sync + 'static,
    ) -> Arc<dyn Action>
    where
        Working: Future<Output = Result<ActionResult, PluginError>> + Send + 'static,
    {
        let declaration = ActionDeclaration {
            id: id.to_owned(),
            summary: String::new(),
            input_schema: json!({"type": "object"}),
            output_schema: json!({"type": "object", "properties": {"id": {"type": "string"}, "size": {"type": "integer"}}}),
            examples: Vec::new(),
            supports_dry_run: false,
            plugin: Some("fake".to_owned()),
        };
        Arc::new(Self { declaration, work: Box::new(move |context| Box::pin(work(context))) })
    }
}

#[async_trait]
impl Action for FakeAction {
    fn declaration(&self) -> &ActionDeclaration {
        &self.declaration
    }

    async fn run(&self, context: ActionContext) -> Result<ActionResult, PluginError> {
        (self.work)(context).await
    }
}
