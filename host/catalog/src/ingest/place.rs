//! From a place in an entity to a place in a file.

use std::sync::Arc;

use host_model::Place;
use host_yaml::{Node, Position};

use super::include::Included;

/// How an entity was written, as long as something may be said about it.
#[derive(Debug, Clone)]
pub(crate) struct Written {
    pub(crate) node: Node,
    /// The file's name as messages show it.
    pub(crate) file: Arc<str>,
    /// The whole file.
    pub(crate) text: Arc<str>,
    pub(crate) included: Vec<Included>,
}

impl Written {
    /// Where a value, or its key, is written.
    pub(crate) fn place(&self, pointer: &str, at_key: bool) -> Place {
        let key = if at_key { self.node.key_place_of(pointer) } else { None };
        self.in_file(key.unwrap_or_else(|| self.node.place_of(pointer)))
    }

    /// Where a line and column within the text at a pointer are written: in the file that was included there, in the
    /// block of text, or as near as can be told.
    pub(crate) fn place_within(&self, pointer: &str, position: Option<(u32, u32)>) -> Place {
        let Some((line, column)) = position else { return self.place(pointer, false) };
        let included = self.included.iter().find(|included| included.is_text && included.pointer == pointer);
        if let Some(included) = included {
            return Place { file: Some(included.name.clone()), line: line.max(1), column: column.max(1) };
        }
        let start = self.node.place_of(pointer);
        match self.node.pointer(pointer).and_then(|_| self.block_start(start)) {
            Some((first, indent)) => {
                self.in_file(Position { line: first + line.max(1) - 1, column: indent + column.max(1) })
            }
            None => self.in_file(start),
        }
    }

    /// The first line and the indentation of a block of text whose value begins at a place.
    fn block_start(&self, start: Position) -> Option<(u32, u32)> {
        let at = start.line.checked_sub(1)? as usize;
        let header = self.text.lines().nth(at)?;
        let mark: String = header.chars().skip(start.column.saturating_sub(1) as usize).collect();
        // A place on the header (`definition: |`) or already on the first line of the text.
        let first = if mark.starts_with('|') || mark.starts_with('>') {
            at + 1
        } else {
            let before = self.text.lines().nth(at.checked_sub(1)?)?.trim_end();
            let is_header =
                before.rsplit(' ').next().is_some_and(|last| last.starts_with('|') || last.starts_with('>'));
            is_header.then_some(at)?
        };
        let line = self.text.lines().skip(first).find(|line| !line.trim().is_empty())?;
        let indent = line.len() - line.trim_start_matches(' ').len();
        Some((u32::try_from(first).ok()? + 1, u32::try_from(indent).ok()?))
    }

    fn in_file(&self, position: Position) -> Place {
        Place { file: Some(self.file.to_string()), line: position.line.max(1), column: position.column.max(1) }
    }
}

#[cfg(test)]
mod tests {
    use host_yaml::{Limits, parse_one};

    use super::*;

    #[test]
    fn lines_within_texts_are_found_in_files() {
        let text = "spec:\n  inline: |\n    one\n    two\n  quoted: \"a b\"\n  file: x\n";
        let written = Written {
            node: parse_one(text, &Limits::default()).unwrap(),
            file: "a.yaml".into(),
            text: text.into(),
            included: vec![Included { pointer: "/spec/file".into(), name: "/b.txt".into(), is_text: true }],
        };
        for (pointer, position, expected) in [
            ("/spec/inline", Some((2, 3)), "a.yaml:4:7"),
            ("/spec/quoted", Some((2, 3)), "a.yaml:5:11"),
            ("/spec/file", Some((9, 2)), "/b.txt:9:2"),
            ("/spec/file", None, "a.yaml:6:9"),
            ("/spec/none", Some((1, 1)), "a.yaml:2:3"),
        ] {
            assert_eq!(written.place_within(pointer, position).to_string(), expected, "{pointer}");
        }
        assert_eq!(written.place("/spec/quoted", true).to_string(), "a.yaml:5:3");
    }
}
