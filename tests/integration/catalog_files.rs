//! Descriptors on disk: what is read, what is reported, and what happens when they change.

use callboard_tests::{TestPortal, eventually};
use rusqlite::Connection;
use serde_json::Value;

use crate::support::{component, documents, group};

/// Ten documents of which the fourth is broken on its seventh line.
fn ten_with_one_broken() -> (String, usize) {
    let broken = "apiVersion: backstage.io/v1alpha1\nkind: Component\nmetadata:\n  name: broken\n  tags: [a, b\nspec:\n  type: \
                  service\n";
    let mut list: Vec<String> = (0..9).map(|index| component(&format!("good-{index}"), &[])).collect();
    list.insert(3, broken.to_owned());
    let line = list[..3].iter().map(|text| text.lines().count() + 1).sum::<usize>() + 1;
    (documents(&list), line)
}

#[tokio::test]
async fn one_broken_document_of_ten_costs_itself_and_nothing_else() {
    let (text, first_line) = ten_with_one_broken();
    let portal = TestPortal::builder().catalog_file("ten.yaml", &text).start().await;
    assert_eq!(portal.references("filter=kind=component").await.len(), 9);

    let problems = portal.problems().await;
    assert_eq!(problems.len(), 1, "{problems:#?}");
    let problem = &problems[0];
    assert_eq!(problem["severity"], "error");
    assert!(problem["message"].as_str().is_some_and(|message| message.len() > 10), "{problem}");
    let place = &problem["place"];
    assert!(place["file"].as_str().unwrap().ends_with("ten.yaml"), "{problem}");
    let line = place["line"].as_u64().unwrap();
    let lines = first_line as u64..first_line as u64 + 8;
    assert!(lines.contains(&line), "line {line} is not in {lines:?}: {problem}");
    assert!(place["column"].as_u64().unwrap() >= 1);
}

#[tokio::test]
async fn the_page_of_the_location_shows_what_is_wrong_below_it() {
    let (text, _) = ten_with_one_broken();
    let portal = TestPortal::builder().catalog_file("ten.yaml", &text).start().await;
    let locations = portal.references("filter=kind=location").await;
    assert_eq!(locations.len(), 1, "the configured location is an entity: {locations:?}");
    let problem = portal.problems().await.remove(0);
    let place = &problem["place"];
    let page = portal.page(&format!("/catalog/{}", callboard_tests::portal::path(&locations[0]))).await;
    let page = format!(
        "{page}{}",
        portal.page(&format!("/catalog/{}/problems", callboard_tests::portal::path(&locations[0]))).await
    );
    let shown = format!("{}:{}", place["line"], place["column"]);
    assert!(page.contains("ten.yaml"), "the file is not named");
    assert!(page.contains(&shown), "{shown} is not shown");
}

#[tokio::test]
async fn every_kind_of_wrong_descriptor_is_named_with_its_place() {
    let cases = [
        ("kind: Component\nmetadata: { name: a }\nspec: {}\n", "apiVersion"),
        ("apiVersion: backstage.io/v1alpha1\nmetadata: { name: a }\nspec: {}\n", "kind"),
        (
            "apiVersion: backstage.io/v1alpha1\nkind: Component\nmetadata: { name: 'a b' }\nspec: { type: x, lifecycle: y, owner: z }\n",
            "name",
        ),
        (
            "apiVersion: backstage.io/v1alpha1\nkind: Component\nmetadata: { name: a }\nspec: { type: 7, lifecycle: y, owner: z }\n",
            "type",
        ),
        (
            "apiVersion: backstage.io/v1alpha1\nkind: Component\nmetadata: { name: a }\nspec: { type: x, lifecycle: y }\n",
            "owner",
        ),
        (
            "apiVersion: backstage.io/v1alpha1\nkind: Component\nmetadata: { name: a, tags: ['Bad Tag'] }\nspec: { type: x, lifecycle: y, owner: z }\n",
            "tag",
        ),
        ("just text\n", "mapping"),
        ("[1, 2]\n", "mapping"),
        ("a: &x [*x]\n", "yaml"),
        ("\u{0}\u{1}\u{2}", "yaml"),
    ];
    let mut builder = TestPortal::builder().catalog_file("good.yaml", &component("good", &[]));
    for (index, (text, _)) in cases.iter().enumerate() {
        builder = builder.catalog_file(&format!("case-{index}.yaml"), text);
    }
    let portal = builder.start().await;
    assert_eq!(portal.references("filter=kind=component").await, ["component:default/good"]);
    let problems = portal.problems().await;
    for (index, (text, expected)) in cases.iter().enumerate() {
        let file = format!("case-{index}.yaml");
        let of_file = |problem: &&Value| problem["place"]["file"].as_str().is_some_and(|name| name.ends_with(&file));
        let mut found = problems.iter().filter(of_file).peekable();
        assert!(found.peek().is_some(), "nothing is said of {text:?}");
        assert!(
            found.any(|problem| problem.to_string().to_lowercase().contains(&expected.to_lowercase())),
            "{expected} is not named for {text:?}: {problems:#?}"
        );
    }
}

