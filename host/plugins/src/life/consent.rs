//! What a plugin asks for beside what the configuration grants, and the lines that would grant it.

use std::fmt::Write as _;

use host_model::plugin::{Grants, UpstreamGrant};

use crate::settings::{Bindings, PluginSettings};

/// The outcome of comparing a request with the configuration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Consent {
    /// What is granted of what is asked for, and the further instances of upstreams that are bound.
    pub(crate) granted: Grants,
    /// What is asked for and not granted.
    pub(crate) missing: Vec<Missing>,
    /// A binding that is granted and cannot be used.
    pub(crate) broken: Option<String>,
}

/// One thing that is not granted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Missing {
    /// An upstream that is not bound.
    Upstream(String),
    /// An upstream that is bound to a name that does not exist.
    Binding { upstream: String, binding: String },
    /// A path that may not be written.
    Write(String),
}

/// Compares a request with the configuration.
pub(crate) fn compare(requested: &Grants, settings: &PluginSettings, bindings: &Bindings) -> Consent {
    let mut consent = Consent { granted: Grants::default(), missing: Vec::new(), broken: None };
    for (name, wanted) in &requested.upstreams {
        match settings.upstreams.get(name) {
            None => consent.missing.push(Missing::Upstream(name.clone())),
            Some(binding) => consent.grant(name, wanted, binding, bindings),
        }
    }
    for (instance, binding) in &settings.upstreams {
        if let Some((_, name)) = instance.split_once('.')
            && let Some(wanted) = requested.upstreams.get(name)
        {
            consent.grant(instance, wanted, binding, bindings);
        }
    }
    for path in &requested.write {
        if settings.write.contains(path) {
            consent.granted.write.push(path.clone());
        } else {
            consent.missing.push(Missing::Write(path.clone()));
        }
    }
    consent
}

impl Consent {
    fn grant(&mut self, name: &str, wanted: &UpstreamGrant, binding: &str, bindings: &Bindings) {
        if let Some(error) = bindings.broken.get(binding) {
            self.broken = Some(format!("upstreams.{binding}: {error}"));
        } else if bindings.usable.contains_key(binding) {
            let grant = UpstreamGrant { binding: Some(binding.to_owned()), ..wanted.clone() };
            self.granted.upstreams.insert(name.to_owned(), grant);
        } else {
            self.missing.push(Missing::Binding { upstream: name.to_owned(), binding: binding.to_owned() });
        }
    }
}

/// What a person has to know to decide, with the exact lines that grant everything.
pub(crate) fn explain(id: &str, requested: &Grants, settings: &PluginSettings, consent: &Consent) -> String {
    let mut wants: Vec<String> = Vec::new();
    for missing in &consent.missing {
        wants.push(match missing {
            Missing::Upstream(name) => format!("calls to the upstream {name}"),
            Missing::Binding { upstream, binding } => {
                format!("calls to the upstream {upstream}, bound to {binding}, which is not defined under `upstreams`")
            }
            Missing::Write(path) => format!("writing {path} of entities"),
        });
    }
    format!(
        "it asks for what the configuration does not grant: {}. To grant it, let callboard.yaml say:\n\n{}",
        wants.join("; "),
        lines(id, requested, settings, consent)
    )
}

/// The part of a configuration that grants everything that is asked for.
pub(crate) fn grant_lines(id: &str, requested: &Grants) -> String {
    let consent = Consent {
        granted: Grants::default(),
        missing: requested.upstreams.keys().cloned().map(Missing::Upstream).collect(),
        broken: None,
    };
    lines(id, requested, &PluginSettings::default(), &consent)
}

fn lines(id: &str, requested: &Grants, settings: &PluginSettings, consent: &Consent) -> String {
    // Writing to a text cannot fail.
    let mut text = format!("plugins:\n  {id}:\n");
    if !requested.upstreams.is_empty() || !settings.upstreams.is_empty() {
        text.push_str("    upstreams:\n");
        for (name, wanted) in &requested.upstreams {
            let binding = settings.upstreams.get(name).unwrap_or(name);
            let purpose = one_line(&wanted.purpose);
            let _ = writeln!(text, "      {name}: {binding}{}", comment(&purpose));
            for route in wanted.routes.iter().take(20) {
                let _ = writeln!(text, "      # {} {}", one_line(&route.method), one_line(&route.path));
            }
        }
        for (name, binding) in settings.upstreams.iter().filter(|(name, _)| !requested.upstreams.contains_key(*name)) {
            let _ = writeln!(text, "      {name}: {binding}");
        }
    }
    if !requested.write.is_empty() {
        text.push_str("    grants:\n      write:\n");
        for path in &requested.write {
            let _ = writeln!(text, "        - {}", quoted(path));
        }
    }
    let undefined: Vec<&str> = consent
        .missing
        .iter()
        .filter_map(|missing| match missing {
            Missing::Upstream(name) => Some(name.as_str()),
            Missing::Binding { binding, .. } => Some(binding.as_str()),
            Missing::Write(_) => None,
        })
        .collect();
    if !undefined.is_empty() {
        text.push_str("upstreams:\n");
        for name in undefined {
            let _ = writeln!(
                text,
                "  {name}:\n    target: https://… # its base address\n    headers: {{ Authorization: \"Bearer ${{{}_TOKEN:-}}\" }} # if it wants a credential",
                name.to_ascii_uppercase().replace(['-', '.'], "_")
            );
        }
    }
    text
}

