//! A definition as a tree whose values and keys know where they stand. JSON is read as the YAML that it is.

mod build;

use std::cell::OnceCell;
use std::collections::HashMap;
use std::rc::Rc;

use granit_parser::{Parser, options};

use crate::findings::{Findings, shown};
use build::Builder;

/// The longest definition that is read, in bytes.
const LONGEST: usize = 4 * 1024 * 1024;
/// The deepest nesting.
const DEEPEST: usize = 100;

/// A place in the definition; line and column count from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Place {
    pub(crate) line: u32,
    pub(crate) column: u32,
}

/// A value and where it begins.
#[derive(Debug, Clone)]
pub(crate) struct Node {
    pub(crate) place: Place,
    pub(crate) value: Value,
}

/// A value. What an anchor names is shared by all aliases, so that repetition costs nothing.
#[derive(Debug, Clone)]
pub(crate) enum Value {
    Null,
    Bool(bool),
    Number(String),
    Text(String),
    List(Rc<Vec<Node>>),
    Map(Rc<Map>),
}

/// Keys and values in the order of the definition.
#[derive(Debug, Default)]
pub(crate) struct Map {
    pub(crate) entries: Vec<Entry>,
    /// Where the keys are, made when a large map is first asked.
    index: OnceCell<HashMap<String, usize>>,
}

/// A key, where it stands, and its value.
#[derive(Debug, Clone)]
pub(crate) struct Entry {
    pub(crate) key: String,
    pub(crate) place: Place,
    pub(crate) node: Node,
}

impl Node {
    pub(crate) fn map(&self) -> Option<&Map> {
        if let Value::Map(map) = &self.value { Some(map) } else { None }
    }

    pub(crate) fn list(&self) -> Option<&[Node]> {
        if let Value::List(items) = &self.value { Some(items) } else { None }
    }

    pub(crate) fn text(&self) -> Option<&str> {
        if let Value::Text(text) = &self.value { Some(text) } else { None }
    }

    /// Text, or a number as it is written: `version: 1.0` means `"1.0"`.
    pub(crate) fn scalar(&self) -> Option<&str> {
        if let Value::Text(text) | Value::Number(text) = &self.value { Some(text) } else { None }
    }

    pub(crate) fn is_true(&self) -> bool {
        matches!(self.value, Value::Bool(true))
    }

    /// The value of a key, when this is a mapping that has it.
    pub(crate) fn get(&self, key: &str) -> Option<&Self> {
        self.map()?.get(key)
    }

    /// What it is, in words.
    pub(crate) fn kind(&self) -> &'static str {
        match self.value {
            Value::Null => "nothing",
            Value::Bool(_) => "true or false",
            Value::Number(_) => "a number",
            Value::Text(_) => "text",
            Value::List(_) => "a list",
            Value::Map(_) => "an object",
        }
    }
}

impl Map {
    pub(crate) fn get(&self, key: &str) -> Option<&Node> {
        Some(&self.entry(key)?.node)
    }

    pub(crate) fn entry(&self, key: &str) -> Option<&Entry> {
        const LINEAR: usize = 16;
        if self.entries.len() <= LINEAR {
            return self.entries.iter().find(|entry| entry.key == key);
        }
        let numbered = || self.entries.iter().enumerate().map(|(index, entry)| (entry.key.clone(), index)).collect();
        self.entries.get(*self.index.get_or_init(numbered).get(key)?)
    }
}

/// Reads a definition; gives nothing when there is none or it cannot be read to its end, which is then a finding.
pub(crate) fn read(text: &str, findings: &mut Findings) -> Option<Node> {
    let start = Place { line: 1, column: 1 };
    if text.len() > LONGEST {
        let message = format!("the definition is longer than {LONGEST} bytes and is not checked");
        findings.error(start, "openapi/too-large", message);
        return None;
    }
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let options = options! {
        emit_comments: false,
        emit_unresolved_aliases: true,
        flow_nesting_limit: DEEPEST,
        block_nesting_limit: DEEPEST,
    };
    let mut builder = Builder::new(DEEPEST, findings);
    for event in Parser::new_from_str_with_options(text, options) {
        match event {
            Ok((event, span)) => {
                if builder.event(event, place(&span.start)).is_err() {
                    return None;
                }
            }
            Err(error) => {
                let at = place(error.marker());
                findings.error(
                    at,
                    "openapi/syntax",
                    format!("this is neither YAML nor JSON: {}", shown(&error.info())),
                );
                return None;
            }
        }
    }
    let root = builder.finish();
    if root.is_none() {
        findings.error(start, "openapi/empty", "the definition is empty");
    }
    root
}

fn place(marker: &granit_parser::Marker) -> Place {
    let number = |value: usize| u32::try_from(value).unwrap_or(u32::MAX);
    Place { line: number(marker.line()).max(1), column: number(marker.col()).saturating_add(1) }
}