#[tokio::test]
async fn a_kind_that_the_rules_refuse_says_which_line_to_add() {
    let portal = TestPortal::builder()
        .config("catalog: { rules: [{ allow: [Component, API, Location] }] }")
        .catalog_file("a.yaml", &documents(&[component("a", &[]), group("crew")]))
        .start()
        .await;
    assert_eq!(portal.references("filter=kind=component&filter=kind=group").await, ["component:default/a"]);
    let problems = portal.problems().await;
    let text = serde_json::to_string(&problems).unwrap();
    assert!(text.contains("Group") && text.contains("allow"), "{text}");
}

#[tokio::test]
async fn files_that_change_appear_and_vanish_are_followed() {
    let portal = TestPortal::builder().catalog_file("a.yaml", &component("a", &[])).start().await;
    portal.entity("component:default/a").await.unwrap();

    portal.write_catalog_file("a.yaml", &component("a", &[("example.com/changed", "yes")]));
    portal
        .entity_when("component:default/a", "the changed annotation", |entity| {
            entity["metadata"]["annotations"]["example.com/changed"] == "yes"
        })
        .await;

    portal.write_catalog_file("b.yaml", &component("b", &[]));
    portal.entity_when("component:default/b", "to appear", |_| true).await;

    portal.write_catalog_file("b.yaml", "kind: [");
    eventually("the complaint about b.yaml", async || (!portal.problems().await.is_empty()).then_some(())).await;

    portal.write_catalog_file("b.yaml", &component("b2", &[]));
    portal.entity_when("component:default/b2", "to appear", |_| true).await;
    eventually("b to go, and the complaint with it", async || {
        let gone = portal.entity("component:default/b").await.is_none();
        (gone && portal.problems().await.is_empty()).then_some(())
    })
    .await;

    std::fs::remove_file(portal.catalog().join("b.yaml")).unwrap();
    eventually("b2 to go", async || portal.entity("component:default/b2").await.is_none().then_some(())).await;
    assert!(portal.entity("component:default/a").await.is_some());
}

/// A figure of `/metrics`, added up over its labels.
async fn figure(portal: &TestPortal, start: &str) -> f64 {
    let metrics = portal.page("/metrics").await;
    let lines = metrics.lines().filter(|line| line.starts_with(start));
    lines.filter_map(|line| line.rsplit_once(' ')?.1.parse::<f64>().ok()).sum()
}

#[tokio::test]
async fn nothing_is_written_when_nothing_changed() {
    const WRITTEN: &str = "callboard_catalog_entities_written_total";
    const UNCHANGED: &str = "callboard_catalog_ingestions_total{outcome=\"unchanged\"";
    let text: Vec<String> = (0..50).map(|index| component(&format!("c{index}"), &[])).collect();
    let mut portal = TestPortal::builder().catalog_file("a.yaml", &text.join("---\n")).start().await;
    let entity = portal.entity("component:default/c7").await.unwrap();
    assert!(figure(&portal, WRITTEN).await >= 50.0);

    // The pass that follows when all plugins have come has ended.
    eventually("a pass without changes", async || (figure(&portal, UNCHANGED).await >= 1.0).then_some(())).await;
    // SQLite counts the changes that others make.
    let database = Connection::open(portal.data().join("callboard.db")).unwrap();
    let version = || -> i64 { database.query_row("PRAGMA data_version", [], |row| row.get(0)).unwrap() };
    let (before, unchanged) = (version(), figure(&portal, UNCHANGED).await);
    portal.write_catalog_file("a.yaml", &text.join("---\n"));
    eventually("the file to be read again", async || (figure(&portal, UNCHANGED).await > unchanged).then_some(()))
        .await;
    assert_eq!(version(), before, "something was written to the database");
    drop(database);

    // Asked for, it is the same; and what else changes is all that is written.
    let written = figure(&portal, WRITTEN).await;
    let refresh = serde_json::json!({ "entityRef": "component:default/c7" });
    assert_eq!(portal.post("/api/catalog/refresh", &refresh).await.status, 200);
    portal.write_catalog_file("b.yaml", &component("other", &[]));
    portal.entity_when("component:default/other", "to appear", |_| true).await;
    let more = figure(&portal, WRITTEN).await - written;
    assert!(more <= 2.0, "{more} entities were written although one was new");
    assert_eq!(portal.entity("component:default/c7").await.unwrap(), entity);

    // A second start writes nothing either.
    assert_eq!(portal.terminate().code, Some(0));
    portal.start_again().await;
    assert_eq!(portal.entity("component:default/c7").await.unwrap(), entity);
    assert!(figure(&portal, WRITTEN).await < 1.0);
}

