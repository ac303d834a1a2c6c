//! Entity references: `[kind:][namespace/]name`, as Backstage's catalog model defines them.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// The namespace of an entity that names none.
pub const DEFAULT_NAMESPACE: &str = "default";

/// A complete reference to an entity. All parts are in lower case, since references compare without case.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EntityRef {
    kind: String,
    namespace: String,
    name: String,
}

/// Why a text is no entity reference.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EntityRefError {
    #[error("entity reference {0:?} has an empty part; write kind:namespace/name")]
    EmptyPart(String),
    #[error("entity reference {0:?} names no kind; write kind:namespace/name")]
    MissingKind(String),
}

impl EntityRef {
    /// A reference from its parts; they are put into lower case.
    pub fn new(kind: &str, namespace: &str, name: &str) -> Self {
        Self { kind: kind.to_lowercase(), namespace: namespace.to_lowercase(), name: name.to_lowercase() }
    }

    /// Reads a reference that may leave out its kind and namespace.
    ///
    /// # Errors
    /// When a part is empty, or when there is neither a kind nor a default for it.
    pub fn parse_with(text: &str, default_kind: Option<&str>, default_namespace: &str) -> Result<Self, EntityRefError> {
        let colon = text.find(':');
        let slash = text.find('/');
        // A colon behind the slash belongs to the name.
        let colon = match (colon, slash) {
            (Some(colon), Some(slash)) if slash < colon => None,
            (colon, _) => colon,
        };
        let (kind, rest) = match colon {
            Some(at) => (Some(&text[..at]), &text[at + 1..]),
            None => (None, text),
        };
        let (namespace, name) = match rest.find('/') {
            Some(at) => (Some(&rest[..at]), &rest[at + 1..]),
            None => (None, rest),
        };
        if kind == Some("") || namespace == Some("") || name.is_empty() {
            return Err(EntityRefError::EmptyPart(text.to_owned()));
        }
        let Some(kind) = kind.or(default_kind) else {
            return Err(EntityRefError::MissingKind(text.to_owned()));
        };
        Ok(Self::new(kind, namespace.unwrap_or(default_namespace), name))
    }

    /// The kind in lower case.
    pub fn kind(&self) -> &str {
        &self.kind
    }

    /// The namespace in lower case.
    pub fn namespace(&self) -> &str {
        &self.namespace
    }

    /// The name in lower case.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The path of the entity's page.
    pub fn page_path(&self) -> String {
        format!("/catalog/{}/{}/{}", self.namespace, self.kind, self.name)
    }
}

impl FromStr for EntityRef {
    type Err = EntityRefError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::parse_with(text, None, DEFAULT_NAMESPACE)
    }
}

impl fmt::Display for EntityRef {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}:{}/{}", self.kind, self.namespace, self.name)
    }
}

impl Serialize for EntityRef {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for EntityRef {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn reads_and_completes_references() {
        for (text, kind, namespace, expected) in [
            ("Component:Default/Checkout", None, "default", Ok("component:default/checkout")),
            ("checkout", Some("Component"), "default", Ok("component:default/checkout")),
            ("shop/checkout", Some("Component"), "default", Ok("component:shop/checkout")),
            ("api:orders", None, "shop", Ok("api:shop/orders")),
            ("a/b:c", Some("api"), "default", Ok("api:a/b:c")),
            ("checkout", None, "default", Err(EntityRefError::MissingKind("checkout".into()))),
            (":a", None, "default", Err(EntityRefError::EmptyPart(":a".into()))),
            ("a:", None, "default", Err(EntityRefError::EmptyPart("a:".into()))),
            ("a:/b", None, "default", Err(EntityRefError::EmptyPart("a:/b".into()))),
            (" a", Some("api"), "default", Ok("api:default/ a")),
            ("", Some("api"), "default", Err(EntityRefError::EmptyPart("".into()))),
            ("a:b/c/d", None, "default", Ok("a:b/c/d")),
        ] {
            let got = EntityRef::parse_with(text, kind, namespace).map(|reference| reference.to_string());
            assert_eq!(got, expected.map(str::to_owned), "{text}");
        }
    }

    /// The rules as they are written down: the first colon and the first slash part a reference, unless the slash comes
    /// first.
    fn naive(text: &str, default_kind: Option<&str>, default_namespace: &str) -> Option<[String; 3]> {
        let letters: Vec<char> = text.chars().collect();
        let first = |letter: char| letters.iter().position(|other| *other == letter);
        let slash = first('/');
        let colon = first(':').filter(|colon| slash.is_none_or(|slash| colon < &slash));
        let part = |from: usize, to: usize| letters[from..to].iter().collect::<String>().to_lowercase();
        let kind = colon.map(|colon| part(0, colon));
        let from = colon.map_or(0, |colon| colon + 1);
        let namespace = slash.map(|slash| part(from, slash));
        let name = part(slash.map_or(from, |slash| slash + 1), letters.len());
        let kind = kind.or(default_kind.map(str::to_lowercase))?;
        let parts = [kind, namespace.unwrap_or_else(|| default_namespace.to_lowercase()), name];
        parts.iter().all(|part| !part.is_empty()).then_some(parts)
    }

    proptest! {
        #[test]
        fn agrees_with_the_rules(text in "[a-cA-CÄ:/ ._-]{0,12}", kind in prop::option::of("[A-Z][a-z]{0,3}"), namespace in "[a-z]{1,4}") {
            let got = EntityRef::parse_with(&text, kind.as_deref(), &namespace).ok();
            let parts = got.as_ref().map(|got| [got.kind(), got.namespace(), got.name()].map(str::to_owned));
            prop_assert_eq!(parts, naive(&text, kind.as_deref(), &namespace));
        }

        #[test]
        fn reads_what_it_writes(kind in "[a-zA-Z0-9]{1,9}", namespace in "[a-z0-9-]{1,9}", name in "[^/]{1,9}") {
            let reference = EntityRef::new(&kind, &namespace, &name);
            let text = reference.to_string();
            prop_assert_eq!(text.parse(), Ok(reference));
            prop_assert_eq!(text.to_lowercase(), text);
        }

        #[test]
        fn never_panics(text in ".{0,40}") {
            let _ = text.parse::<EntityRef>();
            let _ = EntityRef::parse_with(&text, Some(&text), &text);
        }
    }
}
