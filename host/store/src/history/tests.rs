//! Versions as their readers see them, on a database of its own.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use proptest::prelude::*;
use tempfile::TempDir;

use super::{Came, HistoryLimits, Told};
use crate::{Batch, EntityRecord, Happened, Store};

const START: i64 = 1_000_000;

struct Fixture {
    _folder: TempDir,
    now: Arc<AtomicI64>,
    store: Store,
}

impl Fixture {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let now = Arc::new(AtomicI64::new(START));
        let clock = Arc::clone(&now);
        let store = Store::open_with_clock(folder.path(), Arc::new(move || clock.load(Ordering::SeqCst))).unwrap();
        Self { _folder: folder, now, store }
    }

    fn at(&self, now: i64) -> &Self {
        self.now.store(START + now, Ordering::SeqCst);
        self
    }

    fn put(&self, name: &str, body: &str) {
        let told = HashMap::from([(
            reference(name),
            Told {
                etag: Some(format!("etag before {body}")),
                cause: body.contains('p').then(|| "plugin:p".to_owned()),
            },
        )]);
        let batch = Batch { entities: vec![entity(name, body)], told, ..Batch::default() };
        self.store.catalog().apply_blocking(batch).unwrap();
    }

    fn remove(&self, name: &str) {
        let batch =
            Batch { removed_entities: vec![reference(name)], cause: Some("administrator".into()), ..Batch::default() };
        self.store.catalog().apply_blocking(batch).unwrap();
    }

    fn bodies_at(&self, now: i64) -> (BTreeMap<String, String>, usize) {
        let (found, missing) = self.store.history().as_of_blocking(START + now).unwrap();
        (found.into_iter().map(|past| (past.entity_ref, past.body)).collect(), missing)
    }
}

fn reference(name: &str) -> String {
    format!("component:default/{name}")
}