#[tokio::test]
async fn locations_point_on_to_files_and_folders_and_placeholders_bring_text() {
    let location = "apiVersion: backstage.io/v1alpha1\nkind: Location\nmetadata: { name: all }\nspec:\n  type: file\n  \
                    targets: [./parts/one.yaml, ./parts/deep/*.yaml, ./parts/missing.yaml]\n";
    let api = |name: &str, definition: &str| {
        format!(
            "apiVersion: backstage.io/v1alpha1\nkind: API\nmetadata: {{ name: {name} }}\nspec:\n  type: openapi\n  lifecycle: \
             production\n  owner: crew\n  definition: {definition}\n"
        )
    };
    let portal = TestPortal::builder()
        .catalog_file("all.yaml", location)
        .file("catalog/parts/one.yaml", component("one", &[]))
        .file("catalog/parts/deep/two.yaml", component("two", &[]))
        .file(
            "catalog/parts/deep/apis.yaml",
            documents(&[
                api("text", "{ $text: ../spec.yaml }"),
                api("outside", "{ $text: ../../../../../../../../etc/hostname }"),
                api("gone", "{ $text: ./nowhere.yaml }"),
            ]),
        )
        .file("catalog/parts/spec.yaml", "openapi: 3.0.3\ninfo: { title: T, version: 1.0.0 }\npaths: {}\n")
        .start()
        .await;
    assert_eq!(portal.references("filter=kind=component").await, ["component:default/one", "component:default/two"]);
    let text = portal.entity("api:default/text").await.unwrap();
    assert!(text["spec"]["definition"].as_str().unwrap().starts_with("openapi: 3.0.3"), "{text}");
    let problems = serde_json::to_string(&portal.problems().await).unwrap();
    assert!(problems.contains("missing.yaml"), "{problems}");
    assert!(problems.contains("nowhere.yaml"), "{problems}");
    // A change of what a placeholder brings is a change of the entity.
    std::fs::write(
        portal.catalog().join("parts/spec.yaml"),
        "openapi: 3.0.3\ninfo: { title: T, version: 2.0.0 }\npaths: {}\n",
    )
    .unwrap();
    let refresh = serde_json::json!({ "entityRef": "api:default/text" });
    assert_eq!(portal.post("/api/catalog/refresh", &refresh).await.status, 200);
    portal
        .entity_when("api:default/text", "the new definition", |entity| {
            entity["spec"]["definition"].as_str().is_some_and(|text| text.contains("2.0.0"))
        })
        .await;
}

#[tokio::test]
async fn two_files_with_one_name_conflict_and_say_so() {
    let portal = TestPortal::builder()
        .catalog_file("a.yaml", &component("twin", &[("example.com/from", "a")]))
        .catalog_file("b.yaml", &component("twin", &[("example.com/from", "b")]))
        .start()
        .await;
    assert!(portal.entity("component:default/twin").await.is_some());
    let problems = portal.problems().await;
    let text = serde_json::to_string(&problems).unwrap();
    assert!(problems.len() == 1 && text.contains("twin"), "{problems:#?}");
}

#[tokio::test]
async fn bombs_and_giants_are_refused_with_a_reason() {
    let mut bomb = String::from("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
    for level in 1..12 {
        let previous = level - 1;
        bomb.push_str(&format!("a{level}: &a{level} [{}]\n", vec![format!("*a{previous}"); 10].join(", ")));
    }
    let deep = format!("a: {}1{}\n", "[".repeat(50_000), "]".repeat(50_000));
    let portal = TestPortal::builder()
        .catalog_file("good.yaml", &component("good", &[]))
        .catalog_file("bomb.yaml", &bomb)
        .catalog_file("deep.yaml", &deep)
        .start()
        .await;
    assert_eq!(portal.references("filter=kind=component").await, ["component:default/good"]);
    let problems = portal.problems().await;
    for file in ["bomb.yaml", "deep.yaml"] {
        assert!(
            problems.iter().any(|problem| problem["place"]["file"].as_str().is_some_and(|name| name.ends_with(file))),
            "{file}: {problems:#?}"
        );
    }
}
