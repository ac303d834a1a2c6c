//! The store as its users see it, on a folder of its own.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use host_model::Principal;
use host_model::task::{Effect, EffectKind, TaskEventKind, TaskStatus};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::{
    AddressFile, AuditEntry, Batch, EntityRecord, NewEvent, NewTask, ProvidedRecord, ProviderChange, SourceRecord,
    Store, StoreError, TaskOrder, TaskQuery,
};

struct Fixture {
    folder: TempDir,
    now: Arc<AtomicI64>,
}

impl Fixture {
    fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap(), now: Arc::new(AtomicI64::new(1_000_000)) }
    }

    fn open(&self) -> Store {
        let now = Arc::clone(&self.now);
        Store::open_with_clock(self.folder.path(), Arc::new(move || now.load(Ordering::SeqCst))).unwrap()
    }
}

fn entity(name: &str, body: &str) -> EntityRecord {
    EntityRecord {
        entity_ref: format!("component:default/{name}"),
        uid: format!("uid-{name}"),
        source: "file:/a.yaml".into(),
        origin: "file:/a.yaml".into(),
        raw_hash: "h".into(),
        signature: String::new(),
        body: body.into(),
        relations: "[]".into(),
        diagnostics: "[]".into(),
        outcomes: None,
    }
}

fn log(message: &str) -> NewEvent {
    NewEvent { kind: TaskEventKind::Log, body: json!({"message": message}) }
}

fn task(template: &str, by: &str) -> NewTask {
    NewTask { spec: json!({"templateInfo": {"entityRef": template}}), created_by: Some(by.into()) }
}

#[tokio::test]
async fn a_batch_survives_the_process_and_is_replaced_in_place() {
    let fixture = Fixture::new();
    let store = fixture.open();
    let source = SourceRecord { location: "file:/a.yaml".into(), origin: "file:/a.yaml".into(), state: "{}".into() };
    let batch = Batch {
        entities: vec![entity("one", "{}"), entity("two", "{}")],
        sources: vec![source.clone()],
        audit: vec![AuditEntry::new(&Principal::System, "catalog.sync", "file:/a.yaml")],
        ..Batch::default()
    };
    store.catalog().apply(batch).await.unwrap();
    let second = Batch {
        entities: vec![entity("one", "{\"new\":true}")],
        removed_entities: vec!["component:default/two".into()],
        ..Batch::default()
    };
    store.catalog().apply(second).await.unwrap();
    // As after `kill -9`: nothing is closed; the same files are opened as they are.
    let copy = tempfile::tempdir().unwrap();
    for file in ["callboard.db", "callboard.db-wal"] {
        std::fs::copy(fixture.folder.path().join(file), copy.path().join(file)).unwrap();
    }
    let store = Store::open(copy.path()).unwrap();
    let mut bodies = Vec::new();
    store
        .catalog()
        .each_entity_blocking(|record| {
            bodies.push((record.entity_ref, record.body.to_string()));
            Ok(())
        })
        .unwrap();
    assert_eq!(bodies, [("component:default/one".to_owned(), "{\"new\":true}".to_owned())]);
    assert_eq!(store.catalog().sources_blocking().unwrap(), [source]);
    assert_eq!(store.integrity().await.unwrap(), Vec::<String>::new());
    let audit = store.audit_log().list(None, 10).await.unwrap();
    assert_eq!(
        (audit.len(), audit[0].entry.actor.as_str(), audit[0].at.as_str()),
        (1, "system", "1970-01-01T00:16:40.000Z")
    );
}

#[tokio::test]
async fn a_change_that_fails_undoes_itself_and_nothing_else() {
    let fixture = Fixture::new();
    let store = fixture.open();
    let clash = EntityRecord { uid: "uid-one".into(), ..entity("other", "{}") };
    let failing = Batch { entities: vec![entity("kept-out", "{}"), entity("one", "{}"), clash], ..Batch::default() };
    let good = Batch { entities: vec![entity("good", "{}")], ..Batch::default() };
    let records = store.catalog();
    let (failed, done, panicked) = tokio::join!(
        records.apply(failing),
        records.apply(good),
        store.write(|_| -> Result<(), StoreError> { panic!("a fault of ours") }),
    );
    assert!(matches!(failed, Err(StoreError::Database(_))), "{failed:?}");
    done.unwrap();
    assert!(matches!(panicked, Err(StoreError::Internal)), "{panicked:?}");
    let before = store.changes();
    store.catalog().apply(Batch::default()).await.unwrap();
    assert_eq!(store.changes(), before);
    let mut refs = Vec::new();
    store
        .catalog()
        .each_entity_blocking(|record| {
            refs.push(record.entity_ref);
            Ok(())
        })
        .unwrap();
    assert_eq!(refs, ["component:default/good"]);
}

