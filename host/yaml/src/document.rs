//! From bytes to documents.

use std::ops::Range;
use std::str;

use host_model::diagnostic::{Diagnostic, Place, Severity};

use crate::build::{Built, build};
use crate::limits::Limits;
use crate::node::{Node, Value};
use crate::split::{Slice, split};

/// One document of a stream: its value, or the reasons why it has none.
#[derive(Clone, Debug)]
pub struct Document {
    /// Its number in the stream, from 0; empty documents are not counted.
    pub index: usize,
    /// The line on which its text begins, from 1.
    pub line: u32,
    /// Its bytes in the input, with its markers and comments.
    pub bytes: Range<usize>,
    /// Its value; `None` exactly when one of the diagnostics is an error.
    pub node: Option<Node>,
    /// When there is no value: what had been read before the error, to name the document in messages and for no other use.
    pub partial: Option<Node>,
    /// Errors and warnings in the order of the text; their places name no file.
    pub diagnostics: Vec<Diagnostic>,
}

impl Document {
    /// Puts the name of the file into the place of every diagnostic.
    #[must_use]
    pub fn in_file(mut self, file: &str) -> Self {
        for place in self.diagnostics.iter_mut().filter_map(|diagnostic| diagnostic.place.as_mut()) {
            place.file = Some(file.to_owned());
        }
        self
    }
}

/// Reads every document of a text. Documents that are empty or hold only comments are left out.
pub fn parse_documents(text: &str, limits: &Limits) -> Vec<Document> {
    parse_bytes(text.as_bytes(), limits)
}

/// Reads every document of bytes that should be UTF-8 text.
pub fn parse_bytes(bytes: &[u8], limits: &Limits) -> Vec<Document> {
    if bytes.len() > limits.bytes {
        let message = format!("the text is {} bytes long; at most {} are read", bytes.len(), limits.bytes);
        let hint = "split it into several files";
        return vec![refused(
            0,
            0..bytes.len(),
            Diagnostic::error("yaml/too-large", message).at(place(1, 1)).hint(hint),
        )];
    }
    if bytes.starts_with(b"\xff\xfe") || bytes.starts_with(b"\xfe\xff") {
        let diagnostic = Diagnostic::error("yaml/encoding", "the text is UTF-16; only UTF-8 is read").at(place(1, 1));
        return vec![refused(0, 0..bytes.len(), diagnostic.hint("save the file as UTF-8"))];
    }
    let mut documents = Vec::new();
    for slice in split(bytes) {
        if documents.len() == limits.documents {
            let message = format!("there are more than {} documents; the rest is not read", limits.documents);
            let diagnostic = Diagnostic::error("yaml/too-large", message).at(place(slice.lines_before + 1, 1));
            documents.push(refused(limits.documents, slice.range.start..bytes.len(), diagnostic));
            break;
        }
        documents.extend(parse_slice(bytes, slice, documents.len(), limits));
    }
    documents
}

/// Reads a text that is one value. A text without content is null.
///
/// # Errors
///
/// The diagnostics, when the text is not valid or holds several documents.
pub fn parse_one(text: &str, limits: &Limits) -> Result<Node, Vec<Diagnostic>> {
    let mut documents = parse_documents(text, limits);
    if let Some(second) = documents.get(1) {
        let message = "there are several documents here; one is expected";
        let diagnostic = Diagnostic::error("yaml/several-documents", message).at(place(second.line, 1));
        return Err(vec![diagnostic.hint("remove everything from the `---` on")]);
    }
    match documents.pop() {
        None => Ok(Node { value: Value::Null, place: crate::Position { line: 1, column: 1 } }),
        Some(Document { node: Some(node), .. }) => Ok(node),
        Some(document) => Err(document.diagnostics),
    }
}

fn parse_slice(bytes: &[u8], slice: Slice, index: usize, limits: &Limits) -> Option<Document> {
    let line = slice.lines_before.saturating_add(1);
    let part = &bytes[slice.range.clone()];
    let text = match str::from_utf8(part) {
        Ok(text) => text,
        Err(error) => {
            return Some(Document { line, ..refused(index, slice.range, not_utf8(part, error.valid_up_to(), line)) });
        }
    };
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let Built { root, diagnostics } = build(text, slice.lines_before, limits);
    let failed = diagnostics.iter().any(|diagnostic| diagnostic.severity == Severity::Error);
    if root.is_none() && diagnostics.is_empty() {
        return None;
    }
    let (node, partial) = if failed { (None, root) } else { (root, None) };
    Some(Document { index, line, bytes: slice.range, node, partial, diagnostics })
}

fn refused(index: usize, bytes: Range<usize>, diagnostic: Diagnostic) -> Document {
    let line = diagnostic.place.as_ref().map_or(1, |place| place.line);
    Document { index, line, bytes, node: None, partial: None, diagnostics: vec![diagnostic] }
}

fn not_utf8(part: &[u8], valid: usize, first_line: u32) -> Diagnostic {
    let before = str::from_utf8(&part[..valid]).unwrap_or_default();
    let normalised = before.replace("\r\n", "\n").replace('\r', "\n");
    let line = first_line + u32::try_from(normalised.matches('\n').count()).unwrap_or(u32::MAX - first_line);
    let last = normalised.rsplit('\n').next().unwrap_or_default();
    let column = u32::try_from(last.chars().count()).unwrap_or(u32::MAX - 1) + 1;
    let byte = part.get(valid).copied().unwrap_or_default();
    let message = format!("the byte 0x{byte:02X} here is not valid UTF-8");
    Diagnostic::error("yaml/encoding", message).at(place(line, column)).hint("save the file as UTF-8")
}

fn place(line: u32, column: u32) -> Place {
    Place { file: None, line, column }
}
