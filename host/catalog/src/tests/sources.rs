//! What is read from where, and what is said of what cannot be.

use serde_json::json;

use super::{Fixture, component, documents, lines};
use crate::{Rule, check};

#[tokio::test(flavor = "multi_thread")]
async fn a_broken_document_costs_only_itself() {
    let fixture = Fixture::new();
    let mut texts: Vec<String> = (0..10).map(|number| component(&format!("c{number}"))).collect();
    texts[4] = texts[4].replace("metadata:\n", "metadata: [\n");
    fixture.write("catalog/ten.yaml", &documents(texts));
    let running = fixture.start().await;
    assert_eq!(running.refs().len(), 9);
    let found = running.diagnostics(&fixture.location_ref("catalog"));
    assert_eq!(found.len(), 1, "{found:?}");
    let place = found[0].place.as_ref().unwrap();
    assert!(place.file.as_ref().unwrap().ends_with("catalog/ten.yaml"));
    assert!((40..=45).contains(&place.line), "{place}");
    let location = running.entity(&fixture.location_ref("catalog")).unwrap();
    assert_eq!(location["status"]["items"][0]["type"], "backstage.io/catalog-processing");
    assert_eq!(location["status"]["items"][0]["level"], "error");
    let checked = check(&[fixture.path("catalog/ten.yaml")]);
    assert_eq!((checked.entities, checked.files), (9, 1));
    let errors: Vec<_> =
        checked.diagnostics.iter().filter(|diagnostic| diagnostic.severity == host_model::Severity::Error).collect();
    assert_eq!(errors, [&found[0]]);
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn entities_say_where_they_came_from() {
    let fixture = Fixture::new();
    fixture.write("catalog/all.yaml", "apiVersion: backstage.io/v1alpha1\nkind: Location\nmetadata:\n  name: all\nspec:\n  targets:\n    - ./one/*.yaml\n    - missing.yaml\n    - /etc/passwd\n    - https://forbidden/catalog-info.yaml\n    - ./all.yaml\n");
    fixture.write(
        "catalog/one/a.yaml",
        &component("a").replace("name: a", "name: a\n  uid: x\n  annotations:\n    example.com/b: c"),
    );
    let mut fixture = fixture;
    fixture.config.locations = vec![fixture.location("catalog/all.yaml")];
    let running = fixture.start().await;
    assert_eq!(running.refs(), ["component:default/a", "location:default/all"]);
    let entity = running.entity("component:default/a").unwrap();
    let file = |name: &str| format!("file:{}", fixture.path(name).display());
    assert_eq!(
        entity["metadata"]["annotations"],
        json!({
            "backstage.io/managed-by-location": file("catalog/one/a.yaml"),
            "backstage.io/managed-by-origin-location": file("catalog/all.yaml"),
            "example.com/b": "c"
        })
    );
    assert_eq!(entity["relations"], json!([{"type": "ownedBy", "targetRef": "group:default/shop"}]));
    assert_ne!(entity["metadata"]["uid"], "x");
    let keys: Vec<_> = entity.as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(keys, ["metadata", "apiVersion", "kind", "spec", "relations"]);
    let ancestry = running.catalog.ancestry(&"component:default/a".parse().unwrap()).unwrap();
    let parents: Vec<_> = ancestry.iter().map(|item| item.parents.first().map(ToString::to_string)).collect();
    assert_eq!(parents, [Some("location:default/all".into()), Some(fixture.location_ref("catalog/all.yaml")), None]);
    let found = lines(&running.diagnostics("location:default/all"));
    assert_eq!(found.len(), 3, "{found:#?}");
    assert!(found[0].contains("location/missing all.yaml:8:7"), "{found:#?}");
    assert!(found[1].contains("location/outside all.yaml:9:7 /etc/passwd lies outside"), "{found:#?}");
    assert!(found[2].contains("error location/not-allowed all.yaml:10:7"), "{found:#?}");
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn rules_keep_kinds_out_and_say_how_to_let_them_in() {
    let mut fixture = Fixture::new();
    let group = "apiVersion: backstage.io/v1alpha1\nkind: Group\nmetadata:\n  name: shop\nspec:\n  type: team\n  children: []\n";
    fixture.write("catalog/shop.yaml", group);
    fixture.write("org/ops.yaml", &group.replace("shop", "ops"));
    fixture.config.rules = Rule::defaults();
    let mut org = fixture.location("org/*.yaml");
    org.rules = vec![Rule::allow(&["Group"])];
    fixture.config.locations.push(org);
    let running = fixture.start().await;
    assert_eq!(running.refs(), ["group:default/ops"]);
    let found = running.diagnostics(&fixture.location_ref("catalog"));
    assert_eq!(found[0].code, "entity/rule");
    assert!(found[0].hint.as_ref().unwrap().contains("`- allow: [Group]` to catalog.rules"), "{found:?}");
    assert_eq!(found[0].place.as_ref().map(|place| (place.line, place.column)), Some((2, 7)));
    running.stop().await;
    // The line that the message shows does it, and files that did not change are read again for it.
    fixture.config.rules.push(Rule::allow(&["Group"]));
    let running = fixture.start().await;
    assert_eq!(running.refs(), ["group:default/ops", "group:default/shop"]);
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn placeholders_read_files_of_the_folder_only() {
    let fixture = Fixture::new();
    let api = |name: &str, definition: &str| {
        format!(
            "apiVersion: backstage.io/v1alpha1\nkind: API\nmetadata:\n  name: {name}\nspec:\n  type: openapi\n  lifecycle: production\n  owner: shop\n  definition:\n    {definition}\n"
        )
    };
    fixture.write("secret.txt", "secret");
    fixture.write("catalog/spec/a.txt", "openapi: 3.0.0\n");
    std::os::unix::fs::symlink(fixture.path("secret.txt"), fixture.path("catalog/link.txt")).unwrap();
    fixture.write(
        "catalog/apis.yaml",
        &documents([
            api("good", "$text: ./spec/a.txt"),
            api("up", "$text: ../secret.txt"),
            api("link", "$text: ./link.txt"),
            api("absolute", "$text: /etc/hostname"),
            api("gone", "$text: ./gone.txt"),
            api("address", "$text: https://forbidden/a.yaml"),
        ]),
    );
    let running = fixture.start().await;
    assert_eq!(running.refs(), ["api:default/good"]);
    assert_eq!(running.entity("api:default/good").unwrap()["spec"]["definition"], "openapi: 3.0.0\n");
    let found = lines(&running.diagnostics(&fixture.location_ref("catalog")));
    let codes: Vec<_> = found.iter().map(|line| line.split(' ').nth(1).unwrap()).collect();
    let (outside, unreadable) = ("placeholder/outside", "placeholder/unreadable");
    assert_eq!(codes, [outside, outside, outside, unreadable, outside], "{found:#?}");
    assert!(found[0].contains("apis.yaml:21:12 $text: "), "{found:#?}");
    assert!(found[0].contains("/secret.txt lies outside"), "{found:#?}");
    assert!(!found.iter().any(|line| line.contains("secret\n")));
    // What is included is part of the source.
    fixture.write("catalog/spec/a.txt", "openapi: 3.1.0, and longer\n");
    running.sync().await;
    assert_eq!(running.entity("api:default/good").unwrap()["spec"]["definition"], "openapi: 3.1.0, and longer\n");
    // So is what could not be included yet.
    fixture.write("catalog/gone.txt", "openapi: 3.0.0\n");
    running.sync().await;
    assert_eq!(running.refs(), ["api:default/gone", "api:default/good"]);
    let written = running.store.changes();
    running.sync().await;
    assert_eq!(running.store.changes(), written);
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_folder_passes_over_what_is_not_meant_for_it() {
    let fixture = Fixture::new();
    fixture.write("catalog/catalog-info.yaml", "kind: [\n");
    fixture.write("catalog/openapi.yaml", "openapi: 3.0.0\ninfo: {}\n");
    fixture.write("catalog/deploy.yaml", "apiVersion: apps/v1\nkind: Deployment\n");
    fixture.write("catalog/broken.yaml", "apiVersion: backstage.io/v1alpha1\nkind: Component\nmetadata: {\n");
    fixture.write("catalog/list.yaml", "- kind\n");
    let running = fixture.start().await;
    let found = lines(&running.diagnostics(&fixture.location_ref("catalog")));
    assert_eq!(found.len(), 2, "{found:#?}");
    assert!(found[0].contains("broken.yaml") && found[1].contains("catalog-info.yaml"), "{found:#?}");
    running.stop().await;
}

#[test]
fn a_check_tells_conflicts_and_references() {
    let fixture = Fixture::new();
    fixture.write("catalog/a.yaml", &component("a"));
    fixture.write("catalog/b.yaml", &component("a"));
    let report = check(&[fixture.path("catalog")]);
    let found = lines(&report.diagnostics);
    let unresolved = |file: &str| {
        format!("info entity/unresolved {file}:8:10 group:default/shop is not among the files that were checked")
    };
    assert_eq!(found.len(), 3, "{found:#?}");
    assert_eq!((&found[0], &found[2]), (&unresolved("a.yaml"), &unresolved("b.yaml")));
    assert!(
        found[1].starts_with("warning entity/conflict b.yaml:4:9 component:default/a is already defined"),
        "{found:#?}"
    );
    let missing = lines(&check(&[fixture.path("none.yaml")]).diagnostics);
    assert!(missing[0].starts_with("error location/missing none.yaml:1:1"), "{missing:?}");
}