#[tokio::test]
async fn the_folder_is_held_and_freed_and_a_closed_store_says_so() {
    let fixture = Fixture::new();
    let store = fixture.open();
    assert!(matches!(Store::open(fixture.folder.path()), Err(StoreError::Locked { .. })));
    store.close().await;
    assert!(matches!(store.catalog().apply(Batch::default()).await, Err(StoreError::Closed)));
    drop(store);
    fixture.open().ping().await.unwrap();
}

#[tokio::test]
async fn a_backup_is_whole_and_never_overwrites() {
    let fixture = Fixture::new();
    let store = fixture.open();
    store.catalog().apply(Batch { entities: vec![entity("one", "{}")], ..Batch::default() }).await.unwrap();
    let target = fixture.folder.path().join("backup").with_extension("db");
    store.backup(&target).await.unwrap();
    assert!(matches!(store.backup(&target).await, Err(StoreError::Folder { .. })));
    // Another process takes no lock, so it can copy while this one serves.
    let beside = fixture.folder.path().join("beside.db");
    crate::backup_database(fixture.folder.path(), &beside).unwrap();
    assert_eq!(std::fs::metadata(&beside).unwrap().len(), std::fs::metadata(&target).unwrap().len());
    let empty = tempfile::tempdir().unwrap();
    assert!(matches!(crate::backup_database(empty.path(), &empty.path().join("x")), Err(StoreError::NotFound(_))));
    store.checkpoint().await.unwrap();
    let other = tempfile::tempdir().unwrap();
    std::fs::copy(&target, other.path().join("callboard.db")).unwrap();
    let restored = Store::open(other.path()).unwrap();
    assert_eq!(restored.catalog().entities_of_source_blocking("file:/a.yaml").unwrap(), [entity("one", "{}")]);
}

#[tokio::test]
async fn a_task_is_claimed_once_followed_and_ended_once() {
    let fixture = Fixture::new();
    let tasks = fixture.open().tasks();
    let created = tasks.create(&Principal::Guest, task("template:default/a", "user:default/guest")).await.unwrap();
    let id = created.id.as_str();
    assert_eq!((created.status, created.created_at.as_str()), (TaskStatus::Open, "1970-01-01T00:16:40.000Z"));
    assert!(tasks.claim(id).await.unwrap());
    assert!(!tasks.claim(id).await.unwrap());
    fixture.now.fetch_add(1500, Ordering::SeqCst);
    tasks.heartbeat(id).await.unwrap();
    let first = tasks.append_events(id, vec![log("one"), log("two")]).await.unwrap();
    tasks.set_journal(id, "fetch", &json!({"status": "processing"})).await.unwrap();
    tasks.set_journal(id, "fetch", &json!({"status": "completed"})).await.unwrap();
    let effect = Effect { kind: EffectKind::Created, target: "a file".into(), url: None };
    tasks.add_effects(id, vec![effect.clone()]).await.unwrap();
    tasks.add_effects(id, vec![effect.clone()]).await.unwrap();
    let completion = NewEvent { kind: TaskEventKind::Completion, body: json!({"output": {}}) };
    assert!(tasks.finish(id, TaskStatus::Completed, vec![completion.clone()]).await.unwrap().is_some());
    assert!(tasks.finish(id, TaskStatus::Failed, vec![completion]).await.unwrap().is_none());

    let stored = tasks.get(id).await.unwrap().unwrap();
    assert_eq!(stored.status, TaskStatus::Completed);
    assert_eq!(stored.last_heartbeat_at.as_deref(), Some("1970-01-01T00:16:41.500Z"));
    let later = tasks.events(id, Some(first[0].id), 10).await.unwrap();
    assert_eq!(
        later.iter().map(|event| event.kind).collect::<Vec<_>>(),
        [TaskEventKind::Log, TaskEventKind::Completion]
    );
    assert_eq!(tasks.journal(id).await.unwrap(), [("fetch".to_owned(), json!({"status": "completed"}))]);
    assert_eq!(tasks.effects(id).await.unwrap(), [effect.clone(), effect]);
    assert!(matches!(tasks.append_events("none", vec![log("x")]).await, Err(StoreError::NotFound(_))));
    assert!(matches!(tasks.set_journal("none", "x", &Value::Null).await, Err(StoreError::Database(_))));
    assert!(tasks.reopen(&Principal::Guest, id, vec![]).await.unwrap());
    assert!(tasks.claim(id).await.unwrap());
}