fn comment(text: &str) -> String {
    if text.is_empty() { String::new() } else { format!(" # {text}") }
}

/// A text of the plugin's, which must not become a line of its own.
fn one_line(text: &str) -> String {
    text.chars().map(|character| if character.is_control() { ' ' } else { character }).take(200).collect()
}

/// A text as a YAML string: JSON's strings are YAML's.
fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use host_model::plugin::Route;

    use super::*;
    use crate::settings::BindingSettings;

    fn requested() -> Grants {
        let route = Route { method: "GET".into(), path: "/repos/**".into() };
        let github = UpstreamGrant { purpose: "to show\nruns".into(), routes: vec![route], binding: None };
        Grants {
            upstreams: BTreeMap::from([("github".to_owned(), github)]),
            write: vec!["metadata.annotations.example.com/*".into()],
        }
    }

    fn bindings() -> Bindings {
        Bindings::read(&BTreeMap::from([
            ("acme".to_owned(), BindingSettings::to("https://api.github.com")),
            ("bad".to_owned(), BindingSettings::to("not an address")),
        ]))
    }

    fn settings(upstreams: &[(&str, &str)], write: &[&str]) -> PluginSettings {
        PluginSettings {
            upstreams: upstreams.iter().map(|(name, binding)| ((*name).to_owned(), (*binding).to_owned())).collect(),
            write: write.iter().map(|path| (*path).to_owned()).collect(),
            ..PluginSettings::default()
        }
    }

    const PATH: &str = "metadata.annotations.example.com/*";

    #[test]
    fn everything_must_be_granted_exactly() {
        let missing = |settings| compare(&requested(), &settings, &bindings()).missing;
        assert_eq!(missing(settings(&[("github", "acme")], &[PATH])), []);
        assert_eq!(
            missing(settings(&[], &["metadata.annotations.*"])),
            [Missing::Upstream("github".into()), Missing::Write(PATH.into())]
        );
        assert_eq!(
            missing(settings(&[("github", "absent")], &[PATH])),
            [Missing::Binding { upstream: "github".into(), binding: "absent".into() }]
        );
        let granted = compare(
            &requested(),
            &settings(&[("github", "acme"), ("eu.github", "acme")], &[PATH, "other"]),
            &bindings(),
        );
        assert_eq!(granted.granted.upstreams.keys().collect::<Vec<_>>(), ["eu.github", "github"]);
        assert_eq!(granted.granted.upstreams["github"].binding.as_deref(), Some("acme"));
        assert_eq!(granted.granted.write, [PATH]);
        let broken = compare(&requested(), &settings(&[("github", "bad")], &[PATH]), &bindings());
        assert!(broken.broken.unwrap().starts_with("upstreams.bad: target is not an address"));
    }

    #[test]
    fn the_lines_to_add_are_spelled_out() {
        let settings = settings(&[], &[]);
        let consent = compare(&requested(), &settings, &bindings());
        let text = explain("runs", &requested(), &settings, &consent);
        let lines = "plugins:\n  runs:\n    upstreams:\n      github: github # to show runs\n      # GET /repos/**\n    \
                     grants:\n      write:\n        - \"metadata.annotations.example.com/*\"\nupstreams:\n  github:\n    \
                     target: https://… # its base address\n";
        assert!(text.contains(lines), "{text}");
        assert!(text.contains("Bearer ${GITHUB_TOKEN:-}"), "{text}");
    }

    #[test]
    fn what_is_bound_already_is_kept() {
        let settings = settings(&[("github", "acme")], &[]);
        let consent = compare(&requested(), &settings, &bindings());
        let text = explain("runs", &requested(), &settings, &consent);
        assert!(text.contains("      github: acme # to show runs\n") && !text.contains("\nupstreams:"), "{text}");
    }
}
