//! Descriptors and configuration that several modules use.

use callboard_tests::github::{FakeGithub, Options};
use callboard_tests::{TestPortal, artifacts};
use serde_json::Value;

/// A component's document. The annotations are whole lines, each indented by four spaces.
pub(crate) fn component(name: &str, annotations: &[(&str, &str)]) -> String {
    let mut text = format!("apiVersion: backstage.io/v1alpha1\nkind: Component\nmetadata:\n  name: {name}\n");
    if !annotations.is_empty() {
        text.push_str("  annotations:\n");
        for (key, value) in annotations {
            text.push_str(&format!("    {key}: \"{value}\"\n"));
        }
    }
    text.push_str("spec: { type: service, lifecycle: production, owner: crew }\n");
    text
}

/// A group's document.
pub(crate) fn group(name: &str) -> String {
    format!(
        "apiVersion: backstage.io/v1alpha1\nkind: Group\nmetadata:\n  name: {name}\nspec: {{ type: team, children: [] }}\n"
    )
}

/// Documents of one file.
pub(crate) fn documents(list: &[String]) -> String {
    list.join("---\n")
}

/// A template of these steps, given as YAML that is indented by four spaces.
pub(crate) fn template(name: &str, steps: &str) -> String {
    format!(
        "apiVersion: scaffolder.backstage.io/v1beta3\nkind: Template\nmetadata:\n  name: {name}\nspec:\n  type: service\n  \
         parameters:\n    - title: What\n      required: [name]\n      properties:\n        name: {{ type: string, pattern: \
         \"^[a-z-]+$\" }}\n        count: {{ type: integer, minimum: 1, default: 3 }}\n  steps:\n{steps}"
    )
}

/// The example company with fakes for its upstreams.
pub(crate) async fn acme() -> (TestPortal, FakeGithub) {
    let github = FakeGithub::start(Options::default()).unwrap();
    let portal = TestPortal::builder()
        .example(&github.url(), &github.acme_url())
        .variable("GITHUB_TOKEN", "example-token")
        .variable("ACME_API_TOKEN", "example-token")
        .start()
        .await;
    (portal, github)
}

/// A plugin's bytes.
pub(crate) fn wasm(name: &str) -> Vec<u8> {
    artifacts::plugin_bytes(name).unwrap()
}

/// Where a value holds a text, anywhere within it.
pub(crate) fn says(value: &Value, text: &str) -> bool {
    value.to_string().contains(text)
}

/// A text without what changes from run to run, for comparing two pages.
pub(crate) fn between<'a>(text: &'a str, start: &str, end: &str) -> Option<&'a str> {
    let rest = &text[text.find(start)? + start.len()..];
    rest.find(end).map(|at| &rest[..at])
}
