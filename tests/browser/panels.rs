//! Plugins' panels: they come when they come, and nothing waits for them.

use callboard_tests::{TestPortal, eventually};
use serde_json::json;

use crate::browser::Browser;
use crate::company::{acme, component, github_is_changed, page_with_runs};

/// Whether the switch of the theme, an island above all panels, is awake.
const AWAKE: &str = "return document.querySelectorAll('.theme-switch leptos-island[data-awake]').length === 1";

#[tokio::test(flavor = "multi_thread")]
async fn islands_wake_before_the_last_panel_has_come() {
    let portal = TestPortal::builder()
        .plugin("torture")
        .plugin("greeter")
        .catalog_file("a.yaml", &component("slow", "torture.test/card", "sleep"))
        .start()
        .await;
    let browser = Browser::impatient(&portal).await;
    browser.go("/catalog/default/component/slow").await;
    browser.place_when("the entity", |place| place.ends_with("/slow")).await;
    eventually("the islands to wake", async || {
        let awake = browser.script(AWAKE).await == json!(true);
        if awake {
            // The plugin sleeps for three seconds; that its panel is not there yet tells that nobody waited for it.
            let loading = browser.script("return document.readyState").await;
            assert_eq!(loading, json!("loading"), "the islands woke only after the last panel");
        }
        awake.then_some(())
    })
    .await;
    let text = browser.text().await;
    assert!(text.contains("Greeter 1.0.0 greets"), "the other panel waits: {text}");
    eventually("the late panel", async || {
        let ready = browser.script("return document.readyState").await == json!("complete");
        let text = browser.script("return document.querySelector('main').textContent").await;
        (ready && text.as_str().is_some_and(|text| text.contains("ok"))).then_some(())
    })
    .await;
    browser.wait_for_islands().await;
    browser.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn workflow_runs_are_shown_and_one_is_started_again() {
    let (portal, github) = acme().await;
    let page = page_with_runs(&portal).await;
    let browser = Browser::start(&portal).await;
    browser.open(&page).await;
    browser.text_when("Re-run").await;
    browser.picture("runs-1440-light", crate::browser::WIDE).await;
    // The question comes first, in a dialog; only its button asks GitHub.
    browser.click("button[popovertarget*=github-actions]").await;
    browser.text_when("run again?").await;
    assert!(github.recorded_requests().iter().all(|request| request.method == "GET"));
    browser.confirm().await;
    github_is_changed(&github).await;
    eventually("a notice", async || (browser.count("[role=status]").await > 0).then_some(())).await;
    browser.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_broken_panel_says_so_in_its_own_frame() {
    let portal = TestPortal::builder()
        .plugin("torture")
        .plugin("greeter")
        .catalog_file("a.yaml", &component("broken", "torture.test/card", "trap"))
        .start()
        .await;
    let browser = Browser::start(&portal).await;
    browser.open("/catalog/default/component/broken").await;
    let text = browser.text().await;
    assert!(text.contains("Greeter 1.0.0 greets"), "{text}");
    assert!(text.contains("failed"), "{text}");
    crate::checks::accessibility(&browser, "a page with a broken panel").await;
    browser.picture("panel-broken-1440-light", crate::browser::WIDE).await;
    browser.end().await;
}
