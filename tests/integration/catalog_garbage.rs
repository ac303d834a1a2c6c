//! The catalog's API as strangers use it: parameters, bodies and addresses that nobody meant. Each is answered with what is
//! wrong, and nothing else happens.

use callboard_tests::TestPortal;
use callboard_tests::portal::encode;
use reqwest::Method;
use serde_json::{Value, json};

use crate::support::{component, documents};

async fn portal() -> TestPortal {
    let text = documents(&[component("a", &[]), component("b", &[("example.com/x", "ü, = and \\\" %41")])]);
    TestPortal::builder().catalog_file("a.yaml", &text).start().await
}

fn message(answer: &Value) -> &str {
    answer["error"]["message"].as_str().unwrap_or_default()
}

#[tokio::test]
async fn parameters_are_refused_in_backstages_words() {
    let portal = portal().await;
    for (path, expected) in [
        ("entities?what=1", "Unknown query parameter 'what'"),
        ("entities?Filter=kind=component", "Unknown query parameter 'Filter'"),
        ("entities?filter=", "Empty value found for query parameter 'filter'"),
        ("entities?fields=", "Empty value found for query parameter 'fields'"),
        ("entities?after=", "Empty value found for query parameter 'after'"),
        ("entities?limit=", "Empty value found for query parameter 'limit'"),
        ("entities?limit=0", "Invalid limit, must be greater than zero"),
        ("entities?limit=1.5", "request/query/limit must be integer"),
        ("entities?limit=1e3", "request/query/limit must be integer"),
        ("entities?limit=99999999999999999999", "request/query/limit must be integer"),
        ("entities?limit=1&limit=2", "request/query/limit must be integer"),
        ("entities?offset=-1", "request/query/offset must be >= 0"),
        ("entities?filter[a]=b", "request/query/filter must be array"),
        ("entities?filter=%3Db", "Invalid filter, '=b' is not a valid statement"),
        ("entities?order=metadata.name", "Invalid order parameter \"metadata.name\""),
        ("entities?order=up:metadata.name", "Invalid order parameter"),
        ("entities?fields=metadata.tags[0]", "Invalid field \"metadata.tags[0]\", array type fields are not supported"),
        ("entities?after=e30&limit=x", "request/query/limit must be integer"),
        ("entities?after=%00", "Malformed after cursor, could not be parsed"),
        ("entities/by-query?orderField=a,up", "Invalid order field order, must be asc or desc"),
        ("entities/by-query?totalItems=maybe", "request/query/totalItems must be equal to one of the allowed values"),
        ("entities/by-query?cursor=", "Empty value found for query parameter 'cursor'"),
        ("entities/by-query?cursor=a&cursor=b", "request/query/cursor must be string"),
        ("entities/by-query?cursor=bnVsbA%3D%3D", "Malformed cursor"),
        ("entity-facets?facet=", "Empty value found for query parameter 'facet'"),
        ("entity-facets?filter=kind=api", "request/query must have required property 'facet'"),
        ("entities/by-name/component/default/a?x=1", "Unknown query parameter 'x'; this route knows none"),
        ("entities/by-uid/%ff", "the address cannot be read"),
    ] {
        let answer = portal.get(&format!("/api/catalog/{path}")).await.json_of(400);
        assert!(message(&answer).starts_with(expected), "{path}: {answer}");
        assert_eq!((&answer["error"]["name"], &answer["request"]["method"]), (&json!("InputError"), &json!("GET")));
    }
}

#[tokio::test]
async fn odd_parameters_that_mean_something_are_understood() {
    let portal = portal().await;
    for (path, count) in [
        ("entities?filter=&filter=kind=component", 2),
        ("entities?filter[]=kind=component&filter[1]=kind=nothing", 2),
        ("entities?filter=kind%3dcomponent%2cmetadata.name%3DA", 1),
        ("entities?filter=%20kind%20=%20component%20,%20,", 2),
        ("entities?filter=kind=component,kind=", 2),
        ("entities?filter=metadata.title=", 0),
        ("entities?filter=metadata.annotations.example.com/x&limit=7&offset=0", 1),
        ("entities?filter=kind=component&fields=kind&fields=metadata.name,spec", 2),
        ("entities?filter=kind=component&order=asc:metadata.title", 0),
        ("entities?filter=kind=component&order=asc:metadata.title&limit=5", 2),
        ("entities?filter=kind=component&offset=9999999", 0),
        ("entities?filter=%F0%9F%A6%80=%C3%BC", 0),
        ("entities?filter=kind=component&fields=%F0%9F%A6%80", 2),
    ] {
        let list = portal.get_json(&format!("/api/catalog/{path}")).await;
        assert_eq!(list.as_array().unwrap().len(), count, "{path}: {list}");
    }
    let none = portal.get_json("/api/catalog/entities/by-query?filter=kind=component&limit=0").await;
    assert_eq!((&none["items"], &none["totalItems"], &none["pageInfo"]), (&json!([]), &json!(2), &json!({})));
    let excluded =
        portal.get_json("/api/catalog/entities/by-query?filter=kind=component&limit=1&totalItems=exclude").await;
    assert_eq!(excluded["totalItems"], 0);
    let cursor = encode(excluded["pageInfo"]["nextCursor"].as_str().unwrap());
    let next = portal.get_json(&format!("/api/catalog/entities/by-query?limit=1&cursor={cursor}")).await;
    assert_eq!(
        (next["items"].as_array().unwrap().len(), &next["totalItems"]),
        (1, &json!(0)),
        "nor is it on the next page"
    );
}

