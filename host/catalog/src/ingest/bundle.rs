//! `$openapi` and `$asyncapi`: one text that holds a description and what it refers to in other files.
//!
//! The first reference to something is replaced by the thing itself; every later one points to where that stands now.
//! Each thing is therefore there once, and what refers to itself stays a reference.

use std::collections::HashMap;
use std::rc::Rc;

use host_model::{Diagnostic, Place};
use host_yaml::{Node, Position};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use serde_json::{Map, Value};

use super::include::{refused, yaml};
use super::reach::Reach;
use crate::validate::escape;

/// Most files of one description.
const MOST_FILES: usize = 200;
/// Most values of one description.
const MOST_VALUES: usize = 500_000;
/// How deep a description may be nested, references followed.
const DEEPEST: usize = 100;

/// What is written with percent signs in a reference.
const ENCODED: &AsciiSet =
    &NON_ALPHANUMERIC.remove(b'/').remove(b'~').remove(b'-').remove(b'.').remove(b'_').remove(b'$');

/// The text of a description with everything that it refers to.
pub(super) fn bundle(
    text: &str,
    name: &str,
    key: &str,
    reach: &mut dyn Reach,
    limit: u64,
) -> Result<String, Box<Diagnostic>> {
    let root = Rc::new(File { name: name.to_owned(), node: yaml(text, name, key)? });
    let mut bundler = Bundler {
        key,
        root: Rc::clone(&root),
        reach,
        files: HashMap::from([(name.to_owned(), Rc::clone(&root))]),
        placed: HashMap::new(),
        has_followed: false,
        values: 0,
        read: text.len() as u64,
        written: 0,
        limit,
    };
    let value = bundler.convert(&root.node, &root, &mut String::new(), 0)?;
    // What refers to no other file stays as its author wrote it.
    Ok(if bundler.has_followed { host_yaml::to_yaml(&value) } else { text.to_owned() })
}

/// A file of a description.
struct File {
    name: String,
    node: Node,
}

struct Bundler<'a> {
    key: &'a str,
    root: Rc<File>,
    reach: &'a mut dyn Reach,
    files: HashMap<String, Rc<File>>,
    /// Where in the result the thing at a pointer of a file stands.
    placed: HashMap<(String, String), String>,
    has_followed: bool,
    values: usize,
    /// How many bytes were read, and how many bytes of text are in the result.
    read: u64,
    written: u64,
    limit: u64,
}

