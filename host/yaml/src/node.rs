//! The tree: values with their places.

use std::fmt;

use serde_json::Number;

/// A place in the text, counted as an editor counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Position {
    /// Line, from 1.
    pub line: u32,
    /// Column, from 1, in characters.
    pub column: u32,
}

impl fmt::Display for Position {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}:{}", self.line, self.column)
    }
}

/// A value and the place where it begins.
#[derive(Clone, Debug, PartialEq)]
pub struct Node {
    /// The value.
    pub value: Value,
    /// Where the value begins.
    pub place: Position,
}

/// A value of the JSON data model.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// No value: written `null`, `~` or nothing.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A number that JSON can hold.
    Number(Number),
    /// Text.
    String(String),
    /// A list.
    Sequence(Vec<Node>),
    /// A mapping in the order of the text, each key once.
    Mapping(Vec<(Key, Node)>),
}

/// A key of a mapping and its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Key {
    /// The key as text: numbers, booleans and null as JSON's object keys would show them.
    pub text: String,
    /// Where the key begins.
    pub place: Position,
}

impl Node {
    /// The text, if the value is a string.
    pub fn as_str(&self) -> Option<&str> {
        match &self.value {
            Value::String(text) => Some(text),
            _ => None,
        }
    }

    /// The entries, if the value is a mapping.
    pub fn as_mapping(&self) -> Option<&[(Key, Node)]> {
        match &self.value {
            Value::Mapping(entries) => Some(entries),
            _ => None,
        }
    }

    /// The value under a key, if this is a mapping that has it.
    pub fn get(&self, key: &str) -> Option<&Node> {
        self.entry(key).map(|(_, node)| node)
    }

    /// The key with its place and the value under it.
    pub fn entry(&self, key: &str) -> Option<(&Key, &Node)> {
        let entries = self.as_mapping()?;
        entries.iter().find(|(candidate, _)| candidate.text == key).map(|(key, node)| (key, node))
    }

    /// What kind of value this is, in words for messages: "a list", "text".
    pub fn describe(&self) -> &'static str {
        match self.value {
            Value::Null => "nothing (null)",
            Value::Bool(_) => "true or false",
            Value::Number(_) => "a number",
            Value::String(_) => "text",
            Value::Sequence(_) => "a list",
            Value::Mapping(_) => "a mapping",
        }
    }

    /// The value without its places.
    pub fn to_json(&self) -> serde_json::Value {
        match &self.value {
            Value::Null => serde_json::Value::Null,
            Value::Bool(value) => serde_json::Value::Bool(*value),
            Value::Number(number) => serde_json::Value::Number(number.clone()),
            Value::String(text) => serde_json::Value::String(text.clone()),
            Value::Sequence(items) => serde_json::Value::Array(items.iter().map(Node::to_json).collect()),
            Value::Mapping(entries) => {
                let mut object = serde_json::Map::with_capacity(entries.len());
                for (key, node) in entries {
                    object.insert(key.text.clone(), node.to_json());
                }
                serde_json::Value::Object(object)
            }
        }
    }
}
