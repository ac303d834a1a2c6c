//! Kinds that descriptors declare: from the configuration, in the catalog, changed, broken and gone, without a restart.

use serde_json::{Value, json};

use super::{Fixture, Running, documents, lines};
use crate::{ConfiguredLocation, Rule, check};

/// The example of KINDS.md, which is tested by being used here.
fn example(number: usize) -> String {
    let text = include_str!("../../KINDS.md");
    let block = text.split("```yaml\n").nth(number + 1).unwrap();
    block.split("```").next().unwrap().to_owned()
}

fn fixture(rules: &[&str]) -> Fixture {
    let mut fixture = Fixture::new();
    fixture.config.rules.push(Rule::allow(rules));
    fixture
}

fn relations(running: &Running, entity_ref: &str) -> Vec<(String, String)> {
    let entity = running.entity(entity_ref).unwrap();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let relation = |relation: &Value| (text(&relation["type"]), text(&relation["targetRef"]));
    entity["relations"].as_array().unwrap().iter().map(relation).collect()
}

fn squad(name: &str, chapter: &str) -> String {
    format!(
        "apiVersion: acme.example/v1\nkind: Squad\nmetadata:\n  name: {name}\nspec:\n  owner: shop\n  chapter: {chapter}\n"
    )
}

fn declaration(schema: &str) -> String {
    format!(
        "apiVersion: callboard.dev/v1alpha1\nkind: Kind\nmetadata:\n  name: squad\nspec:\n  group: acme.example\n  names:\n    kind: Squad\n  versions:\n    - name: v1\n      relationFields:\n        - selector: {{ path: spec.owner }}\n          relation: ownedBy\n          defaultKind: Group\n      schema:\n        jsonSchema:\n          properties:\n            spec:\n              properties:\n                chapter:\n                  {schema}\n"
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn the_example_works_as_it_is_written() {
    let fixture = fixture(&["Kind", "RelationPair", "Machine"]);
    fixture.write("catalog/kinds.yaml", &example(0));
    fixture.write("catalog/machine.yaml", &example(1));
    let running = fixture.start().await;
    let found = lines(&running.diagnostics(&fixture.location_ref("catalog")));
    assert_eq!(found, Vec::<String>::new());
    assert_eq!(
        relations(&running, "machine:default/press-1"),
        [
            ("controls".to_owned(), "machine:default/conveyor-3".to_owned()),
            ("ownedBy".to_owned(), "group:default/shop-floor".to_owned()),
        ]
    );
    assert_eq!(
        relations(&running, "machine:default/conveyor-3"),
        [
            ("controlledBy".to_owned(), "machine:default/press-1".to_owned()),
            ("ownedBy".to_owned(), "group:default/shop-floor".to_owned()),
        ]
    );
    running.stop().await;
    let report = check(&[fixture.path("catalog")]);
    assert_eq!((report.files, report.entities), (2, 4), "{:#?}", report.diagnostics);
    assert!(report.diagnostics.iter().all(|found| found.code == "entity/unresolved"), "{:#?}", report.diagnostics);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_declaration_is_followed_without_a_restart() {
    let fixture = fixture(&["Kind", "Squad"]);
    fixture.write("catalog/squads.yaml", &documents([squad("a", "web"), squad("b", "3")]));
    let running = fixture.start().await;
    assert_eq!(running.refs(), Vec::<String>::new());

    // Declared: both are read, although their file did not change.
    fixture.write("catalog/squad.yaml", &declaration("minLength: 1"));
    running.sync().await;
    assert_eq!(running.refs(), ["kind:default/squad", "squad:default/a", "squad:default/b"]);
    assert_eq!(relations(&running, "squad:default/a")[0].1, "group:default/shop");
    let written = running.store.changes();
    running.sync().await;
    assert_eq!(running.store.changes(), written, "a pass without a change writes nothing");

    // Changed: what does not fit keeps its last good version and says why, where it is written.
    fixture.write("catalog/squad.yaml", &declaration("type: string"));
    running.sync().await;
    assert_eq!(running.refs().len(), 3);
    assert_eq!(
        lines(&running.diagnostics("squad:default/b")),
        ["error entity/schema squads.yaml:15:12 spec.chapter must be text"]
    );
    assert_eq!(lines(&running.diagnostics("squad:default/a")), Vec::<String>::new());
    running.stop().await;

    // The same after a restart, and the other way round.
    let running = fixture.start().await;
    assert_eq!(lines(&running.diagnostics("squad:default/b")).len(), 1);
    fixture.write("catalog/squad.yaml", &declaration("type: [string, integer]"));
    running.sync().await;
    assert_eq!(lines(&running.diagnostics("squad:default/b")), Vec::<String>::new());

    // Broken: its last good version holds, and entities say so.
    fixture.write("catalog/squad.yaml", &declaration("type: nonsense"));
    running.sync().await;
    let found = lines(&running.diagnostics("kind:default/squad"));
    assert!(found[0].starts_with("error kind/schema squad.yaml:21:25 "), "{found:#?}");
    let found = lines(&running.diagnostics("squad:default/a"));
    assert!(
        found[0].starts_with("warning kind/declaration squads.yaml:2:7 the declaration of kind Squad has errors"),
        "{found:#?}"
    );
    assert!(found[0].contains("squad.yaml:21:25"), "{found:#?}");

    // Gone: entities keep their last good version, with an error.
    fixture.remove("catalog/squad.yaml");
    running.sync().await;
    assert_eq!(running.refs(), ["squad:default/a", "squad:default/b"]);
    let found = lines(&running.diagnostics("squad:default/a"));
    assert!(found[0].starts_with("error entity/unknown-kind squads.yaml:2:7 kind Squad is not known"), "{found:#?}");
    assert_eq!(running.entity("squad:default/a").unwrap()["status"]["items"][0]["level"], "error");

    // And back.
    fixture.write("catalog/squad.yaml", &declaration("type: [string, integer]"));
    running.sync().await;
    assert_eq!(lines(&running.diagnostics("squad:default/a")), Vec::<String>::new());
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn rules_hold_for_declarations_and_for_what_they_declare() {
    let mut fixture = Fixture::new();
    fixture.write("catalog/squads.yaml", &squad("a", "web"));
    fixture.write("catalog/squad.yaml", &declaration("type: string"));
    let running = fixture.start().await;
    assert_eq!(running.refs(), Vec::<String>::new());
    let found = running.diagnostics(&fixture.location_ref("catalog"));
    let told = lines(&found);
    assert!(
        told[0]
            .starts_with("error entity/rule squad.yaml:2:7 the rules do not allow Kind kind:default/squad from file:")
    );
    assert!(found[0].hint.as_ref().unwrap().contains("`- allow: [Kind]`"));
    assert!(told[1].starts_with("error entity/unknown-kind squads.yaml:2:7"), "{told:#?}");
    assert!(found[1].hint.as_ref().unwrap().contains("squad.yaml:2:7"), "{:?}", found[1].hint);
    running.stop().await;

    // Declared by the configuration, from outside the catalog's folder.
    fixture.remove("catalog/squad.yaml");
    fixture.write("kinds/squad.yaml", &declaration("type: string"));
    fixture
        .config
        .locations
        .insert(0, ConfiguredLocation { rules: vec![Rule::allow(&["Kind"])], ..fixture.location("kinds/squad.yaml") });
    let running = fixture.start().await;
    assert_eq!(running.refs(), ["kind:default/squad"]);
    let found = lines(&running.diagnostics(&fixture.location_ref("catalog")));
    assert!(found[0].contains("the rules do not allow Squad squad:default/a"), "{found:#?}");
    running.stop().await;
    fixture.config.rules.push(Rule::allow(&["squad"]));
    let running = fixture.start().await;
    assert_eq!(running.refs(), ["kind:default/squad", "squad:default/a"]);

    // Asked without a file, the same holds.
    let entity =
        json!({"apiVersion": "acme.example/v1", "kind": "Squad", "metadata": {"name": "c"}, "spec": {"chapter": 1}});
    let found = running.catalog.validate_entity(&entity, "url:https://acme.example/c.yaml");
    assert_eq!(found[0].message, "spec.chapter must be text");
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_pair_shows_at_both_ends_of_what_was_read_before() {
    let fixture = fixture(&["Kind", "RelationPair", "Squad"]);
    let declaration = declaration("type: string").replace("ownedBy", "sponsoredBy");
    fixture.write("catalog/squad.yaml", &declaration);
    fixture.write("catalog/a.yaml", &documents([squad("a", "web"), super::component("c")]));
    fixture.write("catalog/org.yaml", "apiVersion: backstage.io/v1alpha1\nkind: Group\nmetadata:\n  name: shop\nspec:\n  type: team\n  children: []\n");
    let running = fixture.start().await;
    let found = lines(&running.diagnostics("kind:default/squad"));
    assert!(
        found[0].starts_with("warning kind/pair squad.yaml:13:21 the relation sponsoredBy is part of no pair"),
        "{found:#?}"
    );
    assert_eq!(relations(&running, "group:default/shop"), [("ownerOf".to_owned(), "component:default/c".to_owned())]);
    fixture.write(
        "catalog/pair.yaml",
        "apiVersion: callboard.dev/v1alpha1\nkind: RelationPair\nmetadata:\n  name: sponsors\nspec:\n  forward: { type: sponsoredBy }\n  reverse: { type: sponsorOf }\n",
    );
    running.sync().await;
    assert_eq!(
        relations(&running, "group:default/shop"),
        [
            ("ownerOf".to_owned(), "component:default/c".to_owned()),
            ("sponsorOf".to_owned(), "squad:default/a".to_owned()),
        ]
    );
    running.stop().await;
    let running = fixture.start().await;
    assert_eq!(relations(&running, "group:default/shop").len(), 2, "the pair is known after a restart");
    running.stop().await;
}
