//! The life of plugins with files in a real folder and plugins that are fakes.

use std::fs;
use std::path::PathBuf;

use host_fetch::Fetcher;
use host_model::plugin::{PluginError, Status};
use host_model::{Entity, Principal};
use host_ports::{ActRequest, CardRenderer, Extensions};
use host_store::Store;
use serde_json::{Value, json};
use tokio::sync::Notify;

use crate::fake::{self, FakeLoader};
use crate::options::PluginHostOptions;

use super::*;

struct Portal {
    folder: PathBuf,
    host: PluginHost,
    go: Arc<Notify>,
    _data: tempfile::TempDir,
}

impl Portal {
    /// Starts with files that were there before and built-in ones.
    fn start(files: &[(&str, Value)], built_in: Vec<BuiltIn>, config: Value) -> Self {
        let data = tempfile::tempdir().unwrap();
        let folder = data.path().join("plugins");
        fs::create_dir(&folder).unwrap();
        for (name, spec) in files {
            fs::write(folder.join(name), spec.to_string()).unwrap();
            let file = fs::File::options().append(true).open(folder.join(name)).unwrap();
            file.set_modified(SystemTime::now() - Duration::from_secs(60)).unwrap();
        }
        let loader = FakeLoader::default();
        let go = Arc::clone(&loader.go);
        let options = PluginHostOptions {
            data: data.path().to_owned(),
            built_in,
            config: fake::config(&config),
            compiler: None,
            store: Store::open(data.path()).unwrap(),
            fetcher: Fetcher::default(),
        };
        let host = PluginHost::start_with(options, Arc::new(loader)).unwrap();
        Self { folder, host, go, _data: data }
    }

    fn write(&self, name: &str, spec: &Value) {
        let part = self.folder.join(format!(".{name}.part"));
        fs::write(&part, spec.to_string()).unwrap();
        fs::rename(part, self.folder.join(name)).unwrap();
    }

    async fn act(card: &Arc<dyn CardRenderer>) -> Result<String, PluginError> {
        let request = ActRequest {
            entity: Arc::new(Entity::from_value(json!({})).unwrap()),
            principal: Principal::Guest,
            locale: "en".into(),
            action: "a".into(),
            input: Value::Null,
            idempotency_key: "k".into(),
        };
        card.act(request).await.map(|outcome| outcome.message)
    }
}

fn card(id: &str, version: &str) -> Value {
    json!({ "id": id, "version": version, "points": ["ui-card"] })
}

fn states(list: &[Status]) -> Vec<(String, State)> {
    list.iter().map(|status| (status.file.clone(), status.state)).collect()
}

fn version_is(version: &'static str) -> impl FnMut(&[Status]) -> bool {
    move |list| list.iter().any(|it| it.version.as_deref() == Some(version) && it.state == State::Serving)
}

#[tokio::test]
async fn a_file_that_appears_changes_and_disappears_takes_effect() {
    let portal = Portal::start(&[], vec![], json!({}));
    portal.host.settled().await;
    assert!(portal.host.list().is_empty() && portal.host.cards().is_empty());

    let waiting = json!({ "id": "x", "version": "1.0.0", "points": ["ui-card"], "behaviour": "wait" });
    portal.write("x.wasm", &waiting);
    let list = portal.host.until(version_is("1.0.0")).await;
    assert_eq!((list[0].id.as_deref(), &*list[0].title, list[0].sha256.len()), (Some("x"), "The x", 64));
    let old = portal.host.cards().remove(0);
    let before = *portal.host.changes().borrow();
    let running = tokio::spawn(async move { Portal::act(&old).await });

    portal.write("x.wasm", &card("x", "2.0.0"));
    portal.host.until(version_is("2.0.0")).await;
    assert!(*portal.host.changes().borrow() > before);
    assert_eq!(Portal::act(&portal.host.cards()[0]).await, Ok("2.0.0".into()), "new calls go to the new one");
    portal.go.notify_one();
    assert_eq!(running.await.unwrap(), Ok("1.0.0".into()), "a running call ends on the old one");
    assert_eq!(portal.host.list()[0].calls, 2);

    fs::remove_file(portal.folder.join("x.wasm")).unwrap();
    portal.host.until(<[_]>::is_empty).await;
    assert!(portal.host.cards().is_empty());
}

