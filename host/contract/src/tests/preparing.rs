//! Which components are plugins of this portal, and what the others are told.

use host_model::plugin::ExtensionPoint;

use super::fixture::{Data, card_plugin};
use super::*;
use crate::VERSION;

#[tokio::test]
async fn finds_what_a_plugin_offers() {
    let plugin = plugin(card_plugin("", &Data::default(), &[])).await;
    let inspection = plugin.inspection();
    assert_eq!(inspection.extension_points, [ExtensionPoint::UiCard]);
    assert_eq!(inspection.contract_version.as_deref(), Some(VERSION));
}

#[tokio::test]
async fn refuses_other_worlds_versions_and_imports_with_a_sentence() {
    let (runtime, contract) = contract();
    let plugin = |rest: &str| {
        format!(
            r#"(component
                (core module $m (func (export "f") (result i32) unreachable))
                (core instance $m (instantiate $m))
                {rest})"#
        )
    };
    for (text, code, message) in [
        (plugin(""), "not-a-plugin", "nor anything else"),
        (
            plugin(r#"(instance $i) (export "wasi:cli/run@0.2.0" (instance $i))"#),
            "not-a-plugin",
            "it does not export callboard:plugin/plugin but wasi:cli/run@0.2.0",
        ),
        (
            plugin(r#"(instance $i) (export "callboard:plugin/plugin@0.9.0-next.7" (instance $i))"#),
            "incompatible-version",
            "built for callboard:plugin 0.9.0-next.7, this portal offers 0.9.0-next.1",
        ),
        (
            plugin(&format!(r#"(instance $i) (export "callboard:plugin/plugin@{VERSION}" (instance $i))"#)),
            "contract-mismatch",
            "describe",
        ),
        (
            format!(
                r#"(component
                    (import "wasi:keyvalue/store@0.2.0" (instance (export "open" (func))))
                    (instance $i) (export "callboard:plugin/plugin@{VERSION}" (instance $i)))"#
            ),
            "missing-import",
            "it needs wasi:keyvalue/store@0.2.0#open, which this portal does not offer",
        ),
        (
            format!(
                r#"(component
                    (import "callboard:plugin/log@{VERSION}" (instance (export "shout" (func))))
                    (instance $i) (export "callboard:plugin/plugin@{VERSION}" (instance $i)))"#
            ),
            "missing-import",
            "it needs callboard:plugin/log@0.9.0-next.1#shout, which",
        ),
    ] {
        let component = runtime.load(wat::parse_str(&text).unwrap().into()).await.unwrap();
        let error = contract.prepare(&component).unwrap_err();
        assert_eq!(error.code(), code, "{error}");
        assert!(error.to_string().contains(message), "{error}");
    }
}

#[tokio::test]
async fn another_shape_under_the_same_version_is_a_fault_that_names_it() {
    let (runtime, contract) = contract();
    let text = format!(
        r#"(component
            (core module $m (func (export "f") (result i32) unreachable))
            (core instance $m (instantiate $m))
            (func $describe (result u32) (canon lift (core func $m "f")))
            (instance $i (export "describe" (func $describe)))
            (export "callboard:plugin/plugin@{VERSION}" (instance $i)))"#
    );
    let component = runtime.load(wat::parse_str(&text).unwrap().into()).await.unwrap();
    let plugin = contract.prepare(&component).unwrap();
    let fault = plugin.describe(trial(&Arc::default())).await.fault().unwrap();
    assert!(fault.message.starts_with("its plugin has another shape than that of callboard:plugin@"), "{fault}");
}
