//! Processors from plugins: what they may do, when they are asked, and what happens when they fail or go.

use std::collections::HashSet;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use host_model::diagnostic::Severity;
use host_model::plugin::{Applicability, FaultCode, PluginError, ProcessorDeclaration};
use host_model::{Entity, Relation};
use host_ports::{Action, CardRenderer, Change, Extensions, Processor, ProcessorItem, ProcessorOutcome, SourceFinding};
use serde_json::json;
use tokio::sync::watch;

use super::{Fixture, component, documents, lines};

type Answer = dyn Fn(&Entity) -> Result<ProcessorOutcome, PluginError> + Send + Sync;

struct Fake {
    version: String,
    declaration: ProcessorDeclaration,
    answer: Box<Answer>,
    shown: AtomicUsize,
}

#[async_trait]
impl Processor for Fake {
    fn name(&self) -> &str {
        "fake"
    }

    fn version(&self) -> &str {
        &self.version
    }

    fn declaration(&self) -> &ProcessorDeclaration {
        &self.declaration
    }

    async fn process(&self, items: Vec<ProcessorItem>) -> Result<Vec<ProcessorOutcome>, PluginError> {
        self.shown.fetch_add(items.len(), Ordering::SeqCst);
        items.iter().map(|item| (self.answer)(&item.entity)).collect()
    }
}

#[derive(Default)]
struct Plugins {
    processors: Mutex<Vec<Arc<dyn Processor>>>,
    changes: watch::Sender<u64>,
}

impl Plugins {
    fn set(&self, processors: Vec<Arc<dyn Processor>>) {
        *self.processors.lock().unwrap() = processors;
        self.changes.send_modify(|number| *number += 1);
    }
}

impl Extensions for Plugins {
    fn processors(&self) -> Vec<Arc<dyn Processor>> {
        self.processors.lock().unwrap().clone()
    }

    fn actions(&self) -> Vec<Arc<dyn Action>> {
        Vec::new()
    }

    fn cards(&self) -> Vec<Arc<dyn CardRenderer>> {
        Vec::new()
    }

    fn changes(&self) -> watch::Receiver<u64> {
        self.changes.subscribe()
    }
}

fn fake(
    version: &str,
    answer: impl Fn(&Entity) -> Result<ProcessorOutcome, PluginError> + Send + Sync + 'static,
) -> Arc<Fake> {
    let interest = Applicability { kinds: vec!["component".into()], ..Applicability::default() };
    let writes = vec!["metadata.annotations.example.com/*".into()];
    let declaration = ProcessorDeclaration { interests: vec![interest], writes };
    Arc::new(Fake { version: version.into(), declaration, answer: Box::new(answer), shown: AtomicUsize::new(0) })
}

fn annotate(value: &'static str) -> impl Fn(&Entity) -> Result<ProcessorOutcome, PluginError> {
    move |_| {
        let change = Change { pointer: "/metadata/annotations/example.com~1v".into(), value: Some(json!(value)) };
        Ok(ProcessorOutcome { changes: vec![change], ..ProcessorOutcome::default() })
    }
}

fn fixture(plugins: &Arc<Plugins>) -> Fixture {
    let mut fixture = Fixture::new();
    fixture.extensions = Arc::clone(plugins) as Arc<dyn Extensions>;
    fixture
}

const V: &str = "/metadata/annotations/example.com~1v";

