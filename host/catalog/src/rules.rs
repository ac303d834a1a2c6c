//! Which kinds a location may bring.

use globset::{GlobBuilder, GlobMatcher};
use host_model::Entity;

use crate::{AllowedKind, Rule, RuleLocation};

/// Stands for every kind.
pub(crate) const ANY: &str = "*";

/// The rules of the configuration, ready to be asked.
#[derive(Debug, Default)]
pub(crate) struct Rules(Vec<Ready>);

#[derive(Debug)]
struct Ready {
    allow: Vec<AllowedKind>,
    locations: Vec<Place>,
}

#[derive(Debug)]
struct Place {
    location_type: Option<String>,
    exact: Option<String>,
    pattern: Option<Option<GlobMatcher>>,
}

impl Rules {
    pub(crate) fn new(rules: &[Rule]) -> Self {
        let place = |location: &RuleLocation| Place {
            location_type: location.location_type.clone(),
            exact: location.exact.clone(),
            // A pattern that cannot be read matches nothing.
            pattern: location.pattern.as_ref().map(|pattern| {
                let glob = GlobBuilder::new(pattern).case_insensitive(true).literal_separator(true).build().ok();
                glob.map(|glob| glob.compile_matcher())
            }),
        };
        let ready =
            |rule: &Rule| Ready { allow: rule.allow.clone(), locations: rule.locations.iter().map(place).collect() };
        Self(rules.iter().map(ready).collect())
    }

    /// Whether an entity may enter from a location.
    pub(crate) fn allow(&self, entity: &Entity, location_type: &str, target: &str) -> bool {
        self.0.iter().any(|rule| {
            let here = rule.locations.is_empty()
                || rule.locations.iter().any(|place| {
                    place.location_type.as_ref().is_none_or(|wanted| wanted == location_type)
                        && place.exact.as_ref().is_none_or(|exact| exact == target)
                        && place
                            .pattern
                            .as_ref()
                            .is_none_or(|glob| glob.as_ref().is_some_and(|glob| glob.is_match(target)))
                });
            here && rule.allow.iter().any(|allowed| {
                (allowed.kind == ANY || allowed.kind.eq_ignore_ascii_case(entity.kind()))
                    && allowed
                        .spec_type
                        .as_ref()
                        .is_none_or(|wanted| entity.spec_type().is_some_and(|found| found.eq_ignore_ascii_case(wanted)))
            })
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn kinds_types_and_locations_are_compared() {
        let entity = |kind: &str, spec_type: &str| {
            Entity::from_value(json!({"kind": kind, "spec": {"type": spec_type}})).unwrap()
        };
        let place = |exact: Option<&str>, pattern: Option<&str>| RuleLocation {
            location_type: Some("file".into()),
            exact: exact.map(str::to_owned),
            pattern: pattern.map(str::to_owned),
        };
        let rules = Rules::new(&[
            Rule::allow(&["component"]),
            Rule { locations: vec![place(Some("/org.yaml"), None)], ..Rule::allow(&["Group"]) },
            Rule { locations: vec![place(None, Some("/Org/**"))], ..Rule::allow(&["User"]) },
            Rule {
                allow: vec![AllowedKind { kind: "Template".into(), spec_type: Some("Service".into()) }],
                locations: vec![],
            },
            Rule { locations: vec![place(None, Some("["))], ..Rule::allow(&["Domain"]) },
        ]);
        for (kind, spec_type, location_type, target, allowed) in [
            ("Component", "x", "url", "anything", true),
            ("Group", "x", "file", "/org.yaml", true),
            ("Group", "x", "url", "/org.yaml", false),
            ("Group", "x", "file", "/org2.yaml", false),
            ("User", "x", "file", "/org/a/b.yaml", true),
            ("User", "x", "file", "/other/b.yaml", false),
            ("Template", "service", "file", "/t", true),
            ("Template", "website", "file", "/t", false),
            ("Domain", "x", "file", "/t", false),
        ] {
            assert_eq!(rules.allow(&entity(kind, spec_type), location_type, target), allowed, "{kind} {target}");
        }
    }
}
