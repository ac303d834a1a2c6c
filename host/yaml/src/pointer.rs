//! JSON pointers (RFC 6901) into a tree: from the path of a complaint to its line.

use std::borrow::Cow;

use crate::node::{Key, Node, Position, Value};

impl Node {
    /// The node that a JSON pointer names; the empty pointer names this one.
    pub fn pointer(&self, pointer: &str) -> Option<&Node> {
        let (node, rest) = self.follow(pointer);
        rest.is_none().then_some(node)
    }

    /// Where the value that a JSON pointer names begins; if it does not exist, where its nearest existing ancestor does.
    pub fn place_of(&self, pointer: &str) -> Position {
        self.follow(pointer).0.place
    }

    /// Where the key that ends a JSON pointer is written; `None` for list items and for what does not exist.
    pub fn key_place_of(&self, pointer: &str) -> Option<Position> {
        let (parent, last) = pointer.rsplit_once('/')?;
        let (key, _): (&Key, &Node) = self.pointer(parent)?.entry(&unescape(last))?;
        Some(key.place)
    }

    /// Walks as far as the tree goes: the last node that exists, and the part of the pointer that was left.
    fn follow<'pointer>(&self, pointer: &'pointer str) -> (&Node, Option<&'pointer str>) {
        let mut node = self;
        let Some(mut rest) = pointer.strip_prefix('/') else {
            return (self, (!pointer.is_empty()).then_some(pointer));
        };
        loop {
            let (segment, remaining) = match rest.split_once('/') {
                Some((segment, remaining)) => (segment, Some(remaining)),
                None => (rest, None),
            };
            let Some(child) = node.child(segment) else {
                return (node, Some(rest));
            };
            node = child;
            match remaining {
                Some(remaining) => rest = remaining,
                None => return (node, None),
            }
        }
    }

    fn child(&self, segment: &str) -> Option<&Node> {
        match &self.value {
            Value::Mapping(_) => self.get(&unescape(segment)),
            Value::Sequence(items) => items.get(segment.parse::<usize>().ok()?),
            _ => None,
        }
    }
}

fn unescape(segment: &str) -> Cow<'_, str> {
    if segment.contains('~') {
        Cow::Owned(segment.replace("~1", "/").replace("~0", "~"))
    } else {
        Cow::Borrowed(segment)
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use crate::{Limits, Node, Position, parse_one};

    const TEXT: &str = "kind: API\nmetadata:\n  annotations:\n    a/b: one\n    c~d: two\n  tags:\n  - x\n  - y\n";

    fn tree() -> Node {
        parse_one(TEXT, &Limits::default()).expect("the text is valid")
    }

    #[rstest]
    #[case("", Some((1, 1)), (1, 1))]
    #[case("/kind", Some((1, 7)), (1, 7))]
    #[case("/metadata", Some((3, 3)), (3, 3))]
    #[case("/metadata/annotations/a~1b", Some((4, 10)), (4, 10))]
    #[case("/metadata/annotations/c~0d", Some((5, 10)), (5, 10))]
    #[case("/metadata/tags/1", Some((8, 5)), (8, 5))]
    #[case("/metadata/tags/9", None, (7, 5))]
    #[case("/metadata/name/first", None, (3, 3))]
    #[case("/kind/deeper", None, (1, 7))]
    #[case("nonsense", None, (1, 1))]
    fn finds_values_and_falls_back_to_ancestors(
        #[case] pointer: &str,
        #[case] exact: Option<(u32, u32)>,
        #[case] nearest: (u32, u32),
    ) {
        let tree = tree();
        let position = |(line, column)| Position { line, column };
        assert_eq!(tree.pointer(pointer).map(|node| node.place), exact.map(position));
        assert_eq!(tree.place_of(pointer), position(nearest));
    }

    #[test]
    fn finds_keys() {
        let tree = tree();
        let place = |pointer| tree.key_place_of(pointer).map(|place| (place.line, place.column));
        assert_eq!(place("/metadata"), Some((2, 1)));
        assert_eq!(place("/metadata/annotations/c~0d"), Some((5, 5)));
        assert_eq!(place("/metadata/tags/0"), None);
        assert_eq!(place("/metadata/none"), None);
        assert_eq!(place(""), None);
    }
}
