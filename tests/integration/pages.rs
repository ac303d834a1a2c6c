//! Pages as they come over the wire: what is there without scripts, and when.

use std::time::Duration;

use callboard_tests::{TestPortal, raw};
use reqwest::Method;
use serde_json::json;

use crate::support::{acme, component};

async fn slow() -> TestPortal {
    TestPortal::builder()
        .plugin("torture")
        .plugin("greeter")
        .catalog_file("a.yaml", &component("slow", &[("torture.test/card", "sleep")]))
        .start()
        .await
}

#[tokio::test]
async fn a_panel_that_takes_three_seconds_delays_only_itself() {
    let portal = slow().await;
    let path = "/catalog/default/component/slow";
    // The panel's own page, where the placeholder points without scripts.
    let link = "/catalog/default/component/slow/panels/torture/deed";
    let answer = raw::get(portal.address(), path, &["Accept: text/html"]).await;
    assert_eq!(answer.status(), Some(200));
    let seen = |text: &str| answer.seen(text).unwrap_or_else(|| panic!("{text} is not in:\n{}", answer.text()));
    let everything_else = [seen("slow"), seen("Relations"), seen("Greeter 1.0.0 greets"), seen(link)];
    // "ok" is what the panel says after its sleep; look for it in what came late.
    let last = answer.parts.last().unwrap().after;
    assert!(last >= Duration::from_millis(2_900), "the panel was not waited for: {last:?}");
    for time in everything_else {
        // Told apart by order, not by a clock: the plugin sleeps for three seconds, and all else was there long before.
        assert!(time + Duration::from_millis(1_500) < last, "something waited for the panel: {time:?} of {last:?}");
    }
    let late: String = answer
        .parts
        .iter()
        .filter(|part| part.after + Duration::from_millis(1_000) > last)
        .map(|part| String::from_utf8_lossy(&part.bytes).into_owned())
        .collect();
    assert!(late.contains("ok"), "the panel did not come: {late}");
    let text = answer.text();
    let noscript =
        text.split("<noscript").any(|part| part.split("</noscript").next().is_some_and(|inside| inside.contains(link)));
    assert!(noscript, "there is no way to the panel without scripts");
}

#[tokio::test]
async fn the_page_of_one_panel_waits_for_it() {
    let portal = slow().await;
    let page = portal.page("/catalog/default/component/slow/panels/torture/deed").await;
    assert!(page.contains("ok"), "the panel is not there");
    assert!(page.contains("/catalog/default/component/slow\""), "there is no way back");
    assert_eq!(portal.get("/catalog/default/component/slow/panels/torture/nothing").await.status, 404);
    assert_eq!(portal.get("/catalog/default/component/nobody/panels/torture/deed").await.status, 404);
}

#[tokio::test]
async fn a_panel_that_is_ready_is_in_the_first_html() {
    let portal = TestPortal::builder().plugin("greeter").catalog_file("a.yaml", &component("a", &[])).start().await;
    // Once, so that everything that is compiled late has been.
    portal.page("/catalog/default/component/a").await;
    let page = portal.page("/catalog/default/component/a").await;
    let greeting = page.find("Greeter 1.0.0 greets component:default/a").expect("the card");
    let end = page.find("</main>").expect("the content ends");
    assert!(greeting < end, "it came out of order, although it was ready");
}

#[tokio::test]
async fn filters_sort_and_pages_are_in_the_address() {
    let (portal, _github) = acme().await;
    let all = portal.page("/catalog").await;
    let apis = portal.page("/catalog?kind=api").await;
    assert!(all.contains("/component/courier-app\"") && !apis.contains("/component/courier-app\""));
    assert!(apis.contains("suppliers-api"));
    let searched = portal.page("/catalog?kind=component&text=gateway").await;
    assert!(searched.contains("storefront-gateway") && !searched.contains("/catalog/default/component/ledger\""));
    for odd in [
        "/catalog?page=0",
        "/catalog?page=999999",
        "/catalog?page=x&sort=%00",
        "/catalog?kind=&kind=&owner=nobody",
        "/catalog?text=",
    ] {
        assert_eq!(portal.get(odd).await.status, 200, "{odd}");
    }
}

