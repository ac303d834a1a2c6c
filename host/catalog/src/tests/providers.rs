//! Entities that providers give, on their way through the catalog.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use host_model::{Entity, Principal};
use host_ports::{
    EntityProvider, Extensions, Mutation, Processor, ProvidedEntity, ProviderConnection, ProviderError,
    ProviderSchedule,
};
use serde_json::json;
use tokio::sync::watch;

use super::{Fixture, Running, component};
use crate::{ChangeError, InventoryConfig, ProviderStatus};

/// A mutation with the cursor after it, or why there is none.
type Step = Result<(Mutation, Option<String>), ProviderError>;

/// A provider that says what tests tell it to.
pub(super) struct Scripted {
    next: Mutex<Vec<Step>>,
    cursors: Mutex<Vec<Option<String>>>,
}

#[async_trait]
impl EntityProvider for Scripted {
    fn name(&self) -> &str {
        "scripted"
    }

    fn schedule(&self) -> ProviderSchedule {
        ProviderSchedule { frequency: None, initial_delay: Duration::from_secs(3600), ..ProviderSchedule::default() }
    }

    async fn run(&self, connection: &dyn ProviderConnection, cursor: Option<&str>) -> Result<(), ProviderError> {
        self.cursors.lock().unwrap().push(cursor.map(str::to_owned));
        let steps = std::mem::take(&mut *self.next.lock().unwrap());
        for step in steps {
            let (mutation, cursor) = step?;
            connection.apply(mutation, cursor.as_deref()).await?;
        }
        Ok(())
    }
}

/// What brings the scripted provider, as a plugin would.
struct Bringing {
    provider: Arc<Scripted>,
    changes: watch::Sender<u64>,
}

impl Extensions for Bringing {
    fn processors(&self) -> Vec<Arc<dyn Processor>> {
        Vec::new()
    }
    fn actions(&self) -> Vec<Arc<dyn host_ports::Action>> {
        Vec::new()
    }
    fn cards(&self) -> Vec<Arc<dyn host_ports::CardRenderer>> {
        Vec::new()
    }
    fn providers(&self) -> Vec<Arc<dyn EntityProvider>> {
        vec![Arc::clone(&self.provider) as Arc<dyn EntityProvider>]
    }
    fn changes(&self) -> watch::Receiver<u64> {
        self.changes.subscribe()
    }
}

pub(super) fn scripted() -> (Fixture, Arc<Scripted>) {
    let provider = Arc::new(Scripted { next: Mutex::default(), cursors: Mutex::default() });
    let mut fixture = Fixture::new();
    fixture.extensions = Arc::new(Bringing { provider: Arc::clone(&provider), changes: watch::Sender::new(0) });
    (fixture, provider)
}

fn user(name: &str) -> ProvidedEntity {
    let document = json!({
        "apiVersion": "backstage.io/v1alpha1", "kind": "User",
        "metadata": {"name": name}, "spec": {"profile": {"displayName": name}, "memberOf": []},
    });
    ProvidedEntity { entity: Entity::from_value(document).unwrap(), location_key: None }
}

fn users(range: std::ops::Range<u32>) -> Vec<ProvidedEntity> {
    range.map(|number| user(&format!("u{number:02}"))).collect()
}

impl Running {
    fn status(&self, name: &str) -> ProviderStatus {
        self.catalog.providers().into_iter().find(|status| status.name == name).unwrap()
    }

