//! Definitions of APIs, the inbox of problems, and registering and unregistering, from outside.

use callboard_tests::TestPortal;
use reqwest::Method;
use serde_json::json;

use crate::support::{component, documents};

const RULES: &str = "catalog:\n  rules:\n    - allow: [Component, API, Group, Location]\n";

fn api(name: &str, spec_type: &str, text: &str) -> String {
    let text: String = text.lines().map(|line| format!("    {line}\n")).collect();
    format!(
        "apiVersion: backstage.io/v1alpha1\nkind: API\nmetadata:\n  name: {name}\nspec:\n  type: {spec_type}\n  lifecycle: \
         production\n  owner: shop\n  definition: |\n{text}"
    )
}

#[tokio::test]
async fn a_definition_is_read_whatever_it_is_written_in() {
    let openapi = "openapi: 3.1.0\ninfo: {title: Orders, version: 1.0.0}\npaths:\n  /orders/{id}:\n    get:\n      \
                   summary: <script>alert(1)</script>\n      description: \"**bold** [x](javascript:alert(1))\"\n      \
                   responses: {\"200\": {description: ok}}\n";
    let portal = TestPortal::builder()
        .config(RULES)
        .catalog_file("a.yaml", &api("orders", "openapi", openapi))
        .catalog_file("b.yaml", &api("broken", "openapi", "openapi: 3.0.0\npaths: [\n"))
        .catalog_file(
            "c.yaml",
            &api("stock", "grpc", "service Stock { rpc Get(Ask) returns (stream Ask); }\nmessage Ask {}"),
        )
        .catalog_file("d.yaml", &api("other", "trpc", "export const a = '</code><script>';"))
        .start()
        .await;
    let orders = portal.get_json("/api/catalog/definition/api/default/orders").await;
    assert_eq!(orders["format"], "OpenAPI 3.1.0");
    assert_eq!(orders["groups"][0]["operations"][0]["id"], "get-orders-id");
    let broken = portal.get_json("/api/catalog/definition/api/default/broken").await;
    assert!(broken["findings"][0]["place"]["line"].as_u64().is_some_and(|line| line >= 2), "{broken}");
    let stock = portal.get_json("/api/catalog/definition/api/default/stock").await;
    assert_eq!(stock["groups"][0]["operations"][0]["marks"], json!(["server streams"]));
    assert_eq!(portal.get("/api/catalog/definition/api/default/none").await.status, 404);

    let raw = portal.get("/api/catalog/definition/api/default/orders/raw").await;
    assert_eq!(raw.header("content-disposition"), "attachment; filename=\"orders.yaml\"");
    assert!(raw.header("content-type").starts_with("text/plain") && raw.text().starts_with("openapi: 3.1.0"));

    for (path, words) in [
        ("orders/definition", "&lt;script&gt;"),
        ("broken/definition", "in the definition"),
        ("broken/definition?view=text", "id=\"L2\""),
        ("stock/definition", "server streams"),
        ("other/definition", "&lt;/code&gt;&lt;script&gt;"),
    ] {
        let page = portal.page(&format!("/catalog/default/api/{path}")).await;
        assert!(page.contains(words), "{path}: {words}");
        assert!(!page.contains("<script>alert") && !page.contains("href=\"javascript"), "{path} is not safe");
    }
    let summaries = "/api/catalog/definition-summaries?entity=api:default/orders&entity=component:default/none";
    let summaries = portal.get_json(summaries).await;
    assert_eq!(summaries["items"][1], json!(null));
    assert!(portal.page("/api-docs").await.contains("1 operation"));
}

#[tokio::test]
async fn problems_have_owners_and_filters() {
    let owned = component("shop-app", &[]);
    let system = "---\napiVersion: backstage.io/v1alpha1\nkind: System\nmetadata: {name: store}\nspec: {owner: shop}\n";
    let (broken, theirs) = ("kind: Component\n", component("e", &[]).replace("crew", "clerks"));
    let portal = TestPortal::builder()
        .config(RULES)
        .catalog_file("a.yaml", &format!("{owned}\n{system}"))
        .catalog_file("b.yaml", "a: [\n")
        .catalog_file("one.yaml", &documents(&[component("c", &[]), broken.to_owned()]))
        .catalog_file("two.yaml", &documents(&[component("d", &[]), theirs, broken.to_owned()]))
        .start()
        .await;
    let all = portal.get_json("/api/catalog/problems/by-query").await;
    assert!(all["totalItems"].as_u64().is_some_and(|total| total >= 2), "{all}");
    let kept_out = portal.get_json("/api/catalog/problems/by-query?code=entity/rule").await;
    let problem = &kept_out["items"][0];
    assert_eq!(problem["owner"], "group:default/shop", "the owner that it names itself: {kept_out}");
    for (file, owner) in [("one.yaml", json!("group:default/crew")), ("two.yaml", json!(null))] {
        let found = portal.get_json(&format!("/api/catalog/problems/by-query?severity=error&text={file}")).await;
        assert_eq!(found["items"][0]["owner"], owner, "whose the rest of the file is: {found}");
    }
    let count = portal.get_json("/api/catalog/problems/count").await;
    assert!(count["errors"].as_u64().is_some_and(|errors| errors >= 2), "{count}");
    let page = portal.page("/catalog/problems?code=entity%2Frule").await;
    assert!(page.contains("- allow: [System]") && page.contains("nav-count"));
    assert!(portal.page("/catalog/problems?owner=none").await.contains("Nobody"));
}

#[tokio::test]
async fn registering_and_unregistering_work_as_plain_forms() {
    let portal = TestPortal::builder().config(RULES).catalog_file("a.yaml", &component("a", &[])).start().await;
    let look = [("target", "https://elsewhere.example/catalog-info.yaml"), ("do", "look")];
    let answer = portal.request(Method::POST, "/catalog-import").form(&look).send().await;
    let page = answer.text();
    assert!(page.contains("elsewhere.example"), "what was typed is lost: {page}");
    assert!(page.contains("An administrator can allow the host"), "{page}");
    let empty = portal.request(Method::POST, "/catalog-import").form(&[("target", " ")]).send().await;
    assert_eq!(empty.status, 400);

    let path = "/catalog/default/component/a/unregister";
    let page = portal.page(path).await;
    assert!(page.contains("What to take out of the configuration") && page.contains("/component/a\""), "{page}");
    let uid = portal.entity("component:default/a").await.unwrap()["metadata"]["uid"].as_str().unwrap().to_owned();
    let wrong = [("uid", uid.as_str()), ("what", "entity"), ("token", "wrong")];
    let answer = portal.request(Method::POST, path).form(&wrong).send().await;
    assert_eq!(answer.status, 400, "{}", answer.text());
    let without = [("uid", uid.as_str()), ("what", "entity")];
    let answer = portal.request(Method::POST, path).form(&without).send().await;
    assert_eq!(answer.status, 403, "{}", answer.text());
    assert!(portal.entity("component:default/a").await.is_some());
    let token = portal.admin_token();
    let right = [("uid", uid.as_str()), ("what", "entity"), ("token", token.as_str())];
    let answer = portal.request(Method::POST, path).form(&right).send().await;
    assert_eq!(answer.status, 303, "{}", answer.text());
    assert!(portal.entity("component:default/a").await.is_none());
}
