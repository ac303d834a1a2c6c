//! The past: versions and what differs between them, the catalog as it was, and where fields come from.

use callboard_tests::web::WebServer;
use callboard_tests::{TestPortal, eventually};
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{component, documents, group};

const OF_A: &str = "/api/catalog/entities/by-name/component/default/a";

fn owned_by(owner: &str) -> String {
    component("a", &[]).replace("owner: crew", &format!("owner: {owner}"))
}

/// The present version's number, once it is another than before.
async fn version_after(portal: &TestPortal, before: u64) -> u64 {
    eventually("the next version", async || {
        let history = portal.get(&format!("{OF_A}/history")).await;
        let newest = history.json()["items"][0]["version"].as_u64()?;
        (newest > before).then_some(newest)
    })
    .await
}

#[tokio::test]
async fn versions_are_told_compared_and_kept_over_restarts() {
    let mut portal = TestPortal::builder().catalog_file("a.yaml", &owned_by("crew")).start().await;
    let first = portal.entity("component:default/a").await.unwrap();
    portal.write_catalog_file("a.yaml", &owned_by("gang"));
    version_after(&portal, 1).await;
    let second = portal.entity("component:default/a").await.unwrap();
    std::fs::remove_file(portal.catalog().join("a.yaml")).unwrap();
    version_after(&portal, 2).await;
    // It is gone, but not forgotten.
    assert_eq!(portal.get(OF_A).await.status, 404);
    portal.write_catalog_file("b.yaml", &owned_by("gang"));
    version_after(&portal, 3).await;
    portal.terminate();
    portal.start_again().await;

    let history = portal.get_json(&format!("{OF_A}/history")).await;
    let items = history["items"].as_array().unwrap();
    let told: Vec<_> =
        items.iter().map(|item| (item["version"].as_u64().unwrap(), item["change"].as_str().unwrap())).collect();
    assert_eq!(told, [(4, "returned"), (3, "removed"), (2, "changed"), (1, "created")], "{history:#}");
    let entity = portal.entity("component:default/a").await.unwrap();
    assert_eq!(items[0]["etag"], entity["metadata"]["etag"]);
    assert_eq!((&items[2]["etag"], &items[3]["etag"]), (&second["metadata"]["etag"], &first["metadata"]["etag"]));
    assert_eq!((&items[0]["current"], &items[1]["current"]), (&json!(true), &json!(false)));
    assert!(
        items[0]["source"].as_str().unwrap().ends_with("b.yaml")
            && items[3]["source"].as_str().unwrap().ends_with("a.yaml")
    );
    assert_eq!(items[2]["cause"]["type"], "source");
    assert!(items.iter().all(|item| item["at"].as_str().is_some_and(|at| at.ends_with('Z'))), "{history:#}");
    assert!(history["keptSince"].is_string());

    let page = portal.get_json(&format!("{OF_A}/history?limit=2")).await;
    assert_eq!((page["items"].as_array().unwrap().len(), &page["next"]), (2, &json!(3)));
    let rest = portal.get_json(&format!("{OF_A}/history?before=3&limit=9")).await;
    assert_eq!((rest["items"][0]["version"].as_u64(), &rest["next"]), (Some(2), &Value::Null));

    let version = portal.get_json(&format!("{OF_A}/history/1")).await;
    assert_eq!((&version["entity"]["spec"]["owner"], &version["change"]), (&json!("crew"), &json!("created")));
    assert_eq!(version["entity"]["relations"], json!([{ "type": "ownedBy", "targetRef": "group:default/crew" }]));
    assert_eq!(version["entity"]["metadata"]["uid"], first["metadata"]["uid"]);
    assert_eq!(portal.get_json(&format!("{OF_A}/history/3")).await["entity"], Value::Null);

    let diff = portal.get_json(&format!("{OF_A}/diff?from=1&to=2")).await;
    let changes = diff["changes"].as_array().unwrap();
    assert_eq!(changes[0], json!({ "pointer": "/spec/owner", "change": "changed", "from": "crew", "to": "gang" }));
    let pointers: Vec<_> = changes.iter().map(|change| change["pointer"].as_str().unwrap()).collect();
    assert_eq!(pointers[1..], ["/relations/ownedBy/group:default~1crew", "/relations/ownedBy/group:default~1gang"]);
    assert_eq!(
        (&diff["from"]["version"], &diff["to"]["version"], &diff["truncated"]),
        (&json!(1), &json!(2), &json!(false))
    );
    // Without saying which, the last two: a removal and a return.
    let first = portal.get(&format!("{OF_A}/diff?to=1")).await.json_of(404);
    assert!(first["error"]["message"].as_str().unwrap().contains("none before it"), "{first}");
    let last = portal.get_json(&format!("{OF_A}/diff")).await;
    assert_eq!((&last["from"]["version"], &last["to"]["version"]), (&json!(3), &json!(4)));
}