#[tokio::test]
async fn bad_files_are_listed_and_harm_nobody() {
    let files = [
        ("a-good.wasm", card("good", "1.0.0")),
        ("b-noise.wasm", json!("")),
        ("c-broken.wasm", json!({ "reject": "describe-failed" })),
        ("d-version.wasm", json!({ "id": "d", "version": "one", "points": ["ui-card"] })),
        ("e-schema.wasm", json!({ "id": "e", "schema": { "type": "nonsense" } })),
    ];
    let portal = Portal::start(&files, vec![], json!({}));
    fs::write(portal.folder.join("b-noise.wasm"), "noise").unwrap();
    fs::create_dir(portal.folder.join("folder.wasm")).unwrap();
    fs::write(portal.folder.join(".hidden.wasm"), "").unwrap();
    let list = portal.host.until(|list| list.len() == 6 && list.iter().all(|it| it.state != State::Starting)).await;
    let code = |file: &str| {
        let status = list.iter().find(|it| it.file == file).unwrap();
        (status.state, status.reason.as_ref().map(|reason| reason.code.clone()).unwrap_or_default())
    };
    assert_eq!(code("a-good.wasm"), (State::Serving, String::new()));
    for (file, expected) in [
        ("b-noise.wasm", "not-webassembly"),
        ("c-broken.wasm", "describe-failed"),
        ("d-version.wasm", "bad-description"),
        ("e-schema.wasm", "bad-description"),
        ("folder.wasm", "unreadable"),
    ] {
        assert_eq!(code(file), (State::Failed, expected.to_owned()), "{file}");
    }
    let broken = list.iter().find(|it| it.file == "c-broken.wasm").unwrap();
    assert_eq!((broken.calls, broken.faults, &*broken.recent_faults[0].call), (0, 1, "describe"));
    assert_eq!(portal.host.cards().len(), 1);
}

#[tokio::test]
async fn a_bad_replacement_takes_the_place_and_a_good_one_heals() {
    let portal = Portal::start(&[("x.wasm", card("x", "1.0.0"))], vec![], json!({}));
    portal.host.until(version_is("1.0.0")).await;
    portal.write("x.wasm", &json!({ "reject": "truncated" }));
    portal.host.until(|list| list[0].state == State::Failed).await;
    assert!(portal.host.cards().is_empty());
    portal.write("x.wasm", &card("x", "1.0.1"));
    portal.host.until(version_is("1.0.1")).await;
    assert_eq!(portal.host.cards().len(), 1);
}

