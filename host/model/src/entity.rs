//! Entities: open JSON documents with an envelope that is known.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::{EntityRef, Relation, entity_ref::DEFAULT_NAMESPACE};

/// An entity as JSON, read through accessors. What is not known is kept as it is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Entity(Map<String, Value>);

/// A link of an entity's metadata.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Link {
    pub url: String,
    #[serde(default)]
    pub title: Option<String>,
    #[serde(default)]
    pub icon: Option<String>,
    #[serde(default, rename = "type")]
    pub kind: Option<String>,
}

impl Entity {
    /// An entity from a JSON object.
    pub fn new(document: Map<String, Value>) -> Self {
        Self(document)
    }

    /// An entity from JSON, unless it is no object.
    pub fn from_value(value: Value) -> Option<Self> {
        match value {
            Value::Object(document) => Some(Self(document)),
            _ => None,
        }
    }

    /// The document.
    pub fn document(&self) -> &Map<String, Value> {
        &self.0
    }

    /// The document, to be changed.
    pub fn document_mut(&mut self) -> &mut Map<String, Value> {
        &mut self.0
    }

    /// The document as a JSON value.
    pub fn into_value(self) -> Value {
        Value::Object(self.0)
    }

    /// The value at a JSON pointer.
    pub fn pointer(&self, pointer: &str) -> Option<&Value> {
        let rest = pointer.strip_prefix('/')?;
        let (first, tail) = rest.split_once('/').map_or((rest, ""), |(first, _)| (first, &rest[first.len()..]));
        let value = self.0.get(&first.replace("~1", "/").replace("~0", "~"))?;
        if tail.is_empty() { Some(value) } else { value.pointer(tail) }
    }

    fn text(&self, pointer: &str) -> Option<&str> {
        self.pointer(pointer).and_then(Value::as_str)
    }

    /// `apiVersion`, or nothing when it is missing.
    pub fn api_version(&self) -> &str {
        self.text("/apiVersion").unwrap_or_default()
    }

    /// `kind` as written.
    pub fn kind(&self) -> &str {
        self.text("/kind").unwrap_or_default()
    }

    /// `metadata.name` as written.
    pub fn name(&self) -> &str {
        self.text("/metadata/name").unwrap_or_default()
    }

    /// `metadata.namespace`, or `default`.
    pub fn namespace(&self) -> &str {
        self.text("/metadata/namespace").unwrap_or(DEFAULT_NAMESPACE)
    }

    /// The reference to this entity.
    pub fn entity_ref(&self) -> EntityRef {
        EntityRef::new(self.kind(), self.namespace(), self.name())
    }

    /// What people call it: `metadata.title`, a profile's display name, or the name.
    pub fn title(&self) -> &str {
        self.text("/metadata/title")
            .or_else(|| self.text("/spec/profile/displayName"))
            .filter(|title| !title.is_empty())
            .unwrap_or_else(|| self.name())
    }

    /// `metadata.description`.
    pub fn description(&self) -> Option<&str> {
        self.text("/metadata/description")
    }

    /// `spec.type`.
    pub fn spec_type(&self) -> Option<&str> {
        self.text("/spec/type")
    }

    /// `spec.lifecycle`.
    pub fn lifecycle(&self) -> Option<&str> {
        self.text("/spec/lifecycle")
    }

    /// The value of an annotation.
    pub fn annotation(&self, key: &str) -> Option<&str> {
        self.0.get("metadata")?.get("annotations")?.get(key)?.as_str()
    }

    /// `metadata.tags`.
    pub fn tags(&self) -> Vec<&str> {
        self.pointer("/metadata/tags")
            .and_then(Value::as_array)
            .map(|tags| tags.iter().filter_map(Value::as_str).collect())
            .unwrap_or_default()
    }

    /// `metadata.links`, without those that have no address.
    pub fn links(&self) -> Vec<Link> {
        self.pointer("/metadata/links")
            .and_then(Value::as_array)
            .map(|links| links.iter().filter_map(|link| Link::deserialize(link).ok()).collect())
            .unwrap_or_default()
    }

    /// The relations, when the entity carries them.
    pub fn relations(&self) -> Vec<Relation> {
        self.0
            .get("relations")
            .and_then(Value::as_array)
            .map(|relations| relations.iter().filter_map(|relation| Relation::deserialize(relation).ok()).collect())
            .unwrap_or_default()
    }

    /// The targets of the relations with one name.
    pub fn related(&self, name: &str) -> Vec<EntityRef> {
        self.relations()
            .into_iter()
            .filter(|relation| relation.name == name)
            .map(|relation| relation.target_ref)
            .collect()
    }

    /// Sets an annotation, making the objects on the way.
    pub fn set_annotation(&mut self, key: &str, value: impl Into<String>) {
        let metadata = self.0.entry("metadata").or_insert_with(|| Value::Object(Map::new()));
        let Some(metadata) = metadata.as_object_mut() else { return };
        let annotations = metadata.entry("annotations").or_insert_with(|| Value::Object(Map::new()));
        if let Some(annotations) = annotations.as_object_mut() {
            annotations.insert(key.to_owned(), Value::String(value.into()));
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn reads_the_envelope_and_completes_it() {
        let entity = Entity::from_value(json!({
            "apiVersion": "backstage.io/v1alpha1", "kind": "API",
            "metadata": {"name": "Orders", "annotations": {"a/b": "c"}, "tags": ["x", 1], "links": [{"url": "https://a"}, {}]},
            "spec": {"type": "openapi"},
            "relations": [{"type": "ownedBy", "targetRef": "group:default/shop"}]
        }))
        .unwrap();
        assert_eq!(entity.entity_ref().to_string(), "api:default/orders");
        assert_eq!(entity.title(), "Orders");
        assert_eq!(entity.annotation("a/b"), Some("c"));
        assert_eq!(entity.pointer("/metadata/annotations/a~1b"), Some(&json!("c")));
        assert_eq!(entity.tags(), ["x"]);
        assert_eq!(entity.links().len(), 1);
        assert_eq!(entity.related("ownedBy"), ["group:default/shop".parse().unwrap()]);
    }
}
