//! Each main page: it is there, the console is empty, people who do not see it can use it, it fits into a narrow window,
//! and a picture of it is left behind.

use serde_json::json;

use crate::browser::{Browser, NARROW, WIDE};
use crate::checks::{accessibility, no_overflow, visible_focus};
use crate::company::acme;

/// Name of the picture, path, and words that the page says.
const READING: &[(&str, &str, &str)] = &[
    ("home", "/", "Acme"),
    ("catalog", "/catalog", "Storefront"),
    ("catalog-apis", "/catalog?kind=api", "API"),
    ("entity", "/catalog/default/component/storefront-gateway", "Storefront"),
    ("entity-relations", "/catalog/default/component/storefront-gateway/relations", "Storefront"),
    ("api", "/catalog/default/api/suppliers-api", "Suppliers"),
    ("api-definition", "/catalog/default/api/suppliers-api/definition", "OpenAPI 3"),
    ("definition-openapi", "/catalog/default/api/orders-api/definition", "OpenAPI 3"),
    ("definition-types", "/catalog/default/api/orders-api/definition?view=types", "Money"),
    ("definition-text", "/catalog/default/api/orders-api/definition?view=text", "Download"),
    ("definition-asyncapi", "/catalog/default/api/order-events/definition", "AsyncAPI"),
    ("definition-graphql", "/catalog/default/api/storefront-graph/definition", "placeOrder"),
    ("definition-grpc", "/catalog/default/api/stock-grpc/definition", "WatchMovements"),
    ("entity-apis", "/catalog/default/component/order-service/api", "Provides"),
    ("unregister", "/catalog/default/component/order-service/unregister", "What to take out of the configuration"),
    ("api-problems", "/catalog/default/api/suppliers-api/problems", "operationId"),
    ("inspect", "/catalog/default/api/suppliers-api/inspect", "Suppliers"),
    ("group", "/catalog/default/group/customer", "Ownership"),
    ("dependencies", "/catalog/default/component/basket/dependencies", "Depends on"),
    ("diagram", "/catalog/default/system/orders/diagram", "Order Service"),
];

const DOING: &[(&str, &str, &str)] = &[
    ("create", "/create", "New service"),
    ("create-form", "/create/templates/default/new-service", "What is it?"),
    ("create-form-job", "/create/templates/default/scheduled-job", "Schedule"),
    ("create-tasks", "/create/tasks", "Tasks"),
    ("create-actions", "/create/actions", "fetch:template"),
    ("plugins", "/plugins", "OpenAPI"),
    ("plugin", "/plugins/github-actions", "github"),
    ("search", "/search?q=order", "order"),
    ("search-nothing", "/search?q=zzzzzz", "zzzzzz"),
    ("settings", "/settings", "Theme"),
    ("docs", "/docs", "Docs"),
    ("api-docs", "/api-docs", "API"),
    ("graph", "/catalog-graph", "Graph"),
    ("problems", "/catalog/problems", "Problems"),
    ("import", "/catalog-import", "Look at it"),
];

async fn look(pages: &[(&str, &str, &str)]) {
    let (portal, _github) = acme().await;
    let task = json!({
        "name": "basil-forecast", "description": "Says how much basil is wanted.", "owner": "group:default/platform",
        "system": "system:default/orders", "language": "go", "schedule": "5 * * * *"
    });
    let task = portal.create_task("template:default/scheduled-job", &task).await;
    portal.ended_task(&task).await;
    let browser = Browser::start(&portal).await;
    for (name, path, words) in pages {
        for (scheme, size) in [("light", WIDE), ("dark", WIDE), ("light", NARROW), ("dark", NARROW)] {
            browser.prefers(scheme).await;
            browser.size(size).await;
            let place = format!("{path} in {scheme} at {}", size.0);
            browser.open(path).await;
            let text = browser.text().await.to_lowercase();
            assert!(text.contains(&words.to_lowercase()), "{place} does not say {words:?}: {text}");
            accessibility(&browser, &place).await;
            no_overflow(&browser, &place).await;
            browser.expect_empty_console(&place).await;
            browser.picture(&format!("{name}-{}-{scheme}", size.0), size).await;
        }
    }
    browser.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_for_reading() {
    look(READING).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_for_doing() {
    look(DOING).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_task_an_error_and_a_missing_page() {
    let (portal, _github) = acme().await;
    let values = json!({
        "name": "crate-counter", "description": "Counts the crates that leave a depot.", "owner": "group:default/platform",
        "port": 8080, "tier": "2"
    });
    let task = portal.create_task("template:default/new-service", &values).await;
    portal.ended_task(&task).await;
    let browser = Browser::start(&portal).await;
    for size in [WIDE, NARROW] {
        browser.size(size).await;
        let path = format!("/create/tasks/{task}");
        browser.open(&path).await;
        assert!(browser.text().await.contains("crate-counter is ready"), "no log");
        accessibility(&browser, &path).await;
        no_overflow(&browser, &path).await;
        browser.expect_empty_console(&path).await;
        browser.picture(&format!("task-{}-light", size.0), size).await;
    }
    for path in ["/no/such/page", "/catalog/default/component/nobody"] {
        browser.open(path).await;
        accessibility(&browser, path).await;
        no_overflow(&browser, path).await;
        // The browser itself says that the page was not found, and nothing else.
        let lines = browser.console().await;
        assert!(lines.iter().all(|line| line.contains("404")), "{path}: {lines:#?}");
        browser.picture(&format!("missing{}-390-light", path.replace('/', "-")), NARROW).await;
    }
    browser.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_keyboard_leads_through_pages_and_is_always_seen() {
    let (portal, _github) = acme().await;
    let browser = Browser::start(&portal).await;
    for path in [
        "/",
        "/catalog",
        "/catalog/default/component/storefront-gateway",
        "/create/templates/default/new-service",
        "/plugins",
    ] {
        browser.open(path).await;
        visible_focus(&browser, path, 25).await;
    }
    // The first stop skips the navigation.
    browser.open("/catalog").await;
    browser.press(thirtyfour::Key::Tab.value().to_string()).await;
    browser.press(thirtyfour::Key::Enter.value().to_string()).await;
    browser.place_when("the content", |place| place.starts_with("/catalog")).await;
    assert_eq!(
        browser.script("return document.activeElement.closest('main') !== null || location.hash === '#content'").await,
        true
    );
    browser.end().await;
}
