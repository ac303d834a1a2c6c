//! Registering locations over the API, asking for them, and what can be asked of an address or an entity beforehand.

use callboard_tests::TestPortal;
use callboard_tests::portal::encode;
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::component;

const ADDRESS: &str = "http://127.0.0.1:9/catalog-info.yaml";

async fn portal() -> TestPortal {
    TestPortal::builder().catalog_file("a.yaml", &component("a", &[])).start().await
}

async fn register(portal: &TestPortal, target: &str) -> Value {
    let body = json!({ "type": "url", "target": target });
    portal.post("/api/catalog/locations", &body).await.json_of(201)["location"].clone()
}

fn message(answer: &Value) -> String {
    answer["error"]["message"].as_str().unwrap_or_default().to_owned()
}

#[tokio::test]
async fn a_location_is_registered_found_changed_and_removed() {
    let portal = portal().await;
    let made = register(&portal, ADDRESS).await;
    assert_eq!((&made["type"], &made["target"]), (&json!("url"), &json!(ADDRESS)));
    assert!(made["entityRef"].as_str().unwrap().starts_with("location:default/generated-"), "{made}");
    let id = made["id"].as_str().unwrap();
    let path = format!("/api/catalog/locations/{id}");
    assert_eq!(portal.get_json(&path).await, made);
    assert_eq!(portal.get_json("/api/catalog/locations").await, json!([{ "data": made }]));

    let body = json!({ "type": "url", "target": ADDRESS });
    let again = portal.post("/api/catalog/locations", &body).await.json_of(409);
    assert_eq!(again["error"]["name"], "ConflictError");
    assert_eq!(message(&again), format!("Location url:{ADDRESS} already exists"));
    assert_eq!(portal.post("/api/catalog/locations?onConflict=reject", &body).await.status, 409);
    let refreshed = portal.post("/api/catalog/locations?onConflict=refresh", &body).await.json_of(201);
    assert_eq!(refreshed["location"], made);

    let other = json!({ "type": "url", "target": "http://127.0.0.1:9/other.yaml" });
    let refused = portal.request(Method::PUT, &path).json(&other).send().await.json_of(403);
    assert_eq!(refused["error"]["name"], "NotAllowedError", "a guest may not have it lead elsewhere");
    let token = portal.admin_token();
    let put = async |path: &str, body: &Value| portal.request(Method::PUT, path).token(&token).json(body).send().await;
    let changed = put(&path, &other).await.json_of(200);
    assert_eq!((&changed["id"], &changed["target"]), (&made["id"], &other["target"]));
    let second = register(&portal, ADDRESS).await;
    let taken = put(&path, &json!({ "type": "url", "target": second["target"] })).await.json_of(409);
    assert_eq!(message(&taken), format!("Location url:{ADDRESS} already exists"));
    let missing = put("/api/catalog/locations/nobody", &other).await.json_of(404);
    assert_eq!(message(&missing), "Found no location with ID nobody");

    assert_eq!(portal.request(Method::DELETE, &path).send().await.status, 403);
    assert_eq!(portal.request(Method::DELETE, &path).token(&token).send().await.status, 204);
    assert_eq!(portal.get(&path).await.status, 404);
    assert_eq!(portal.request(Method::DELETE, &path).token(&token).send().await.status, 404);
}

