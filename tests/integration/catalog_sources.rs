//! Locations at addresses and entity providers, against a web server on loopback.

use callboard_tests::web::{Page, WebServer};
use callboard_tests::{TestPortal, eventually};
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{component, documents, says};

/// A configuration that may read from a server, and reads again every few hundred milliseconds.
fn config(server: &WebServer, rest: &str) -> String {
    format!(
        "backend:\n  reading:\n    allow:\n      - host: '{}'\ncatalog:\n  processingInterval: 300ms\n{rest}",
        server.host()
    )
}

fn location(server: &WebServer, path: &str) -> String {
    format!("  locations:\n    - type: url\n      target: {}\n", server.url(path))
}

/// The problem that tells of an address, once there is one.
async fn problem_with(portal: &TestPortal, text: &str) -> Value {
    let look = async || portal.problems().await.into_iter().find(|problem| says(problem, text));
    eventually(&format!("a problem with {text}"), look).await
}

#[tokio::test]
async fn an_address_is_read_kept_and_read_again() {
    let server = WebServer::start().unwrap();
    server.put("/all.yaml", "apiVersion: backstage.io/v1alpha1\nkind: Location\nmetadata: { name: all }\nspec: { targets: [./team/a.yaml, ./team/none.yaml] }\n");
    server.put("/team/a.yaml", &component("far", &[]));
    let portal = &mut TestPortal::builder().config(&config(&server, &location(&server, "/all.yaml"))).start().await;
    let far = portal.entity_when("component:default/far", "it is read", |_| true).await;
    let annotations = &far["metadata"]["annotations"];
    assert_eq!(annotations["backstage.io/managed-by-location"], format!("url:{}", server.url("/team/a.yaml")));
    assert_eq!(annotations["backstage.io/managed-by-origin-location"], format!("url:{}", server.url("/all.yaml")));
    assert_eq!(annotations["backstage.io/view-url"], server.url("/team/a.yaml"));
    let missing = problem_with(portal, "/team/none.yaml").await;
    assert!(says(&missing["hint"], "it is tried again at 20"), "{missing}");
    assert!(says(&missing["place"]["file"], "/all.yaml"), "{missing}");

    // It is asked again and again for whether something changed, and nothing is written.
    eventually("conditional requests", async || {
        let asked = server.asked("/team/a.yaml");
        (asked.len() > 2 && asked[1..].iter().all(|asked| asked.is_conditional)).then_some(())
    })
    .await;
    server.put("/team/a.yaml", &component("far", &[("example.com/a", "b")]));
    let changed = |entity: &Value| entity["metadata"]["annotations"]["example.com/a"] == "b";
    portal.entity_when("component:default/far", "the change is seen", changed).await;

    // The server breaks: the last good version stays, over a restart as well.
    server.set("/team/a.yaml", Page::Status(500));
    problem_with(portal, "500").await;
    portal.terminate();
    server.set("/all.yaml", Page::Hangs);
    portal.start_again().await;
    assert!(portal.entity("component:default/far").await.is_some());
    problem_with(portal, "500").await;
    assert!(portal.entity("component:default/far").await.is_some());
    server.put("/team/a.yaml", &component("near", &[]));
    portal.entity_when("component:default/near", "the server is well again", |_| true).await;
}

#[tokio::test]
async fn a_location_that_is_registered_again_tells_of_what_is_there_now() {
    let server = WebServer::start().unwrap();
    server.put("/a.yaml", &component("a", &[]));
    let config = config(&server, "  defaultLocationConflictStrategy: refresh\n").replace("300ms", "1h");
    let portal = TestPortal::builder().config(&config).start().await;
    let register = async |query: &str| {
        let body = json!({ "type": "url", "target": format!(" {} ", server.url("/a.yaml")) });
        portal.post(&format!("/api/catalog/locations{query}"), &body).await.json_of(201)
    };
    let tried = register("?dryRun=true").await;
    let made = register("").await;
    assert_eq!(tried["location"]["entityRef"], made["location"]["entityRef"], "blanks around a target mean nothing");
    server.put("/a.yaml", &documents(&[component("a", &[]), component("b", &[])]));
    let again = register("?onConflict=refresh").await;
    assert_eq!(again["entities"].as_array().unwrap().len(), 2, "{again:#}");
    assert_eq!(register("").await["entities"], again["entities"], "the configuration says what else it means");
}

