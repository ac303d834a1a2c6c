//! Configuration values on their way: each knows where it was written and whether it is secret.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use host_model::diagnostic::Place;
use host_yaml::{Node, Position, Value};
use serde_json::Number;

/// A file, a variable or a flag that configuration is read from.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Source {
    /// How messages call it.
    pub(crate) name: String,
    /// What its relative paths are relative to.
    pub(crate) directory: PathBuf,
}

/// Where something is written.
#[derive(Clone, Debug)]
pub(crate) struct Origin {
    pub(crate) source: Arc<Source>,
    pub(crate) position: Position,
}

impl Origin {
    pub(crate) fn new(source: &Arc<Source>, position: Position) -> Self {
        Self { source: Arc::clone(source), position }
    }

    pub(crate) fn place(&self) -> Place {
        let Position { line, column } = self.position;
        Place { file: Some(self.source.name.clone()), line, column }
    }

    /// A path as it is meant where it was written; without `.` and `..`.
    pub(crate) fn resolve(&self, path: &str) -> PathBuf {
        normalise(&self.source.directory.join(path))
    }
}

#[derive(Clone, Debug)]
pub(crate) struct Item {
    pub(crate) kind: Kind,
    pub(crate) origin: Origin,
    /// Whether the value came out of the environment or a file of its own.
    pub(crate) secret: bool,
}

#[derive(Clone, Debug)]
pub(crate) enum Kind {
    Null,
    Bool(bool),
    Number(Number),
    String(String),
    List(Vec<Item>),
    Map(Vec<Entry>),
}

#[derive(Clone, Debug)]
pub(crate) struct Entry {
    pub(crate) key: String,
    pub(crate) origin: Origin,
    pub(crate) item: Item,
}

impl Item {
    pub(crate) fn new(kind: Kind, origin: Origin) -> Self {
        Self { kind, origin, secret: false }
    }

    /// A value as it is written, without substitution.
    pub(crate) fn from_node(node: Node, source: &Arc<Source>) -> Self {
        let kind = match node.value {
            Value::Null => Kind::Null,
            Value::Bool(value) => Kind::Bool(value),
            Value::Number(number) => Kind::Number(number),
            Value::String(text) => Kind::String(text),
            Value::Sequence(items) => Kind::List(items.into_iter().map(|item| Self::from_node(item, source)).collect()),
            Value::Mapping(entries) => Kind::Map(
                entries
                    .into_iter()
                    .map(|(key, node)| Entry {
                        key: key.text,
                        origin: Origin::new(source, key.place),
                        item: Self::from_node(node, source),
                    })
                    .collect(),
            ),
        };
        Self::new(kind, Origin::new(source, node.place))
    }

    /// A value that a program gives, such as a flag's.
    pub(crate) fn from_json(value: &serde_json::Value, source: &Arc<Source>) -> Self {
        let origin = Origin::new(source, Position { line: 1, column: 1 });
        let kind = match value {
            serde_json::Value::Null => Kind::Null,
            serde_json::Value::Bool(value) => Kind::Bool(*value),
            serde_json::Value::Number(number) => Kind::Number(number.clone()),
            serde_json::Value::String(text) => Kind::String(text.clone()),
            serde_json::Value::Array(items) => {
                Kind::List(items.iter().map(|item| Self::from_json(item, source)).collect())
            }
            serde_json::Value::Object(entries) => Kind::Map(
                entries
                    .iter()
                    .map(|(key, value)| Entry {
                        key: key.clone(),
                        origin: origin.clone(),
                        item: Self::from_json(value, source),
                    })
                    .collect(),
            ),
        };
        Self::new(kind, origin)
    }

    /// A value under a path of keys.
    pub(crate) fn nested(path: &[String], item: Item) -> Self {
        path.iter().rev().fold(item, |item, key| {
            let origin = item.origin.clone();
            let entry = Entry { key: key.clone(), origin: origin.clone(), item };
            Self::new(Kind::Map(vec![entry]), origin)
        })
    }

    pub(crate) fn to_json(&self) -> serde_json::Value {
        match &self.kind {
            Kind::Null => serde_json::Value::Null,
            Kind::Bool(value) => (*value).into(),
            Kind::Number(number) => number.clone().into(),
            Kind::String(text) => text.clone().into(),
            Kind::List(items) => items.iter().map(Item::to_json).collect(),
            Kind::Map(entries) => {
                let entries = entries.iter().map(|entry| (entry.key.clone(), entry.item.to_json()));
                serde_json::Value::Object(entries.collect())
            }
        }
    }

    pub(crate) fn get(&self, key: &str) -> Option<&Item> {
        let Kind::Map(entries) = &self.kind else { return None };
        entries.iter().find(|entry| entry.key == key).map(|entry| &entry.item)
    }

    /// What kind of value this is, in words for messages.
    pub(crate) fn describe(&self) -> &'static str {
        match self.kind {
            Kind::Null => "nothing",
            Kind::Bool(_) => "true or false",
            Kind::Number(_) => "a number",
            Kind::String(_) => "text",
            Kind::List(_) => "a list",
            Kind::Map(_) => "a mapping",
        }
    }

    /// Lays another value over this one: mappings are merged key by key, anything else is replaced.
    pub(crate) fn merge(&mut self, over: Item) {
        match (&mut self.kind, over.kind) {
            (Kind::Map(entries), Kind::Map(others)) => {
                for other in others {
                    match entries.iter_mut().find(|entry| entry.key == other.key) {
                        Some(entry) => {
                            entry.origin = other.origin;
                            entry.item.merge(other.item);
                        }
                        None => entries.push(other),
                    }
                }
                self.origin = over.origin;
                self.secret |= over.secret;
            }
            (_, kind) => *self = Item { kind, origin: over.origin, secret: over.secret },
        }
    }
}

/// Removes `.` and `..` from a path by its text alone.
pub(crate) fn normalise(path: &Path) -> PathBuf {
    use std::path::Component;
    let mut normal = PathBuf::new();
    for component in path.components() {
        match component {
            Component::CurDir => {}
            Component::ParentDir if matches!(normal.components().next_back(), Some(Component::Normal(_))) => {
                normal.pop();
            }
            other => normal.push(other),
        }
    }
    normal
}
