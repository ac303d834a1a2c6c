//! From the parser's events to the tree.

use std::collections::{HashMap, HashSet};
use std::rc::Rc;

use granit_parser::{Event, ScalarStyle};

use super::{Entry, Map, Node, Place, Value};
use crate::findings::{Findings, shown};

/// The most values of one definition.
const MOST_NODES: usize = 400_000;

/// Reading cannot go on; why is among the findings.
pub(super) struct Stop;

pub(super) struct Builder<'f> {
    deepest: usize,
    findings: &'f mut Findings,
    open: Vec<Open>,
    root: Option<Node>,
    /// What aliases may name, with its height.
    anchors: HashMap<usize, (Node, usize)>,
    nodes: usize,
    documents: usize,
}

/// A list or mapping that is being read.
struct Open {
    place: Place,
    anchor: usize,
    /// The height of the highest value in it.
    height: usize,
    content: Content,
}

enum Content {
    List(Vec<Node>),
    Map { map: Map, keys: HashSet<String>, key: Option<(String, Place)> },
}

impl<'f> Builder<'f> {
    pub(super) fn new(deepest: usize, findings: &'f mut Findings) -> Self {
        let (open, anchors) = (Vec::new(), HashMap::new());
        Self { deepest, findings, open, root: None, anchors, nodes: 0, documents: 0 }
    }

    pub(super) fn finish(self) -> Option<Node> {
        self.root
    }

    pub(super) fn event(&mut self, event: Event<'_>, place: Place) -> Result<(), Stop> {
        match event {
            Event::DocumentStart(..) => {
                self.documents += 1;
                if self.documents == 2 {
                    let message = "a second document begins here; only the first one is looked at";
                    self.findings.warning(place, "openapi/several-documents", message);
                }
            }
            Event::Scalar(text, style, anchor, tag) => {
                let value = if style == ScalarStyle::Plain && tag.is_none() {
                    plain(text.into_owned())
                } else {
                    Value::Text(text.into_owned())
                };
                self.add(Node { place, value }, anchor, 0)?;
            }
            Event::SequenceStart(_, anchor, _) => self.begin(place, anchor, Content::List(Vec::new()))?,
            Event::MappingStart(_, anchor, _) => {
                let content = Content::Map { map: Map::default(), keys: HashSet::new(), key: None };
                self.begin(place, anchor, content)?;
            }
            Event::SequenceEnd | Event::MappingEnd => self.end()?,
            Event::Alias(anchor) => match self.anchors.get(&anchor) {
                Some((node, height)) => {
                    let (node, height) = (node.clone(), *height);
                    self.add(Node { place, ..node }, 0, height)?;
                }
                None => {
                    return Err(self.stop(place, "openapi/syntax", "this alias repeats the value that it is part of"));
                }
            },
            Event::UnresolvedAlias(name) => {
                let message = format!("the alias *{} names an anchor that does not exist", shown(&name));
                self.findings.error(place, "openapi/syntax", message);
                self.add(Node { place, value: Value::Null }, 0, 0)?;
            }
            _ => {}
        }
        Ok(())
    }

    fn stop(&mut self, place: Place, code: &'static str, message: impl Into<String>) -> Stop {
        self.findings.error(place, code, message);
        Stop
    }

    fn begin(&mut self, place: Place, anchor: usize, content: Content) -> Result<(), Stop> {
        if let Some(Open { content: Content::Map { key: None, .. }, .. }) = self.open.last() {
            return Err(self.stop(place, "openapi/syntax", "a key must be text, not a list or an object"));
        }
        if self.open.len() >= self.deepest {
            return Err(self.too_deep(place));
        }
        self.open.push(Open { place, anchor, height: 0, content });
        Ok(())
    }

