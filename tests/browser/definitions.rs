//! The definition of an API, as a reader goes through it.

use thirtyfour::By;

use crate::browser::Browser;
use crate::company::acme;

const ORDERS: &str = "/catalog/default/api/orders-api/definition";

#[tokio::test(flavor = "multi_thread")]
async fn operations_open_and_types_are_followed() {
    let (portal, _github) = acme().await;
    let browser = Browser::start(&portal).await;
    browser.go(ORDERS).await;
    browser.click(".operation-head").await;
    assert_eq!(browser.count(".operation[open]").await, 1);
    // The address of an operation opens it.
    let speaking = ".operation:not([open]):has(.schema-link) .operation-body";
    let anchor = browser.driver.find(By::Css(speaking)).await.expect("an operation that names a type");
    let anchor = anchor.id().await.expect("an id").expect("an id");
    browser.go(&format!("{ORDERS}#{anchor}")).await;
    browser.click(&format!("[id='{anchor}'] .schema-link")).await;
    browser.place_when("the type", |place| place.contains("view=types")).await;
    browser.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_filter_works_without_scripts() {
    let (portal, _github) = acme().await;
    let browser = Browser::without_scripts(&portal).await;
    browser.go(ORDERS).await;
    let all = browser.count(".operation").await;
    browser.write("aside input[name=q]", "cancel").await;
    browser.click("aside button[type=submit]").await;
    browser.place_when("the filter", |place| place.contains("q=cancel")).await;
    let found = browser.count(".operation").await;
    assert!(found > 0 && found < all, "{found} of {all}");
    browser.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_address_is_told_beside_the_field() {
    let (portal, _github) = acme().await;
    let browser = Browser::without_scripts(&portal).await;
    browser.go("/catalog-import").await;
    browser.write("input[name=target]", "https://elsewhere.example/catalog-info.yaml").await;
    browser.click("button[value=look]").await;
    assert!(browser.count(".field-error, .callout, .problem").await > 0, "{}", browser.text().await);
    let kept = browser.driver.find(By::Css("input[name=target]")).await;
    assert!(kept.is_ok() || browser.text().await.contains("elsewhere.example"), "the address is lost");
    browser.end().await;
}
