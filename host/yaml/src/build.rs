//! From the parser's events to the tree.

use std::collections::{BTreeMap, HashSet};

use granit_parser::{Event, Marker, Parser, ScalarStyle, Tag, options};
use host_model::diagnostic::{Diagnostic, Place};

use crate::limits::Limits;
use crate::message::explain;
use crate::node::{Key, Node, Position, Value};
use crate::scalar::{self, Plain};

/// More findings than this in one document help nobody.
const MOST_DIAGNOSTICS: usize = 100;

/// From how many keys on a mapping looks them up in a set.
const LINEAR_KEYS: usize = 16;

/// What one document's text gave.
pub(crate) struct Built {
    /// The value, or as much of it as was read before an error; `None` if there is no content.
    pub(crate) root: Option<Node>,
    /// What was found on the way.
    pub(crate) diagnostics: Vec<Diagnostic>,
}

/// Reads the text of one document that has `lines_before` lines before it.
pub(crate) fn build(text: &str, lines_before: u32, limits: &Limits) -> Built {
    let options = options! {
        emit_comments: false,
        emit_unresolved_aliases: true,
        flow_nesting_limit: limits.depth,
        block_nesting_limit: limits.depth,
    };
    let mut builder = Builder {
        limits,
        lines_before,
        stack: Vec::new(),
        root: None,
        diagnostics: Vec::new(),
        anchors: BTreeMap::new(),
        written: Cost::default(),
        repeated: Cost::default(),
        kept: Cost::default(),
    };
    for next in Parser::new_from_str_with_options(text, options) {
        let outcome = match next {
            Ok((event, span)) => {
                let implicit = span.start.index() == span.end.index();
                builder.event(event, span.start, span.tag_start(), implicit)
            }
            Err(error) => {
                let found = builder.position(error.marker());
                let explanation = explain(error.kind(), text, error.marker(), lines_before, limits);
                let place = Position {
                    line: lines_before.saturating_add(explanation.line),
                    column: explanation.column.unwrap_or(found.column),
                };
                let mut diagnostic = Diagnostic::error(explanation.code, explanation.message).at(to_place(place));
                diagnostic.hint = explanation.hint;
                Err(Box::new(diagnostic))
            }
        };
        if let Err(diagnostic) = outcome {
            // The reason why reading stopped is never the one that is left out.
            builder.diagnostics.truncate(MOST_DIAGNOSTICS - 1);
            builder.diagnostics.push(*diagnostic);
            builder.close_all();
            break;
        }
    }
    Built { root: builder.root, diagnostics: builder.diagnostics }
}

type Step = Result<(), Box<Diagnostic>>;

/// A number of nodes and the bytes of their text.
#[derive(Clone, Copy, Default)]
struct Cost {
    nodes: usize,
    bytes: usize,
}

impl Cost {
    fn add(&mut self, other: Cost) {
        self.nodes = self.nodes.saturating_add(other.nodes);
        self.bytes = self.bytes.saturating_add(other.bytes);
    }

    fn since(self, earlier: Cost) -> Cost {
        Cost { nodes: self.nodes - earlier.nodes, bytes: self.bytes - earlier.bytes }
    }

    fn exceeds(self, nodes: usize, bytes: usize) -> bool {
        self.nodes > nodes || self.bytes > bytes
    }
}

struct Anchored {
    /// `None` if the value is too large to be repeated within the limits.
    node: Option<Node>,
    cost: Cost,
    height: usize,
}

struct Frame {
    place: Position,
    anchor: usize,
    before: Cost,
    content: Content,
}

enum Content {
    Sequence(Vec<Node>),
    Mapping { entries: Vec<(Key, Node)>, pending: Pending, seen: HashSet<String> },
}

enum Pending {
    /// The next node is a key.
    Key,
    /// The next node is this key's value.
    Value(Key),
    /// The next node belongs to a key that was there before; it is dropped.
    Duplicate,
}

