//! From a template's form to the end of its task, with the log as it is written.

use callboard_tests::{TestPortal, eventually};

use crate::browser::{Browser, WIDE};
use crate::company::acme;

#[tokio::test(flavor = "multi_thread")]
async fn a_form_becomes_a_task_that_completes() {
    let (portal, _github) = acme().await;
    let browser = Browser::start(&portal).await;
    browser.open("/create").await;
    browser.click_words("New service").await;
    browser.place_when("the form or its template", |place| place.contains("new-service")).await;
    browser.open("/create/templates/default/new-service").await;
    // A name that is taken by nobody, and one that does not fit first.
    browser.write("[name='/name']", "crate-counter").await;
    browser.write("[name='/description']", "Counts the crates that leave a depot.").await;
    browser.give_owner("group:default/platform").await;
    browser.expect_empty_console("the form").await;
    browser.click_words("Make it").await;
    browser.place_when("the task", |place| place.starts_with("/create/tasks/")).await;
    browser.text_when("crate-counter is ready for group:default/platform").await;
    browser.text_when("Completed").await;
    browser.text_when("What next?").await;
    browser.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_log_of_a_running_task_grows_without_a_new_page() {
    let steps = "    - { id: say, name: Say it, action: debug:log, input: { message: \"first words\" } }\n    - { id: wait, name: Wait \
                 a little, action: debug:wait, input: { seconds: 4 } }\n    - { id: end, name: End it, action: debug:log, input: { \
                 message: \"last words\" } }\n";
    let template = format!(
        "apiVersion: scaffolder.backstage.io/v1beta3\nkind: Template\nmetadata: {{ name: slow, title: Slow }}\nspec:\n  type: \
         service\n  parameters: []\n  steps:\n{steps}"
    );
    let portal = TestPortal::builder().catalog_file("slow.yaml", &template).start().await;
    let task = portal.create_task("template:default/slow", &serde_json::json!({})).await;
    let browser = Browser::start(&portal).await;
    browser.open(&format!("/create/tasks/{task}")).await;
    browser.script("window.callboardSamePage = true").await;
    browser.text_when("first words").await;
    browser.picture("task-running-1440-light", WIDE).await;
    browser.text_when("last words").await;
    browser.text_when("Completed").await;
    assert_eq!(browser.script("return window.callboardSamePage === true").await, true, "the page was loaded anew");
    browser.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn answers_that_do_not_fit_are_marked_and_kept() {
    let (portal, _github) = acme().await;
    let browser = Browser::start(&portal).await;
    browser.open("/create/templates/default/scheduled-job").await;
    // The browser would hold it back; the server must say it as well.
    browser.script("document.querySelector('form.template-form').noValidate = true").await;
    browser.write("[name='/name']", "Not A Name").await;
    browser.write("[name='/description']", "Says how much basil is wanted.").await;
    browser.click(".template-form button[type=submit], .form-actions button").await;
    eventually("the form with its errors", async || (browser.count("[aria-invalid=true]").await > 0).then_some(()))
        .await;
    assert_eq!(browser.find("[name='/name']").await.prop("value").await.unwrap().unwrap(), "Not A Name");
    assert!(browser.count("[role=alert] a").await >= 1, "no summary that leads to the fields");
    crate::checks::accessibility(&browser, "the form with errors").await;
    // The status of that page is 400, and that is all that the console knows of it.
    let lines = browser.console().await;
    assert!(lines.iter().all(|line| line.contains("400")), "{lines:#?}");
    browser.end().await;
}