    fn end(&mut self) -> Result<(), Stop> {
        let Some(Open { place, anchor, height, content }) = self.open.pop() else { return Ok(()) };
        let value = match content {
            Content::List(items) => Value::List(Rc::new(items)),
            Content::Map { map, keys, .. } => Value::Map(Rc::new(self.merge(map, keys)?)),
        };
        self.add(Node { place, value }, anchor, height + 1)
    }

    /// Takes over what the key `<<` names: a mapping, or a list of them. Own keys come first.
    fn merge(&mut self, mut map: Map, mut keys: HashSet<String>) -> Result<Map, Stop> {
        let Some(at) = map.entries.iter().position(|entry| entry.key == "<<") else { return Ok(map) };
        let merged = map.entries.remove(at);
        let sources = merged.node.list().unwrap_or(std::slice::from_ref(&merged.node));
        for entry in sources.iter().filter_map(Node::map).flat_map(|source| &source.entries) {
            if keys.insert(entry.key.clone()) {
                self.count(merged.place)?;
                map.entries.push(entry.clone());
            }
        }
        Ok(map)
    }

    fn count(&mut self, place: Place) -> Result<(), Stop> {
        self.nodes += 1;
        if self.nodes > MOST_NODES {
            let message = format!("the definition holds more than {MOST_NODES} values and is not checked");
            return Err(self.stop(place, "openapi/too-large", message));
        }
        Ok(())
    }

    /// Puts a finished value where it belongs.
    fn add(&mut self, node: Node, anchor: usize, height: usize) -> Result<(), Stop> {
        self.count(node.place)?;
        // Aliases within aliases nest without a bracket in the text.
        if self.open.len() + height > self.deepest {
            return Err(self.too_deep(node.place));
        }
        if anchor != 0 {
            self.anchors.insert(anchor, (node.clone(), height));
        }
        let Some(open) = self.open.last_mut() else {
            if self.documents < 2 {
                self.root = Some(node);
            }
            return Ok(());
        };
        open.height = open.height.max(height);
        match &mut open.content {
            Content::List(items) => items.push(node),
            Content::Map { map, keys, key } => match key.take() {
                None => match key_text(&node) {
                    Some(text) => *key = Some((text, node.place)),
                    None => {
                        let message = "a key must be text, not a list or an object";
                        return Err(self.stop(node.place, "openapi/syntax", message));
                    }
                },
                Some((text, place)) if keys.insert(text.clone()) => {
                    map.entries.push(Entry { key: text, place, node });
                }
                Some((text, place)) => {
                    let message = format!("{} is here a second time; only the first one counts", shown(&text));
                    self.findings.error(place, "openapi/duplicate-key", message);
                }
            },
        }
        Ok(())
    }

    fn too_deep(&mut self, place: Place) -> Stop {
        let message = format!("the definition is nested more than {} deep here and is not checked", self.deepest);
        self.stop(place, "openapi/too-deep", message)
    }
}

fn key_text(node: &Node) -> Option<String> {
    Some(match &node.value {
        Value::Null => String::new(),
        Value::Bool(value) => value.to_string(),
        Value::Number(text) | Value::Text(text) => text.clone(),
        Value::List(_) | Value::Map(_) => return None,
    })
}

/// What a text without quotes means.
fn plain(text: String) -> Value {
    match text.as_str() {
        "" | "~" | "null" | "Null" | "NULL" => Value::Null,
        "true" | "True" | "TRUE" => Value::Bool(true),
        "false" | "False" | "FALSE" => Value::Bool(false),
        _ if is_number(&text) => Value::Number(text),
        _ => Value::Text(text),
    }
}

fn is_number(text: &str) -> bool {
    let begins = text.trim_start_matches(['+', '-', '.']).starts_with(|c: char| c.is_ascii_digit());
    let hexadecimal = text.strip_prefix("0x").or_else(|| text.strip_prefix("0o"));
    begins && (text.parse::<f64>().is_ok() || hexadecimal.is_some_and(|rest| u64::from_str_radix(rest, 16).is_ok()))
}