    /// Lets a provider run once and waits for what comes of it.
    pub(super) async fn run(&self, name: &str) {
        let before = self.status(name).runs;
        let ended = async {
            // The next run is one that had not begun before.
            self.catalog.run_provider(&Principal::Guest, name, false).await.unwrap();
            loop {
                let status = self.status(name);
                if !status.is_running && status.runs > before {
                    return;
                }
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(Duration::from_secs(10), ended).await.expect("the provider runs");
        self.sync().await;
    }

    /// Waits until a provider is known.
    pub(super) async fn known(&self, name: &str) {
        while !self.catalog.providers().iter().any(|status| status.name == name && status.is_present) {
            tokio::task::yield_now().await;
        }
    }
}

impl Scripted {
    pub(super) fn then(&self, mutation: Mutation, cursor: Option<&str>) {
        self.push(Ok((mutation, cursor.map(str::to_owned))));
    }

    /// Whether everything that it was told to say has been said.
    pub(super) fn is_done(&self) -> bool {
        self.next.lock().unwrap().is_empty()
    }

    fn push(&self, step: Result<(Mutation, Option<String>), ProviderError>) {
        self.next.lock().unwrap_or_else(PoisonError::into_inner).push(step);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_provider_gives_comes_stays_and_goes() {
    let (fixture, provider) = scripted();
    let running = fixture.start().await;
    running.known("scripted").await;
    provider.then(Mutation::Full(users(0..30)), Some("one"));
    running.run("scripted").await;
    assert_eq!(running.refs().len(), 30);
    let ada = running.entity("user:default/u00").unwrap();
    assert_eq!(ada["metadata"]["annotations"]["backstage.io/managed-by-location"], "provider:scripted");
    // The same again: no write, no event.
    let (written, mut events) = (running.store.changes(), running.catalog.events());
    provider.then(Mutation::Full(users(0..30)), Some("one"));
    running.run("scripted").await;
    assert_eq!(running.store.changes(), written);
    assert!(events.try_recv().is_err());
    // A delta says what it means, however much that is.
    let removed = (10..30).map(|number| format!("user:default/u{number:02}").parse().unwrap()).collect();
    provider.then(Mutation::Delta { added: vec![user("new")], removed }, Some("two"));
    running.run("scripted").await;
    assert_eq!(running.refs().len(), 11);
    let status = running.status("scripted");
    assert_eq!((status.entities, status.parked, status.written, status.removed, status.error), (11, 0, 1, 20, None));
    running.stop().await;
    // After a restart they are there, and the provider goes on where it was.
    let running = fixture.start().await;
    running.known("scripted").await;
    assert_eq!(running.refs().len(), 11);
    running.run("scripted").await;
    assert_eq!(*provider.cursors.lock().unwrap(), [None, Some("one".into()), Some("one".into()), Some("two".into())]);
    running.stop().await;
    // One that is there no more takes everything with it.
    let mut fixture = fixture;
    fixture.extensions = Arc::new(host_ports::NoExtensions::default());
    let running = fixture.start().await;
    assert_eq!(running.refs().len(), 11);
    running.catalog.extensions_settled();
    running.sync().await;
    assert_eq!(running.refs(), Vec::<String>::new());
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_empty_list_waits_for_an_administrator() {
    let (fixture, provider) = scripted();
    let running = fixture.start().await;
    running.known("scripted").await;
    provider.then(Mutation::Full(users(0..3)), None);
    running.run("scripted").await;
    provider.then(Mutation::Full(Vec::new()), None);
    running.run("scripted").await;
    assert_eq!((running.refs().len(), running.status("scripted").parked), (3, 3));
    let refused = running.catalog.run_provider(&Principal::Guest, "scripted", true).await;
    assert!(matches!(refused, Err(ChangeError::Denied(_))));
    let missing = running.catalog.run_provider(&Principal::Guest, "none", false).await;
    assert!(matches!(missing, Err(ChangeError::NotFound(_))));
    let removed = running.catalog.run_provider(&Principal::Administrator, "scripted", true).await.unwrap();
    assert_eq!((removed, running.refs().len()), (3, 0));
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_provider_that_fails_or_gives_rubbish_costs_nothing_else() {
    let (fixture, provider) = scripted();
    fixture.write("catalog/a.yaml", &component("a"));
    let running = fixture.start().await;
    running.known("scripted").await;
    let wrong = |name: &str, kind: &str| {
        let mut wrong = user(name);
        wrong.entity.document_mut().insert("kind".into(), kind.into());
        wrong
    };
    provider.then(Mutation::Full(vec![user("good"), user("bad"), wrong("a", "Component")]), None);
    running.run("scripted").await;
    // The component is invalid, and another source has it anyhow.
    assert_eq!(running.refs(), ["component:default/a", "user:default/bad", "user:default/good"]);
    assert!(running.all_codes().iter().any(|code| code == "entity/missing" || code.starts_with("entity/")));
    let mut bad = user("bad");
    bad.entity.document_mut().insert("spec".into(), json!({"memberOf": 1}));
    provider.then(Mutation::Delta { added: vec![bad, wrong("", "User")], removed: vec![] }, None);
    running.run("scripted").await;
    assert_eq!(
        running.entity("user:default/bad").unwrap()["spec"]["profile"]["displayName"],
        "bad",
        "the last good one"
    );
    assert_eq!(running.status("scripted").refusals, 1);
    provider.push(Err(ProviderError::Unavailable("the directory is down".into())));
    running.run("scripted").await;
    assert_eq!(running.status("scripted").error.as_deref(), Some("the directory is down"));
    assert_eq!(running.refs().len(), 3);
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_sources_of_one_entity_take_turns() {
    let (fixture, provider) = scripted();
    let user_file = "apiVersion: backstage.io/v1alpha1\nkind: User\nmetadata:\n  name: ada\nspec:\n  memberOf: []\n";
    fixture.write("catalog/ada.yaml", user_file);
    let running = fixture.start().await;
    running.known("scripted").await;
    provider.then(Mutation::Full(vec![user("ada")]), None);
    running.run("scripted").await;
    let shown = || running.entity("user:default/ada").unwrap()["spec"]["profile"]["displayName"].clone();
    assert_eq!(shown(), serde_json::Value::Null);
    let uid = running.entity("user:default/ada").unwrap()["metadata"]["uid"].clone();
    let found = super::lines(&running.diagnostics("user:default/ada"));
    assert_eq!(found.len(), 2, "{found:#?}");
    assert!(found.iter().any(|line| line.contains("is defined in provider:scripted too")), "{found:#?}");
    assert!(found.iter().any(|line| line.contains("ada.yaml; this one is ignored")), "{found:#?}");
    // The loser takes over the moment the winner goes, and the other way about.
    fixture.remove("catalog/ada.yaml");
    running.sync().await;
    assert_eq!(shown(), "ada");
    assert_eq!(running.entity("user:default/ada").unwrap()["metadata"]["uid"], uid);
    fixture.write("catalog/ada.yaml", user_file);
    running.sync().await;
    assert_eq!(shown(), "ada");
    provider.then(Mutation::Delta { added: vec![], removed: vec!["user:default/ada".parse().unwrap()] }, None);
    running.run("scripted").await;
    assert_eq!(shown(), serde_json::Value::Null);
    assert_eq!(running.diagnostics("user:default/ada"), []);
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn locations_of_providers_lead_on_and_take_everything_with_them() {
    let (fixture, provider) = scripted();
    let texts: Vec<String> = (0..20).map(|number| component(&format!("c{number}"))).collect();
    fixture.reader.put("https://x/all.yaml", texts.join("---\n"));
    let document = json!({
        "apiVersion": "backstage.io/v1alpha1", "kind": "Location", "metadata": {"name": "found"},
        "spec": {"type": "url", "target": "https://x/all.yaml"},
    });
    let location = ProvidedEntity { entity: Entity::from_value(document).unwrap(), location_key: None };
    let running = fixture.start().await;
    running.known("scripted").await;
    provider.then(Mutation::Full(vec![location]), None);
    running.run("scripted").await;
    running.catalog.engine.remote.wait(|_, _| true, Duration::from_secs(10)).await;
    running.sync().await;
    assert_eq!(running.refs().len(), 21);
    let delta = Mutation::Delta { added: vec![], removed: vec!["location:default/found".parse().unwrap()] };
    provider.then(delta, None);
    running.run("scripted").await;
    assert_eq!(running.refs(), Vec::<String>::new());
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn inventories_are_lists_at_addresses() {
    let mut fixture = Fixture::new();
    let schedule = ProviderSchedule { initial_delay: Duration::from_secs(3600), ..ProviderSchedule::default() };
    fixture.config.inventories =
        vec![InventoryConfig { id: "main".into(), target: "https://x/list.json".into(), schedule }];
    fixture.config.rules = Vec::new();
    let list = json!([user("ada").entity, user("bob").entity]);
    fixture.reader.put("https://x/list.json", list.to_string());
    let running = fixture.start().await;
    running.known("inventory:main").await;
    running.run("inventory:main").await;
    assert_eq!(running.refs(), ["user:default/ada", "user:default/bob"]);
    let ada = running.entity("user:default/ada").unwrap();
    assert_eq!(ada["metadata"]["annotations"]["backstage.io/managed-by-location"], "url:https://x/list.json");
    let written = running.store.changes();
    running.run("inventory:main").await;
    assert_eq!(running.store.changes(), written);
    fixture.reader.put("https://x/list.json", "<html>");
    running.run("inventory:main").await;
    assert!(running.status("inventory:main").error.unwrap().contains("is no mapping"));
    fixture.reader.put("https://x/list.json", "[]");
    running.run("inventory:main").await;
    assert_eq!((running.refs().len(), running.status("inventory:main").parked), (2, 2));
    running.stop().await;
}
