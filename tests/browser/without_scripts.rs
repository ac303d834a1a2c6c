//! Everything that people come for, with scripts switched off.

use callboard_tests::{TestPortal, eventually};
use thirtyfour::{By, Key};

use crate::browser::Browser;
use crate::company::{acme, component, github_is_changed, page_with_runs};

#[tokio::test(flavor = "multi_thread")]
async fn scripts_are_really_off_and_pages_say_the_same() {
    let (portal, _github) = acme().await;
    let browser = Browser::without_scripts(&portal).await;
    for (path, words) in [
        ("/", "Acme"),
        ("/catalog", "Storefront"),
        ("/catalog/default/component/storefront-gateway", "Storefront Gateway"),
        ("/create", "New service"),
        ("/plugins", "OpenAPI"),
        ("/settings", "Theme"),
    ] {
        browser.go(path).await;
        assert!(browser.text().await.contains(words), "{path}");
        assert_eq!(browser.count("leptos-island[data-awake]").await, 0, "{path}: a script ran");
    }
    browser.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn search_filters_and_theme() {
    let (portal, _github) = acme().await;
    let browser = Browser::without_scripts(&portal).await;
    browser.go("/").await;
    browser.write("input[name=q]", "gateway").await;
    browser.press(Key::Enter.value().to_string()).await;
    browser.place_when("the results", |place| place == "/search?q=gateway").await;
    assert!(browser.text().await.contains("Storefront Gateway"));

    browser.go("/catalog").await;
    browser.click("select[name=type] option[value=website]").await;
    assert_eq!(browser.place().await, "/catalog", "nothing happens by itself");
    browser.click(".filters button[type=submit], aside form button[type=submit], aside form button").await;
    browser.place_when("the type in the address", |place| place.contains("type=website")).await;

    browser.click(".theme-switch button").await;
    eventually("the theme", async || {
        let root = browser.driver.find(By::Css("html")).await.ok()?;
        root.attr("data-theme").await.ok()?.filter(|theme| theme == "light")
    })
    .await;
    assert!(browser.place().await.contains("type=website"), "and back to where the reader was");
    browser.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn stars_and_saved_lists_stay_in_the_browser() {
    let (portal, _github) = acme().await;
    let browser = Browser::without_scripts(&portal).await;
    browser.go("/catalog?owner=group:default/catalogue").await;
    browser.click(".save-view-summary").await;
    browser.write(".save-view-form input[name=name]", "Ours & more").await;
    browser.click(".save-view-form button").await;
    browser.place_when("back on the list", |place| place.contains("owner=")).await;
    browser.go("/catalog").await;
    browser.click(".star button").await;
    eventually("the star", async || (browser.count(".star[data-on]").await == 1).then_some(())).await;
    browser.go("/catalog?show=starred").await;
    assert_eq!(browser.count("table tbody tr").await, 1);
    browser.click(".star button").await;
    eventually("the way on", async || browser.text().await.contains("Nothing has a star yet").then_some(())).await;

    browser.click(".saved-view a").await;
    browser.place_when("the saved list", |place| place.contains("owner=")).await;
    assert_eq!(browser.text_of(".saved-view a[aria-current]").await, "Ours & more");
    browser.click(".saved-view button").await;
    eventually("no saved list", async || (browser.count(".saved-view").await == 0).then_some(())).await;
    browser.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn create_and_follow_a_task() {
    let (portal, _github) = acme().await;
    let browser = Browser::without_scripts(&portal).await;
    browser.go("/create/templates/default/new-service").await;
    browser.write("[name='/name']", "crate-counter").await;
    browser.write("[name='/description']", "Counts the crates that leave a depot.").await;
    browser.give_owner("group:default/platform").await;
    browser.click_words("Make it").await;
    browser.place_when("the task", |place| place.starts_with("/create/tasks/")).await;
    // The page asks again by itself until the task has ended.
    browser.text_when("Completed").await;
    browser.text_when("crate-counter is ready").await;
    browser.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_is_started_again_after_a_question() {
    let (portal, github) = acme().await;
    let page = page_with_runs(&portal).await;
    let browser = Browser::without_scripts(&portal).await;
    browser.go(&page).await;
    // A panel that came late cannot be put in its place without scripts; then there is a link to its own page.
    if browser.count("button[popovertarget*=github-actions]").await == 0 {
        browser.click("noscript a[href*='/panels/github-actions/'], a[href*='/panels/github-actions/']").await;
        browser.place_when("the panel's page", |place| place.contains("/panels/github-actions/")).await;
    }
    browser.click("button[popovertarget*=github-actions]").await;
    browser.confirm().await;
    github_is_changed(&github).await;
    eventually("the notice", async || (browser.count("[role=status]").await > 0).then_some(())).await;
    browser.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_late_panel_has_a_page_of_its_own() {
    let portal = TestPortal::builder()
        .plugin("torture")
        .catalog_file("a.yaml", &component("slow", "torture.test/card", "sleep"))
        .start()
        .await;
    let browser = Browser::without_scripts(&portal).await;
    browser.go("/catalog/default/component/slow").await;
    browser.click("a[href$='/panels/torture/deed']").await;
    browser.place_when("the panel's page", |place| place.ends_with("/panels/torture/deed")).await;
    browser.text_when("ok").await;
    browser.click_words("Back to").await;
    browser.place_when("the entity", |place| place.ends_with("/component/slow")).await;
    browser.end().await;
}