#[tokio::test]
async fn nothing_behind_an_address_holds_up_the_rest() {
    let server = WebServer::start().unwrap();
    server.set("/hangs.yaml", Page::Hangs);
    server.set("/huge.yaml", Page::Bytes(40 << 20));
    server.set("/binary.yaml", Page::Content(b"kind: \xff\xfe\n".to_vec()));
    server.put("/half.yaml", &documents(&[component("whole", &[]), "kind: {\n".to_owned()]));
    let bomb: String =
        (1..20).map(|level| format!("a{level}: &a{level} [{}]\n", format!("*a{},", level - 1).repeat(9))).collect();
    server.put("/bomb.yaml", &format!("a0: &a0 [x]\n{bomb}"));
    let addresses: String = ["/hangs.yaml", "/huge.yaml", "/binary.yaml", "/half.yaml", "/bomb.yaml"]
        .iter()
        .map(|path| format!("    - {{ type: url, target: '{}' }}\n", server.url(path)))
        .collect();
    let elsewhere = "    - { type: url, target: 'https://example.com/a.yaml' }\n";
    let config = config(
        &server,
        &format!("  locations:\n    - {{ type: file, target: ./catalog/*.yaml }}\n{addresses}{elsewhere}"),
    );
    let portal = TestPortal::builder().catalog_file("here.yaml", &component("here", &[])).config(&config).start().await;
    assert!(portal.entity("component:default/here").await.is_some());
    portal.entity_when("component:default/whole", "the good half is read", |_| true).await;
    for (path, code) in [
        ("/huge.yaml", "location/too-large"),
        ("/binary.yaml", "yaml/encoding"),
        ("/half.yaml", "yaml/"),
        ("/bomb.yaml", "yaml/"),
        ("https://example.com/a.yaml", "location/not-allowed"),
    ] {
        let problem = problem_with(&portal, path).await;
        assert!(problem["code"].as_str().unwrap().starts_with(code), "{problem}");
    }
    let refused = problem_with(&portal, "example.com").await;
    assert!(says(&refused["hint"], "backend.reading.allow") || says(&refused["hint"], "host:"), "{refused}");
}

#[tokio::test]
async fn an_address_is_registered_refreshed_and_removed_over_rest() {
    let server = WebServer::start().unwrap();
    server.put("/a.yaml", &component("registered", &[]));
    // Nothing is read again by itself.
    let config = config(&server, "").replace("processingInterval: 300ms", "processingInterval: false");
    let portal = TestPortal::builder().config(&config).start().await;
    let answer = portal.post("/api/catalog/locations", &json!({"type": "url", "target": server.url("/a.yaml")})).await;
    let registered = answer.json_of(201);
    let id = registered["location"]["id"].as_str().unwrap().to_owned();
    portal.entity_when("component:default/registered", "it is read", |_| true).await;
    server.put("/a.yaml", &component("registered", &[("example.com/a", "b")]));
    let refresh = portal.post("/api/catalog/refresh", &json!({"entityRef": "component:default/registered"})).await;
    assert_eq!(refresh.status, 200);
    let entity = portal.entity("component:default/registered").await.unwrap();
    assert_eq!(entity["metadata"]["annotations"]["example.com/a"], "b");
    let removed = portal
        .request(Method::DELETE, &format!("/api/catalog/locations/{id}"))
        .token(&portal.admin_token())
        .send()
        .await;
    assert_eq!(removed.status, 204);
    assert_eq!(portal.entity("component:default/registered").await, None);
}

#[tokio::test]
async fn an_inventory_comes_from_a_list_and_an_empty_one_waits() {
    let server = WebServer::start().unwrap();
    let user = |name: &str| {
        json!({
            "apiVersion": "backstage.io/v1alpha1", "kind": "User", "metadata": {"name": name, "uid": "theirs"},
            "spec": {"profile": {"displayName": name}, "memberOf": []},
        })
    };
    server.put("/users.json", &json!({"items": [user("ada"), user("bob")]}).to_string());
    let config = config(
        &server,
        &format!(
            "  rules: [{{ allow: [Component] }}]\n  providers:\n    inventory:\n      people:\n        target: {}\n        schedule: {{ frequency: {{ milliseconds: 300 }} }}\n",
            server.url("/users.json")
        ),
    );
    let portal = TestPortal::builder().config(&config).start().await;
    let ada = portal.entity_when("user:default/ada", "the list is read", |_| true).await;
    assert_ne!(ada["metadata"]["uid"], "theirs");
    assert_eq!(
        ada["metadata"]["annotations"]["backstage.io/managed-by-location"],
        format!("url:{}", server.url("/users.json"))
    );
    server.put("/users.json", "[]");
    let status = async || {
        let providers = portal.get_json("/api/catalog/providers").await;
        providers["items"].as_array().unwrap().iter().find(|item| item["name"] == "inventory:people").cloned().unwrap()
    };
    eventually("the empty list is held back", async || (status().await["parked"] == 2).then_some(())).await;
    assert!(portal.entity("user:default/ada").await.is_some());
    let run = "/api/catalog/providers/inventory:people/run";
    assert_eq!(portal.post(run, &json!({"approve": true})).await.status, 403);
    assert_eq!(portal.post("/api/catalog/providers/none/run", &json!({})).await.status, 404);
    assert_eq!(portal.post(run, &json!({})).await.status, 202);
    let approved =
        portal.request(Method::POST, run).token(&portal.admin_token()).json(&json!({"approve": true})).send().await;
    assert_eq!(approved.status, 202);
    assert_eq!(portal.entity("user:default/ada").await, None);
}
