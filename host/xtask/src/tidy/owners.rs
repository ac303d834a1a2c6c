//! Which crate alone may use which library: "only X says Y".

use crate::tidy::{Finding, Member};

/// Libraries (by name, or by prefix where it ends in `*`), who may use them, and where to go instead.
const OWNED: &[(&[&str], &[&str], &str)] = &[
    (
        &["rusqlite", "libsqlite3-sys", "r2d2*", "sqlx*", "diesel*"],
        &["host-store"],
        "ask host-store for an intention instead of SQL",
    ),
    (
        &["axum", "axum-*", "leptos_axum", "utoipa-axum"],
        &["host-server"],
        "give host-server a plain value and let it decide about HTTP",
    ),
    (
        &["wasmtime", "wasmtime-*", "cranelift*"],
        &["host-runtime", "host-contract"],
        "call plugins through host-runtime and host-contract",
    ),
    (
        &[
            "granit-parser",
            "saphyr*",
            "serde-saphyr",
            "yaml-rust*",
            "serde_yaml*",
            "serde-yaml*",
            "serde_yml",
            "serde_norway",
        ],
        &["host-yaml"],
        "read YAML with host-yaml, which keeps its positions",
    ),
    (
        &["reqwest", "reqwest-*", "ureq", "isahc", "gix", "gix-*", "git2", "hickory-*"],
        &["host-fetch"],
        "let host-fetch open the connection; it holds the address checks",
    ),
    (&["comrak", "ammonia", "syntect", "two-face"], &["host-markdown"], "render Markdown with host-markdown"),
    (
        &["metrics", "metrics-*", "prometheus*"],
        &["host-telemetry"],
        "emit an event of host-telemetry, whose table knows every metric",
    ),
    (&["minijinja", "minijinja-*"], &["host-scaffolder"], "render templates in host-scaffolder"),
];

/// Crates of plain types: what they must not use, so that they compile for the browser and do no input or output.
const PLAIN: &[&str] = &["host-api", "host-model"];
const NOT_PLAIN: &[&str] = &["tokio", "tokio-*", "notify", "tracing-subscriber", "getrandom"];

/// Tests look at things from outside, with whatever they need; plugins are alone in their sandbox and bring what they
/// need with them.
const EXEMPT: &[&str] = &["callboard-tests", "fixture-*", "plugin-*"];

/// Checks every dependency of every member.
pub fn check(members: &[Member]) -> Vec<Finding> {
    let mut findings = Vec::new();
    for member in members.iter().filter(|member| !names(EXEMPT, &member.name)) {
        for dependency in &member.dependencies {
            for (libraries, owners, instead) in OWNED {
                if names(libraries, &dependency.name) && !owners.contains(&member.name.as_str()) {
                    findings.push(Finding::new(
                        &*member.name,
                        format!("must not use {}: only {} may; {instead}", dependency.name, owners.join(" and ")),
                    ));
                }
            }
            if PLAIN.contains(&member.name.as_str()) && !dependency.only_tests && names(NOT_PLAIN, &dependency.name) {
                findings.push(Finding::new(
                    &*member.name,
                    format!("holds plain types and must not use {}; move what needs it a level up", dependency.name),
                ));
            }
        }
    }
    findings
}

fn names(patterns: &[&str], name: &str) -> bool {
    patterns.iter().any(|pattern| match pattern.strip_suffix('*') {
        Some(prefix) => name.starts_with(prefix),
        None => name == *pattern,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::member;

    #[test]
    fn libraries_stay_with_their_owners() {
        let cases = [
            ("host-store", "rusqlite", None),
            ("host-catalog", "rusqlite", Some("only host-store may; ask host-store")),
            ("host-server", "axum", None),
            ("host-server", "leptos_axum", None),
            ("callboard", "axum", Some("only host-server may")),
            ("host-contract", "wasmtime-wasi-http", None),
            ("host-plugins", "wasmtime", Some("only host-runtime and host-contract may")),
            ("host-config", "serde-saphyr", Some("only host-yaml may")),
            ("host-catalog", "granit-parser", Some("only host-yaml may")),
            ("host-catalog", "reqwest", Some("only host-fetch may")),
            ("host-plugins", "metrics", Some("only host-telemetry may")),
            ("host-catalog", "serde", None),
            ("host-model", "tokio", Some("plain types")),
            ("host-model", "serde", None),
        ];
        for (name, library, expected) in cases {
            let findings = check(&[member(name, &[library], &[])]);
            match expected {
                None => assert!(findings.is_empty(), "{findings:?}"),
                Some(part) => assert!(findings.len() == 1 && findings[0].message.contains(part), "{findings:?}"),
            }
        }
    }

    #[test]
    fn tests_may_look_from_outside_and_plugins_bring_their_own() {
        assert!(check(&[member("plugin-openapi", &["granit-parser"], &[])]).is_empty());
        assert!(check(&[member("callboard-tests", &["axum", "reqwest"], &["rusqlite"])]).is_empty());
        assert!(check(&[member("host-model", &[], &["tokio"])]).is_empty());
    }

    #[test]
    fn a_crates_own_tests_are_bound_too() {
        assert_eq!(check(&[member("host-catalog", &[], &["rusqlite"])]).len(), 1);
    }
}
