//! Every kind of bad file in the drop folder: listed with a clear state and reason, and nothing else is harmed.

use callboard_tests::TestPortal;
use serde_json::Value;

use crate::support::{component, wasm};

/// A file's name, its bytes, the code of the reason, and a word that the message says.
fn bad_files() -> Vec<(&'static str, Vec<u8>, &'static str, &'static str)> {
    let good = wasm("greeter");
    let flipped = |at: usize| {
        let mut bytes = good.clone();
        for byte in &mut bytes[at..at + 64] {
            *byte ^= 0x5a;
        }
        bytes
    };
    let module = wat::parse_str("(module (func (export \"run\")))").unwrap();
    let component = wat::parse_str("(component)").unwrap();
    let stranger = wat::parse_str("(component (import \"no:such/thing@1.0.0\" (instance)))").unwrap();
    vec![
        ("empty.wasm", Vec::new(), "not-webassembly", "empty"),
        ("text.wasm", b"hello, this is no plugin".to_vec(), "not-webassembly", "WebAssembly"),
        ("page.wasm", b"<!doctype html><title>404</title>".to_vec(), "not-webassembly", "markup"),
        ("archive.wasm", b"PK\x03\x04rest".to_vec(), "not-webassembly", "ZIP"),
        ("start.wasm", good[..6].to_vec(), "truncated", "truncated"),
        ("half.wasm", good[..good.len() / 2].to_vec(), "truncated", "truncated"),
        ("short.wasm", good[..good.len() - 7].to_vec(), "truncated", "truncated"),
        ("early.wasm", flipped(8), "", ""),
        ("middle.wasm", flipped(good.len() / 2), "", ""),
        ("module.wasm", module, "not-a-component", "wasm32-wasip2"),
        ("hollow.wasm", component, "wrong-world", "not a Callboard plugin"),
        ("stranger.wasm", stranger, "", ""),
        ("world.wasm", wasm("wrong-world"), "wrong-world", "not a Callboard plugin"),
        ("traps.wasm", wasm("describe-traps"), "describe-failed", "describe"),
        ("loops.wasm", wasm("describe-loops"), "describe-failed", "describe"),
    ]
}

fn check(file: &str, plugin: &Value, code: &str, word: &str) {
    let reason = &plugin["reason"];
    let message = reason["message"].as_str().unwrap_or_default();
    assert_eq!(plugin["state"], "failed", "{file}: {plugin}");
    assert!(!reason["code"].as_str().unwrap_or_default().is_empty(), "{file}: {plugin}");
    assert!(message.len() > 15, "{file}: the reason is no sentence: {plugin}");
    if !code.is_empty() {
        assert_eq!(reason["code"], code, "{file}: {plugin}");
        assert!(message.contains(word), "{file}: {word:?} is not in {message:?}");
    }
}

#[tokio::test]
async fn bad_files_at_the_start_are_listed_with_their_reasons_and_harm_nothing() {
    let mut builder = TestPortal::builder().plugin("greeter").catalog_file("a.yaml", &component("a", &[]));
    for (file, bytes, ..) in bad_files() {
        builder = builder.plugin_bytes(file, bytes);
    }
    let portal = builder.start().await;
    for (file, _, code, word) in bad_files() {
        check(file, &portal.plugin_in(file, "failed").await, code, word);
    }
    // The good one beside them serves, and so do the portal's own.
    portal.plugin_in("greeter.wasm", "serving").await;
    let built_in: Vec<Value> =
        portal.plugins().await.into_iter().filter(|plugin| plugin["source"] == "built-in").collect();
    assert_eq!(built_in.len(), 3, "{built_in:#?}");
    assert!(built_in.iter().all(|plugin| plugin["state"] != "failed"), "{built_in:#?}");
    assert!(portal.entity("component:default/a").await.is_some());
    let card = portal.card("component:default/a", "greeter", "greeting").await;
    assert!(card["view"].is_object(), "{card}");

    let page = portal.page("/plugins").await;
    for (file, ..) in bad_files() {
        assert!(page.contains(file), "{file} is not on the page");
    }
    assert!(page.contains("wasm32-wasip2"), "the reason is on the page, with what to do");
}