#[tokio::test]
async fn the_folder_supersedes_what_is_built_in_and_gives_way_again() {
    let built_in = BuiltIn { file: "x.wasm", wasm: br#"{"id":"x","version":"1.0.0","points":["ui-card"]}"# };
    let portal = Portal::start(&[("x.wasm", card("x", "1.1.0"))], vec![built_in], json!({}));
    portal.host.settled().await;
    let list = portal.host.list();
    assert_eq!(
        list.iter().map(|it| (it.source, it.state)).collect::<Vec<_>>(),
        [(Source::BuiltIn, State::Superseded), (Source::Folder, State::Serving)]
    );
    fs::remove_file(portal.folder.join("x.wasm")).unwrap();
    portal.host.until(version_is("1.0.0")).await;
    assert_eq!(Portal::act(&portal.host.cards()[0]).await, Ok("1.0.0".into()));
}

#[tokio::test]
async fn consent_is_given_and_taken_by_the_configuration() {
    let files = [("a.wasm", card("a", "1.0.0")), ("x.wasm", json!({ "id": "x", "upstreams": ["github"] }))];
    let portal = Portal::start(&files, vec![], json!({}));
    portal.host.settled().await;
    let waiting = portal.host.list().remove(1);
    let reason = waiting.reason.unwrap();
    assert_eq!((waiting.state, &*reason.code), (State::WaitingForConsent, "waiting-for-consent"));
    assert!(reason.message.contains("plugins:\n  x:\n    upstreams:\n      github: github"), "{}", reason.message);
    assert_eq!(waiting.requested.upstreams["github"].routes.len(), 1);
    let untouched = portal.host.shared().registry.load().live["a"].clone();

    let config = fake::config(&json!({
        "plugins": { "x": { "upstreams": { "github": "acme" } } },
        "upstreams": { "acme": { "target": "https://api.github.com" } },
    }));
    portal.host.apply_config(config.clone()).await;
    let serving = portal.host.list().remove(1);
    assert_eq!((serving.state, serving.granted.upstreams["github"].binding.as_deref()), (State::Serving, Some("acme")));
    let (before, same) = (*portal.host.changes().borrow(), portal.host.shared().registry.load().live["a"].clone());
    assert!(Arc::ptr_eq(&untouched, &same), "what did not change is left alone");
    portal.host.apply_config(config).await;
    assert_eq!(*portal.host.changes().borrow(), before);

    portal.host.apply_config(fake::config(&json!({ "plugins": { "a": { "enabled": false } } }))).await;
    assert_eq!(
        states(&portal.host.list()),
        [("a.wasm".to_owned(), State::Disabled), ("x.wasm".to_owned(), State::WaitingForConsent)]
    );
    assert!(portal.host.cards().is_empty());
}

#[tokio::test]
async fn a_plugin_that_breaks_again_and_again_rests() {
    let files = [("x.wasm", json!({ "id": "x", "points": ["ui-card"], "behaviour": "fault" }))];
    let portal = Portal::start(&files, vec![], json!({}));
    portal.host.settled().await;
    let broken = portal.host.cards().remove(0);
    for _ in 0..5 {
        assert!(matches!(Portal::act(&broken).await, Err(PluginError::Fault { .. })));
    }
    assert!(matches!(Portal::act(&broken).await, Err(PluginError::NotServing { .. })));
    let status = portal.host.list().remove(0);
    assert_eq!((status.state, status.calls, status.faults), (State::Serving, 5, 5));
    assert_eq!(status.reason.unwrap().code, "resting");

    portal.write("x.wasm", &card("x", "2.0.0"));
    portal.host.until(version_is("2.0.0")).await;
    assert!(Portal::act(&portal.host.cards()[0]).await.is_ok(), "another file is given a chance");
}

#[tokio::test]
async fn of_two_actions_with_one_name_the_first_plugins_is_taken() {
    let files = [
        ("a.wasm", json!({ "id": "b", "points": ["scaffolder-action"], "actions": ["x:do", "b:do"] })),
        ("b.wasm", json!({ "id": "a", "points": ["scaffolder-action"], "actions": ["x:do"] })),
    ];
    let portal = Portal::start(&files, vec![], json!({}));
    portal.host.settled().await;
    let actions = portal.host.actions();
    let owners: Vec<_> =
        actions.iter().map(|it| (it.declaration().id.clone(), it.declaration().plugin.clone().unwrap())).collect();
    assert_eq!(owners, [("b:do".to_owned(), "b".to_owned()), ("x:do".to_owned(), "a".to_owned())]);
    assert!(portal.host.logs("b").unwrap()[0].contains("its action x:do is not used"));
    assert_eq!(portal.host.logs("a.wasm"), portal.host.logs("b"));
    assert_eq!(portal.host.logs("nobody"), None);
}

#[tokio::test(start_paused = true)]
async fn a_file_that_takes_too_long_does_not_hold_back_the_start() {
    let files = [("x.wasm", json!({ "never": true })), ("y.wasm", card("y", "1.0.0"))];
    let portal = Portal::start(&files, vec![], json!({}));
    let began = tokio::time::Instant::now();
    portal.host.until(version_is("1.0.0")).await;
    assert!(!portal.host.is_settled());
    assert_eq!(portal.host.pending(), ["x.wasm"]);
    portal.host.settled().await;
    assert!(began.elapsed() >= Duration::from_secs(9) && began.elapsed() < Duration::from_secs(11));
    assert_eq!(states(&portal.host.list())[0], ("x.wasm".to_owned(), State::Starting));
}

#[tokio::test]
async fn the_end_waits_for_running_calls_and_lets_no_other_begin() {
    let files = [("x.wasm", json!({ "id": "x", "points": ["ui-card"], "behaviour": "wait" }))];
    let portal = Portal::start(&files, vec![], json!({}));
    portal.host.settled().await;
    let card = portal.host.cards().remove(0);
    let running = tokio::spawn({
        let card = Arc::clone(&card);
        async move { Portal::act(&card).await }
    });
    while portal.host.shared().running.count() == 0 {
        tokio::task::yield_now().await;
    }
    let ended = tokio::spawn({
        let host = portal.host.clone();
        async move { host.shutdown().await }
    });
    while !portal.host.shared().running.is_closed() {
        tokio::task::yield_now().await;
    }
    assert!(matches!(Portal::act(&card).await, Err(PluginError::NotServing { .. })));
    assert!(!ended.is_finished());
    portal.go.notify_one();
    assert!(running.await.unwrap().is_ok());
    ended.await.unwrap();
    assert!(portal.host.cards().is_empty());
}
