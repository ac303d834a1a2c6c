//! An entity of the catalog, as plugins see it.

use serde_json::Value;

/// An entity. Its shape is open: the accessors give what most plugins need, [`get`](Self::get) gives the rest.
#[derive(Debug, Clone, PartialEq)]
pub struct Entity(Value);

impl From<Value> for Entity {
    fn from(value: Value) -> Self {
        Self(value)
    }
}

impl Entity {
    /// The kind, such as `Component`.
    pub fn kind(&self) -> &str {
        self.text("/kind").unwrap_or_default()
    }

    /// `metadata.name`.
    pub fn name(&self) -> &str {
        self.text("/metadata/name").unwrap_or_default()
    }

    /// `metadata.namespace`, or `default`.
    pub fn namespace(&self) -> &str {
        self.text("/metadata/namespace").unwrap_or("default")
    }

    /// `metadata.title`, or the name.
    pub fn title(&self) -> &str {
        self.text("/metadata/title").unwrap_or_else(|| self.name())
    }

    /// `spec.type`, such as `service`.
    pub fn spec_type(&self) -> Option<&str> {
        self.text("/spec/type")
    }

    /// An annotation by its key.
    pub fn annotation(&self, key: &str) -> Option<&str> {
        self.0.get("metadata")?.get("annotations")?.get(key)?.as_str()
    }

    /// The full reference: `kind:namespace/name`, in lower case.
    pub fn reference(&self) -> String {
        format!("{}:{}/{}", self.kind(), self.namespace(), self.name()).to_lowercase()
    }

    /// The references of the entities to which this one has a relation, such as `ownedBy`.
    pub fn relations<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        let all = self.0.get("relations").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        all.iter()
            .filter(move |relation| relation.get("type").and_then(Value::as_str) == Some(name))
            .filter_map(|relation| relation.get("targetRef").and_then(Value::as_str))
    }

    /// Anything by its JSON pointer, such as `/spec/lifecycle`.
    pub fn get(&self, pointer: &str) -> Option<&Value> {
        self.0.pointer(pointer)
    }

    /// Text by its JSON pointer.
    pub fn text(&self, pointer: &str) -> Option<&str> {
        self.get(pointer)?.as_str()
    }

    /// The whole entity.
    pub fn as_value(&self) -> &Value {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn gives_what_is_there_and_defaults_for_what_is_not() {
        let full = Entity::from(json!({
            "kind": "Component",
            "metadata": { "name": "Basket", "title": "The basket", "annotations": { "a.b/c": "x", "n": 1 } },
            "spec": { "type": "service" },
            "relations": [
                { "type": "ownedBy", "targetRef": "group:default/shop" },
                { "type": "dependsOn", "targetRef": "resource:default/db" },
            ],
        }));
        assert_eq!((full.kind(), full.name(), full.title()), ("Component", "Basket", "The basket"));
        assert_eq!(
            (full.annotation("a.b/c"), full.annotation("n"), full.spec_type()),
            (Some("x"), None, Some("service"))
        );
        assert_eq!(full.reference(), "component:default/basket");
        assert_eq!(full.relations("ownedBy").collect::<Vec<_>>(), ["group:default/shop"]);

        for broken in [json!(null), json!([]), json!({ "metadata": "x", "relations": 3 })] {
            let entity = Entity::from(broken);
            assert_eq!((entity.kind(), entity.title(), entity.namespace()), ("", "", "default"));
            assert_eq!((entity.annotation("a"), entity.relations("ownedBy").count()), (None, 0));
        }
    }
}
