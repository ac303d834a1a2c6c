//! The catalog's REST API in Backstage's shapes, on a small catalog of its own.

use callboard_tests::portal::encode;
use callboard_tests::{Answer, TestPortal};
use reqwest::Method;
use serde_json::{Value, json};

const COMPANY: &str = "\
apiVersion: backstage.io/v1alpha1
kind: Domain
metadata: { name: shopping, title: Shopping }
spec: { owner: crew }
---
apiVersion: backstage.io/v1alpha1
kind: System
metadata: { name: shop, description: Everything to buy with. }
spec: { owner: crew, domain: shopping }
---
apiVersion: backstage.io/v1alpha1
kind: Group
metadata: { name: crew }
spec: { type: team, children: [] }
---
apiVersion: backstage.io/v1alpha1
kind: User
metadata: { name: Ada.L }
spec: { profile: { displayName: Ada Lovelace }, memberOf: [crew] }
---
apiVersion: backstage.io/v1alpha1
kind: Resource
metadata: { name: orders-db }
spec: { type: database, owner: crew, system: shop }
---
apiVersion: backstage.io/v1alpha1
kind: API
metadata: { name: orders }
spec: { type: graphql, lifecycle: production, owner: crew, system: shop, definition: \"type Query { a: Int }\" }
---
apiVersion: backstage.io/v1alpha1
kind: Component
metadata:
  name: Checkout
  title: Checkout Service
  tags: [java, payments]
  annotations: { example.com/dashboard: \"board/7\" }
  links: [{ url: \"https://wiki.example.com/checkout\", title: Wiki }]
spec:
  type: service
  lifecycle: production
  owner: crew
  system: shop
  providesApis: [orders]
  dependsOn: [\"resource:orders-db\"]
---
apiVersion: backstage.io/v1alpha1
kind: Component
metadata: { name: basket, tags: [go] }
spec: { type: service, lifecycle: experimental, owner: crew, system: shop, consumesApis: [orders] }
---
apiVersion: backstage.io/v1alpha1
kind: Component
metadata: { name: site }
spec: { type: website, lifecycle: production, owner: user:ada.l }
";

async fn company() -> TestPortal {
    TestPortal::builder().catalog_file("company.yaml", COMPANY).start().await
}

fn error(name: &str, message: &str, method: &str, url: &str, status: u16) -> Value {
    json!({
        "error": { "name": name, "message": message },
        "request": { "method": method, "url": url },
        "response": { "statusCode": status },
    })
}

fn names(list: &Value) -> Vec<&str> {
    let items = list.as_array().or_else(|| list["items"].as_array()).unwrap();
    items.iter().map(|item| item["metadata"]["name"].as_str().unwrap_or("null")).collect()
}

#[tokio::test]
async fn an_entity_has_backstages_shape() {
    let portal = company().await;
    let entity = portal.entity("component:default/checkout").await.unwrap();
    assert_eq!(entity["apiVersion"], "backstage.io/v1alpha1");
    assert_eq!(entity["kind"], "Component");
    let metadata = &entity["metadata"];
    assert_eq!(metadata["name"], "Checkout");
    assert_eq!(metadata["namespace"], "default");
    assert_eq!(metadata["tags"], json!(["java", "payments"]));
    let uid = metadata["uid"].as_str().unwrap();
    assert_eq!(uid.len(), 36, "{uid}");
    assert!(metadata["etag"].as_str().is_some_and(|etag| !etag.is_empty()));
    let location = metadata["annotations"]["backstage.io/managed-by-location"].as_str().unwrap();
    assert!(location.starts_with("file:") && location.ends_with("company.yaml"), "{location}");
    assert!(metadata["annotations"]["backstage.io/managed-by-origin-location"].is_string());
    let mut relations: Vec<String> = entity["relations"]
        .as_array()
        .unwrap()
        .iter()
        .map(|relation| format!("{} {}", relation["type"].as_str().unwrap(), relation["targetRef"].as_str().unwrap()))
        .collect();
    let sorted = {
        let mut sorted = relations.clone();
        sorted.sort();
        sorted
    };
    assert_eq!(relations, sorted, "relations come in order");
    relations.sort();
    assert_eq!(
        relations,
        [
            "dependsOn resource:default/orders-db",
            "ownedBy group:default/crew",
            "partOf system:default/shop",
            "providesApi api:default/orders",
        ]
    );
    assert_eq!(entity["spec"]["type"], "service");
    // The same by uid, and in any case by name.
    assert_eq!(portal.get_json(&format!("/api/catalog/entities/by-uid/{uid}")).await, entity);
    assert_eq!(portal.get_json("/api/catalog/entities/by-name/COMPONENT/Default/CHECKOUT").await, entity);
}

#[tokio::test]
async fn relations_go_in_both_directions() {
    let portal = company().await;
    for (reference, relation, target) in [
        ("group:default/crew", "ownerOf", "component:default/checkout"),
        ("group:default/crew", "hasMember", "user:default/ada.l"),
        ("user:default/ada.l", "memberOf", "group:default/crew"),
        ("user:default/ada.l", "ownerOf", "component:default/site"),
        ("system:default/shop", "hasPart", "component:default/basket"),
        ("system:default/shop", "partOf", "domain:default/shopping"),
        ("domain:default/shopping", "hasPart", "system:default/shop"),
        ("api:default/orders", "apiProvidedBy", "component:default/checkout"),
        ("api:default/orders", "apiConsumedBy", "component:default/basket"),
        ("resource:default/orders-db", "dependencyOf", "component:default/checkout"),
    ] {
        let entity = portal.entity(reference).await.unwrap();
        let wanted = json!({ "type": relation, "targetRef": target });
        assert!(entity["relations"].as_array().unwrap().contains(&wanted), "{reference} lacks {wanted}: {entity}");
    }
}

#[tokio::test]
async fn filters_select_as_backstages_do() {
    let portal = company().await;
    for (query, expected) in [
        ("filter=kind=component", &["Checkout", "basket", "site"][..]),
        ("filter=KIND=Component,spec.TYPE=Website", &["site"]),
        ("filter=kind=component&filter=kind=api", &["Checkout", "basket", "orders", "site"]),
        ("filter=spec.type=service,spec.type=website,kind=component", &["Checkout", "basket", "site"]),
        ("filter=metadata.tags=java", &["Checkout"]),
        ("filter=metadata.tags.java", &["Checkout"]),
        ("filter=metadata.annotations.example.com/dashboard", &["Checkout"]),
        ("filter=relations.ownedBy=user:default/ada.l", &["site"]),
        ("filter=relations.consumesApi=api:default/orders", &["basket"]),
        ("filter=metadata.namespace=default,kind=domain", &["shopping"]),
        ("filter=metadata.name=nobody", &[]),
        ("filter=metadata.name=checkout,metadata.name=basket", &["Checkout", "basket"]),
    ] {
        let list = portal.get_json(&format!("/api/catalog/entities?{query}")).await;
        let mut found = names(&list);
        found.sort_unstable();
        assert_eq!(found, expected, "{query}");
    }
}

#[tokio::test]
async fn lists_are_ordered_cut_and_paged_by_link() {
    let portal = company().await;
    let list = portal.get_json("/api/catalog/entities?filter=kind=component&fields=kind,metadata.name").await;
    assert_eq!(
        list,
        json!([
            { "kind": "Component", "metadata": { "name": "basket" } },
            { "kind": "Component", "metadata": { "name": "Checkout" } },
            { "kind": "Component", "metadata": { "name": "site" } },
        ]),
        "ordered by reference, cut to the fields"
    );
    let list = portal.get_json("/api/catalog/entities?filter=kind=component&order=desc:metadata.name").await;
    assert_eq!(names(&list), ["site", "Checkout", "basket"]);
    let list =
        portal.get_json("/api/catalog/entities?filter=kind=component&order=asc:metadata.name&offset=1&limit=1").await;
    assert_eq!(names(&list), ["Checkout"]);

    let mut path = "/api/catalog/entities?filter=kind=component&limit=2".to_owned();
    let mut seen = Vec::new();
    for _ in 0..5 {
        let answer = portal.get(&path).await;
        seen.extend(names(&answer.json_of(200)).into_iter().map(str::to_owned));
        let Some(next) = answer.header("link").strip_prefix('<').and_then(|link| link.split_once(">; rel=\"next\""))
        else {
            break;
        };
        path = format!("/api/catalog{}", next.0);
    }
    assert_eq!(seen, ["basket", "Checkout", "site"]);
}

#[tokio::test]
async fn queries_page_forwards_and_backwards_by_cursor() {
    let portal = company().await;
    let path = "/api/catalog/entities/by-query?filter=kind=component&orderField=metadata.name,asc&limit=2";
    let first = portal.get_json(path).await;
    assert_eq!((names(&first), &first["totalItems"]), (vec!["basket", "Checkout"], &json!(3)));
    assert_eq!(first["pageInfo"].as_object().unwrap().keys().collect::<Vec<_>>(), ["nextCursor"]);
    let cursor = |page: &Value, which: &str| encode(page["pageInfo"][which].as_str().unwrap());

    let next = format!("/api/catalog/entities/by-query?limit=2&cursor={}", cursor(&first, "nextCursor"));
    let second = portal.get_json(&next).await;
    assert_eq!((names(&second), &second["totalItems"]), (vec!["site"], &json!(3)));
    assert_eq!(second["pageInfo"].as_object().unwrap().keys().collect::<Vec<_>>(), ["prevCursor"]);

    let back = format!("/api/catalog/entities/by-query?limit=2&cursor={}", cursor(&second, "prevCursor"));
    let again = portal.get_json(&back).await;
    assert_eq!(again["items"], first["items"]);

    // Whatever is accepted gives a cursor that is accepted.
    let many: String = (0..600).map(|number| format!("&filter=metadata.name=x{number}")).collect();
    for filters in ["filter=$x=1&filter=kind=component", &format!("filter=kind=component{many}")] {
        let first = portal.get_json(&format!("/api/catalog/entities/by-query?{filters}&limit=1")).await;
        let next = format!("/api/catalog/entities/by-query?limit=1&cursor={}", cursor(&first, "nextCursor"));
        assert_eq!(portal.get_json(&next).await["totalItems"], 3, "{filters}");
    }
    let mut deep = json!({ "kind": "component", "metadata.name": { "$exists": true } });
    for _ in 0..32 {
        deep = json!({ "$all": [deep] });
    }
    let body = json!({ "query": deep, "limit": 1.0, "offset": 0e0 });
    let first = portal.post("/api/catalog/entities/by-query", &body).await.json_of(200);
    let next = format!("/api/catalog/entities/by-query?limit=1&cursor={}", cursor(&first, "nextCursor"));
    assert_eq!(portal.get_json(&next).await["totalItems"], 3);

    let counted = portal.get_json("/api/catalog/entities/by-query?filter=kind=component&limit=0").await;
    assert_eq!((names(&counted).len(), &counted["totalItems"]), (0, &json!(3)));
    let offset = "/api/catalog/entities/by-query?filter=kind=component&orderField=metadata.name,desc&offset=1&limit=1";
    assert_eq!(names(&portal.get_json(offset).await), ["Checkout"]);
}

#[tokio::test]
async fn queries_search_text_and_take_predicates() {
    let portal = company().await;
    let found = portal
        .get_json("/api/catalog/entities/by-query?filter=kind=component&fullTextFilterTerm=SERVICE&fullTextFilterFields=metadata.title")
        .await;
    assert_eq!(names(&found), ["Checkout"]);
    for (query, expected) in [
        (json!({ "kind": "component", "spec.lifecycle": "production" }), vec!["Checkout", "site"]),
        (
            json!({ "$all": [{ "kind": "component" }, { "$not": { "spec.type": "website" } }] }),
            vec!["Checkout", "basket"],
        ),
        (json!({ "$any": [{ "metadata.name": "site" }, { "kind": "api" }] }), vec!["orders", "site"]),
        (json!({ "metadata.tags": { "$contains": "go" } }), vec!["basket"]),
        (json!({ "metadata.title": { "$exists": true }, "kind": "component" }), vec!["Checkout"]),
        (json!({ "metadata.name": { "$in": ["site", "basket"] } }), vec!["basket", "site"]),
        (json!({ "metadata.name": { "$hasPrefix": "check" } }), vec!["Checkout"]),
        (json!({ "relations": { "$contains": { "type": "providesApi" } } }), vec!["Checkout"]),
    ] {
        let body = json!({ "query": query, "fields": ["metadata.name"], "limit": 50 });
        let answer = portal.post("/api/catalog/entities/by-query", &body).await.json_of(200);
        let mut found = names(&answer);
        found.sort_unstable();
        assert_eq!(found, expected, "{query}");
    }
}

#[tokio::test]
async fn references_are_answered_in_their_order_with_null_for_what_is_not_there() {
    let portal = company().await;
    let body = json!({
        "entityRefs": ["component:default/site", "component:default/nobody", "::", "Component:default/Site", "api:default/orders"],
        "fields": ["metadata.name"],
    });
    let answer = portal.post("/api/catalog/entities/by-refs", &body).await.json_of(200);
    assert_eq!(
        answer,
        json!({ "items": [{ "metadata": { "name": "site" } }, null, null, null, { "metadata": { "name": "orders" } }] }),
        "only references as the catalog writes them are found"
    );
}

#[tokio::test]
async fn facets_count_values() {
    let portal = company().await;
    let expected = json!({ "facets": {
        "spec.type": [{ "value": "service", "count": 2 }, { "value": "website", "count": 1 }],
    } });
    let path = "/api/catalog/entity-facets?facet=spec.type&filter=kind=component";
    assert_eq!(portal.get_json(path).await, expected);
    let body = json!({ "facets": ["spec.type"], "query": { "kind": "component" } });
    assert_eq!(portal.post("/api/catalog/entity-facets", &body).await.json_of(200), expected);
    let several = portal.get_json("/api/catalog/entity-facets?facet=metadata.tags&facet=no.such").await;
    assert_eq!(several["facets"]["no.such"], json!([]));
    assert_eq!(several["facets"]["metadata.tags"].as_array().unwrap().len(), 3);
}

#[tokio::test]
async fn errors_have_backstages_body_exactly() {
    let portal = company().await;
    let nobody = "00000000-0000-4000-8000-000000000000";
    for (path, name, message, status) in [
        (
            "/entities?filter=".to_owned(),
            "InputError",
            "Empty value found for query parameter 'filter'".to_owned(),
            400,
        ),
        ("/entities?limit=abc".into(), "InputError", "request/query/limit must be integer".into(), 400),
        ("/entities/by-query?limit=-1".into(), "InputError", "request/query/limit must be >= 0".into(), 400),
        (
            "/entities?limit=2&after=garbage".into(),
            "InputError",
            "Malformed after cursor, could not be parsed".into(),
            400,
        ),
        (
            "/entities/by-query?filter==".into(),
            "InputError",
            "Invalid filter, '=' is not a valid statement (expected a string on the form a=b or a= or a)".into(),
            400,
        ),
        ("/entity-facets".into(), "InputError", "request/query must have required property 'facet'".into(), 400),
        (format!("/entities/by-uid/{nobody}"), "NotFoundError", format!("No entity with uid {nobody}"), 404),
        (
            "/locations/720107cc-dbda-494a-bbec-4ce2f0d6062e".into(),
            "NotFoundError",
            "Found no location with ID 720107cc-dbda-494a-bbec-4ce2f0d6062e".into(),
            404,
        ),
    ] {
        let answer = portal.get(&format!("/api/catalog{path}")).await;
        assert_eq!(answer.json_of(status), error(name, &message, "GET", &path, status), "{path}");
        assert!(answer.header("content-type").starts_with("application/json"));
    }
    let missing = portal.get("/api/catalog/entities/by-name/component/default/nobody").await.json_of(404);
    assert_eq!(missing["error"]["name"], "NotFoundError");
    assert!(missing["error"]["message"].as_str().unwrap().contains("nobody"), "{missing}");

    let foreign = portal.get("/api/catalog/entities/by-query?cursor=W10=").await.json_of(400);
    assert_eq!(foreign["error"]["message"], "Malformed cursor: it was not given here");
    let cursor = portal.get("/api/catalog/entities/by-query?cursor=garbage").await.json_of(400);
    assert!(cursor["error"]["message"].as_str().unwrap().starts_with("Malformed cursor"), "{cursor}");

    let refresh = portal.post("/api/catalog/refresh", &json!({ "entityRef": "component:default/nobody" })).await;
    let message = "Entity component:default/nobody not found";
    assert_eq!(refresh.json_of(404), error("NotFoundError", message, "POST", "/refresh", 404));
}

#[tokio::test]
async fn bodies_that_are_wrong_are_answered_with_what_is_wrong() {
    let portal = company().await;
    let send = async |path: &str, body: &'static str| -> Answer {
        portal.request(Method::POST, path).header("content-type", "application/json").body(body).send().await
    };
    for (path, body) in [
        ("/api/catalog/entities/by-refs", "{\"entityRefs\": ["),
        ("/api/catalog/entities/by-refs", "[]"),
        ("/api/catalog/entities/by-refs", "{\"entityRefs\": \"x\"}"),
        ("/api/catalog/entities/by-query", "{\"limit\": -1}"),
        ("/api/catalog/entities/by-query", "{\"query\": {\"$bogus\": 1}}"),
        ("/api/catalog/entities/by-query", "{\"query\": {\"kind\": {\"$not\": \"x\"}}}"),
        ("/api/catalog/entity-facets", "{\"facets\": 7}"),
        ("/api/catalog/refresh", "{\"entityRef\": \"\"}"),
        ("/api/catalog/refresh", "not json"),
        ("/api/catalog/locations", "{\"type\": \"url\"}"),
        ("/api/catalog/locations", "{\"type\": \"bogus\", \"target\": \"x\"}"),
    ] {
        let answer = send(path, body).await.json_of(400);
        assert_eq!(answer["error"]["name"], "InputError", "{path} {body}");
        assert!(!answer["error"]["message"].as_str().unwrap().is_empty(), "{path} {body}");
        assert_eq!(answer["response"]["statusCode"], 400);
    }
}

#[tokio::test]
async fn what_is_not_there_below_api_has_no_body_and_is_a_page_elsewhere() {
    let portal = company().await;
    for (method, path) in [
        (Method::GET, "/api/nope/x"),
        (Method::GET, "/api/catalog/nope"),
        (Method::GET, "/api/"),
        (Method::PATCH, "/api/catalog/entities"),
        (Method::PUT, "/api/catalog/entities/by-refs"),
        (Method::GET, "/api/catalog/refresh"),
        (Method::GET, "/api/catalog/entities/"),
    ] {
        let answer = portal.request(method.clone(), path).send().await;
        assert_eq!((answer.status, answer.text().as_str()), (404, ""), "{method} {path}");
    }
    let page = portal.get("/nope").await;
    assert!(page.header("content-type").starts_with("text/html"));
    assert!(page.text_of(404).contains("<h1"), "a page of its own");
}

#[tokio::test]
async fn entities_know_what_led_to_them() {
    let portal = company().await;
    let ancestry = portal.get_json("/api/catalog/entities/by-name/component/default/site/ancestry").await;
    assert_eq!(ancestry["rootEntityRef"], "component:default/site");
    let items = ancestry["items"].as_array().unwrap();
    assert_eq!(items[0]["entity"]["metadata"]["name"], "site");
    assert!(items.iter().all(|item| item["parentEntityRefs"].is_array()), "{ancestry}");
}

#[tokio::test]
async fn a_graph_of_the_neighbourhood_has_coordinates() {
    let portal = company().await;
    let graph = portal.get_json("/api/catalog/graph/component/default/checkout?depth=1").await;
    let nodes: Vec<&str> =
        graph["nodes"].as_array().unwrap().iter().map(|node| node["entityRef"].as_str().unwrap()).collect();
    for wanted in
        ["component:default/checkout", "api:default/orders", "resource:default/orders-db", "system:default/shop"]
    {
        assert!(nodes.contains(&wanted), "{wanted} is missing in {nodes:?}");
    }
    assert!(graph["edges"].as_array().unwrap().iter().all(|edge| edge["points"].as_array().unwrap().len() >= 2));
    assert!(graph["width"].as_f64().unwrap() > 0.0 && graph["height"].as_f64().unwrap() > 0.0);
    let wide = portal.get("/api/catalog/graph/component/default/checkout?depth=99").await;
    assert_eq!(wide.status, 200, "depth is bounded, not refused");
    assert_eq!(portal.get("/api/catalog/graph/component/default/nobody").await.status, 404);
}

#[tokio::test]
async fn search_answers_in_backstages_shape() {
    let portal = company().await;
    let page = portal.get_json("/api/search/query?term=checkout").await;
    let first = &page["results"][0];
    assert_eq!(first["type"], "software-catalog");
    assert_eq!(first["rank"], 1);
    assert_eq!(first["document"]["location"], "/catalog/default/component/checkout");
    assert_eq!(first["document"]["kind"], "Component");
    assert!(page["numberOfResults"].as_u64().unwrap() >= 1);

    let paged = portal.get_json("/api/search/query?term=&pageLimit=2").await;
    assert_eq!(paged["results"].as_array().unwrap().len(), 2);
    let next = encode(paged["nextPageCursor"].as_str().unwrap());
    let second = portal.get_json(&format!("/api/search/query?term=&pageLimit=2&pageCursor={next}")).await;
    assert_ne!(second["results"], paged["results"]);

    let filtered = portal.get_json("/api/search/query?term=&filters%5Bkind%5D=API").await;
    assert!(filtered["results"].as_array().unwrap().iter().all(|hit| hit["document"]["kind"] == "API"), "{filtered}");
    // Whatever people type is a search and never an error.
    for term in ["\"", "a AND", "*", "(", "NEAR(", "'; DROP TABLE", "ä", "%00"] {
        assert_eq!(portal.get(&format!("/api/search/query?term={}", encode(term))).await.status, 200, "{term}");
    }
    let long = "x".repeat(101);
    assert_eq!(portal.get(&format!("/api/search/query?term={long}")).await.status, 400);
}
