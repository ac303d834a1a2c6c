//! The theme: at once, and remembered.

use callboard_tests::eventually;
use serde_json::json;

use crate::browser::Browser;
use crate::company::acme;

const THEME: &str = "return document.documentElement.dataset.theme || 'system'";
const BACKGROUND: &str = "return getComputedStyle(document.documentElement).backgroundColor";

#[tokio::test(flavor = "multi_thread")]
async fn the_button_changes_the_theme_at_once_and_pages_remember_it() {
    let (portal, _github) = acme().await;
    let browser = Browser::start(&portal).await;
    browser.prefers("light").await;
    browser.open("/catalog").await;
    let light = browser.script(BACKGROUND).await;
    for expected in ["light", "dark"] {
        browser.click(".theme-switch button").await;
        eventually(expected, async || (browser.script(THEME).await == json!(expected)).then_some(())).await;
    }
    assert_eq!(browser.place().await, "/catalog", "no other page was loaded");
    let dark = eventually("another background", async || {
        Some(browser.script(BACKGROUND).await).filter(|background| *background != light)
    })
    .await;
    browser.open("/create").await;
    assert_eq!(browser.script(THEME).await, json!("dark"));
    assert_eq!(browser.script(BACKGROUND).await, dark);
    browser.click(".theme-switch button").await;
    eventually("the system's theme", async || (browser.script(THEME).await == json!("system")).then_some(())).await;
    // Without a choice the system's is followed.
    browser.prefers("dark").await;
    eventually("the dark background", async || (browser.script(BACKGROUND).await == dark).then_some(())).await;
    browser.end().await;
}