#[tokio::test(flavor = "multi_thread")]
async fn answers_are_remembered_until_the_entity_or_the_processor_changes() {
    let plugins = Arc::new(Plugins::default());
    let one = fake("1", annotate("one"));
    plugins.set(vec![one.clone()]);
    let fixture = fixture(&plugins);
    fixture.write("catalog/a.yaml", &documents(["a", "b"].map(component)));
    let running = fixture.start().await;
    let value = |running: &super::Running, name: &str| {
        running
            .entity(&format!("component:default/{name}"))
            .unwrap()
            .pointer(V)
            .map(|value| value.as_str().unwrap().to_owned())
    };
    assert_eq!((value(&running, "a").as_deref(), one.shown.load(Ordering::SeqCst)), (Some("one"), 2));
    fixture.write("catalog/a.yaml", &documents([component("a"), component("b").replace("shop", "ops")]));
    running.sync().await;
    assert_eq!((value(&running, "b").as_deref(), one.shown.load(Ordering::SeqCst)), (Some("one"), 3));
    running.catalog.refresh(&host_model::Principal::Guest, &"component:default/a".parse().unwrap()).await.unwrap();
    assert_eq!(one.shown.load(Ordering::SeqCst), 3);
    running.stop().await;

    // It starts later than the catalog: nothing is taken away or written meanwhile.
    plugins.set(vec![]);
    let running = fixture.start().await;
    assert_eq!((value(&running, "a").as_deref(), running.store.changes()), (Some("one"), 0));
    plugins.set(vec![one.clone()]);
    running.catalog.extensions_settled();
    running.sync().await;
    assert_eq!((running.store.changes(), one.shown.load(Ordering::SeqCst)), (0, 3));
    // Another version answers anew; without it, its changes go.
    let two = fake("2", annotate("two"));
    plugins.set(vec![two.clone()]);
    running.sync().await;
    assert_eq!((value(&running, "a").as_deref(), two.shown.load(Ordering::SeqCst)), (Some("two"), 2));
    plugins.set(vec![]);
    running.sync().await;
    assert_eq!(value(&running, "a"), None);
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_not_declared_is_refused_and_findings_have_their_places() {
    let plugins = Arc::new(Plugins::default());
    plugins.set(vec![fake("1", |entity| {
        let change = |pointer: &str, value| Change { pointer: pointer.into(), value: Some(value) };
        let finding = SourceFinding {
            severity: Severity::Warning,
            code: "demo".into(),
            message: "look here".into(),
            pointer: Some("/spec/notes".into()),
            position: Some((2, 3)),
        };
        let emitted = Entity::from_value(json!({
            "apiVersion": "backstage.io/v1alpha1", "kind": "Resource",
            "metadata": {"name": format!("of-{}", entity.name())}, "spec": {"type": "made", "owner": "shop"}
        }));
        let broken = Entity::from_value(json!({"kind": "Resource"}));
        Ok(ProcessorOutcome {
            changes: vec![change("/spec/owner", json!("me")), change(V, json!("yes"))],
            findings: vec![finding],
            emits: emitted.into_iter().chain(broken).collect(),
            relations: vec![Relation { name: "dependsOn".into(), target_ref: "resource:default/db".parse().unwrap() }],
        })
    })]);
    let fixture = fixture(&plugins);
    fixture.write("catalog/a.yaml", &format!("{}  notes: |\n    one\n    two\n", component("a")));
    fixture.write("catalog/b.yaml", &format!("{}  notes:\n    $text: notes.md\n", component("b")));
    fixture.write("catalog/notes.md", "one\ntwo\n");
    let running = fixture.start().await;
    assert_eq!(
        running.refs(),
        ["component:default/a", "component:default/b", "resource:default/of-a", "resource:default/of-b"]
    );
    let entity = running.entity("component:default/a").unwrap();
    assert_eq!((&entity["spec"]["owner"], entity.pointer(V)), (&json!("shop"), Some(&json!("yes"))));
    assert_eq!(entity["relations"][0], json!({"type": "dependsOn", "targetRef": "resource:default/db"}));
    let found = lines(&running.diagnostics("component:default/a"));
    assert!(
        found.contains(&"error processor/refused a.yaml:8:10 the processor fake may not write /spec/owner".to_owned()),
        "{found:#?}"
    );
    assert!(found.contains(&"warning demo a.yaml:11:7 look here".to_owned()), "{found:#?}");
    assert!(
        found
            .iter()
            .any(|line| line.contains("an entity that a processor made of component:default/a: apiVersion is missing")),
        "{found:#?}"
    );
    let found = lines(&running.diagnostics("component:default/b"));
    assert!(found.contains(&"warning demo notes.md:2:3 look here".to_owned()), "{found:#?}");
    let ancestry = running.catalog.ancestry(&"resource:default/of-a".parse().unwrap()).unwrap();
    assert_eq!(&*ancestry[0].parents[0], "component:default/a");
    let written = running.store.changes();
    running.sync().await;
    assert_eq!(running.store.changes(), written);
    fixture.remove("catalog/a.yaml");
    running.sync().await;
    assert_eq!(running.refs(), ["component:default/b", "resource:default/of-b"]);
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_poisonous_entity_spoils_only_itself() {
    let plugins = Arc::new(Plugins::default());
    plugins.set(vec![fake("1", |entity| {
        if entity.name() == "c3" {
            return Err(PluginError::Fault { fault: FaultCode::Trap, message: "unreachable".into() });
        }
        annotate("yes")(entity)
    })]);
    let fixture = fixture(&plugins);
    fixture.write("catalog/a.yaml", &documents((0..8).map(|number| component(&format!("c{number}")))));
    let running = fixture.start().await;
    let without: HashSet<String> = running
        .refs()
        .into_iter()
        .filter(|entity_ref| running.entity(entity_ref).unwrap().pointer(V).is_none())
        .collect();
    assert_eq!(without, HashSet::from(["component:default/c3".to_owned()]));
    let found = running.diagnostics("component:default/c3");
    assert_eq!((found.len(), found[0].plugin.as_deref()), (1, Some("fake")));
    assert!(
        found[0].message.contains("the processor fake did not look at this entity: the plugin failed: unreachable")
    );
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_faulting_batch_left_over_is_asked_about_later() {
    let plugins = Arc::new(Plugins::default());
    let poisonous = |name: &str| name.starts_with("bad");
    let processor = fake("1", move |entity| {
        if poisonous(entity.name()) {
            return Err(PluginError::Fault { fault: FaultCode::Trap, message: "unreachable".into() });
        }
        annotate("yes")(entity)
    });
    plugins.set(vec![processor.clone()]);
    let mut fixture = fixture(&plugins);
    fixture.config.list_every = std::time::Duration::from_millis(1);
    let names = (0..60).map(|number| format!("{}{number}", if number % 20 == 19 { "good" } else { "bad" }));
    fixture.write("catalog/a.yaml", &documents(names.clone().map(|name| component(&name))));
    let running = fixture.start().await;
    let codes = |name: &str| -> Vec<String> {
        running.diagnostics(&format!("component:default/{name}")).into_iter().map(|finding| finding.code).collect()
    };
    let put_off = || names.clone().filter(|name| codes(name) == ["processor/put-off"]).count();
    assert!(put_off() > 0, "so many faults are not all found in one pass");
    // Each pass finds some of them; passes that ask again come by themselves.
    for _ in 0..1000 {
        running.sync().await;
        if put_off() == 0 {
            break;
        }
    }
    for name in names.clone() {
        let expected: &[&str] = if poisonous(&name) { &["processor/failed"] } else { &[] };
        assert_eq!(codes(&name), expected, "{name}");
        let written = running.entity(&format!("component:default/{name}")).unwrap().pointer(V).is_some();
        assert_eq!(written, !poisonous(&name), "{name}");
    }
    running.stop().await;
}