#[tokio::test]
async fn bodies_are_refused_with_everything_that_is_wrong() {
    let portal = portal().await;
    let send = async |path: &str, kind: Option<&str>, body: String| {
        let request = portal.request(Method::POST, &format!("/api/catalog/{path}"));
        let request = match kind {
            Some(kind) => request.header("content-type", kind),
            None => request,
        };
        request.body(body).send().await
    };
    let json = Some("application/json");
    for (path, kind, body, expected) in [
        (
            "entities/by-refs",
            json,
            "{\"entityRefs\": [".to_owned(),
            "the request's body is not JSON: EOF while parsing a list at line 1 column",
        ),
        (
            "entities/by-refs",
            json,
            "{\n\"entityRefs\": [],\n}".to_owned(),
            "the request's body is not JSON: trailing comma at line 3 column 1",
        ),
        ("entities/by-refs", json, String::new(), "the request's body is not JSON: EOF"),
        ("entities/by-refs", json, "\u{0}".to_owned(), "the request's body is not JSON"),
        ("entities/by-refs", json, "[]".to_owned(), "request/body must be object"),
        ("entities/by-refs", json, "5".to_owned(), "request/body must be object"),
        ("entities/by-refs", json, "{}".to_owned(), "request/body must have required property 'entityRefs'"),
        (
            "entities/by-refs",
            json,
            "{\"entityRefs\": [1, null]}".to_owned(),
            "request/body/entityRefs/0 must be string, request/body/entityRefs/1 must be string",
        ),
        ("entities/by-refs", Some("text/plain"), "{}".to_owned(), "unsupported media type text/plain; send JSON"),
        ("entities/by-refs", None, "{}".to_owned(), "media type not specified; send JSON"),
        (
            "entities/by-query",
            json,
            "{\"limit\": \"5\", \"orderBy\": {}}".to_owned(),
            "request/body/limit must be integer, request/body/orderBy must be array",
        ),
        ("entities/by-query", json, "{\"cursor\": \"\"}".to_owned(), "Cursor cannot be empty"),
        ("entities/by-query", json, "{\"query\": {\"kind\": null}}".to_owned(), "Invalid query: the condition on kind"),
        ("entities/by-query", json, "{\"query\": \"component\"}".to_owned(), "request/body/query must be object"),
        (
            "entities/by-query",
            json,
            format!("{{\"query\": {}{{}}{}}}", "{\"$not\":".repeat(100), "}".repeat(100)),
            "Invalid query: the query is nested more than",
        ),
        ("entities/by-query", json, "[".repeat(5000), "the request's body is not JSON: recursion limit exceeded"),
        ("entity-facets", json, "{\"facets\": []}".to_owned(), "Missing or empty facets parameter"),
        ("entity-facets", json, "{\"facets\": [\"\"]}".to_owned(), "Missing or empty facets parameter"),
        (
            "refresh",
            json,
            "{\"entityRef\": \"component:default/a\", \"extra\": 1}".to_owned(),
            "request/body must NOT have additional properties",
        ),
        ("refresh", json, "{\"entityRef\": \"::\"}".to_owned(), ""),
    ] {
        let answer = send(path, kind, body.clone()).await.json_of(400);
        let shown: String = body.chars().take(80).collect();
        assert!(message(&answer).starts_with(expected), "{path} {shown}: {answer}");
        assert_eq!(answer["error"]["name"], "InputError", "{path} {shown}");
    }
    let large =
        send("entities/by-refs", json, format!("{{\"entityRefs\": [\"{}\"]}}", "x".repeat(2 * 1024 * 1024))).await;
    let large = large.json_of(413);
    assert_eq!(large["error"]["name"], "PayloadTooLargeError");
    assert!(message(&large).contains("at most 1048576 bytes"), "{large}");
}

