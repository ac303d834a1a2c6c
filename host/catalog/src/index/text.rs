//! The text of an entity as the API sends it.
//!
//! A body is stored without `uid`, `etag`, `relations` and `status`. They are put into its text where they belong when it
//! is asked for, so that a change of relations costs no parsing and what nobody reads costs nothing.

use std::ops::Range;
use std::sync::Arc;

use serde_json::{Map, Value};
use sha1::{Digest, Sha1};

/// A body with the place where its metadata ends.
#[derive(Debug, Clone)]
pub(crate) struct Body {
    text: Arc<str>,
    /// The byte after the last field of the metadata.
    metadata_end: usize,
}

const START: &str = "{\"metadata\":";

impl Body {
    /// The text of an entity's document, with its metadata first.
    pub(crate) fn new(document: &Map<String, Value>) -> Self {
        let empty = Value::Object(Map::new());
        let metadata = document.get("metadata").unwrap_or(&empty).to_string();
        let mut text = String::with_capacity(metadata.len() + 512);
        text.push_str(START);
        text.push_str(&metadata);
        let metadata_end = text.len() - 1;
        for (key, value) in document.iter().filter(|(key, _)| *key != "metadata") {
            text.push(',');
            text.push_str(&Value::String(key.clone()).to_string());
            text.push(':');
            text.push_str(&value.to_string());
        }
        text.push('}');
        Self { text: text.into(), metadata_end }
    }

    /// A stored text; one that is not in our form is brought into it.
    pub(crate) fn stored(text: Arc<str>) -> Option<Self> {
        if let Some(metadata_end) = metadata_end(&text) {
            return Some(Self { text, metadata_end });
        }
        let document: Map<String, Value> = serde_json::from_str(&text).ok()?;
        Some(Self::new(&document))
    }

    /// The text that is stored.
    pub(crate) fn text(&self) -> &Arc<str> {
        &self.text
    }

    /// What tells this body from others.
    pub(crate) fn hash(&self) -> [u8; 16] {
        let mut short = [0; 16];
        short.copy_from_slice(&Sha1::digest(self.text.as_bytes())[..16]);
        short
    }

    /// The whole entity; relations and status are JSON.
    pub(crate) fn complete(&self, uid: &str, relations: &str, status: Option<&str>) -> Whole {
        let mut hash = Sha1::new();
        for part in [self.text.as_bytes(), relations.as_bytes(), status.unwrap_or_default().as_bytes()] {
            hash.update(part);
            hash.update([0]);
        }
        let etag = crate::hash::hex(&hash.finalize());
        let (metadata, rest) = self.text.split_at(self.metadata_end);
        let rest = &rest[..rest.len() - 1];
        let separator = if metadata.ends_with('{') { "" } else { "," };
        let status = status.map(|status| format!(",\"status\":{status}")).unwrap_or_default();
        let inserted = [separator, "\"uid\":\"", uid, "\",\"etag\":\""].concat();
        let etag_at = metadata.len() + inserted.len();
        let text = [metadata, &inserted, &etag, "\"", rest, &status, ",\"relations\":", relations, "}"].concat();
        Whole { etag: etag_at..etag_at + etag.len(), text: text.into() }
    }
}

/// A whole entity as text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Whole {
    pub(crate) text: Arc<str>,
    etag: Range<usize>,
}

impl Whole {
    pub(crate) fn etag(&self) -> &str {
        &self.text[self.etag.clone()]
    }
}

/// The byte after the last field of the metadata, which come first in our form.
fn metadata_end(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    if !text.starts_with(START) || bytes.get(START.len()) != Some(&b'{') || bytes.last() != Some(&b'}') {
        return None;
    }
    let (mut depth, mut in_text, mut escaped) = (0_usize, false, false);
    for (at, byte) in bytes.iter().enumerate().skip(START.len()) {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if in_text => escaped = true,
            b'"' => in_text = !in_text,
            _ if in_text => {}
            b'{' | b'[' => depth += 1,
            b'}' | b']' => {
                depth -= 1;
                if depth == 0 {
                    return Some(at);
                }
            }
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_parts_come_together_as_json() {
        let document = json!({"kind": "API", "metadata": {"name": "a\"}\\", "x": {"y": []}}, "spec": {}});
        let document = document.as_object().unwrap();
        let body = Body::new(document);
        assert_eq!(&**body.text(), r#"{"metadata":{"name":"a\"}\\","x":{"y":[]}},"kind":"API","spec":{}}"#);
        let again = Body::stored(Arc::clone(body.text())).unwrap();
        assert_eq!((again.metadata_end, again.hash()), (body.metadata_end, body.hash()));
        let whole = again.complete("u", "[]", Some("{\"items\":[]}"));
        let value: Value = serde_json::from_str(&whole.text).unwrap();
        assert_eq!(value["metadata"]["uid"], "u");
        assert_eq!(value["metadata"]["etag"].as_str().map(str::len), Some(40));
        assert_eq!(value["metadata"]["etag"], whole.etag());
        assert_eq!((&value["relations"], &value["status"]), (&json!([]), &json!({"items": []})));
        assert_ne!(whole, again.complete("u", "[1]", Some("{\"items\":[]}")));
        let bare: Value = serde_json::from_str(&Body::new(&Map::new()).complete("u", "[]", None).text).unwrap();
        assert_eq!(bare["metadata"]["uid"], "u");
        let other = Body::stored(r#"{"kind":"API","metadata":{"name":"a"}}"#.into()).unwrap();
        assert_eq!(&**other.text(), r#"{"metadata":{"name":"a"},"kind":"API"}"#);
        assert!(Body::stored("no".into()).is_none());
    }
}
