//! Which of our crates may depend on which. Dependencies point down only; what points sideways is listed by name.

use crate::tidy::{Finding, Member};

/// The host's crates by level, the lowest first. A crate may use those of lower levels.
const LEVELS: &[&[&str]] = &[
    &["host-api", "host-model"],
    &[
        "host-apispec",
        "host-config",
        "host-fetch",
        "host-markdown",
        "host-schema",
        "host-store",
        "host-telemetry",
        "host-yaml",
    ],
    &["host-auth", "host-contract", "host-jobs", "host-policy", "host-ports", "host-runtime"],
    &["host-catalog", "host-scaffolder", "host-search", "host-techdocs"],
    &["host-plugins"],
    &["host-server"],
    &["callboard"],
];

/// Edges within a level, each with its reason, and edges from the host to the pages.
const EXTRA: &[(&str, &str, &str)] = &[
    ("host-api", "host-model", "the API speaks of entities"),
    ("host-apispec", "host-markdown", "definitions carry descriptions in Markdown"),
    ("host-apispec", "host-yaml", "most definitions are YAML, and their errors name lines"),
    ("host-config", "host-yaml", "configuration is YAML, and its errors name lines"),
    ("host-fetch", "host-telemetry", "requests are counted in the one table of metrics"),
    ("host-contract", "host-runtime", "bindings are called through the runtime"),
    ("host-contract", "host-ports", "components are the ports' other implementation"),
    ("host-server", "frontend-pages", "the server mounts the pages"),
    ("host-server", "frontend-ui", "error pages use the design system"),
    ("callboard", "frontend-pages", "the wiring hands the site's hashed names to the pages"),
    ("frontend-pages", "frontend-ui", "pages are made of components"),
    ("frontend-pages", "frontend-islands", "pages hold islands"),
    ("frontend-ui", "frontend-islands", "components may hold islands"),
    ("frontend-site", "frontend-islands", "the browser's module is the islands"),
];

/// What plain types the pages may use.
const PAGES_MAY_USE: &[&str] = &["host-api", "host-model"];

const SDK: &str = "callboard-sdk";

/// Checks every edge between members of the workspace.
pub fn check(members: &[Member]) -> Vec<Finding> {
    let mut findings = Vec::new();
    for member in members {
        if kind(&member.name).is_none() {
            findings.push(Finding::new(
                &*member.name,
                "has no place in the house; give it a level in the task runner's `tidy/edges.rs` and in \
                 host/ARCHITECTURE.md, or name it as its neighbours are named",
            ));
            continue;
        }
        for dependency in &member.dependencies {
            let ours = members.iter().any(|other| other.name == dependency.name);
            if ours && !is_allowed(&member.name, &dependency.name, dependency.only_tests) {
                findings.push(Finding::new(
                    &*member.name,
                    format!(
                        "must not depend on {}; go through a port of host-ports or a type of host-model, or, where the \
                         edge is right, add it with its reason to the task runner's `tidy/edges.rs`",
                        dependency.name
                    ),
                ));
            }
        }
    }
    findings
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Host(usize),
    Pages,
    Plugin,
    Sdk,
    Tests,
    Fixture,
    TaskRunner,
}

fn kind(name: &str) -> Option<Kind> {
    let level = LEVELS.iter().position(|level| level.contains(&name)).map(Kind::Host);
    level.or(match name {
        SDK => Some(Kind::Sdk),
        "callboard-tests" => Some(Kind::Tests),
        "xtask" => Some(Kind::TaskRunner),
        _ if name.starts_with("frontend-") => Some(Kind::Pages),
        _ if name.starts_with("plugin-") => Some(Kind::Plugin),
        _ if name.starts_with("fixture-") => Some(Kind::Fixture),
        _ => None,
    })
}

fn is_allowed(from: &str, to: &str, only_tests: bool) -> bool {
    let (Some(above), Some(below)) = (kind(from), kind(to)) else { return false };
    if EXTRA.iter().any(|(a, b, _)| (*a, *b) == (from, to)) {
        return true;
    }
    match (above, below) {
        (Kind::Host(above), Kind::Host(below)) => above > below || (only_tests && above == below && from != to),
        (Kind::Pages, Kind::Host(_)) => PAGES_MAY_USE.contains(&to),
        (Kind::Plugin | Kind::Fixture, Kind::Sdk) => true,
        // Tests drive the outside, and may look at what lies on disk or measure a part by itself.
        (Kind::Tests, Kind::Host(_)) => to != "callboard",
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::member;

    #[test]
    fn edges_point_down() {
        let cases = [
            ("host-server", "host-plugins", false, true),
            ("host-catalog", "host-store", false, true),
            ("host-catalog", "host-scaffolder", false, false),
            ("host-catalog", "host-scaffolder", true, true),
            ("host-store", "host-catalog", false, false),
            ("host-store", "host-catalog", true, false),
            ("host-api", "host-model", false, true),
            ("host-model", "host-api", false, false),
            ("host-config", "host-yaml", false, true),
            ("host-fetch", "host-telemetry", false, true),
            ("host-telemetry", "host-fetch", false, false),
            ("host-contract", "host-runtime", false, true),
            ("host-runtime", "host-contract", false, false),
            ("frontend-pages", "host-model", false, true),
            ("frontend-pages", "host-store", false, false),
            ("frontend-site", "frontend-islands", false, true),
            ("host-plugins", "frontend-pages", false, false),
            ("plugin-openapi", "callboard-sdk", false, true),
            ("plugin-openapi", "host-model", false, false),
            ("plugin-openapi", "plugin-http-request", false, false),
            ("callboard-sdk", "host-model", false, false),
            ("fixture-loops", "callboard-sdk", false, true),
            ("callboard-tests", "host-model", false, true),
            ("callboard-tests", "callboard", false, false),
            ("xtask", "host-model", false, false),
            ("host-catalog", "xtask", false, false),
        ];
        for (from, to, only_tests, expected) in cases {
            assert_eq!(is_allowed(from, to, only_tests), expected, "{from} -> {to}");
        }
    }

    #[test]
    fn a_forbidden_edge_is_reported_with_what_to_do() {
        let members = [member("host-store", &["host-catalog", "serde"], &[]), member("host-catalog", &[], &[])];
        let findings = check(&members);
        assert_eq!(findings.len(), 1);
        assert!(findings[0].to_string().starts_with("host-store: must not depend on host-catalog; "));
    }

    #[test]
    fn a_crate_without_a_level_is_reported() {
        let findings = check(&[member("host-weather", &[], &[])]);
        assert!(findings[0].message.contains("give it a level"), "{findings:?}");
    }
}
