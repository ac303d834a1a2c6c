//! One Chromium for one test.

use std::path::PathBuf;

use base64::Engine;
use callboard_tests::{TestPortal, artifacts, eventually, http_client};
use serde_json::{Value, json};
use tempfile::TempDir;
use thirtyfour::common::config::WebDriverConfig;
use thirtyfour::extensions::cdp::ChromeDevTools;
use thirtyfour::{By, CapabilitiesHelper, ChromiumLikeCapabilities, DesiredCapabilities, Key, WebDriver, WebElement};

use crate::console::{ReadConsole, complaints};
use crate::driver::Driver;

/// The sizes of windows that pages are looked at in.
pub(crate) const WIDE: (u32, u32) = (1440, 900);
pub(crate) const NARROW: (u32, u32) = (390, 844);

/// The tallest picture of a page.
const TALLEST: u64 = 3_000;

/// A browser that looks at one portal.
pub(crate) struct Browser {
    pub(crate) driver: WebDriver,
    tools: ChromeDevTools,
    url: String,
    scripts: bool,
    // Dropped after the session, and in this order.
    _driver: Driver,
    _profile: TempDir,
}

impl Browser {
    /// A browser with scripts.
    pub(crate) async fn start(portal: &TestPortal) -> Self {
        Self::with(portal, true, "normal").await
    }

    /// A browser that looks at a page while it still arrives.
    pub(crate) async fn impatient(portal: &TestPortal) -> Self {
        Self::with(portal, true, "none").await
    }

    /// A browser whose reader switched scripts off.
    pub(crate) async fn without_scripts(portal: &TestPortal) -> Self {
        Self::with(portal, false, "normal").await
    }

    async fn with(portal: &TestPortal, scripts: bool, waits_for_pages: &str) -> Self {
        let process = Driver::start();
        let profile = tempfile::Builder::new().prefix("callboard-browser-").tempdir().unwrap();
        let mut capabilities = DesiredCapabilities::chrome();
        for argument in [
            "--headless=new",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-dev-shm-usage",
            "--no-first-run",
            "--no-default-browser-check",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--disable-extensions",
            "--hide-scrollbars",
            "--force-color-profile=srgb",
        ] {
            capabilities.add_arg(argument).unwrap();
        }
        capabilities.add_arg(&format!("--user-data-dir={}", profile.path().display())).unwrap();
        if let Ok(chromium) = std::env::var("CHROMIUM") {
            capabilities.set_binary(&chromium).unwrap();
        }
        if !scripts {
            let preferences = json!({ "profile.managed_default_content_settings.javascript": 2 });
            capabilities.add_experimental_option("prefs", preferences).unwrap();
        }
        capabilities.set_base_capability("pageLoadStrategy", json!(waits_for_pages)).unwrap();
        capabilities.set_base_capability("goog:loggingPrefs", json!({ "browser": "ALL" })).unwrap();
        let client = http_client();
        let config = WebDriverConfig::default();
        let driver = WebDriver::new_with_config_and_client(process.url(), capabilities, config, client).await.unwrap();
        let tools = ChromeDevTools::new(driver.handle.clone());
        let browser = Self { driver, tools, url: portal.url(), scripts, _driver: process, _profile: profile };
        browser.size(WIDE).await;
        browser
    }

    /// Sets the size of what a page is shown in; below 500 pixels a window itself cannot be made.
    pub(crate) async fn size(&self, (width, height): (u32, u32)) {
        let metrics = json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": false });
        self.tools.execute_cdp_with_params("Emulation.setDeviceMetricsOverride", metrics).await.unwrap();
    }

    /// Sets what the reader's system prefers: `light` or `dark`.
    pub(crate) async fn prefers(&self, scheme: &str) {
        let media = json!({ "features": [{ "name": "prefers-color-scheme", "value": scheme }] });
        self.tools.execute_cdp_with_params("Emulation.setEmulatedMedia", media).await.unwrap();
    }

    /// Goes to a path and waits until the page has arrived to its end.
    pub(crate) async fn go(&self, path: &str) {
        self.driver.goto(format!("{}{path}", self.url)).await.unwrap();
    }

    /// Goes to a path and waits until its islands are awake too.
    pub(crate) async fn open(&self, path: &str) {
        self.go(path).await;
        if self.scripts {
            self.wait_for_islands().await;
        }
    }

    /// Waits until every island of the page is awake.
    pub(crate) async fn wait_for_islands(&self) {
        let asleep = "return document.querySelectorAll('leptos-island:not([data-awake])').length";
        eventually("the islands to wake", async || (self.script(asleep).await == json!(0)).then_some(())).await;
    }

    /// The path and the query of where the browser is.
    pub(crate) async fn place(&self) -> String {
        let url = self.driver.current_url().await.unwrap();
        url.query().map_or_else(|| url.path().to_owned(), |query| format!("{}?{query}", url.path()))
    }

    /// Waits until the browser is somewhere else.
    pub(crate) async fn place_when(&self, what: &str, accept: impl Fn(&str) -> bool) -> String {
        eventually(what, async || Some(self.place().await).filter(|place| accept(place))).await
    }

    /// What a script gives.
    pub(crate) async fn script(&self, script: &str) -> Value {
        self.driver.execute(script, Vec::new()).await.unwrap().json().clone()
    }