struct Builder<'limits> {
    limits: &'limits Limits,
    lines_before: u32,
    stack: Vec<Frame>,
    root: Option<Node>,
    diagnostics: Vec<Diagnostic>,
    anchors: BTreeMap<usize, Anchored>,
    /// All that the tree holds so far.
    written: Cost,
    /// What aliases added to it.
    repeated: Cost,
    /// What is kept aside for aliases.
    kept: Cost,
}

impl Builder<'_> {
    fn event(&mut self, event: Event<'_>, start: Marker, tag_start: Option<Marker>, implicit: bool) -> Step {
        let place = self.position(&start);
        let tag_place = tag_start.map_or(place, |marker| self.position(&marker));
        match event {
            Event::Scalar(text, style, anchor, tag) => {
                let text = if implicit && style == ScalarStyle::Plain { "".into() } else { text };
                self.charge(text.len(), place)?;
                if self.expects_key() {
                    let text = self.key_text(&text, style, tag.as_deref(), tag_place);
                    if anchor != 0 {
                        self.keep(anchor, &Node { value: Value::String(text.clone()), place }, 1, text.len());
                    }
                    self.key(Key { text, place });
                } else {
                    let is_empty_document = implicit
                        && tag.is_none()
                        && anchor == 0
                        && style == ScalarStyle::Plain
                        && self.stack.is_empty();
                    if is_empty_document {
                        return Ok(());
                    }
                    let bytes = text.len();
                    let node = Node { value: self.scalar(text.into_owned(), style, tag.as_deref(), tag_place), place };
                    if anchor != 0 {
                        self.keep(anchor, &node, 1, bytes);
                    }
                    self.push(node);
                }
            }
            Event::SequenceStart(_, anchor, tag) => {
                self.check_collection_tag(tag.as_deref(), "seq", tag_place);
                self.open(place, anchor, Content::Sequence(Vec::new()))?;
            }
            Event::MappingStart(_, anchor, tag) => {
                self.check_collection_tag(tag.as_deref(), "map", tag_place);
                let content = Content::Mapping { entries: Vec::new(), pending: Pending::Key, seen: HashSet::new() };
                self.open(place, anchor, content)?;
            }
            Event::SequenceEnd | Event::MappingEnd => self.close(),
            Event::Alias(anchor) => self.alias(anchor, place)?,
            Event::UnresolvedAlias(name) => {
                let message = format!("`*{name}` repeats an anchor `&{name}` that is not defined before it");
                let hint = "define the anchor, or put the value in quotes if the `*` is meant as text";
                self.report(Diagnostic::error("yaml/unknown-anchor", message).at(to_place(place)).hint(hint));
                if self.expects_key() {
                    self.key(Key { text: format!("*{name}"), place });
                } else {
                    self.push(Node { value: Value::Null, place });
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn position(&self, marker: &Marker) -> Position {
        let line = u32::try_from(marker.line()).unwrap_or(u32::MAX);
        let column = u32::try_from(marker.col()).unwrap_or(u32::MAX);
        Position { line: self.lines_before.saturating_add(line), column: column.saturating_add(1) }
    }

    fn report(&mut self, diagnostic: Diagnostic) {
        if self.diagnostics.len() < MOST_DIAGNOSTICS {
            self.diagnostics.push(diagnostic);
        }
    }

    fn charge(&mut self, bytes: usize, place: Position) -> Step {
        self.written.add(Cost { nodes: 1, bytes });
        if self.written.nodes > self.limits.nodes {
            let message = format!("the document holds more than {} values; it is not read", self.limits.nodes);
            return Err(Box::new(Diagnostic::error("yaml/too-large", message).at(to_place(place))));
        }
        Ok(())
    }

    fn expects_key(&self) -> bool {
        matches!(self.stack.last(), Some(Frame { content: Content::Mapping { pending: Pending::Key, .. }, .. }))
    }

    fn open(&mut self, place: Position, anchor: usize, content: Content) -> Step {
        let before = self.written;
        self.charge(0, place)?;
        if self.expects_key() {
            let message = "a key must be text, not a list or a mapping";
            let hint = "put quotes round it; `{{ … }}` of a template language is such a mapping when it is not quoted";
            return Err(Box::new(Diagnostic::error("yaml/key", message).at(to_place(place)).hint(hint)));
        }
        if self.stack.len() >= self.limits.depth {
            return Err(Box::new(self.too_deep(place)));
        }
        self.stack.push(Frame { place, anchor, before, content });
        Ok(())
    }

    fn close(&mut self) {
        let Some(frame) = self.stack.pop() else { return };
        let value = match frame.content {
            Content::Sequence(items) => Value::Sequence(items),
            Content::Mapping { mut entries, pending, .. } => {
                // Only what an error left half-read ends in a key.
                if let Pending::Value(key) = pending {
                    let place = key.place;
                    entries.push((key, Node { value: Value::Null, place }));
                }
                Value::Mapping(entries)
            }
        };
        let node = Node { value, place: frame.place };
        if frame.anchor != 0 {
            let cost = self.written.since(frame.before);
            self.keep(frame.anchor, &node, cost.nodes, cost.bytes);
        }
        self.push(node);
    }

    fn close_all(&mut self) {
        while !self.stack.is_empty() {
            self.close();
        }
    }

    fn push(&mut self, node: Node) {
        match self.stack.last_mut().map(|frame| &mut frame.content) {
            None => {
                if self.root.is_none() {
                    self.root = Some(node);
                }
            }
            Some(Content::Sequence(items)) => items.push(node),
            Some(Content::Mapping { entries, pending, .. }) => {
                if let Pending::Value(key) = std::mem::replace(pending, Pending::Key) {
                    entries.push((key, node));
                }
            }
        }
    }

    fn key(&mut self, key: Key) {
        let Some(Frame { content: Content::Mapping { entries, pending, seen }, .. }) = self.stack.last_mut() else {
            return;
        };
        let is_new = if entries.len() < LINEAR_KEYS {
            !entries.iter().any(|(earlier, _)| earlier.text == key.text)
        } else {
            if seen.is_empty() {
                seen.extend(entries.iter().map(|(earlier, _)| earlier.text.clone()));
            }
            seen.insert(key.text.clone())
        };
        if is_new {
            *pending = Pending::Value(key);
            return;
        }
        *pending = Pending::Duplicate;
        let first = entries.iter().find(|(earlier, _)| earlier.text == key.text).map(|(earlier, _)| earlier.place);
        let first = first.unwrap_or_default();
        let message = format!(
            "the key `{}` is written twice in one mapping: first at line {}, column {}, and again here",
            key.text, first.line, first.column
        );
        let diagnostic = Diagnostic::error("yaml/duplicate-key", message).at(to_place(key.place));
        self.report(diagnostic.hint("remove or rename one of them"));
    }

    /// Remembers a value for the aliases that may follow.
    fn keep(&mut self, anchor: usize, node: &Node, nodes: usize, bytes: usize) {
        let cost = Cost { nodes, bytes };
        self.kept.add(cost);
        let fits =
            !self.kept.exceeds(self.limits.alias_nodes.saturating_mul(2), self.limits.alias_bytes.saturating_mul(2));
        let node = fits.then(|| node.clone());
        let height = node.as_ref().map_or(0, height);
        self.anchors.insert(anchor, Anchored { node, cost, height });
    }

    fn alias(&mut self, anchor: usize, place: Position) -> Step {
        let Some(target) = self.anchors.get(&anchor) else {
            let message = "this alias repeats the value that it is part of, without end";
            return Err(Box::new(Diagnostic::error("yaml/endless-alias", message).at(to_place(place))));
        };
        let (cost, height) = (target.cost, target.height);
        self.repeated.add(cost);
        self.written.add(cost);
        let too_much = self.repeated.exceeds(self.limits.alias_nodes, self.limits.alias_bytes);
        if too_much || self.written.nodes > self.limits.nodes || target.node.is_none() {
            let message = format!(
                "the aliases up to here repeat more than {} values or {} bytes; the document is not read",
                self.limits.alias_nodes, self.limits.alias_bytes
            );
            return Err(Box::new(Diagnostic::error("yaml/too-large", message).at(to_place(place))));
        }
        if self.stack.len() + height > self.limits.depth {
            return Err(Box::new(self.too_deep(place)));
        }
        let Some(node) = target.node.clone() else { return Ok(()) };
        if !self.expects_key() {
            self.push(Node { value: node.value, place });
            return Ok(());
        }
        let text = match node.value {
            Value::String(text) => text,
            Value::Null => String::new(),
            Value::Bool(value) => value.to_string(),
            Value::Number(number) => number.to_string(),
            Value::Sequence(_) | Value::Mapping(_) => {
                let message = "a key must be text, and this alias repeats a list or a mapping";
                return Err(Box::new(Diagnostic::error("yaml/key", message).at(to_place(place))));
            }
        };
        self.key(Key { text, place });
        Ok(())
    }

    fn too_deep(&self, place: Position) -> Diagnostic {
        let message = format!("lists and mappings are nested more than {} deep here", self.limits.depth);
        Diagnostic::error("yaml/too-deep", message).at(to_place(place))
    }

    fn key_text(&mut self, text: &str, style: ScalarStyle, tag: Option<&Tag>, place: Position) -> String {
        if style != ScalarStyle::Plain || tag.is_some() {
            if let Some(tag) = tag {
                self.check_scalar_tag(tag, place);
            }
            return text.to_owned();
        }
        match scalar::resolve(text) {
            Plain::Typed(Value::Null) => String::new(),
            Plain::Typed(Value::Bool(value)) => value.to_string(),
            Plain::Typed(Value::Number(number)) => number.to_string(),
            _ => text.to_owned(),
        }
    }

    fn scalar(&mut self, text: String, style: ScalarStyle, tag: Option<&Tag>, place: Position) -> Value {
        let plain = match tag {
            None if style == ScalarStyle::Plain => scalar::resolve(&text),
            None => Plain::Text,
            Some(tag) => match tag.core_suffix() {
                Some("null") if scalar::is_null(&text) => Plain::Typed(Value::Null),
                Some("bool") => scalar::boolean(&text).map_or(Plain::Text, |value| Plain::Typed(Value::Bool(value))),
                Some("int" | "float") => scalar::number(&text),
                _ => Plain::Text,
            },
        };
        if let (Plain::Text, Some(tag)) = (&plain, tag) {
            self.check_scalar_tag(tag, place);
        }
        match plain {
            Plain::Typed(value) => value,
            Plain::Text => Value::String(text),
            Plain::NotJson => {
                let message = format!("`{text}` has no form in JSON and is read as null");
                let hint = "put it in quotes if text is meant";
                self.report(Diagnostic::warning("yaml/number", message).at(to_place(place)).hint(hint));
                Value::Null
            }
        }
    }

    /// Warns of a tag that leaves a scalar as text, unless that is what it says.
    fn check_scalar_tag(&mut self, tag: &Tag, place: Position) {
        let is_text = tag.core_suffix() == Some("str") || tag_name(tag) == "!";
        if !is_text {
            self.warn_of_tag(tag, "the value is read as text", place);
        }
    }

    fn check_collection_tag(&mut self, tag: Option<&Tag>, expected: &str, place: Position) {
        let Some(tag) = tag else { return };
        if tag.core_suffix() != Some(expected) && tag_name(tag) != "!" {
            self.warn_of_tag(tag, "it is ignored", place);
        }
    }

    fn warn_of_tag(&mut self, tag: &Tag, consequence: &str, place: Position) {
        let message = format!("the tag `{}` means nothing here: {consequence}", tag_name(tag));
        let diagnostic = Diagnostic::warning("yaml/tag", message).at(to_place(place));
        self.report(diagnostic.hint("remove the tag, or put the value in quotes if the `!` is meant as text"));
    }
}

fn tag_name(tag: &Tag) -> String {
    format!("{}{}", tag.original_handle(), tag.suffix())
}

fn height(node: &Node) -> usize {
    match &node.value {
        Value::Sequence(items) => 1 + items.iter().map(height).max().unwrap_or(0),
        Value::Mapping(entries) => 1 + entries.iter().map(|(_, node)| height(node)).max().unwrap_or(0),
        _ => 0,
    }
}

fn to_place(position: Position) -> Place {
    Place { file: None, line: position.line, column: position.column }
}