#[tokio::test]
async fn tasks_of_a_dead_process_are_found_and_can_go_on() {
    let fixture = Fixture::new();
    let store = fixture.open();
    let created = store.tasks().create(&Principal::Guest, task("template:default/a", "u")).await.unwrap();
    store.tasks().claim(&created.id).await.unwrap();
    assert!(store.tasks().abandoned().await.unwrap().is_empty());
    assert!(!store.tasks().reopen(&Principal::System, &created.id, vec![]).await.unwrap());
    drop(store);
    let tasks = fixture.open().tasks();
    assert_eq!(tasks.abandoned().await.unwrap()[0].id, created.id);
    assert!(tasks.reopen(&Principal::System, &created.id, vec![log("again")]).await.unwrap());
    assert!(tasks.claim(&created.id).await.unwrap());
    assert!(tasks.abandoned().await.unwrap().is_empty());
}

#[tokio::test]
async fn tasks_are_filtered_ordered_and_paged() {
    let fixture = Fixture::new();
    let tasks = fixture.open().tasks();
    for (template, by) in [("Template:default/A", "u1"), ("template:default/b", "u1"), ("template:default/a", "u2")] {
        tasks.create(&Principal::Guest, task(template, by)).await.unwrap();
        fixture.now.fetch_add(1, Ordering::SeqCst);
    }
    let names = async |query: TaskQuery| {
        let page = tasks.list(query).await.unwrap();
        let names: Vec<_> = page.tasks.into_iter().map(|task| task.created_by.unwrap()).collect();
        (names.join(" "), page.total)
    };
    let all = TaskQuery::default();
    assert_eq!(names(all.clone()).await, ("u2 u1 u1".to_owned(), 3));
    assert_eq!(
        names(TaskQuery { created_by: vec!["u1".into()], limit: Some(1), ..all.clone() }).await,
        ("u1".to_owned(), 2)
    );
    let template = TaskQuery { template_ref: vec!["template:default/a".into()], ..all.clone() };
    assert_eq!(names(template).await, ("u2 u1".to_owned(), 2));
    assert_eq!(names(TaskQuery { status: vec![TaskStatus::Failed], ..all.clone() }).await, (String::new(), 0));
    let ascending = TaskQuery { order: vec![(TaskOrder::CreatedAt, true)], offset: 1, ..all };
    assert_eq!(names(ascending).await, ("u1 u2".to_owned(), 3));
}

#[tokio::test]
async fn values_expire_and_stay_within_their_quota() {
    let fixture = Fixture::new();
    let values = fixture.open().plugin_values();
    values.set("p", "a", vec![0; 9], None, 20).await.unwrap();
    values.set("p", "b", vec![0; 9], Some(1), 20).await.unwrap();
    assert!(matches!(values.set("p", "c", vec![], None, 20).await, Err(StoreError::QuotaExceeded(20))));
    values.set("other", "c", vec![1], None, 20).await.unwrap();
    // Replacing counts the difference only.
    values.set("p", "a", vec![1; 9], None, 20).await.unwrap();
    assert_eq!(values.get("p", "a").await.unwrap(), Some(vec![1; 9]));
    fixture.now.fetch_add(1000, Ordering::SeqCst);
    assert_eq!(values.get("p", "b").await.unwrap(), None);
    values.set("p", "cé", vec![], None, 20).await.unwrap();
    assert_eq!(values.used("p").await.unwrap(), 13);
    values.remove("p", "a").await.unwrap();
    values.remove("p", "a").await.unwrap();
    assert_eq!(values.used("p").await.unwrap(), 3);
    for key in ["k/1", "k/2", "k/3", "l%"] {
        values.set("p", key, vec![], None, 1000).await.unwrap();
    }
    assert_eq!(values.keys("p", "k/", Some("k/1"), 10).await.unwrap(), ["k/2", "k/3"]);
    assert_eq!(values.keys("p", "", None, 2).await.unwrap(), ["cé", "k/1"]);
    assert!(matches!(values.get("p", "").await, Err(StoreError::InvalidInput(_))));
    assert!(matches!(values.get("p", &"x".repeat(513)).await, Err(StoreError::InvalidInput(_))));
    values.clear("p").await.unwrap();
    assert_eq!((values.used("p").await.unwrap(), values.used("other").await.unwrap()), (0, 2));
}