    /// The first element that a selector finds, which must be there.
    pub(crate) async fn find(&self, selector: &str) -> WebElement {
        eventually(selector, async || self.driver.find(By::Css(selector.to_owned())).await.ok()).await
    }

    /// How many elements a selector finds.
    pub(crate) async fn count(&self, selector: &str) -> usize {
        let find = async || self.driver.find_all(By::Css(selector.to_owned())).await.ok();
        eventually(&format!("a count of {selector}"), find).await.len()
    }

    /// The words of the first element that a selector finds. An element that goes with its page while it is read is
    /// looked for again on the next one.
    pub(crate) async fn text_of(&self, selector: &str) -> String {
        eventually(&format!("the words of {selector}"), async || {
            let element = self.driver.find(By::Css(selector.to_owned())).await.ok()?;
            element.text().await.ok()
        })
        .await
    }

    /// Clicks the first element that a selector finds, as soon as it can be clicked.
    pub(crate) async fn click(&self, selector: &str) {
        eventually(&format!("a click on {selector}"), async || {
            let element = self.driver.find(By::Css(selector.to_owned())).await.ok()?;
            element.click().await.ok()
        })
        .await;
    }

    /// Clicks the link or button with these words.
    pub(crate) async fn click_words(&self, words: &str) {
        let path = format!("//*[self::a or self::button][contains(normalize-space(.), {})]", quoted(words));
        self.click_shown(&format!("“{words}”"), By::XPath(path)).await;
    }

    /// Says yes to the question of a panel's dialog, which is open or about to be.
    pub(crate) async fn confirm(&self) {
        let button = By::Css("form[data-panel-action] button[type=submit]");
        self.click_shown("the dialog's button", button).await;
    }

    /// Clicks the first of several elements that is shown.
    async fn click_shown(&self, what: &str, which: By) {
        eventually(&format!("a click on {what}"), async || {
            for element in self.driver.find_all(which.clone()).await.ok()? {
                if element.is_displayed().await.unwrap_or(false) && element.click().await.is_ok() {
                    return Some(());
                }
            }
            None
        })
        .await;
    }

    /// Chooses an owner, or writes it where it cannot be chosen.
    pub(crate) async fn give_owner(&self, owner: &str) {
        let field = "[name='/owner']";
        if self.count(&format!("select{field}")).await > 0 {
            self.click(&format!("{field} option[value='{owner}']")).await;
        } else {
            self.write(field, owner).await;
        }
    }

    /// Writes into a field, after what is in it has been taken out.
    pub(crate) async fn write(&self, selector: &str, text: &str) {
        let field = self.find(selector).await;
        field.clear().await.unwrap();
        field.send_keys(text).await.unwrap();
    }

    /// Presses keys wherever the reader is.
    pub(crate) async fn press(&self, keys: impl AsRef<str>) {
        self.driver.action_chain().send_keys(keys.as_ref()).perform().await.unwrap();
    }

    /// Presses a key while Ctrl is held.
    pub(crate) async fn press_with_ctrl(&self, key: char) {
        let chain = self.driver.action_chain().key_down(Key::Control).send_keys(key.to_string());
        chain.key_up(Key::Control).perform().await.unwrap();
    }

    /// The words of the page.
    pub(crate) async fn text(&self) -> String {
        self.text_of("body").await
    }

    /// Waits until the page says something.
    pub(crate) async fn text_when(&self, wanted: &str) -> String {
        eventually(&format!("the page to say “{wanted}”"), async || {
            Some(self.text().await).filter(|text| text.contains(wanted))
        })
        .await
    }

    /// What the console says since the last time.
    pub(crate) async fn console(&self) -> Vec<String> {
        complaints(&self.driver.cmd(ReadConsole).await.unwrap().value_json().unwrap())
    }

    /// Fails the test when the console has something to complain of.
    pub(crate) async fn expect_empty_console(&self, where_: &str) {
        let lines = self.console().await;
        assert!(lines.is_empty(), "the console on {where_}: {lines:#?}");
    }

    /// Leaves a picture of the page in `target/screenshots/`.
    pub(crate) async fn picture(&self, name: &str, (width, height): (u32, u32)) {
        let folder = artifacts::checkout().join("target").join("screenshots");
        std::fs::create_dir_all(&folder).unwrap();
        let tall = self.script("return document.scrollingElement.scrollHeight").await.as_u64().unwrap_or(0);
        let clip =
            json!({ "x": 0, "y": 0, "width": width, "height": tall.clamp(u64::from(height), TALLEST), "scale": 1 });
        let wanted = json!({ "format": "png", "captureBeyondViewport": true, "clip": clip });
        let picture = self.tools.execute_cdp_with_params("Page.captureScreenshot", wanted).await.unwrap();
        let bytes = base64::engine::general_purpose::STANDARD.decode(picture["data"].as_str().unwrap()).unwrap();
        let path: PathBuf = folder.join(format!("{name}.png"));
        std::fs::write(path, bytes).unwrap();
    }

    /// Ends the browser. The console must be empty.
    pub(crate) async fn end(self) {
        self.expect_empty_console("the last page").await;
        self.driver.quit().await.unwrap();
    }
}

/// A text in XPath.
fn quoted(text: &str) -> String {
    if text.contains('\'') { format!("\"{text}\"") } else { format!("'{text}'") }
}