#[tokio::test]
async fn locations_are_asked_by_predicate_and_come_in_pages() {
    let portal = portal().await;
    let mut ids = Vec::new();
    for number in 0..5 {
        let made = register(&portal, &format!("http://127.0.0.1:9/{number}.yaml")).await;
        ids.push(made["id"].as_str().unwrap().to_owned());
    }
    ids.sort();
    let ask = async |body: Value| portal.post("/api/catalog/locations/by-query", &body).await;
    let of = |page: &Value| -> Vec<String> {
        page["items"].as_array().unwrap().iter().map(|item| item["id"].as_str().unwrap().to_owned()).collect()
    };
    let mut seen = Vec::new();
    let mut body = json!({ "limit": 2, "query": { "type": "URL" } });
    loop {
        let page = ask(body).await.json_of(200);
        assert_eq!(page["totalItems"], 5);
        seen.extend(of(&page));
        let Some(next) = page["pageInfo"]["nextCursor"].as_str() else { break };
        body = json!({ "cursor": next });
    }
    assert_eq!(seen, ids);
    for (query, count) in [
        (json!({ "target": "http://127.0.0.1:9/3.yaml" }), 1),
        (json!({ "target": { "$hasPrefix": "http://127.0.0.1" } }), 5),
        (json!({ "$not": { "id": ids[0] } }), 4),
        (json!({ "$any": [{ "id": ids[0] }, { "Id": { "$in": [ids[1]] } }] }), 2),
        (json!({ "entityRef": { "$exists": true } }), 5),
        (json!({ "type": "file" }), 0),
        (json!({}), 5),
    ] {
        let page = ask(json!({ "query": query })).await.json_of(200);
        assert_eq!(
            (page["totalItems"].as_u64(), of(&page).len()),
            (Some(count), usize::try_from(count).unwrap()),
            "{query}"
        );
    }
    for (body, expected) in [
        (json!({ "limit": 0 }), "Limit must be a positive integer >= 1"),
        (json!({ "limit": 1.5 }), "Limit must be a positive integer >= 1"),
        (json!({ "limit": "2" }), "request/body/limit must be number"),
        (json!({ "cursor": "" }), "Cursor cannot be empty"),
        (json!({ "cursor": "garbage" }), "Malformed cursor"),
        (json!({ "query": [] }), "request/body/query must be object"),
        (json!({ "query": { "owner": "x" } }), "Invalid query: locations can be asked by"),
        (json!({ "query": { "$or": [] } }), "Invalid query: $or is not known"),
    ] {
        let answer = ask(body.clone()).await.json_of(400);
        assert!(message(&answer).starts_with(expected), "{body}: {answer}");
    }
}

#[tokio::test]
async fn the_location_of_an_entity_is_the_registered_one() {
    let portal = portal().await;
    let made = register(&portal, ADDRESS).await;
    let reference = made["entityRef"].as_str().unwrap().to_owned();
    let name = reference.rsplit('/').next().unwrap();
    let path = format!("/api/catalog/locations/by-entity/location/default/{name}");
    if portal.entity(&reference).await.is_some() {
        assert_eq!(portal.get_json(&path).await, made);
    }
    let unknown = portal.get("/api/catalog/locations/by-entity/component/default/nobody").await.json_of(404);
    assert_eq!(message(&unknown), "found no entity for ref component:default/nobody");
    let configured = portal.get("/api/catalog/locations/by-entity/component/default/a").await.json_of(404);
    assert!(message(&configured).starts_with("Found no location with type file and target "), "{configured}");
}

#[tokio::test]
async fn what_cannot_be_registered_is_said_with_its_reason() {
    let portal = portal().await;
    let allowed = "Registered locations must be of an allowed type [\"url\"]";
    for (path, body, expected) in [
        ("", json!({ "type": "file", "target": "/etc/passwd" }), allowed),
        ("?dryRun=true", json!({ "type": "file", "target": "/etc/passwd" }), allowed),
        ("", json!({ "type": "url" }), "request/body must have required property 'target'"),
        ("", json!({ "type": "url", "target": 7 }), "request/body/target must be string"),
        (
            "",
            json!({ "type": "url", "target": ADDRESS, "extra": 1 }),
            "request/body must NOT have additional properties",
        ),
        (
            "",
            json!({ "type": "url", "target": ADDRESS, "presence": "maybe" }),
            "request/body/presence must be equal to one of the allowed values: required, optional",
        ),
        (
            "?onConflict=ignore",
            json!({ "type": "url", "target": ADDRESS }),
            "request/query/onConflict must be equal to one of the allowed values: refresh, reject",
        ),
        ("?what=1", json!({ "type": "url", "target": ADDRESS }), "Unknown query parameter 'what'"),
        ("", json!([]), "request/body must be object"),
    ] {
        let answer = portal.post(&format!("/api/catalog/locations{path}"), &body).await.json_of(400);
        assert!(message(&answer).starts_with(expected), "{path} {body}: {answer}");
        assert_eq!(answer["error"]["name"], "InputError");
    }
    assert_eq!(portal.get_json("/api/catalog/locations").await, json!([]), "nothing was registered");
    let unreachable =
        portal.post("/api/catalog/locations?dryRun=true", &json!({ "type": "url", "target": ADDRESS })).await;
    assert!(message(&unreachable.json_of(400)).contains("127.0.0.1:9"));
}