fn entity(name: &str, body: &str) -> EntityRecord {
    EntityRecord {
        entity_ref: reference(name),
        uid: format!("uid-{name}"),
        source: "file:/a.yaml".into(),
        origin: "file:/".into(),
        raw_hash: body.into(),
        signature: String::new(),
        body: body.into(),
        relations: "[]".into(),
        diagnostics: "[]".into(),
        outcomes: None,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_version_is_told_with_what_made_it() {
    let fixture = Fixture::new();
    tokio::task::block_in_place(|| {
        fixture.at(10).put("a", "{\"v\":1}");
        // Written again without a difference that readers see.
        fixture.at(15).put("a", "{\"v\":1}");
        fixture.at(20).put("a", "{\"v\":2,\"by\":\"p\"}");
        fixture.at(30).remove("a");
        fixture.at(35).remove("a");
        fixture.at(40).put("a", "{\"v\":4}");
    });
    let history = fixture.store.history();
    let versions = history.versions(&reference("a"), None, 10).await.unwrap();
    let told: Vec<_> = versions
        .iter()
        .map(|record| {
            let since = record.since.unwrap() - START;
            (record.version, record.came, since, record.until.map(|until| until - START), record.cause.as_deref())
        })
        .collect();
    assert_eq!(
        told,
        [
            (4, Came::Returned, 40, None, None),
            (3, Came::Removed, 30, Some(30), Some("administrator")),
            (2, Came::Changed, 20, Some(30), Some("plugin:p")),
            (1, Came::Created, 10, Some(20), None),
        ]
    );
    assert_eq!(versions[3].etag.as_deref(), Some("etag before {\"v\":2,\"by\":\"p\"}"));
    let page = history.versions(&reference("a"), Some(3), 1).await.unwrap();
    assert_eq!(page.iter().map(|record| record.version).collect::<Vec<_>>(), [2]);
    let texts = history.texts(&reference("a"), 0, 10).await.unwrap();
    let bodies: Vec<_> = texts.iter().map(|text| text.body.as_deref().unwrap_or("gone")).collect();
    assert_eq!(bodies, ["{\"v\":4}", "gone", "{\"v\":2,\"by\":\"p\"}", "{\"v\":1}"]);
    assert!(history.versions(&reference("none"), None, 10).await.unwrap().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn subscribers_are_told_of_every_transaction_in_order() {
    let fixture = Fixture::new();
    tokio::task::block_in_place(|| {
        fixture.at(1).put("a", "{}");
        fixture.at(2).put("a", "{}");
        fixture.at(3).put("a", "{\"v\":2}");
        fixture.store.catalog_changes().tell_derived_blocking(vec![reference("b")]).unwrap();
        fixture.at(4).remove("a");
    });
    let changes = fixture.store.catalog_changes();
    let all = changes.between(1, changes.newest(), 100).await.unwrap();
    let told: Vec<_> =
        all.iter().flat_map(|change| &change.entries).map(|entry| (entry.happened, entry.version)).collect();
    assert_eq!(
        told,
        [
            (Happened::Created, Some(1)),
            (Happened::Changed, Some(2)),
            (Happened::Derived, None),
            (Happened::Removed, Some(3))
        ]
    );
    assert_eq!((all.len(), changes.newest(), changes.oldest().await.unwrap()), (4, 4, Some(1)));
    assert_eq!(changes.stream().await.unwrap().len(), 12);
}

#[test]
fn what_is_too_old_or_too_much_goes_in_small_steps() {
    let fixture = Fixture::new();
    for version in 0..1200 {
        fixture.at(version).put("much", &format!("{{\"v\":{version}}}"));
    }
    fixture.at(2000).put("old", "{}");
    fixture.at(2001).put("old", "{\"v\":2}");
    fixture.at(9000).put("new", "{}");
    let limits = HistoryLimits {
        keep_for: Duration::from_millis(7500),
        keep_versions: 10,
        keep_changes: Duration::from_millis(100),
    };
    let mut steps = 0;
    while fixture.store.history().prune_blocking(limits).unwrap() {
        steps += 1;
        assert!(steps < 20);
    }
    let count = |name: &str| {
        let name = reference(name);
        let runtime = tokio::runtime::Runtime::new().unwrap();
        runtime.block_on(fixture.store.history().versions(&name, None, 5000)).unwrap().len()
    };
    assert!(steps > 0);
    // The present version of each, and what was replaced within the time.
    assert_eq!((count("much"), count("old"), count("new")), (1, 2, 1));
    let (at_2000, missing) = fixture.bodies_at(2000);
    assert_eq!((at_2000.get(&reference("old")).map(String::as_str), missing), (Some("{}"), 0));
    // The clock jumped ahead: nothing goes for that.
    fixture.at(i64::from(u32::MAX));
    assert!(!fixture.store.history().prune_blocking(limits).unwrap());
    assert_eq!(count("old"), 2);
}

#[derive(Debug, Clone)]
enum Step {
    Put(u8, u8),
    Remove(u8),
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    /// The catalog as of every instant is what it was then.
    #[test]
    fn the_past_is_as_it_was(steps in prop::collection::vec(
        prop_oneof![4 => (0..4_u8, 0..6_u8).prop_map(|(name, body)| Step::Put(name, body)), 1 => (0..4_u8).prop_map(Step::Remove)],
        1..40,
    )) {
        let fixture = Fixture::new();
        let mut now = BTreeMap::new();
        let mut past = Vec::new();
        for (at, step) in (1..).zip(steps) {
            fixture.at(at * 10);
            match step {
                Step::Put(name, body) => {
                    let body = format!("{{\"metadata\":{{\"name\":\"n{name}\"}},\"spec\":{{\"v\":\"{}\"}}}}", "x".repeat(usize::from(body)));
                    fixture.put(&name.to_string(), &body);
                    now.insert(reference(&name.to_string()), body);
                }
                Step::Remove(name) => {
                    fixture.remove(&name.to_string());
                    now.remove(&reference(&name.to_string()));
                }
            }
            past.push((at * 10, now.clone()));
        }
        for (at, expected) in past {
            prop_assert_eq!(fixture.bodies_at(at), (expected.clone(), 0));
            prop_assert_eq!(fixture.bodies_at(at + 5), (expected, 0));
        }
        prop_assert_eq!(fixture.bodies_at(5), (BTreeMap::new(), 0));
    }
}
