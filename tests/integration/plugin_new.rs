//! A plugin author's five minutes: from `callboard plugin new` to the card on the page, outside the checkout.

use std::process::Command;

use callboard_tests::portal::run_command;
use callboard_tests::{TestPortal, artifacts, eventually};

use crate::support::{component, wasm};

#[tokio::test]
async fn a_new_plugin_is_written_built_dropped_and_seen() {
    let portal = TestPortal::builder().catalog_file("a.yaml", &component("a", &[])).start().await;
    let folder = tempfile::tempdir().unwrap();
    assert!(!folder.path().starts_with(artifacts::checkout()));
    let run = run_command(folder.path(), &[], &["plugin", "new", "hello", "--kind", "ui-card"]).unwrap();
    assert_eq!(run.code, Some(0), "{run:?}");
    assert!(run.err.contains("cargo build"), "it says what to do next: {}", run.err);

    // What it is made of lies where the next run of this test finds it; a reader's build takes half a minute more.
    let target = artifacts::scratch("plugin-new").unwrap();
    let target = target.to_str().unwrap();
    let mut variables = vec![("CARGO_TARGET_DIR", target)];
    if is_fetched(folder.path(), target) {
        variables.push(("CARGO_NET_OFFLINE", "true"));
    }
    let run = run_command(folder.path(), &variables, &["plugin", "build", "hello"]).unwrap();
    assert_eq!(run.code, Some(0), "{run:?}");
    assert!(run.out.contains("hello 0.1.0 is a good plugin: ui-card"), "{run:?}");

    let component = format!("{target}/wasm32-wasip2/release/hello.wasm");
    let data = portal.data();
    let run =
        run_command(folder.path(), &[], &["plugin", "install", &component, "--data", data.to_str().unwrap()]).unwrap();
    assert_eq!(run.code, Some(0), "{run:?}");
    portal.plugin_in("hello.wasm", "serving").await;
    let cards = portal.get_json("/api/views/default/component/a").await;
    let title = cards["items"][0]["card"]["title"].as_str().unwrap().to_owned();
    eventually("the card on the page", async || {
        let page = portal.page("/catalog/default/component/a").await;
        page.contains(&title).then_some(())
    })
    .await;

    // Once more in the same place is refused, and so are names that cannot be.
    for name in ["hello", "Bad Name", "../up"] {
        let run = run_command(folder.path(), &[], &["plugin", "new", name, "--kind", "ui-card"]).unwrap();
        assert_eq!(run.code, Some(2), "{name}: {run:?}");
    }
}

/// Whether cargo can do without the registry: everything was downloaded when the checkout was built.
fn is_fetched(folder: &std::path::Path, target: &str) -> bool {
    let mut cargo = Command::new("cargo");
    cargo.args(["metadata", "--offline", "--format-version", "1"]).current_dir(folder.join("hello"));
    let output = cargo.env("CARGO_TARGET_DIR", target).output();
    output.is_ok_and(|output| output.status.success())
}

#[test]
fn a_dry_run_calls_a_plugin_that_is_granted_nothing() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("greeter.wasm"), wasm("greeter")).unwrap();
    std::fs::write(folder.path().join("a.yaml"), component("a", &[])).unwrap();
    let run = run_command(folder.path(), &[], &["plugin", "dry-run", "greeter.wasm", "--entity", "a.yaml"]).unwrap();
    assert_eq!(run.code, Some(0), "{run:?}");
    let view: serde_json::Value = serde_json::from_str(&run.out).unwrap();
    assert!(view.to_string().contains("component:default/a"), "{view}");
    for wrong in
        [&["greeter.wasm"][..], &["greeter.wasm", "--entity", "greeter.wasm"], &["a.yaml", "--entity", "a.yaml"]]
    {
        let run = run_command(folder.path(), &[], &[&["plugin", "dry-run"], wrong].concat()).unwrap();
        assert_eq!(run.code, Some(2), "{run:?}");
        assert!(!run.err.contains("panicked") && run.err.contains("error: "), "{run:?}");
    }
}