#[tokio::test]
async fn addresses_are_read_as_they_were_meant() {
    let portal = portal().await;
    for (path, status) in [
        ("entities/by-name/Component/DEFAULT/A", 200),
        ("entities/by-name/component/default/%61", 200),
        ("entities/by-name/component/default/a%2Fb", 404),
        ("entities/by-name/component/default/%00", 404),
        ("entities/by-name/%F0%9F%A6%80/default/a", 404),
        ("entities/by-name/component/default/a/", 404),
        ("entities//by-name/component/default/a", 404),
        ("entities/by-uid/..%2f..%2fetc", 404),
    ] {
        assert_eq!(portal.get(&format!("/api/catalog/{path}")).await.status, status, "{path}");
    }
    let missing = portal.get("/api/catalog/entities/by-name/Component/Default/Nobody").await.json_of(404);
    assert_eq!(message(&missing), "No entity named 'Nobody' found, with kind 'Component' in namespace 'Default'");
    let head = portal.request(Method::HEAD, "/api/catalog/entities/by-name/component/default/a").send().await;
    assert_eq!((head.status, head.body.len()), (200, 0));
    assert_eq!(head.header("content-type"), "application/json; charset=utf-8");
}

#[tokio::test]
async fn who_has_the_answer_already_is_told_so_until_something_changes() {
    let portal = portal().await;
    for path in
        ["entities/by-name/component/default/a", "entities?limit=1", "entities/by-query", "entity-facets?facet=kind"]
    {
        let path = format!("/api/catalog/{path}");
        let first = portal.get(&path).await;
        let tag = first.header("etag").to_owned();
        assert!(tag.starts_with("W/\""), "{path}: {tag:?}");
        let ask = async |tag: &str| portal.request(Method::GET, &path).header("if-none-match", tag).send().await;
        let again = ask(&tag).await;
        assert_eq!((again.status, again.body.len(), again.header("etag")), (304, 0, tag.as_str()), "{path}");
        assert_eq!(ask(&format!("\"other\", {tag}")).await.status, 304);
        assert_eq!(ask("\"other\"").await.status, 200);
        for other in ["entities/by-name/component/default/nope", "entities?filter==", "entity-facets"] {
            let other = format!("/api/catalog/{other}");
            let answer = portal.request(Method::GET, &other).header("if-none-match", &tag).send().await;
            assert!(answer.status >= 400, "{other} is an error, whatever the client has of {path}");
        }
        portal.write_catalog_file(&format!("{}.yaml", tag.len()), &component("a-new-one", &[("x", &path)]));
        callboard_tests::eventually("an answer that is not the old one", async || {
            (ask(&tag).await.status == 200).then_some(())
        })
        .await;
    }
    assert_eq!(portal.get("/api/catalog/entities/by-uid/none").await.header("etag"), "", "errors have no tag");
}

#[tokio::test]
async fn entities_with_errors_are_told_as_backstages_module_does() {
    let wrong = component("wrong", &[]).replace("type: service, ", "");
    let portal = TestPortal::builder().catalog_file("a.yaml", &documents(&[component("a", &[]), wrong])).start().await;
    let base = "/api/catalog/entities/unprocessed";
    let failed = portal.get_json(&format!("{base}/failed")).await;
    let [only] = &failed["entities"].as_array().unwrap()[..] else { panic!("one failed: {failed:#}") };
    assert_eq!(
        (&only["entity_ref"], &only["unprocessed_entity"]["kind"]),
        (&json!("component:default/wrong"), &json!("component"))
    );
    assert!(only["errors"][0]["message"].as_str().unwrap().contains("type"), "{only:#}");
    assert_eq!(portal.get_json(&format!("{base}/pending")).await, json!({ "entities": [] }));
    let uid = portal.entity("component:default/a").await.unwrap()["metadata"]["uid"].as_str().unwrap().to_owned();
    let path = format!("{base}/delete/{uid}");
    assert_eq!(portal.request(Method::DELETE, &path).send().await.status, 403, "a guest deletes nothing");
    assert_eq!(portal.request(Method::DELETE, &path).token(&portal.admin_token()).send().await.status, 204);
    assert!(portal.entity("component:default/a").await.is_none());
    let actions = "/api/catalog/.backstage/actions/v1/actions";
    assert_eq!(portal.get_json(actions).await, json!({ "actions": [] }));
    let none = portal.post(&format!("{actions}/catalog:x/invoke"), &json!({})).await.json_of(404);
    assert!(message(&none).contains("catalog:x"), "{none}");
}