#[tokio::test]
async fn what_is_not_there_or_makes_no_sense_is_said() {
    let portal = TestPortal::builder().catalog_file("a.yaml", &owned_by("crew")).start().await;
    for (path, status, says) in [
        (format!("{OF_A}/history/9"), 404, "version 9"),
        (format!("{OF_A}/history/x"), 400, "integer"),
        (format!("{OF_A}/history?limit=x"), 400, "limit"),
        (format!("{OF_A}/diff"), 404, "only one"),
        (format!("{OF_A}/diff?to=0"), 404, "no version 0"),
        (format!("{OF_A}/diff?from=1&to=7"), 404, "version 7"),
        ("/api/catalog/entities/by-name/component/default/none/history".to_owned(), 404, "none"),
        ("/api/catalog/entities/by-name/component/default/none/provenance".to_owned(), 404, "none"),
        (format!("{OF_A}?asOf=yesterday"), 400, "2026-01-31T12:00:00Z"),
        (format!("{OF_A}?asOf=1999-01-01T00:00:00Z"), 400, "known since"),
        (format!("{OF_A}/history?asOf=2999-01-01T00:00:00Z"), 400, "leave asOf out"),
        ("/api/catalog/locations?asOf=2999-01-01T00:00:00Z".to_owned(), 400, "leave asOf out"),
    ] {
        let answer = portal.get(&path).await;
        let body = answer.json_of(status);
        assert!(body["error"]["message"].as_str().unwrap().contains(says), "{path}: {body}");
    }
}