#[tokio::test]
async fn forms_work_without_scripts() {
    let (portal, github) = acme().await;
    // Create: wrong values show the form again with what was in it, right ones lead to the task.
    let path = "/create/templates/default/scheduled-job";
    let form = portal.page(path).await;
    assert!(form.contains("name=\"/name\"") && form.contains("method=\"post\""), "no form");
    let wrong = portal
        .request(Method::POST, path)
        .form(&[("/name", "Not A Name"), ("/description", "A description that is long enough.")])
        .send()
        .await;
    let page = wrong.text_of(400);
    assert!(page.contains("Not A Name"), "what was written is gone");
    assert!(page.contains("aria-invalid=\"true\""), "nothing is marked");
    let right = portal
        .request(Method::POST, path)
        .form(&[
            ("/name", "basil-forecast"),
            ("/description", "Says how much basil is wanted."),
            ("/owner", "group:default/platform"),
            ("/system", "system:default/orders"),
            ("/language", "python"),
            ("/schedule", "5 * * * *"),
            ("/minutes", "15"),
        ])
        .send()
        .await;
    assert_eq!(right.status, 303, "{}", right.text());
    let task = right.header("location").to_owned();
    let id = task.rsplit('/').next().unwrap().to_owned();
    assert!(task.starts_with("/create/tasks/"), "{task}");
    assert_eq!(portal.ended_task(&id).await["status"], "completed");
    let page = portal.page(&task).await;
    assert!(page.contains("basil-forecast") && page.contains("Lay out the job"), "the task's page");

    // Re-run: the form asks first, by a page or by a field, and posts to the panel's own page.
    let shop = portal.references("filter=metadata.annotations.github.com/project-slug,kind=component").await.remove(0);
    let entity = callboard_tests::portal::path(&shop);
    let list = portal.get_json(&format!("/api/views/{entity}")).await;
    let card = list["items"][0]["card"]["id"].as_str().unwrap();
    let panel = format!("/catalog/{entity}/panels/github-actions/{card}");
    let view = portal.get_json(&format!("/api/views/{entity}/github-actions/{card}")).await;
    let table = view["view"]["blocks"].as_array().unwrap().iter().find(|block| block["type"] == "table").unwrap();
    let row = table["value"]["rows"]
        .as_array()
        .unwrap()
        .iter()
        .find(|row| row["actions"].to_string().contains("rerun"))
        .unwrap();
    let input =
        row["actions"][0]["input"].as_str().map_or_else(|| row["actions"][0]["input"].to_string(), str::to_owned);
    let before = github.recorded_requests().len();
    let answer = portal
        .request(Method::POST, &panel)
        .form(&[("action", "rerun"), ("input", &input), ("confirmed", "true")])
        .send()
        .await;
    assert_eq!(answer.status, 303, "{}", answer.text());
    let posted = github.recorded_requests().split_off(before);
    assert!(posted.iter().any(|request| request.method == "POST" && request.path.ends_with("/rerun")), "{posted:#?}");
    let cookie = answer.headers.get_all("set-cookie").iter().find_map(|value| value.to_str().ok()).unwrap().to_owned();
    let notice = portal
        .request(Method::GET, answer.header("location"))
        .header("cookie", cookie.split(';').next().unwrap())
        .send()
        .await;
    assert!(notice.text_of(200).contains("role=\"status\""), "the notice is not shown");
}

#[tokio::test]
async fn pages_that_are_not_there_and_methods_that_are_not_meant() {
    let portal = TestPortal::builder().start().await;
    for path in [
        "/nope",
        "/catalog/default/component/nobody",
        "/catalog/default/component",
        "/create/templates/default/nobody",
        "/create/tasks/nobody",
        "/plugins/nobody",
        "/catalog/%00/%FF/x",
    ] {
        let answer = portal.get(path).await;
        assert!(matches!(answer.status, 400 | 404), "{path}: {}", answer.status);
        assert!(answer.text().contains("<h1"), "{path}");
    }
    assert!(portal.request(Method::DELETE, "/catalog").send().await.status >= 400);
    let head = portal.request(Method::HEAD, "/catalog").send().await;
    assert_eq!((head.status, head.body.len()), (200, 0));
    let form = portal.request(Method::POST, "/catalog").form(&[("a", "b")]).send().await;
    assert!((400..500).contains(&form.status), "{}", form.status);
    let json = portal.post("/settings", &json!({ "theme": "dark" })).await;
    assert_eq!(json.status, 400, "{}", json.text());
}

#[tokio::test]
async fn the_theme_is_remembered() {
    let portal = TestPortal::builder().start().await;
    let answer =
        portal.request(Method::POST, "/settings").form(&[("theme", "dark"), ("back", "/catalog")]).send().await;
    assert_eq!((answer.status, answer.header("location")), (303, "/catalog"));
    let cookie = answer.header("set-cookie").split(';').next().unwrap().to_owned();
    let page = portal.request(Method::GET, "/").header("cookie", &cookie).send().await.text_of(200);
    assert!(page[..page.find("<head").unwrap_or(400)].contains("dark"), "the page is not dark");
    let evil =
        portal.request(Method::POST, "/settings").form(&[("theme", "x"), ("back", "//evil.example")]).send().await;
    assert_eq!(evil.header("location"), "/");
}

#[tokio::test]
async fn assets_are_compressed_and_kept_for_good() {
    let portal = TestPortal::builder().start().await;
    let page = portal.page("/").await;
    let assets: Vec<&str> = page.split('"').filter(|part| part.starts_with("/assets/")).collect();
    assert!(assets.iter().any(|asset| asset.ends_with(".css")), "{assets:?}");
    assert!(assets.iter().any(|asset| asset.ends_with(".js")), "{assets:?}");
    for asset in assets {
        let answer = portal.request(Method::GET, asset).header("accept-encoding", "br, gzip").send().await;
        assert_eq!(answer.status, 200, "{asset}");
        assert!(answer.header("cache-control").contains("immutable"), "{asset}");
        assert_eq!(answer.header("content-encoding"), "br", "{asset}");
    }
}

#[tokio::test]
async fn a_list_can_be_taken_away_as_a_file() {
    let portal = TestPortal::builder()
        .catalog_file("a.yaml", &component("formula", &[("example.com/note", "=1+1")]))
        .catalog_file("b.yaml", &component("plain", &[]))
        .start()
        .await;
    let table = portal.get("/catalog/export?format=csv&text=plain").await.text_of(200);
    let lines: Vec<&str> = table.lines().collect();
    assert_eq!(lines.len(), 2, "{table}");
    assert!(lines[0].starts_with("entityRef,kind,") && lines[1].starts_with("component:default/plain,Component,"));
    let all: serde_json::Value = portal.get_json("/catalog/export?format=json").await;
    assert_eq!(all.as_array().map(Vec::len), Some(2));
    assert_eq!(portal.get("/catalog/export?format=xlsx").await.status, 400);
}
