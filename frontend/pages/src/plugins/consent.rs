//! What an administrator adds to the configuration to grant what a plugin asks for.

use host_model::plugin::Status;
use serde_json::{Map, Value, json};

use crate::yaml::to_yaml;

/// The lines to add; none when nothing is missing. Upstreams that are not bound yet need an address, which only an
/// administrator knows.
pub(super) fn lines_to_add(plugin: &Status) -> Option<String> {
    let id = plugin.id.as_deref()?;
    let missing_upstreams = plugin.requested.upstreams.keys().any(|name| !plugin.granted.upstreams.contains_key(name));
    let missing_paths = plugin.requested.write.iter().any(|path| !plugin.granted.write.contains(path));
    if !missing_upstreams && !missing_paths {
        return None;
    }
    let mut settings = Map::from_iter([("enabled".to_owned(), json!(true))]);
    let mut targets = Map::new();
    if !plugin.requested.upstreams.is_empty() {
        let bindings = plugin.requested.upstreams.keys().map(|name| {
            let bound = plugin.granted.upstreams.get(name).and_then(|grant| grant.binding.clone());
            let binding = bound.clone().unwrap_or_else(|| format!("{id}-{name}"));
            if bound.is_none() {
                targets.insert(binding.clone(), json!({ "target": "https://REPLACE.example.com" }));
            }
            (name.clone(), Value::String(binding))
        });
        let bindings: Map<String, Value> = bindings.collect();
        settings.insert("upstreams".to_owned(), Value::Object(bindings));
    }
    if !plugin.requested.write.is_empty() {
        settings.insert("grants".to_owned(), json!({ "write": plugin.requested.write }));
    }
    let mut document = Map::from_iter([("plugins".to_owned(), json!({ id: settings }))]);
    if !targets.is_empty() {
        document.insert("upstreams".to_owned(), Value::Object(targets));
    }
    Some(to_yaml(&Value::Object(document)))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use host_model::plugin::{Grants, Source, State, UpstreamGrant};

    use super::*;

    fn plugin(requested: Grants, granted: Grants) -> Status {
        Status {
            id: Some("ci".into()),
            version: None,
            title: "CI".into(),
            summary: None,
            homepage: None,
            file: "ci.wasm".into(),
            source: Source::Folder,
            sha256: String::new(),
            state: State::WaitingForConsent,
            reason: None,
            extension_points: vec![],
            imports: vec![],
            requested,
            granted,
            calls: 0,
            faults: 0,
            cpu_ms: 0,
            peak_memory_bytes: 0,
            recent_faults: vec![],
        }
    }

    #[test]
    fn the_lines_grant_exactly_what_is_asked_for() {
        let requested = Grants {
            upstreams: BTreeMap::from([("github".to_owned(), UpstreamGrant::default())]),
            write: vec!["metadata.annotations.ci/*".to_owned()],
        };
        let lines = lines_to_add(&plugin(requested.clone(), Grants::default())).unwrap();
        assert_eq!(
            lines,
            "plugins:\n  ci:\n    enabled: true\n    upstreams:\n      github: ci-github\n    grants:\n      write:\n        - \
             \"metadata.annotations.ci/*\"\nupstreams:\n  ci-github:\n    target: https://REPLACE.example.com\n"
        );
        assert_eq!(lines_to_add(&plugin(requested.clone(), requested)), None);
        assert_eq!(lines_to_add(&plugin(Grants::default(), Grants::default())), None);
    }
}
