//! What lists and drawings show of an entity, read from its text without taking all of it apart.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::Deserialize;

/// Keys of annotations that tell who is called begin with one of these.
const ON_CALL: [&str; 12] = [
    "pagerduty.com/",
    "opsgenie.com/",
    "splunk.com/on-call-",
    "victorops.com/",
    "ilert.com/",
    "incident.io/",
    "rootly.com/",
    "firehydrant.com/",
    "grafana.com/oncall-",
    "squadcast.com/",
    "zenduty.com/",
    "xmatters.com/",
];

/// Whether the key of an annotation says that it tells who is called.
pub fn is_on_call(key: &str) -> bool {
    ON_CALL.iter().any(|start| key.starts_with(start))
}

/// What is shown of an entity.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Face {
    pub(super) kind: String,
    pub(super) title: String,
    pub(super) spec_type: Option<String>,
    pub(super) exists: bool,
    /// Annotations that tell who is called.
    pub(super) on_call: Vec<(String, String)>,
}

#[derive(Deserialize)]
struct Written<'a> {
    #[serde(borrow, default)]
    kind: Cow<'a, str>,
    #[serde(borrow)]
    metadata: Metadata<'a>,
    #[serde(borrow, default)]
    spec: Spec<'a>,
}

#[derive(Deserialize)]
struct Metadata<'a> {
    #[serde(borrow, default)]
    name: Cow<'a, str>,
    #[serde(borrow, default)]
    title: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    annotations: BTreeMap<Cow<'a, str>, Cow<'a, str>>,
}

#[derive(Default, Deserialize)]
struct Spec<'a> {
    #[serde(borrow, default, rename = "type")]
    spec_type: Option<Lenient<'a>>,
    #[serde(borrow, default)]
    profile: Option<Lenient<'a>>,
}

/// A text, a profile's name, or whatever custom kinds have there.
#[derive(Deserialize)]
#[serde(untagged)]
enum Lenient<'a> {
    Text(#[serde(borrow)] Cow<'a, str>),
    Profile {
        #[serde(borrow, default, rename = "displayName")]
        display_name: Option<Cow<'a, str>>,
    },
    Other(serde::de::IgnoredAny),
}

impl Face {
    /// Reads the JSON of an entity; none when it is none.
    pub(super) fn of(text: &str) -> Option<Self> {
        let Written { kind, metadata, spec } = serde_json::from_str(text).ok()?;
        let display_name = match spec.profile {
            Some(Lenient::Profile { display_name }) => display_name,
            _ => None,
        };
        let title = metadata.title.or(display_name).filter(|title| !title.is_empty()).unwrap_or(metadata.name);
        Some(Self {
            kind: kind.into_owned(),
            title: title.into_owned(),
            spec_type: match spec.spec_type {
                Some(Lenient::Text(text)) => Some(text.into_owned()),
                _ => None,
            },
            exists: true,
            on_call: metadata
                .annotations
                .into_iter()
                .filter(|(key, value)| is_on_call(key) && !value.is_empty())
                .map(|(key, value)| (key.into_owned(), value.into_owned()))
                .collect(),
        })
    }

    /// What a reference alone tells.
    pub(super) fn of_reference(entity_ref: &str) -> Self {
        let (kind, rest) = entity_ref.split_once(':').unwrap_or(("", entity_ref));
        let title = rest.split_once('/').map_or(rest, |(_, name)| name);
        Self { kind: kind.to_owned(), title: title.to_owned(), ..Self::default() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_is_there_and_minds_nothing_else() {
        let face = |text: &str| Face::of(text).map(|face| (face.title, face.spec_type, face.on_call.len()));
        let text = |text: &str| text.to_owned();
        for (json, expected) in [
            (r#"{"metadata":{"name":"a"},"kind":"API"}"#, Some((text("a"), None, 0))),
            (
                r#"{"metadata":{"name":"a","title":"A \"b\""},"spec":{"type":"x"}}"#,
                Some((text("A \"b\""), Some(text("x")), 0)),
            ),
            (
                r#"{"metadata":{"name":"a"},"spec":{"type":{"x":1},"profile":{"displayName":"A B","x":[]}}}"#,
                Some((text("A B"), None, 0)),
            ),
            (r#"{"metadata":{"name":"a"},"spec":{"profile":7}}"#, Some((text("a"), None, 0))),
            (
                r#"{"metadata":{"name":"a","annotations":{"pagerduty.com/service-id":"P1","x/y":"z","opsgenie.com/team":""}}}"#,
                Some((text("a"), None, 1)),
            ),
            ("[]", None),
        ] {
            assert_eq!(face(json), expected, "{json}");
        }
        let face = Face::of_reference("component:default/a");
        assert_eq!((face.kind, face.title, face.exists), (text("component"), text("a"), false));
    }
}
