//! The search palette: from anywhere, by keyboard.

use callboard_tests::eventually;
use serde_json::json;
use thirtyfour::Key;

use crate::browser::Browser;
use crate::company::acme;

const OPEN: &str = "return document.querySelector('dialog.palette')?.open === true";
const ACTIVE: &str = "return document.querySelector('.palette-option[aria-selected=true]')?.textContent || ''";

#[tokio::test(flavor = "multi_thread")]
async fn ctrl_k_finds_entities_and_goes_there() {
    let (portal, _github) = acme().await;
    let browser = Browser::start(&portal).await;
    browser.open("/plugins").await;
    browser.press_with_ctrl('k').await;
    eventually("the palette", async || (browser.script(OPEN).await == json!(true)).then_some(())).await;
    // Before anything is written it offers places.
    assert!(browser.count(".palette-option").await > 0);
    browser.press("storefront-gate").await;
    eventually("the entity", async || {
        let active = browser.script(ACTIVE).await;
        active.as_str().is_some_and(|text| text.contains("Storefront")).then_some(())
    })
    .await;
    let message = browser.text_of(".palette-message").await;
    assert!(message.contains("result"), "nothing is said aloud: {message:?}");
    browser.picture("palette-1440-light", crate::browser::WIDE).await;
    browser.press(Key::Enter.value().to_string()).await;
    browser.place_when("the entity's page", |place| place.contains("storefront-gateway")).await;

    // Escape closes it, the arrows go through it, and the page of results is always the last.
    browser.wait_for_islands().await;
    browser.press_with_ctrl('k').await;
    eventually("the palette", async || (browser.script(OPEN).await == json!(true)).then_some(())).await;
    browser.press("order").await;
    eventually("results", async || (browser.count(".palette-option").await > 3).then_some(())).await;
    let first = browser.script(ACTIVE).await;
    browser.press(Key::Down.value().to_string()).await;
    assert_ne!(browser.script(ACTIVE).await, first);
    browser.press(Key::Up.value().to_string()).await;
    assert_eq!(browser.script(ACTIVE).await, first);
    browser.press(Key::Escape.value().to_string()).await;
    eventually("the palette to close", async || (browser.script(OPEN).await == json!(false)).then_some(())).await;
    browser.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_click_into_the_field_opens_it_and_strange_words_are_harmless() {
    let (portal, _github) = acme().await;
    let browser = Browser::start(&portal).await;
    browser.open("/").await;
    browser.click("[data-palette-opener]").await;
    eventually("the palette", async || (browser.script(OPEN).await == json!(true)).then_some(())).await;
    for words in ["\"*(", "<b>bold</b>", "zzzzzz"] {
        browser.write(".palette-input", words).await;
        eventually("an answer", async || {
            let message = browser.text_of(".palette-message").await;
            (!message.is_empty()).then_some(())
        })
        .await;
        assert_eq!(browser.count(".palette b").await, 0, "markup was taken for markup");
    }
    browser.end().await;
}