#[tokio::test]
async fn bad_files_that_are_dropped_while_serving_are_listed_too() {
    let portal = TestPortal::builder().plugin("greeter").catalog_file("a.yaml", &component("a", &[])).start().await;
    for (file, bytes, code, word) in bad_files() {
        portal.drop_plugin(file, &bytes);
        check(file, &portal.plugin_in(file, "failed").await, code, word);
        assert_eq!(portal.get("/readyz").await.status, 200, "{file}");
    }
    portal.plugin_in("greeter.wasm", "serving").await;
    // What is mended serves.
    portal.drop_plugin("half.wasm", &wasm("torture"));
    callboard_tests::eventually("the mended plugin to serve", async || {
        let plugin = portal.plugin_file("half.wasm").await?;
        (plugin["state"] == "serving").then_some(())
    })
    .await;
}

#[tokio::test]
async fn wherever_a_file_is_damaged_it_comes_to_an_end() {
    let good = wasm("greeter");
    let mut builder = TestPortal::builder().catalog_file("a.yaml", &component("a", &[]));
    for part in 1..8 {
        let mut bytes = good.clone();
        let at = good.len() * part / 8;
        for byte in &mut bytes[at..at + 16] {
            *byte = byte.wrapping_add(0x33);
        }
        builder = builder.plugin_bytes(&format!("damaged-{part}.wasm"), bytes);
    }
    let portal = builder.start().await;
    for part in 1..8 {
        // Damage in a text that the plugin shows makes it another plugin, and not a bad one.
        let file = format!("damaged-{part}.wasm");
        callboard_tests::eventually(&format!("the end of {file}"), async || {
            let plugin = portal.plugin_file(&file).await?;
            (plugin["state"] != "starting").then_some(())
        })
        .await;
    }
    for plugin in portal.plugins().await {
        assert!(plugin["state"] != "failed" || plugin["reason"]["message"].to_string().len() > 15, "{plugin}");
    }
    assert_eq!(portal.get("/catalog/default/component/a").await.status, 200);
    assert_eq!(portal.get("/plugins").await.status, 200);
}

#[tokio::test]
async fn other_files_in_the_folder_are_ignored() {
    let portal = TestPortal::builder()
        .plugin_bytes(".hidden.wasm", wasm("greeter"))
        .plugin_bytes("greeter.wasm.part", wasm("greeter"))
        .plugin_bytes("greeter.tmp", wasm("greeter"))
        .plugin_bytes("notes.txt", "x")
        .file("data/plugins/folder.wasm/inside.txt", "x")
        .start()
        .await;
    let files: Vec<String> = portal
        .plugins()
        .await
        .iter()
        .filter(|plugin| plugin["source"] == "folder")
        .map(|plugin| plugin["file"].as_str().unwrap().to_owned())
        .collect();
    assert!(files.is_empty() || files == ["folder.wasm"], "{files:?}");
}

#[tokio::test]
async fn a_file_that_is_too_large_is_not_read() {
    let portal = TestPortal::builder().start().await;
    // A hole in a file takes no room on the disk.
    let path = portal.drop_folder().join("giant.wasm");
    std::fs::File::create(&path).unwrap().set_len(3 << 30).unwrap();
    let plugin = portal.plugin_in("giant.wasm", "failed").await;
    assert_eq!(plugin["reason"]["code"], "too-large", "{plugin}");
}

#[tokio::test]
async fn damaged_compiled_code_is_compiled_again() {
    let mut portal = TestPortal::builder().compile_everything().plugin("greeter").start().await;
    portal.plugin_in("greeter.wasm", "serving").await;
    assert_eq!(portal.terminate().code, Some(0));
    let cache = portal.data().join("cache").join("plugins");
    let mut damaged = 0;
    for entry in std::fs::read_dir(&cache).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|extension| extension == "cwasm") {
            let mut bytes = std::fs::read(&path).unwrap();
            let middle = bytes.len() / 2;
            bytes[middle] ^= 0xff;
            std::fs::write(&path, bytes).unwrap();
            damaged += 1;
        }
    }
    assert!(damaged > 0, "nothing was kept in {}", cache.display());
    portal.start_again().await;
    portal.plugin_in("greeter.wasm", "serving").await;
}