#[tokio::test]
async fn the_guest_signs_in_and_stays_a_guest() {
    let portal = portal().await;
    for method in [Method::GET, Method::POST] {
        let answer = portal.request(method, "/api/auth/guest/refresh").send().await.json_of(200);
        let identity = &answer["backstageIdentity"];
        assert_eq!(identity["identity"]["userEntityRef"], "user:development/guest");
        let token = identity["token"].as_str().unwrap();
        let claims = portal.request(Method::GET, "/api/auth/v1/userinfo").token(token).send().await.json_of(200);
        assert_eq!(claims["claims"]["sub"], "user:development/guest");
        let list = portal.request(Method::GET, "/api/catalog/entities?limit=1").token(token).send().await;
        assert_eq!(list.status, 200);
        let uid = list.json()[0]["metadata"]["uid"].as_str().unwrap().to_owned();
        let path = format!("/api/catalog/entities/by-uid/{uid}");
        assert_eq!(
            portal.request(Method::DELETE, &path).token(token).send().await.status,
            403,
            "a guest deletes nothing"
        );
        assert!(portal.log().iter().all(|line| !line.contains(token)), "tokens are not logged");
    }
    for bad in ["nonsense", "a.b.c", "x".repeat(40_000).as_str()] {
        for path in ["/api/catalog/entities?limit=1", "/api/auth/v1/userinfo"] {
            let answer = portal.request(Method::GET, path).token(bad).send().await.json_of(401);
            assert_eq!(answer["error"]["name"], "AuthenticationError", "{path}");
        }
    }
    assert_eq!(message(&portal.get("/api/auth/v1/userinfo").await.json_of(401)), "Missing credentials");
    assert_eq!(message(&portal.get("/api/auth/github/refresh").await.json_of(404)), "Unknown auth provider 'github'");
    let only = portal.get("/api/auth/guest/logout").await.json_of(404);
    assert!(message(&only).contains("/api/auth/guest/refresh"), "{only}");
    let keys = portal.data().join("auth-keys.json");
    #[cfg(unix)]
    assert_eq!(
        std::os::unix::fs::PermissionsExt::mode(&std::fs::metadata(&keys).unwrap().permissions()) & 0o777,
        0o600
    );
    let public = portal.get("/api/auth/.well-known/jwks.json").await.text();
    assert!(!public.contains("pkcs8") && !public.contains("\"d\""), "only public halves are told: {public}");
}

#[tokio::test]
async fn conditions_and_permissions_are_answered() {
    let portal = portal().await;
    let rule = |name: &str, params: Value| json!({ "rule": name, "resourceType": "catalog-entity", "params": params });
    let item = |id: &str, entity: &str, conditions: Value| json!({ "id": id, "resourceRef": entity, "resourceType": "catalog-entity", "conditions": conditions });
    let kind = rule("IS_ENTITY_KIND", json!({ "kinds": ["component"] }));
    let body = json!({ "items": [
        item("1", "component:default/a", kind.clone()),
        item("2", "component:default/a", json!({ "not": kind })),
        item("3", "component:default/nobody", rule("IS_ENTITY_KIND", json!({ "kinds": ["component"] }))),
        item("4", "component:default/b", rule("HAS_ANNOTATION", json!({ "annotation": "example.com/x" }))),
    ] });
    let path = "/api/catalog/.well-known/backstage/permissions/apply-conditions";
    let answer = portal.post(path, &body).await.json_of(200);
    let results: Vec<&str> =
        answer["items"].as_array().unwrap().iter().map(|item| item["result"].as_str().unwrap()).collect();
    assert_eq!(results, ["ALLOW", "DENY", "DENY", "ALLOW"]);
    let ask = json!({ "items": [
        { "id": "1", "permission": { "type": "basic", "name": "catalog.entity.create", "attributes": {} } },
        { "id": "2", "permission": { "type": "resource", "name": "catalog.entity.delete" }, "resourceRef": "component:default/a" },
    ] });
    let answer = portal.post("/api/permission/authorize", &ask).await.json_of(200);
    assert_eq!(answer, json!({ "items": [{ "id": "1", "result": "ALLOW" }, { "id": "2", "result": "DENY" }] }));
}
