//! The catalog's table: filters, text, sorting and pages, all by address.

use serde_json::json;
use thirtyfour::Key;

use crate::browser::Browser;
use crate::company::acme;

#[tokio::test(flavor = "multi_thread")]
async fn filters_change_the_address_and_the_address_the_filters() {
    let (portal, _github) = acme().await;
    let browser = Browser::start(&portal).await;
    browser.open("/catalog").await;
    let all = browser.count("table tbody tr").await;
    assert!(all >= 10, "{all} rows");

    browser.click("select[name=type] option[value=website]").await;
    browser.place_when("the type in the address", |place| place.contains("type=website")).await;
    browser.wait_for_islands().await;
    let websites = browser.count("table tbody tr").await;
    assert!(websites > 0 && websites < all, "{websites} of {all}");
    assert_eq!(browser.script("return document.querySelector('select[name=type]').value").await, json!("website"));

    browser.open("/catalog").await;
    browser.write("input[name=text]", "gateway").await;
    browser.press(Key::Enter.value().to_string()).await;
    browser.place_when("the text in the address", |place| place.contains("text=gateway")).await;
    let text = browser.text().await;
    assert!(text.contains("Gateway"), "{text}");

    // Back and forward work, since all of it is in the address.
    browser.driver.back().await.unwrap();
    browser.place_when("the page before", |place| !place.contains("text=")).await;
    browser.open("/catalog?kind=api&text=zzzzz").await;
    assert!(browser.text().await.contains("Nothing matches"), "an empty state says what to do");
    browser.click_words("Clear filters").await;
    browser.place_when("no filters", |place| !place.contains("zzzzz")).await;
    browser.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_table_sorts_and_pages_by_links() {
    let (portal, _github) = acme().await;
    let browser = Browser::start(&portal).await;
    browser.open("/catalog?kind=all").await;
    let first = browser.text_of("table tbody tr").await;
    browser.click("table thead a").await;
    let sorted =
        browser.place_when("an order in the address", |place| place.contains("sort") || place.contains("order")).await;
    assert!(sorted.starts_with("/catalog?"), "{sorted}");
    assert!(browser.count("th[aria-sort]").await >= 1, "the order is not said aloud");
    browser.open("/catalog?kind=all").await;
    browser.click("a[rel=next], .pagination a").await;
    browser.place_when("the second page", |place| place.contains("page=2")).await;
    let second = browser.text_of("table tbody tr").await;
    assert_ne!(first, second);
    browser.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn from_the_table_to_an_entity_along_its_relations_and_back() {
    let (portal, _github) = acme().await;
    let browser = Browser::start(&portal).await;
    browser.open("/catalog?text=storefront-gateway").await;
    browser.click("table tbody a").await;
    browser.place_when("the entity", |place| place.contains("/component/storefront-gateway")).await;
    assert!(browser.count("main svg a").await >= 3, "the graph leads on");
    browser.click_words("Relations").await;
    browser.place_when("the tab", |place| place.ends_with("/relations")).await;
    assert!(browser.count("[aria-current=page]").await >= 1);
    browser.driver.back().await.unwrap();
    browser.place_when("the overview", |place| place.ends_with("/storefront-gateway")).await;
    browser.end().await;
}