#[tokio::test]
async fn an_address_is_looked_at_before_it_is_registered() {
    let portal = portal().await;
    let ask = async |target: &str| {
        portal.post("/api/catalog/analyze-location", &json!({ "location": { "type": "url", "target": target } })).await
    };
    let unknown = ask("http://127.0.0.1:9/acme/shop.git/tree/main").await.json_of(200);
    assert_eq!(
        unknown,
        json!({ "existingEntityFiles": [], "generateEntities": [{ "fields": [], "entity": {
            "apiVersion": "backstage.io/v1alpha1", "kind": "Component", "metadata": { "name": "shop" },
            "spec": { "type": "other", "lifecycle": "unknown" },
        } }] })
    );
    let nameless = ask("http://127.0.0.1:9").await.json_of(200);
    assert_eq!(nameless["generateEntities"], json!([]), "nothing is suggested without a name");
    let wrong = ask("nonsense").await.json_of(400);
    assert_eq!(message(&wrong), "The given location.target is not a URL");
    let missing = portal.post("/api/catalog/analyze-location", &json!({})).await.json_of(400);
    assert_eq!(message(&missing), "request/body must have required property 'location'");
}

#[tokio::test]
async fn an_entity_is_judged_without_being_kept() {
    let portal = portal().await;
    let good = json!({
        "apiVersion": "backstage.io/v1alpha1", "kind": "Component", "metadata": { "name": "new" },
        "spec": { "type": "service", "lifecycle": "production", "owner": "crew" },
    });
    let ask = async |entity: &Value, location: &str| {
        portal.post("/api/catalog/validate-entity", &json!({ "entity": entity, "location": location })).await
    };
    let valid = ask(&good, "url:http://localhost/x").await;
    assert_eq!((valid.status, valid.text().as_str()), (200, ""));
    assert!(portal.entity("component:default/new").await.is_none());

    let api = |definition: Value| {
        json!({
            "apiVersion": "backstage.io/v1alpha1", "kind": "API", "metadata": { "name": "api" },
            "spec": { "type": "openapi", "lifecycle": "production", "owner": "crew", "definition": definition },
        })
    };
    for (definition, status) in [
        (json!({ "$text": "./api.yaml" }), 200),
        (json!({ "$text": 7 }), 400),
        (json!({ "$ref": "./api.yaml" }), 400),
        (json!({ "$text": "./api.yaml", "more": 1 }), 400),
    ] {
        assert_eq!(ask(&api(definition.clone()), "url:http://localhost/x").await.status, status, "{definition}");
    }

    let mut bad = good.clone();
    bad["metadata"]["name"] = json!("bad name!");
    bad["spec"]["lifecycle"] = json!(7);
    let answer = ask(&bad, "url:http://localhost/x").await.json_of(400);
    let errors = answer["errors"].as_array().unwrap();
    assert!(errors.len() >= 2, "everything is said at once: {answer}");
    assert!(errors.iter().all(|error| error["name"].is_string() && error["message"].is_string()), "{answer}");
    assert!(errors.iter().any(|error| error["pointer"] == "/metadata/name"), "{answer}");

    for (location, expected) in [
        ("nonsense", "Unable to parse location ref 'nonsense'"),
        ("file:/etc/passwd", "Invalid location ref file:/etc/passwd, only 'url:<target>' is supported"),
        ("https://example.com/x", "Invalid location ref 'https://example.com/x', please prefix it with 'url:'"),
        ("url:", "Unable to parse location ref 'url:'"),
    ] {
        let answer = ask(&good, location).await.json_of(400);
        let message = answer["errors"][0]["message"].as_str().unwrap();
        assert!(message.starts_with(expected), "{location}: {answer}");
    }
    for body in [json!({}), json!({ "entity": good }), json!([]), json!({ "entity": good, "location": 7 })] {
        let answer = portal.post("/api/catalog/validate-entity", &body).await.json_of(400);
        assert_eq!(answer["errors"][0]["name"], "InputError", "{body}");
    }
    assert_eq!(ask(&json!("text"), "url:http://localhost/x").await.status, 400);
    let broken =
        portal.request(Method::POST, "/api/catalog/validate-entity").header("content-type", "application/json");
    assert!(message(&broken.body("{".to_owned()).send().await.json_of(400)).contains("line 1 column 1"));
    assert_eq!(portal.get(&format!("/api/catalog/entities/by-uid/{}", encode("a/b"))).await.status, 404);
}
