//! Which of the loaded plugins are to serve. A pure function of what is there and of the configuration.

use std::collections::BTreeMap;

use host_model::plugin::{Grants, Reason, Source, State};

use super::consent::{self, Consent};
use super::loaded::Loaded;
use crate::settings::{Bindings, PluginSettings, PluginsConfig};

/// A plugin's file that could be loaded.
#[derive(Clone, Copy)]
pub(crate) struct Candidate<'a> {
    pub(crate) file: &'a str,
    pub(crate) source: Source,
    pub(crate) loaded: &'a Loaded,
}

/// What is to become of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Decision {
    pub(crate) state: State,
    pub(crate) reason: Option<Reason>,
    pub(crate) granted: Grants,
}

/// Decides for each candidate, in their order.
///
/// Of several files with one id the newest that may serve serves; a newer one that waits for consent or is configured
/// wrongly does not take the place of one that serves.
pub(crate) fn decide(candidates: &[Candidate<'_>], config: &PluginsConfig, bindings: &Bindings) -> Vec<Decision> {
    let mut by_id: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (index, candidate) in candidates.iter().enumerate() {
        by_id.entry(candidate.loaded.id()).or_default().push(index);
    }
    let mut decisions: Vec<Option<Decision>> = candidates.iter().map(|_| None).collect();
    let defaults = PluginSettings::default();
    for (id, mut indices) in by_id {
        indices.sort_by(|one, other| precedence(&candidates[*one], &candidates[*other]));
        let settings = config.plugins.get(id).unwrap_or(&defaults);
        let verdicts: Vec<Decision> =
            indices.iter().map(|index| judge(id, candidates[*index].loaded, settings, bindings)).collect();
        let serving = verdicts.iter().position(|verdict| verdict.state == State::Serving);
        // When none may serve, the newest tells why and the others stand behind it.
        let chosen = serving.unwrap_or(0);
        let by = &candidates[indices[chosen]];
        for (rank, (index, verdict)) in indices.iter().zip(verdicts).enumerate() {
            let superseded = rank > chosen && verdict.state != State::Disabled;
            decisions[*index] = Some(if superseded { supersede(verdict, &candidates[*index], by) } else { verdict });
        }
    }
    decisions.into_iter().flatten().collect()
}

/// Newer versions first; of one version the folder before what is built in, then by file name.
fn precedence(one: &Candidate<'_>, other: &Candidate<'_>) -> std::cmp::Ordering {
    let folder_first = |source| match source {
        Source::Folder => 0,
        Source::BuiltIn => 1,
    };
    (other.loaded.version.cmp_precedence(&one.loaded.version))
        .then_with(|| folder_first(one.source).cmp(&folder_first(other.source)))
        .then_with(|| one.file.cmp(other.file))
}

/// What would become of a plugin if there were no other with its id.
fn judge(id: &str, loaded: &Loaded, settings: &PluginSettings, bindings: &Bindings) -> Decision {
    let Consent { granted, missing, broken } = consent::compare(&loaded.requested, settings, bindings);
    let decision = |state, code: &str, message: String| Decision {
        state,
        reason: Some(Reason { code: code.to_owned(), message }),
        granted: granted.clone(),
    };
    if !settings.enabled {
        let message = format!("switched off by `plugins.{id}.enabled: false` in the configuration");
        return decision(State::Disabled, "disabled", message);
    }
    if let Err(violations) = loaded.check_config(&settings.config) {
        let message = format!(
            "its configuration under `plugins.{id}.config` does not fit its schema:\n{}",
            violations.iter().map(|violation| format!("- {violation}")).collect::<Vec<_>>().join("\n")
        );
        return decision(State::Failed, "config-invalid", message);
    }
    if let Some(message) = broken {
        return decision(State::Failed, "binding-invalid", message);
    }
    if !missing.is_empty() {
        let consent = Consent { granted: granted.clone(), missing, broken: None };
        let message = consent::explain(id, &loaded.requested, settings, &consent);
        return decision(State::WaitingForConsent, "waiting-for-consent", message);
    }
    Decision { state: State::Serving, reason: None, granted }
}

fn supersede(verdict: Decision, candidate: &Candidate<'_>, by: &Candidate<'_>) -> Decision {
    let place = match by.source {
        Source::BuiltIn => "built into the portal",
        Source::Folder => by.file,
    };
    let message = if by.loaded.version.cmp_precedence(&candidate.loaded.version).is_eq() {
        format!("the same version, {}, is taken from {place}", by.loaded.version)
    } else {
        format!("version {} ({place}) takes its place", by.loaded.version)
    };
    let reason = Some(Reason { code: "superseded".into(), message });
    Decision { state: State::Superseded, reason, ..verdict }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::fake;

    fn config(text: serde_json::Value) -> PluginsConfig {
        fake::config(&text)
    }

    /// File, source, id, version, needs an upstream.
    type File<'a> = (&'a str, Source, &'a str, &'a str, bool);

    fn states(files: &[File<'_>], config: &PluginsConfig) -> Vec<(State, Option<String>)> {
        let loaded: Vec<Loaded> = files
            .iter()
            .map(|(_, _, id, version, needs)| {
                let upstreams = if *needs { json!(["github"]) } else { json!([]) };
                fake::load(&json!({ "id": id, "version": version, "upstreams": upstreams })).unwrap()
            })
            .collect();
        let candidates: Vec<_> = files
            .iter()
            .zip(&loaded)
            .map(|((file, source, ..), loaded)| Candidate { file, source: *source, loaded })
            .collect();
        let decisions = decide(&candidates, config, &Bindings::read(&config.upstreams));
        decisions.into_iter().map(|it| (it.state, it.reason.map(|reason| reason.message))).collect()
    }

    fn only_states(files: &[File<'_>], config: &PluginsConfig) -> Vec<State> {
        states(files, config).into_iter().map(|(state, _)| state).collect()
    }

    use Source::{BuiltIn, Folder};
    use State::{Disabled, Failed, Serving, Superseded, WaitingForConsent};

    #[test]
    fn the_newest_version_of_an_id_serves() {
        let none = PluginsConfig::default();
        let files = [
            ("b", BuiltIn, "x", "1.9.0", false),
            ("f.wasm", Folder, "x", "1.10.0", false),
            ("g.wasm", Folder, "x", "1.10.0-rc.1", false),
            ("h.wasm", Folder, "y", "0.1.0", false),
        ];
        assert_eq!(only_states(&files, &none), [Superseded, Serving, Superseded, Serving]);
        let reason = states(&files, &none)[0].1.clone().unwrap();
        assert_eq!(reason, "version 1.10.0 (f.wasm) takes its place");

        let same = [
            ("b", BuiltIn, "x", "1.0.0", false),
            ("z.wasm", Folder, "x", "1.0.0", false),
            ("a.wasm", Folder, "x", "1.0.0", false),
        ];
        assert_eq!(only_states(&same, &none), [Superseded, Superseded, Serving]);
        assert!(states(&same, &none)[0].1.clone().unwrap().contains("the same version, 1.0.0, is taken from a.wasm"));
    }

    #[test]
    fn a_newer_version_that_asks_for_more_waits_beside_the_one_that_serves() {
        let files = [("old.wasm", Folder, "x", "1.0.0", false), ("new.wasm", Folder, "x", "2.0.0", true)];
        assert_eq!(only_states(&files, &PluginsConfig::default()), [Serving, WaitingForConsent]);
        let granted = config(json!({
            "plugins": { "x": { "upstreams": { "github": "acme" } } },
            "upstreams": { "acme": { "target": "https://api.github.com" } },
        }));
        assert_eq!(only_states(&files, &granted), [Superseded, Serving]);
        let both_wait = [("old.wasm", Folder, "x", "1.0.0", true), ("new.wasm", Folder, "x", "2.0.0", true)];
        assert_eq!(only_states(&both_wait, &PluginsConfig::default()), [Superseded, WaitingForConsent]);
    }

    #[test]
    fn the_configuration_switches_off_and_is_checked() {
        let files = [("a.wasm", Folder, "x", "1.0.0", false), ("b.wasm", Folder, "x", "2.0.0", false)];
        let off = config(json!({ "plugins": { "x": { "enabled": false } } }));
        assert_eq!(only_states(&files, &off), [Disabled, Disabled]);

        let wrong = config(json!({ "plugins": { "x": { "config": { "color": "red" } } } }));
        assert_eq!(only_states(&files[..1], &wrong), [Failed]);
        let bad_binding = config(json!({
            "plugins": { "x": { "upstreams": { "github": "acme" } } },
            "upstreams": { "acme": { "target": "nowhere" } },
        }));
        let needing = [("a.wasm", Folder, "x", "1.0.0", true)];
        let (state, message) = states(&needing, &bad_binding).remove(0);
        assert_eq!((state, message.unwrap().starts_with("upstreams.acme: target")), (Failed, true));
    }

    #[test]
    fn violations_of_the_schema_are_named_with_their_place() {
        let schema = json!({
            "type": "object",
            "properties": { "limit": { "type": "integer", "maximum": 10 }, "token": { "type": "integer" } },
            "required": ["team"],
        });
        let loaded = fake::load(&json!({ "id": "x", "schema": schema })).unwrap();
        let settings = config(json!({ "plugins": { "x": { "config": { "limit": 99, "token": "hunter2" } } } }));
        let candidate = Candidate { file: "x.wasm", source: Folder, loaded: &loaded };
        let decision = decide(&[candidate], &settings, &Bindings::read(&settings.upstreams)).remove(0);
        let message = decision.reason.unwrap().message;
        assert!(
            message.contains("- /limit: ") && message.contains("- /: ") && message.contains("\"team\""),
            "{message}"
        );
        assert!(!message.contains("hunter2"), "{message}");
    }
}
