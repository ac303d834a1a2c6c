//! Where references within a document point to.

use std::cell::{Cell, OnceCell};
use std::collections::{HashMap, VecDeque};

use host_yaml::{Node, Value};

/// The sections in which documents keep named schemas.
const SCHEMAS: [&str; 2] = ["#/components/schemas/", "#/definitions/"];
/// The most references that are followed step by step, since that looks at every key on the way.
const MAX_WALKS: usize = 500;

/// What can be referred to, by pointer.
pub(crate) struct References<'a> {
    root: &'a Node,
    known: HashMap<String, &'a Node>,
    walks: Cell<usize>,
    /// What has an anchor, by the anchor; read when the first of them is referred to.
    anchors: OnceCell<HashMap<&'a str, Anchored<'a>>>,
}

/// What has an anchor.
struct Anchored<'a> {
    node: &'a Node,
    /// Its name, when it is one of the document's named schemas.
    name: Option<&'a str>,
}

impl<'a> References<'a> {
    /// Looks at what a document holds one level and two levels below its sections.
    pub(crate) fn new(root: &'a Node) -> Self {
        let mut known = HashMap::new();
        for (section, node) in root.as_mapping().unwrap_or_default() {
            for (name, node) in node.as_mapping().unwrap_or_default() {
                let pointer = format!("#/{}/{}", escaped(&section.text), escaped(&name.text));
                if section.text == "components" {
                    for (name, node) in node.as_mapping().unwrap_or_default() {
                        known.insert(format!("{pointer}/{}", escaped(&name.text)), node);
                    }
                }
                known.insert(pointer, node);
            }
        }
        Self { root, known, walks: Cell::new(MAX_WALKS), anchors: OnceCell::new() }
    }

    /// What a reference points to.
    pub(crate) fn find(&self, reference: &str) -> Option<&'a Node> {
        if let Some(found) = self.known.get(reference) {
            return Some(found);
        }
        let pointer = reference.strip_prefix('#')?;
        if !pointer.is_empty() && !pointer.starts_with('/') {
            return self.anchored(pointer).map(|found| found.node);
        }
        self.walks.set(self.walks.get().checked_sub(1)?);
        let decoded = decoded(pointer);
        self.known.get(format!("#{decoded}").as_str()).copied().or_else(|| self.root.pointer(&decoded))
    }

    /// The name of the schema that a reference points to, when it is one of the document's named schemas.
    pub(crate) fn schema_name(&self, reference: &str) -> Option<String> {
        if let Some(anchor) = reference.strip_prefix('#').filter(|anchor| !anchor.starts_with('/')) {
            return self.anchored(anchor)?.name.map(str::to_owned);
        }
        let name = SCHEMAS.iter().find_map(|section| reference.strip_prefix(section))?;
        if name.is_empty() || name.contains('/') || self.find(reference).is_none() {
            return None;
        }
        Some(decoded(name).replace("~1", "/").replace("~0", "~"))
    }

    fn anchored(&self, anchor: &str) -> Option<&Anchored<'a>> {
        self.anchors.get_or_init(|| anchors(self.root)).get(anchor)
    }
}

/// What has an anchor, in one walk through the document. Of several with one anchor the first counts, and those of the
/// named schemas come first.
fn anchors(root: &Node) -> HashMap<&str, Anchored<'_>> {
    let schemas = [root.get("components").and_then(|components| components.get("schemas")), root.get("definitions")];
    let named = schemas.into_iter().flatten().flat_map(|section| section.as_mapping().unwrap_or_default());
    let mut open: VecDeque<(Option<&str>, &Node)> =
        named.map(|(name, node)| (Some(name.text.as_str()), node)).chain([(None, root)]).collect();
    let mut found = HashMap::new();
    while let Some((name, node)) = open.pop_front() {
        for key in ["$anchor", "$dynamicAnchor"] {
            if let Some(anchor) = node.get(key).and_then(Node::as_str) {
                found.entry(anchor).or_insert(Anchored { node, name });
            }
        }
        match &node.value {
            Value::Mapping(entries) => open.extend(entries.iter().map(|(_, node)| (None, node))),
            Value::Sequence(items) => open.extend(items.iter().map(|node| (None, node))),
            _ => {}
        }
    }
    found
}

fn escaped(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}

/// Undoes the percent-encoding that addresses need.
fn decoded(pointer: &str) -> String {
    if !pointer.contains('%') {
        return pointer.to_owned();
    }
    let mut bytes = Vec::with_capacity(pointer.len());
    let mut rest = pointer.as_bytes();
    while let Some((&first, after)) = rest.split_first() {
        let digit = |at: usize| after.get(at).and_then(|&byte| char::from(byte).to_digit(16));
        match (first, digit(0), digit(1)) {
            (b'%', Some(high), Some(low)) => {
                bytes.push(u8::try_from(high * 16 + low).unwrap_or_default());
                rest = &after[2..];
            }
            _ => {
                bytes.push(first);
                rest = after;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use host_yaml::{Limits, parse_one};

    use super::*;

    #[test]
    fn references_are_found_however_they_are_written() {
        let text = "components:\n  schemas:\n    a/b: {type: string}\n    List<A>: {$anchor: list, properties: {x: {$dynamicAnchor: x, type: integer}}}\n";
        let root = parse_one(text, &Limits::default()).unwrap();
        let refs = References::new(&root);
        for (reference, found, name) in [
            ("#/components/schemas/a~1b", true, Some("a/b")),
            ("#/components/schemas/List%3CA%3E", true, Some("List<A>")),
            ("#/components/schemas/List<A>/properties/x", true, None),
            ("#/components/schemas/None", false, None),
            ("#/%", false, None),
            ("other.yaml#/a", false, None),
            ("#", true, None),
            ("#list", true, Some("List<A>")),
            ("#x", true, None),
            ("#none", false, None),
        ] {
            assert_eq!(refs.find(reference).is_some(), found, "{reference}");
            assert_eq!(refs.schema_name(reference).as_deref(), name, "{reference}");
        }
    }
}