#[tokio::test]
async fn descriptions_are_kept_by_file_and_reader() {
    let fixture = Fixture::new();
    let descriptions = fixture.open().plugin_descriptions();
    descriptions.put("hash", "1", &json!({"id": "a"})).await.unwrap();
    assert_eq!(descriptions.get("hash", "1").await.unwrap(), Some(json!({"id": "a"})));
    descriptions.put("hash", "2", &json!({"id": "b"})).await.unwrap();
    assert_eq!(descriptions.get("hash", "1").await.unwrap(), None);
}

#[tokio::test]
async fn locations_are_registered_once() {
    let fixture = Fixture::new();
    let store = fixture.open();
    let locations = store.locations();
    let (first, existed) = locations.add(&Principal::Guest, "url", "https://a", false).await.unwrap();
    assert!(!existed);
    let again = locations.add(&Principal::Guest, "url", "https://a", true).await.unwrap();
    assert_eq!(again, (first.clone(), true));
    assert_eq!(locations.list().await.unwrap(), std::slice::from_ref(&first));
    assert_eq!(locations.remove(&Principal::Administrator, &first.id).await.unwrap(), Some(first.clone()));
    assert_eq!(locations.remove(&Principal::Administrator, &first.id).await.unwrap(), None);
    let actions: Vec<_> =
        store.audit_log().list(None, 10).await.unwrap().into_iter().map(|record| record.entry.action).collect();
    assert_eq!(actions, ["location.remove", "location.register"]);
}

#[tokio::test]
async fn an_address_is_kept_as_a_whole_until_it_gives_something_else() {
    let fixture = Fixture::new();
    let store = fixture.open();
    let addresses = store.addresses();
    let file = |name: &str, hash: &str| AddressFile { url: format!("https://x/{name}"), hash: hash.into(), size: 3 };
    addresses
        .keep("a", Some("v1"), vec![(file("2", "h2"), b"two".into()), (file("1", "h1"), b"one".into())])
        .await
        .unwrap();
    addresses.keep("b", None, vec![]).await.unwrap();
    let listed = addresses.list_blocking().unwrap();
    assert_eq!((listed.len(), listed[0].version.as_deref(), listed[0].read_at), (2, Some("v1"), 1_000_000));
    assert_eq!(listed[0].files, [file("2", "h2"), file("1", "h1")]);
    assert_eq!(addresses.content_blocking("a", "https://x/1").unwrap().as_deref(), Some(&b"one"[..]));
    addresses.keep("a", Some("v2"), vec![(file("1", "h3"), b"six".into())]).await.unwrap();
    assert_eq!(addresses.content_blocking("a", "https://x/2").unwrap(), None);
    assert_eq!(addresses.content_blocking("a", "https://x/1").unwrap().as_deref(), Some(&b"six"[..]));
    let (forgetting, written) = (addresses.clone(), store.changes());
    tokio::task::spawn_blocking(move || {
        forgetting.forget_blocking(vec![]).unwrap();
        forgetting.forget_blocking(vec!["a".into()]).unwrap();
    })
    .await
    .unwrap();
    assert!(store.changes() > written);
    assert_eq!(addresses.content_blocking("a", "https://x/1").unwrap(), None);
    assert_eq!(addresses.list_blocking().unwrap().len(), 1);
    store.close().await;
}