#[tokio::test]
async fn the_catalog_is_told_as_it_was() {
    let text = documents(&[owned_by("crew"), group("crew")]);
    let portal = TestPortal::builder().catalog_file("a.yaml", &text).start().await;
    let before = portal.get_json(&format!("{OF_A}/history")).await["items"][0]["at"].as_str().unwrap().to_owned();
    let text = documents(&[owned_by("gang"), group("gang"), component("late", &[])]);
    portal.write_catalog_file("a.yaml", &text);
    version_after(&portal, 1).await;
    portal.entity_when("component:default/late", "to appear", |_| true).await;

    let then = portal.get_json(&format!("{OF_A}?asOf={before}")).await;
    assert_eq!(then["spec"]["owner"], "crew");
    assert_eq!(portal.get_json(OF_A).await["spec"]["owner"], "gang");
    let refs = |page: Value| {
        let items = page["items"].as_array().unwrap().clone();
        items.iter().map(|item| item["metadata"]["name"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    let filter = "filter=kind=component&filter=kind=group";
    let past = portal.get_json(&format!("/api/catalog/entities/by-query?{filter}&asOf={before}")).await;
    assert_eq!(refs(past), ["a", "crew"]);
    let owned = format!("/api/catalog/entities?filter=relations.ownedBy=group:default/crew&asOf={before}");
    assert_eq!(portal.get_json(&owned).await.as_array().unwrap().len(), 1);
    // Relations that others give are as they were, too.
    let crew = portal.get_json(&format!("/api/catalog/entities/by-name/group/default/crew?asOf={before}")).await;
    assert_eq!(crew["relations"], json!([{ "type": "ownerOf", "targetRef": "component:default/a" }]));
    let facets = format!("/api/catalog/entity-facets?facet=kind&filter=kind=group&asOf={before}");
    assert_eq!(portal.get_json(&facets).await["facets"]["kind"][0]["count"], 1);
    let body = json!({ "entityRefs": ["component:default/late", "component:default/a"] });
    let past = portal.post(&format!("/api/catalog/entities/by-refs?asOf={before}"), &body).await.json_of(200);
    assert_eq!((&past["items"][0], &past["items"][1]["spec"]["owner"]), (&Value::Null, &json!("crew")));
    // Nothing can be changed in the past.
    let answer = portal.request(Method::DELETE, &format!("/api/catalog/entities/by-uid/x?asOf={before}")).send().await;
    assert_eq!(answer.status, 400);
}

#[tokio::test]
async fn each_field_tells_where_it_is_written() {
    let portal = TestPortal::builder()
        .catalog_file("api.yaml", "apiVersion: backstage.io/v1alpha1\nkind: API\nmetadata:\n  name: orders\n  tags: [x, y]\nspec:\n  type: openapi\n  lifecycle: production\n  owner: crew\n  definition:\n    $text: ./orders.txt\n")
        .catalog_file("orders.txt", "openapi: 3.1.0\n")
        .start()
        .await;
    let path = "/api/catalog/entities/by-name/api/default/orders/provenance";
    let provenance = portal.get_json(path).await;
    let field = |pointer: &str| {
        let fields = provenance["fields"].as_array().unwrap();
        fields.iter().find(|field| field["pointer"] == pointer).unwrap_or(&Value::Null).clone()
    };
    let owner = field("/spec/owner");
    assert!(owner["file"].as_str().unwrap().ends_with("api.yaml"), "{provenance:#}");
    assert_eq!((&owner["line"], &owner["column"], &owner["step"]), (&json!(9), &json!(10), &json!("source")));
    assert!(owner["changedAt"].is_string() && owner["version"] == 1, "{owner}");
    assert_eq!((&field("/metadata/tags/1")["line"], &field("/metadata/tags/1")["column"]), (&json!(5), &json!(13)));
    let definition = field("/spec/definition");
    assert!(definition["file"].as_str().unwrap().ends_with("orders.txt"), "{definition}");
    assert_eq!(definition["step"], "placeholder");
    for pointer in [
        "/metadata/uid",
        "/metadata/etag",
        "/metadata/namespace",
        "/metadata/annotations/backstage.io~1managed-by-location",
    ] {
        assert_eq!(field(pointer)["step"], "catalog", "{pointer}: {provenance:#}");
    }
    assert!(field("/relations/0")["note"].as_str().unwrap().contains("/spec/owner"), "{provenance:#}");
    assert_eq!((&provenance["sourceState"], &provenance["truncated"]), (&json!("same"), &json!(false)));
    assert!(provenance["source"].as_str().unwrap().starts_with("file:/"));
}

#[tokio::test]
async fn a_plugins_fields_and_changes_name_the_plugin() {
    let text = component("a", &[("stamper.test/please", "yes")]);
    let grant = "plugins: { stamper: { grants: { write: [\"metadata.annotations.stamper.test/stamp\"] } } }";
    let portal = TestPortal::builder().config(grant).catalog_file("a.yaml", &text).start().await;
    portal.drop_plugin("stamper.wasm", &crate::support::wasm("stamper"));
    let version = version_after(&portal, 1).await;
    let history = portal.get_json(&format!("{OF_A}/history")).await;
    assert_eq!(history["items"][0]["cause"], json!({ "type": "plugin", "name": "stamper" }), "{history:#}");
    let provenance = portal.get_json(&format!("{OF_A}/provenance")).await;
    let stamped = provenance["fields"].as_array().unwrap().iter().find(|field| field["plugin"] == "stamper");
    let stamped = stamped.unwrap();
    assert_eq!((&stamped["step"], &stamped["version"]), (&json!("plugin"), &json!(version)));
}

#[tokio::test]
async fn fields_from_addresses_tell_their_lines_without_another_request() {
    let server = WebServer::start().unwrap();
    server.put("/a.yaml", &documents(&[component("first", &[]), component("a", &[("example.com/x", "y")])]));
    let config = format!(
        "backend: {{ reading: {{ allow: [{{ host: '{}' }}] }} }}\ncatalog:\n  processingInterval: false\n  locations:\n    - {{ type: url, target: '{}' }}\n",
        server.host(),
        server.url("/a.yaml")
    );
    let portal = TestPortal::builder().config(&config).start().await;
    portal.entity_when("component:default/a", "it is read", |_| true).await;
    let asked = server.asked("/a.yaml").len();
    let provenance = portal.get_json(&format!("{OF_A}/provenance")).await;
    let fields = provenance["fields"].as_array().unwrap();
    let annotation = fields.iter().find(|field| field["pointer"] == "/metadata/annotations/example.com~1x").unwrap();
    assert_eq!((&annotation["line"], &annotation["step"]), (&json!(12), &json!("source")), "{provenance:#}");
    assert_eq!(annotation["file"], server.url("/a.yaml"));
    assert_eq!(provenance["sourceState"], "same");
    assert_eq!(server.asked("/a.yaml").len(), asked);
}
