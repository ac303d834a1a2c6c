//! Cuts a stream at its document markers.
//!
//! YAML lets no content cross a `---` or `...` at the start of a line, not even inside a block scalar or quotes, so the
//! cuts need no parser and a broken document cannot hide the ones after it.

use std::ops::Range;

/// One document's part of the stream.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Slice {
    /// Its bytes.
    pub(crate) range: Range<usize>,
    /// How many lines lie before it.
    pub(crate) lines_before: u32,
}

/// The parts of a stream in order; together they are the whole of it.
pub(crate) fn split(bytes: &[u8]) -> Slices<'_> {
    Slices { bytes, next: 0, line: 0 }
}

/// The iterator over the parts of a stream.
pub(crate) struct Slices<'bytes> {
    bytes: &'bytes [u8],
    next: usize,
    line: u32,
}

impl Iterator for Slices<'_> {
    type Item = Slice;

    fn next(&mut self) -> Option<Slice> {
        if self.next >= self.bytes.len() {
            return None;
        }
        let start = self.next;
        let lines_before = self.line;
        // Directives and comments may stand before a document's `---`; they are part of it.
        let mut in_prefix = true;
        while self.next < self.bytes.len() {
            let begin = self.next;
            let (content_end, end) = line_end(self.bytes, begin);
            let line = &self.bytes[begin..content_end];
            if is_marker(line, b"---") {
                if !in_prefix {
                    break;
                }
                in_prefix = false;
            } else if in_prefix && !is_prefix(line) {
                in_prefix = false;
            }
            self.next = end;
            self.line = self.line.saturating_add(1);
            if is_marker(line, b"...") {
                break;
            }
        }
        Some(Slice { range: start..self.next, lines_before })
    }
}

/// Where the line that begins at `begin` ends, without and with its break.
fn line_end(bytes: &[u8], begin: usize) -> (usize, usize) {
    let Some(length) = bytes[begin..].iter().position(|byte| matches!(byte, b'\n' | b'\r')) else {
        return (bytes.len(), bytes.len());
    };
    let end = begin + length;
    let is_pair = bytes[end] == b'\r' && bytes.get(end + 1) == Some(&b'\n');
    (end, end + if is_pair { 2 } else { 1 })
}

fn is_marker(line: &[u8], marker: &[u8]) -> bool {
    line.strip_prefix(marker).is_some_and(|rest| matches!(rest.first(), None | Some(b' ' | b'\t')))
}

fn is_prefix(line: &[u8]) -> bool {
    let trimmed = line.strip_prefix(b"\xef\xbb\xbf").unwrap_or(line).trim_ascii_start();
    matches!(trimmed.first(), None | Some(b'#')) || line.first() == Some(&b'%')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rstest::rstest;

    use super::split;

    #[rstest]
    #[case("", &[])]
    #[case("a: 1\n", &[("a: 1\n", 0)])]
    #[case("a\n---\nb\n", &[("a\n", 0), ("---\nb\n", 1)])]
    #[case("---\na\n---\nb", &[("---\na\n", 0), ("---\nb", 2)])]
    #[case("# c\n%YAML 1.2\n---\na\n", &[("# c\n%YAML 1.2\n---\na\n", 0)])]
    #[case("a\n...\n%YAML 1.2\n---\nb\n", &[("a\n...\n", 0), ("%YAML 1.2\n---\nb\n", 2)])]
    #[case("a: |\n  x\n---\nb\n", &[("a: |\n  x\n", 0), ("---\nb\n", 2)])]
    #[case("a: \"x\n---\nb\n", &[("a: \"x\n", 0), ("---\nb\n", 1)])]
    #[case("---a\n----\n --- \n", &[("---a\n----\n --- \n", 0)])]
    #[case("--- a\n---\tb\n", &[("--- a\n", 0), ("---\tb\n", 1)])]
    #[case("a\r\n---\r\nb\r---\rc", &[("a\r\n", 0), ("---\r\nb\r", 1), ("---\rc", 3)])]
    #[case("---\n---\n", &[("---\n", 0), ("---\n", 1)])]
    fn cuts_at_markers(#[case] text: &str, #[case] expected: &[(&str, u32)]) {
        let found: Vec<_> = split(text.as_bytes()).map(|slice| (&text[slice.range], slice.lines_before)).collect();
        assert_eq!(found, expected);
    }

    proptest! {
        #[test]
        fn loses_nothing(text in "[-.%#a \r\n]{0,60}") {
            let mut end = 0;
            for slice in split(text.as_bytes()) {
                prop_assert_eq!(slice.range.start, end);
                prop_assert!(!slice.range.is_empty());
                end = slice.range.end;
            }
            prop_assert_eq!(end, text.len());
        }
    }
}