#[tokio::test]
async fn a_mutation_of_a_provider_is_kept_with_its_cursor() {
    let fixture = Fixture::new();
    let store = fixture.open();
    let providers = store.providers();
    let record = |name: &str, bucket: u8| ProvidedRecord {
        entity_ref: format!("user:default/{name}"),
        bucket,
        location_key: Some("people".into()),
        hash: "h".into(),
        parked: false,
        body: "{}".into(),
    };
    let written = store.changes();
    providers.apply("ldap", ProviderChange::default()).await.unwrap();
    assert_eq!(store.changes(), written);
    let put = vec![record("ada", 1), record("bob", 2)];
    providers
        .apply("ldap", ProviderChange { put, cursor: Some("1".into()), ..ProviderChange::default() })
        .await
        .unwrap();
    let change = ProviderChange {
        removed: vec!["user:default/ada".into()],
        parked: vec![("user:default/bob".into(), true)],
        state: Some("{\"a\":1}".into()),
        audit: Some(AuditEntry::new(&Principal::System, "provider.sync", "ldap")),
        ..ProviderChange::default()
    };
    providers.apply("ldap", change).await.unwrap();
    let known = providers.list_blocking().unwrap();
    assert_eq!((known[0].cursor.as_deref(), known[0].state.as_str()), (Some("1"), "{\"a\":1}"));
    assert_eq!(providers.bucket_blocking("ldap", 2).unwrap(), [ProvidedRecord { parked: true, ..record("bob", 2) }]);
    assert_eq!(providers.outline_blocking("ldap").unwrap().len(), 1);
    providers.forget("ldap").await.unwrap();
    assert_eq!(providers.outline_blocking("ldap").unwrap(), []);
    store.close().await;
}

#[tokio::test]
async fn databases_of_every_schema_open_and_keep_what_they_held() {
    let kept = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/compat/db");
    for number in 1..=crate::migrate::known() {
        let file = kept.join(format!("{number:04}.db"));
        assert!(file.is_file(), "{} is missing; tests/compat/README.md says how to make it", file.display());
        let data = tempfile::tempdir().unwrap();
        std::fs::copy(&file, data.path().join("callboard.db")).unwrap();
        let store = Store::open(data.path()).unwrap();
        let mut entities = 0;
        let count = |record: EntityRecord| {
            serde_json::from_str::<Value>(&record.body)?;
            entities += 1;
            Ok(())
        };
        store.catalog().each_entity_blocking(count).unwrap();
        assert!(entities > 100, "{number}: {entities} entities");
        assert!(!store.catalog().sources_blocking().unwrap().is_empty(), "{number}");
        assert_eq!(store.locations().list().await.unwrap().len(), 1, "{number}");
        let tasks = store.tasks().list(TaskQuery::default()).await.unwrap();
        assert_eq!(tasks.tasks.len(), 1, "{number}");
        assert!(!store.audit_log().list(None, 10).await.unwrap().is_empty(), "{number}");
        assert_eq!(store.integrity().await.unwrap(), Vec::<String>::new(), "{number}");
        let was_copied = data.path().join("backup").exists();
        assert_eq!(was_copied, number < crate::migrate::known(), "{number}");
    }
}

#[tokio::test]
async fn a_full_disk_leaves_everything_readable_and_ends_by_itself() {
    let fixture = Fixture::new();
    let store = fixture.open();
    let records = store.catalog();
    let batch = |name: &str, body: &str| Batch { entities: vec![entity(name, body)], ..Batch::default() };
    records.apply(batch("one", "{}")).await.unwrap();
    let allow = async |pages: u32| {
        let limit = format!("PRAGMA max_page_count = {pages}");
        store.write(move |connection| Ok(connection.query_row(&limit, [], |_| Ok(()))?)).await.unwrap();
    };
    allow(1).await;
    let large = format!("\"{}\"", "x".repeat(1 << 20));
    let refused = records.apply(batch("two", &large)).await;
    assert!(matches!(refused, Err(StoreError::Unwritable("the disk is full"))), "{refused:?}");
    assert_eq!(store.refusal(), Some("the disk is full"));
    let mut refs = Vec::new();
    let collect = |record: EntityRecord| {
        refs.push(record.entity_ref);
        Ok(())
    };
    records.each_entity_blocking(collect).unwrap();
    assert_eq!(refs, ["component:default/one"]);
    allow(1_000_000).await;
    // Nobody changes anything: the store finds out by itself.
    for _ in 0..200 {
        if store.refusal().is_none() {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    assert_eq!(store.refusal(), None);
    records.apply(batch("two", &large)).await.unwrap();
    assert_eq!(store.integrity().await.unwrap(), Vec::<String>::new());
}
