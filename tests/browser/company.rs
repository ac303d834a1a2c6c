//! The example company behind the browser.

use callboard_tests::TestPortal;
use callboard_tests::github::{FakeGithub, Options};

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