impl Bundler<'_> {
    /// A value of a file as it stands at `pointer` of the result.
    fn convert(
        &mut self,
        node: &Node,
        file: &Rc<File>,
        pointer: &mut String,
        depth: usize,
    ) -> Result<Value, Box<Diagnostic>> {
        self.values += 1;
        if depth > DEEPEST {
            return Err(self.problem("is nested too deep once its references are followed", file, node.place));
        }
        if self.values > MOST_VALUES {
            let message = format!("has more than {MOST_VALUES} values once its references are followed");
            return Err(self.problem(&message, file, node.place));
        }
        match &node.value {
            host_yaml::Value::Mapping(entries) => {
                let reference = node.get("$ref").and_then(Node::as_str).filter(|_| !self.stays(node, file));
                if let Some(reference) = reference {
                    return self.follow(reference, node, file, pointer, depth);
                }
                let mut object = Map::with_capacity(entries.len());
                for (key, value) in entries {
                    object.insert(key.text.clone(), self.below(value, file, pointer, &key.text, depth)?);
                }
                Ok(Value::Object(object))
            }
            host_yaml::Value::Sequence(items) => {
                let mut list = Vec::with_capacity(items.len());
                for (index, item) in items.iter().enumerate() {
                    list.push(self.below(item, file, pointer, &index.to_string(), depth)?);
                }
                Ok(Value::Array(list))
            }
            _ => {
                self.written += node.as_str().map_or(0, str::len) as u64;
                if self.written > self.limit {
                    return Err(self.too_long(file, node.place));
                }
                Ok(node.to_json())
            }
        }
    }

    fn below(
        &mut self,
        node: &Node,
        file: &Rc<File>,
        pointer: &mut String,
        key: &str,
        depth: usize,
    ) -> Result<Value, Box<Diagnostic>> {
        let length = pointer.len();
        pointer.push('/');
        pointer.push_str(&escape(key));
        let value = self.convert(node, file, pointer, depth + 1);
        pointer.truncate(length);
        value
    }

    /// Whether a reference leads to where it led before: within the description's own first file.
    fn stays(&self, node: &Node, file: &Rc<File>) -> bool {
        let is_inner = node.get("$ref").and_then(Node::as_str).is_some_and(|reference| reference.starts_with('#'));
        is_inner && file.name == self.root.name
    }

    /// What a reference leads to, or a reference to where that stands already.
    fn follow(
        &mut self,
        reference: &str,
        node: &Node,
        file: &Rc<File>,
        pointer: &mut String,
        depth: usize,
    ) -> Result<Value, Box<Diagnostic>> {
        self.has_followed = true;
        let place = node.get("$ref").map_or(node.place, |value| value.place);
        let (target, fragment) = reference.split_once('#').unwrap_or((reference, ""));
        let fragment = decoded(fragment);
        if !fragment.is_empty() && !fragment.starts_with('/') {
            let message =
                format!("refers to {reference:?}; what follows # must be a path such as /components/schemas/a");
            return Err(self.problem(&message, file, place));
        }
        let led = if target.is_empty() { Rc::clone(file) } else { self.file(target, file, place)? };
        if led.name == self.root.name {
            return Ok(self.with_others(pointed(&fragment), node, file, pointer, depth));
        }
        let thing = (led.name.clone(), fragment.clone());
        if let Some(at) = self.placed.get(&thing) {
            return Ok(self.with_others(pointed(at), node, file, pointer, depth));
        }
        let Some(found) = led.node.pointer(&fragment) else {
            let message = format!("refers to {reference:?}, and there is no {fragment} in {}", led.name);
            return Err(self.problem(&message, file, place));
        };
        self.placed.insert(thing, pointer.clone());
        let value = self.convert(found, &led, pointer, depth + 1)?;
        Ok(match value {
            Value::Object(object) => self.with_others(object, node, file, pointer, depth),
            other => other,
        })
    }

    /// An object with what stands beside the reference that led to it.
    fn with_others(
        &mut self,
        mut object: Map<String, Value>,
        node: &Node,
        file: &Rc<File>,
        pointer: &mut String,
        depth: usize,
    ) -> Value {
        for (key, value) in node.as_mapping().into_iter().flatten().filter(|(key, _)| key.text != "$ref") {
            // What cannot be followed there is no part of the description.
            if let Ok(value) = self.below(value, file, pointer, &key.text, depth) {
                object.insert(key.text.clone(), value);
            }
        }
        Value::Object(object)
    }

    fn file(&mut self, target: &str, from: &Rc<File>, place: Position) -> Result<Rc<File>, Box<Diagnostic>> {
        let at = |diagnostic: Diagnostic| Box::new(diagnostic.at(self::place(from, place)));
        let key = self.key;
        let name = self.reach.resolve(&from.name, &decoded(target)).map_err(|error| at(refused(key, error)))?;
        if let Some(known) = self.files.get(&name) {
            return Ok(Rc::clone(known));
        }
        if self.files.len() >= MOST_FILES {
            return Err(self.problem(&format!("leads to more than {MOST_FILES} files"), from, place));
        }
        let bytes = self.reach.read(&name).map_err(|error| at(refused(key, error)))?;
        self.read += bytes.len() as u64;
        if self.read > self.limit {
            return Err(self.too_long(from, place));
        }
        let Ok(text) = String::from_utf8(bytes) else {
            return Err(self.problem(&format!("refers to {name}, which is not UTF-8 text"), from, place));
        };
        let file = Rc::new(File { node: yaml(&text, &name, key)?, name: name.clone() });
        self.files.insert(name, Rc::clone(&file));
        Ok(file)
    }

    fn too_long(&self, file: &File, place: Position) -> Box<Diagnostic> {
        self.problem(&format!("is longer than {} bytes with what it refers to", self.limit), file, place)
    }

    fn problem(&self, what: &str, file: &File, position: Position) -> Box<Diagnostic> {
        let message = format!("{}: the description {what}", self.key);
        Box::new(Diagnostic::error("placeholder/unreadable", message).at(place(file, position)))
    }
}

fn place(file: &File, position: Position) -> Place {
    Place { file: Some(file.name.clone()), line: position.line, column: position.column }
}

/// A reference to a place of the result.
fn pointed(pointer: &str) -> Map<String, Value> {
    let reference = format!("#{}", utf8_percent_encode(pointer, ENCODED));
    Map::from_iter([("$ref".to_owned(), Value::String(reference))])
}

/// A part of a reference without percent signs.
fn decoded(text: &str) -> String {
    percent_decode_str(text).decode_utf8_lossy().into_owned()
}
