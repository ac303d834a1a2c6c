//! Plugins that see entities on their way into the catalog.

use callboard_tests::TestPortal;
use serde_json::Value;

use crate::support::{component, documents};

const GRANT_OPENAPI: &str =
    "plugins: { openapi: { grants: { write: [\"metadata.annotations.openapi.callboard.dev/*\"] } } }";
const GRANT_STAMPER: &str =
    "plugins: { stamper: { grants: { write: [\"metadata.annotations.stamper.test/stamp\"] } } }";

const DEFINITION: &str = "\
openapi: 3.0.3
info:
  title: Orders
  version: 2.4.1
servers:
  - url: https://orders.example.com
paths:
  /orders/{id}:
    get:
      operationId: getOrder
      responses:
        '200':
          description: An order
  /orders:
    get:
      operationId: getOrder
      responses:
        '200':
          description: All orders
";

fn api(definition: &str) -> String {
    format!(
        "apiVersion: backstage.io/v1alpha1\nkind: API\nmetadata: {{ name: orders }}\nspec:\n  type: openapi\n  lifecycle: \
         production\n  owner: crew\n  definition:\n    $text: ./{definition}\n"
    )
}

#[tokio::test]
async fn the_openapi_plugin_annotates_and_reports_faults_with_their_place() {
    let portal = TestPortal::builder()
        .config(GRANT_OPENAPI)
        .file("catalog/api.yaml", api("orders.openapi"))
        .file("catalog/orders.openapi", DEFINITION)
        .start()
        .await;
    let entity = portal
        .entity_when("api:default/orders", "annotations of the plugin", |entity| {
            entity["metadata"]["annotations"].to_string().contains("openapi.callboard.dev/")
        })
        .await;
    let annotations = entity["metadata"]["annotations"].to_string();
    assert!(annotations.contains("2.4.1"), "{annotations}");

    let problems: Vec<Value> =
        portal.problems().await.into_iter().filter(|problem| problem["plugin"] == "openapi").collect();
    assert!(problems.len() >= 2, "an operationId used twice, a parameter nobody declared: {problems:#?}");
    for problem in &problems {
        assert_eq!(problem["entityRef"], "api:default/orders", "{problem}");
    }
    let twice = problems.iter().find(|problem| problem["message"].to_string().contains("getOrder")).unwrap();
    // Its place is said, wherever the plugin puts it.
    let line = DEFINITION.lines().position(|line| line.contains("operationId")).unwrap() + 1;
    let second = DEFINITION.lines().enumerate().filter(|(_, line)| line.contains("operationId")).nth(1).unwrap().0 + 1;
    let said = twice.to_string();
    assert!(said.contains(&second.to_string()) || said.contains(&line.to_string()), "no line in {twice:#}");

    let page = portal.page("/catalog/default/api/orders/problems").await;
    assert!(page.contains("getOrder"), "the fault is not on the entity's page");
}

#[tokio::test]
async fn granting_a_processor_later_processes_what_is_there() {
    let portal = TestPortal::builder()
        .config(GRANT_STAMPER)
        .catalog_file("a.yaml", &component("a", &[("stamper.test/please", "yes")]))
        .start()
        .await;
    let entity = portal.entity("component:default/a").await.unwrap();
    assert!(entity["metadata"]["annotations"]["stamper.test/stamp"].is_null());
    portal.drop_plugin("stamper.wasm", &crate::support::wasm("stamper"));
    portal.plugin_in("stamper.wasm", "serving").await;
    portal
        .entity_when("component:default/a", "the stamp", |entity| {
            entity["metadata"]["annotations"]["stamper.test/stamp"] == "seen component:default/a"
        })
        .await;
    // And what it wrote goes with it.
    portal.remove_plugin("stamper.wasm");
    portal
        .entity_when("component:default/a", "no stamp", |entity| {
            entity["metadata"]["annotations"]["stamper.test/stamp"].is_null()
        })
        .await;
}

#[tokio::test]
async fn a_write_that_was_not_declared_is_refused_and_said() {
    let portal = TestPortal::builder()
        .config(GRANT_STAMPER)
        .plugin("stamper")
        .catalog_file("a.yaml", &component("a", &[("stamper.test/please", "yes")]))
        .start()
        .await;
    let entity = portal
        .entity_when("component:default/a", "the stamp", |entity| {
            entity["metadata"]["annotations"]["stamper.test/stamp"].is_string()
        })
        .await;
    assert!(entity["metadata"]["annotations"]["stamper.test/undeclared"].is_null(), "{entity}");
    assert_eq!(entity["spec"]["owner"], "crew", "{entity}");
    let problems = portal.problems().await;
    let said = serde_json::to_string(&problems).unwrap();
    assert!(said.contains("undeclared") && said.contains("owner"), "{problems:#?}");
    assert!(problems.iter().all(|problem| problem["plugin"] == "stamper"), "{problems:#?}");
}

#[tokio::test]
async fn a_processor_that_breaks_costs_its_own_work_only() {
    let list = [
        component("plain", &[]),
        component("trapped", &[("torture.test/processor", "trap")]),
        component("thief", &[("torture.test/processor", "undeclared-write")]),
        component("broken", &[("torture.test/processor", "broken-emit")]),
    ];
    let portal = TestPortal::builder().plugin("torture").catalog_file("a.yaml", &documents(&list)).start().await;
    let names = portal.references("filter=kind=component").await;
    assert_eq!(
        names,
        ["component:default/broken", "component:default/plain", "component:default/thief", "component:default/trapped"],
        "every entity is there"
    );
    let problems = callboard_tests::eventually("what came of the plugin", async || {
        let problems = portal.problems().await;
        let of =
            |name: &str| problems.iter().any(|problem| problem["entityRef"] == format!("component:default/{name}"));
        (of("trapped") && of("broken")).then_some(problems)
    })
    .await;
    assert!(problems.iter().all(|problem| problem["entityRef"] != "component:default/plain"), "{problems:#?}");
    assert!(problems.iter().all(|problem| problem["message"].to_string().len() > 10), "{problems:#?}");
}

#[tokio::test]
async fn processors_that_loop_hog_or_flood_never_stop_ingestion() {
    let list = [
        component("looped", &[("torture.test/processor", "loop")]),
        component("hogged", &[("torture.test/processor", "hog")]),
        component("flooded", &[("torture.test/processor", "huge")]),
        component("plain", &[]),
    ];
    let portal = TestPortal::builder().plugin("torture").catalog_file("a.yaml", &documents(&list)).start().await;
    assert_eq!(portal.references("filter=kind=component").await.len(), 4);
    portal.write_catalog_file("b.yaml", &component("later", &[]));
    portal.entity_when("component:default/later", "to appear", |_| true).await;
    let plugin = portal.plugin_file("torture.wasm").await.unwrap();
    assert!(plugin["faults"].as_u64().unwrap() >= 1, "{plugin}");
}
