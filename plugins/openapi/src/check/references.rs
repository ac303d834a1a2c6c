//! References within the definition.

use super::Context;
use crate::document::{Node, Value};
use crate::findings::shown;

/// Keys whose values are data of the API's own, in which `$ref` means nothing.
const DATA: [&str; 5] = ["example", "default", "const", "enum", "value"];

/// Keys whose values are objects with names of the API's own as keys.
const NAMED: [&str; 20] = [
    "$defs",
    "callbacks",
    "content",
    "definitions",
    "dependentSchemas",
    "encoding",
    "examples",
    "headers",
    "links",
    "parameters",
    "pathItems",
    "paths",
    "patternProperties",
    "properties",
    "requestBodies",
    "responses",
    "schemas",
    "securitySchemes",
    "variables",
    "webhooks",
];

impl Context<'_> {
    pub(super) fn check_references(&mut self) {
        let root = self.root;
        let mut open = vec![(root, false)];
        while let Some((node, named)) = open.pop() {
            if !self.spend() {
                return;
            }
            match &node.value {
                Value::List(items) => open.extend(items.iter().map(|item| (item, false))),
                Value::Map(map) => {
                    // References in a schema with an identity of its own start from there, not from this document.
                    if !named && map.get("$id").is_some_and(|id| id.text().is_some()) {
                        continue;
                    }
                    for entry in &map.entries {
                        let key = entry.key.as_str();
                        if !named && key == "$ref" {
                            self.reference(&entry.node);
                        } else if named || !(DATA.contains(&key) || key.starts_with("x-")) {
                            open.push((&entry.node, !named && NAMED.contains(&key)));
                        }
                    }
                }
                _ => {}
            }
        }
    }

    fn reference(&mut self, node: &Node) {
        let Some(reference) = self.text(node, "$ref") else { return };
        let local = reference == "#" || reference.starts_with("#/");
        if local && resolve(self.root, reference).is_none() {
            let message = format!("{} leads nowhere: there is no such place in the definition", shown(reference));
            self.error(node.place, "openapi/unresolved-reference", message);
        }
    }
}

/// What a local reference names. References to references are followed, though not for ever.
pub(super) fn resolve<'a>(root: &'a Node, reference: &str) -> Option<&'a Node> {
    const LONGEST_CHAIN: usize = 16;
    let mut node = follow(root, reference)?;
    for _ in 0..LONGEST_CHAIN {
        match node.get("$ref").and_then(Node::text) {
            Some(next) if next.starts_with('#') => node = follow(root, next)?,
            _ => return Some(node),
        }
    }
    None
}

fn follow<'a>(root: &'a Node, reference: &str) -> Option<&'a Node> {
    let pointer = reference.strip_prefix('#')?;
    if pointer.is_empty() {
        return Some(root);
    }
    let mut segments = pointer.split('/');
    segments.next().filter(|before| before.is_empty())?;
    segments.try_fold(root, |node, segment| {
        let key = decode(segment).replace("~1", "/").replace("~0", "~");
        match &node.value {
            Value::Map(map) => map.get(&key),
            Value::List(items) => items.get(key.parse::<usize>().ok()?),
            _ => None,
        }
    })
}

/// Undoes percent-encoding; what is none is left as it is.
fn decode(segment: &str) -> String {
    let mut bytes = Vec::with_capacity(segment.len());
    let mut rest = segment.as_bytes();
    while let Some((&first, after)) = rest.split_first() {
        let hex = after.get(..2).and_then(|pair| std::str::from_utf8(pair).ok());
        match hex.filter(|pair| first == b'%' && pair.bytes().all(|b| b.is_ascii_hexdigit())) {
            Some(pair) => {
                bytes.push(u8::from_str_radix(pair, 16).unwrap_or(b'%'));
                rest = &after[2..];
            }
            None => {
                bytes.push(first);
                rest = after;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}
