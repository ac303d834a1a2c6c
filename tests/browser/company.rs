//! The example company behind the browser.

use callboard_tests::github::{FakeGithub, Options};
use callboard_tests::{TestPortal, eventually, portal};

/// The example company with fakes for what it calls.
pub(crate) async fn acme() -> (TestPortal, FakeGithub) {
    let github = FakeGithub::start(Options::default()).unwrap();
    let portal = TestPortal::builder().example(&github.url(), &github.acme_url()).start().await;
    (portal, github)
}

/// A component's document with one annotation.
pub(crate) fn component(name: &str, key: &str, value: &str) -> String {
    format!(
        "apiVersion: backstage.io/v1alpha1\nkind: Component\nmetadata:\n  name: {name}\n  annotations: {{ {key}: \"{value}\" }}\n\
         spec: {{ type: service, lifecycle: production, owner: crew }}\n"
    )
}

/// The path of a component's page that has a card of its workflow runs.
pub(crate) async fn page_with_runs(portal: &TestPortal) -> String {
    let filter = "filter=metadata.annotations.github.com/project-slug,kind=component";
    let component = portal.references(filter).await.remove(0);
    format!("/catalog/{}", portal::path(&component))
}

/// Waits until something was asked of GitHub that is more than a look.
pub(crate) async fn github_is_changed(github: &FakeGithub) {
    eventually("GitHub to be asked", async || {
        github.recorded_requests().iter().any(|request| request.method == "POST").then_some(())
    })
    .await;
}
