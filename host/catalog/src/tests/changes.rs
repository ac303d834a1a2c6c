//! What happens when files change, go, come back or contradict one another.

use std::collections::HashSet;

use host_model::Principal;
use host_ports::{LocationRegistrar, RegisterLocation};

use super::{Fixture, component, documents, lines};
use crate::{ChangeError, Orphans};

#[tokio::test(flavor = "multi_thread")]
async fn what_did_not_change_is_not_written() {
    let fixture = Fixture::new();
    fixture.write("catalog/a.yaml", &documents(["a", "b"].map(component)));
    fixture.write("catalog/broken.yaml", &component("x").replace("owner", "owners"));
    let running = fixture.start().await;
    let written = running.store.changes();
    assert!(written > 0);
    let mut events = running.catalog.events();
    running.sync().await;
    // Saved again without a change.
    fixture.write("catalog/a.yaml", &documents(["a", "b"].map(component)));
    running.sync().await;
    assert_eq!(running.store.changes(), written);
    assert!(events.try_recv().is_err());
    let texts = ["a", "b"].map(|name| running.entity(&format!("component:default/{name}")));
    running.stop().await;

    let running = fixture.start().await;
    assert_eq!(running.store.changes(), 0);
    assert_eq!(["a", "b"].map(|name| running.entity(&format!("component:default/{name}"))), texts);
    assert_eq!(running.diagnostics(&fixture.location_ref("catalog")).len(), 2, "the missing key and the misspelt one");
    // One of two entities changed: one is written, and the source.
    let mut events = running.catalog.events();
    fixture.write("catalog/a.yaml", &documents([component("a"), component("b").replace("service", "website")]));
    running.sync().await;
    let event = events.try_recv().unwrap();
    assert_eq!(event.changed.iter().map(|changed| &**changed).collect::<Vec<_>>(), ["component:default/b"]);
    assert_eq!(running.entity("component:default/b").unwrap()["spec"]["type"], "website");
    // The entity and what it was before, what subscribers are told, its source and the audit log.
    assert_eq!(running.store.changes(), 5);
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn entities_go_with_their_documents_and_keep_what_was_good() {
    let fixture = Fixture::new();
    fixture.write("catalog/a.yaml", &documents(["a", "b", "c"].map(component)));
    fixture.write("catalog/d.yaml", &component("d"));
    let running = fixture.start().await;
    fixture.write("catalog/a.yaml", &documents(["a", "c"].map(component)));
    fixture.remove("catalog/d.yaml");
    running.sync().await;
    assert_eq!(running.refs(), ["component:default/a", "component:default/c"]);
    // Invalid, and not even YAML: both keep what they last held, and say so.
    fixture
        .write("catalog/a.yaml", &documents([component("a").replace("owner: shop", "owner: 1"), "kind: {\n".into()]));
    running.sync().await;
    assert_eq!(running.refs(), ["component:default/a", "component:default/c"]);
    let entity = running.entity("component:default/a").unwrap();
    assert_eq!(entity["spec"]["owner"], "shop");
    assert!(entity["status"]["items"][0]["message"].as_str().unwrap().contains("spec.owner must be text, found 1"));
    assert_eq!(
        lines(&running.diagnostics("component:default/a")),
        ["error entity/type a.yaml:8:10 spec.owner must be text, found 1"]
    );
    assert_eq!(running.diagnostics(&fixture.location_ref("catalog")).len(), 2);
    let written = running.store.changes();
    running.sync().await;
    assert_eq!(running.store.changes(), written);
    // Mended: the words go.
    fixture.write("catalog/a.yaml", &documents(["a", "c"].map(component)));
    running.sync().await;
    assert_eq!(running.entity("component:default/a").unwrap().get("status"), None);
    assert_eq!(running.diagnostics(&fixture.location_ref("catalog")), []);
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_first_claim_wins_and_the_next_takes_over() {
    let fixture = Fixture::new();
    fixture.write("catalog/a.yaml", &component("x"));
    fixture.write("catalog/b.yaml", &component("x").replace("service", "website"));
    let running = fixture.start().await;
    let kind = || running.entity("component:default/x").unwrap()["spec"]["type"].clone();
    assert_eq!(kind(), "service");
    let found = lines(&running.diagnostics(&fixture.location_ref("catalog")));
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(found[0].starts_with("warning entity/conflict b.yaml:4:9 component:default/x is already defined in "));
    // Whoever looks at the entity sees it as well.
    assert_eq!(lines(&running.diagnostics("component:default/x")), found);
    // A newcomer that would come first in order takes nothing away.
    fixture.write("catalog/0.yaml", &component("x").replace("service", "library"));
    running.sync().await;
    assert_eq!(kind(), "service");
    fixture.remove("catalog/a.yaml");
    running.sync().await;
    assert_eq!(kind(), "library");
    fixture.remove("catalog/0.yaml");
    running.sync().await;
    assert_eq!(kind(), "website");
    assert_eq!(running.diagnostics(&fixture.location_ref("catalog")), []);
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn many_deletions_ask_first() {
    let fixture = Fixture::new();
    let names: Vec<String> = (0..30).map(|number| format!("c{number:02}")).collect();
    fixture.write("catalog/keep.yaml", &documents(names[..10].iter().map(|name| component(name))));
    fixture.write("catalog/many.yaml", &documents(names[10..].iter().map(|name| component(name))));
    let running = fixture.start().await;
    fixture.remove("catalog/many.yaml");
    fixture.write("catalog/new.yaml", &component("new"));
    running.sync().await;
    assert_eq!(running.refs().len(), 31);
    let location = fixture.location_ref("catalog");
    let found = running.diagnostics(&location);
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(found[0].message.starts_with("20 of the 31 entities from here are gone"), "{found:?}");
    running.stop().await;
    // It is not forgotten by a restart, nor agreed to by just anybody.
    let running = fixture.start().await;
    let entity_ref = location.parse().unwrap();
    running.catalog.refresh(&Principal::Guest, &entity_ref).await.unwrap();
    assert_eq!(running.refs().len(), 31);
    running.catalog.refresh(&Principal::Administrator, &entity_ref).await.unwrap();
    assert_eq!(running.refs().len(), 11);
    assert_eq!(running.diagnostics(&location), []);
    running.stop().await;
    // A location that is configured no longer goes with all it had.
    let mut fixture = fixture;
    fixture.write("other/a.yaml", &component("other"));
    fixture.config.locations = vec![fixture.location("other")];
    let running = fixture.start().await;
    assert_eq!(running.refs(), ["component:default/other"]);
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn deleting_needs_the_administrator_and_lasts_until_the_file_changes() {
    let fixture = Fixture::new();
    fixture.write("catalog/a.yaml", &documents(["a", "b"].map(component)));
    let running = fixture.start().await;
    let uid = running.entity("component:default/a").unwrap()["metadata"]["uid"].as_str().unwrap().to_owned();
    let catalog = &running.catalog;
    assert!(matches!(catalog.delete_by_uid(&Principal::Guest, &uid).await, Err(ChangeError::Denied(_))));
    catalog.delete_by_uid(&Principal::Administrator, &uid).await.unwrap();
    catalog.delete_by_uid(&Principal::Administrator, &uid).await.unwrap();
    running.sync().await;
    assert_eq!(running.refs(), ["component:default/b"]);
    let audit = running.store.audit_log().list(None, 1).await.unwrap().remove(0).entry;
    assert_eq!(
        (audit.actor.as_str(), audit.action.as_str(), audit.subject.as_str()),
        ("administrator", "entity.delete", "component:default/a")
    );
    catalog.refresh(&Principal::Guest, &"component:default/b".parse().unwrap()).await.unwrap();
    assert_eq!(running.refs(), ["component:default/a", "component:default/b"]);
    assert_eq!(running.entity("component:default/a").unwrap()["metadata"]["uid"], uid.as_str());
    let missing = catalog.refresh(&Principal::Guest, &"component:default/none".parse().unwrap()).await;
    assert!(matches!(missing, Err(ChangeError::NotFound(_))));
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn locations_are_registered_by_tasks_and_removed_by_administrators() {
    let mut fixture = Fixture::new();
    fixture.write("made/a.yaml", &component("a"));
    fixture.write("outside/b.yaml", &component("b"));
    fixture.config.readable_folders = vec![fixture.path("made")];
    let running = fixture.start().await;
    let request = |file: &str| RegisterLocation {
        location_type: "file".into(),
        target: fixture.path(file).display().to_string(),
        optional: false,
    };
    let registered = running.catalog.register(&Principal::Guest, &request("made/a.yaml")).await.unwrap();
    assert_eq!(registered.entities, ["component:default/a".parse().unwrap()]);
    let again = running.catalog.register(&Principal::Guest, &request("made/a.yaml")).await.unwrap();
    assert_eq!(again.id, registered.id);
    for (file, reason) in [
        ("outside/b.yaml", "outside the folders"),
        ("made/none.yaml", "does not exist"),
        ("made/../outside/b.yaml", "outside"),
    ] {
        let message = running.catalog.register(&Principal::Guest, &request(file)).await.unwrap_err().to_string();
        assert!(message.contains(reason), "{message}");
    }
    let refused = running.catalog.add_location(&Principal::Guest, "file", "/etc/passwd", false).await.unwrap_err();
    assert_eq!(refused.to_string(), "Registered locations must be of an allowed type [\"url\"]");
    assert!(running.catalog.add_location(&Principal::Guest, "url", "javascript:alert(1)", false).await.is_err());
    let address =
        running.catalog.add_location(&Principal::Guest, "url", "https://example.com/a.yaml", false).await.unwrap();
    assert_eq!(running.diagnostics(&address.location.entity_ref)[0].code, "location/missing");
    assert_eq!(running.catalog.location_of(&"component:default/a".parse().unwrap()).await.unwrap().id, registered.id);
    let denied = running.catalog.remove_location(&Principal::Guest, &registered.id).await;
    assert!(matches!(denied, Err(ChangeError::Denied(_))));
    running.catalog.remove_location(&Principal::Administrator, &registered.id).await.unwrap();
    assert_eq!(running.refs(), Vec::<String>::new());
    let ids: HashSet<_> = running.catalog.locations().await.unwrap().into_iter().map(|location| location.id).collect();
    assert_eq!(ids, HashSet::from([address.location.id]));
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn files_that_are_watched_are_read_when_they_change() {
    let mut fixture = Fixture::new();
    fixture.config.watch = true;
    fixture.write("catalog/a.yaml", &component("a"));
    let running = fixture.start().await;
    let mut events = running.catalog.events();
    let mut next = async || {
        let event = tokio::time::timeout(std::time::Duration::from_secs(10), events.recv()).await;
        let event = event.expect("the change is noticed").unwrap();
        (event.changed.to_vec(), event.removed.to_vec())
    };
    // The same size, and within the same moment.
    fixture.write("catalog/a.yaml", &component("a").replace("service", "library"));
    assert_eq!(next().await.0, ["component:default/a".into()]);
    fixture.write("catalog/new/b.yaml", &component("b"));
    assert_eq!(next().await.0, ["component:default/b".into()]);
    fixture.remove("catalog/a.yaml");
    assert_eq!(next().await.1, ["component:default/a"]);
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn orphans_are_marked_and_stay_or_go_after_a_while() {
    const ORPHAN: &str = "backstage.io/orphan";
    let mut fixture = Fixture::new();
    fixture.config.orphans = Orphans::Keep;
    fixture.write("catalog/a.yaml", &documents(["a", "b"].map(component)));
    let running = fixture.start().await;
    let uid = running.entity("component:default/b").unwrap()["metadata"]["uid"].clone();
    fixture.write("catalog/a.yaml", &component("a"));
    running.sync().await;
    let orphan = || running.entity("component:default/b").unwrap()["metadata"]["annotations"][ORPHAN].clone();
    assert_eq!((orphan(), running.refs().len()), ("true".into(), 2));
    assert_eq!(running.entity("component:default/b").unwrap()["relations"][0]["type"], "ownedBy");
    let written = running.store.changes();
    running.sync().await;
    assert_eq!(running.store.changes(), written);
    running.stop().await;
    // Whoever leads to it again has it back.
    let running = fixture.start().await;
    let orphan = || running.entity("component:default/b").unwrap()["metadata"]["annotations"][ORPHAN].clone();
    assert_eq!(orphan(), "true");
    fixture.write("catalog/new.yaml", &component("b"));
    running.sync().await;
    assert_eq!(orphan(), serde_json::Value::Null);
    assert_eq!(running.entity("component:default/b").unwrap()["metadata"]["uid"], uid);
    fixture.remove("catalog/new.yaml");
    running.sync().await;
    assert_eq!(orphan(), "true");
    running.stop().await;
    // A while is a while, and none is none.
    fixture.config.orphans = Orphans::Delete { after: std::time::Duration::from_secs(3600) };
    let running = fixture.start().await;
    assert_eq!(running.refs().len(), 2);
    running.stop().await;
    fixture.config.orphans = Orphans::default();
    let running = fixture.start().await;
    assert_eq!(running.refs(), ["component:default/a"]);
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_catalog_that_was_left_for_a_quick_start_goes_on_as_it_was() {
    let mut fixture = Fixture::new();
    let cache = fixture.path("cache");
    fixture.config.cache = Some(cache.clone());
    fixture.write("catalog/a.yaml", &documents(["a", "b", "c"].map(component)));
    fixture.write("catalog/broken.yaml", &component("x").replace("owner", "owners"));
    let location = fixture.location_ref("catalog");
    let all = |running: &super::Running| {
        let texts = running.refs().iter().map(|entity_ref| running.entity(entity_ref)).collect::<Vec<_>>();
        (texts, lines(&running.diagnostics(&location)), running.entity(&location))
    };
    let running = fixture.start().await;
    let before = all(&running);
    running.catalog.save().await;
    assert!(crate::ingest::restore(&running.store, &cache).is_some());
    running.stop().await;

    let running = fixture.start().await;
    assert_eq!((running.store.changes(), all(&running)), (0, before));
    fixture.write("catalog/a.yaml", &documents(["a", "b"].map(component)));
    running.sync().await;
    // As after an end without any warning: what was left is of an earlier content, and is not used.
    assert!(crate::ingest::restore(&running.store, &cache).is_none());
    running.stop().await;
    let running = fixture.start().await;
    assert_eq!(running.refs(), ["component:default/a", "component:default/b"]);
    running.stop().await;
}
