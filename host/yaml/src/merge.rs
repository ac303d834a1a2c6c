//! Merge keys (`<<`), on request.

use std::mem;

use crate::node::{Key, Node, Value};

impl Node {
    /// Replaces every `<<` key by the entries of the mapping, or list of mappings, under it.
    ///
    /// A mapping's own keys win over merged ones, and earlier sources over later ones. A `<<` over anything else stays.
    /// Nothing is copied, so the tree does not grow.
    pub fn apply_merge_keys(&mut self) {
        match &mut self.value {
            Value::Sequence(items) => items.iter_mut().for_each(Node::apply_merge_keys),
            Value::Mapping(entries) => {
                entries.iter_mut().for_each(|(_, node)| node.apply_merge_keys());
                merge_entries(entries);
            }
            _ => {}
        }
    }
}

fn merge_entries(entries: &mut Vec<(Key, Node)>) {
    let Some(index) = entries.iter().position(|(key, node)| key.text == "<<" && is_source(node)) else {
        return;
    };
    let (_, source) = entries.remove(index);
    let mappings = match source.value {
        Value::Sequence(items) => items,
        _ => vec![source],
    };
    let mut merged = Vec::new();
    for mapping in mappings {
        let Value::Mapping(candidates) = mapping.value else { continue };
        for (key, node) in candidates {
            let known = |(existing, _): &(Key, Node)| existing.text == key.text;
            if !entries.iter().any(known) && !merged.iter().any(known) {
                merged.push((key, node));
            }
        }
    }
    let tail = entries.split_off(index);
    entries.extend(mem::take(&mut merged));
    entries.extend(tail);
}

fn is_source(node: &Node) -> bool {
    match &node.value {
        Value::Mapping(_) => true,
        Value::Sequence(items) => items.iter().all(|item| item.as_mapping().is_some()),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;
    use serde_json::{Value, json};

    use crate::{Limits, parse_one};

    #[rstest]
    #[case("base: &b {a: 1, b: 2}\nuse:\n  <<: *b\n  b: 3\n", json!({"a": 1, "b": 3}))]
    #[case("one: &o {a: 1}\ntwo: &t {a: 2, c: 3}\nuse:\n  <<: [*o, *t]\n", json!({"a": 1, "c": 3}))]
    #[case("use:\n  <<: text\n", json!({"<<": "text"}))]
    fn merges_when_asked(#[case] text: &str, #[case] expected: Value) {
        let mut tree = parse_one(text, &Limits::default()).expect("the text is valid");
        tree.apply_merge_keys();
        assert_eq!(tree.get("use").expect("the key is there").to_json(), expected);
    }

    #[test]
    fn is_literal_otherwise() {
        let tree = parse_one("a: &a {x: 1}\nb:\n  <<: *a\n", &Limits::default()).expect("the text is valid");
        assert_eq!(tree.to_json(), json!({"a": {"x": 1}, "b": {"<<": {"x": 1}}}));
    }
}
