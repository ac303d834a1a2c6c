//! The text of an entity as the API sends it.
//!
//! A body is stored without `uid`, `etag`, `relations` and `status`. They are put into its text where they belong, so
//! that a change of relations costs no parsing.

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

    /// A stored text with its document; the text is kept if it is in our form.
    pub(crate) fn stored(text: Arc<str>, document: &Map<String, Value>) -> Self {
        let metadata_end = document.get("metadata").map(|metadata| START.len() + metadata.to_string().len() - 1);
        match metadata_end {
            Some(end) if text.starts_with(START) && text.as_bytes().get(end) == Some(&b'}') => {
                Self { text, metadata_end: end }
            }
            _ => Self::new(document),
        }
    }

    /// The text that is stored.
    pub(crate) fn text(&self) -> &Arc<str> {
        &self.text
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
        let inserted = format!("{separator}\"uid\":\"{uid}\",\"etag\":\"{etag}\"");
        let rest_start = metadata.len() + inserted.len();
        Whole {
            metadata_end: metadata.len(),
            rest_start,
            rest_end: rest_start + rest.len(),
            text: format!("{metadata}{inserted}{rest}{status},\"relations\":{relations}}}").into(),
        }
    }
}

/// A whole entity, which its body can be taken from again; so only one of them is kept.
#[derive(Debug, Clone)]
pub(crate) struct Whole {
    pub(crate) text: Arc<str>,
    metadata_end: usize,
    rest_start: usize,
    rest_end: usize,
}

impl Whole {
    /// The etag, which stands at the end of the metadata.
    pub(crate) fn etag(&self) -> &str {
        self.text[..self.rest_start].rsplit('"').nth(1).unwrap_or_default()
    }

    /// The entity without `uid`, `etag`, `relations` and `status`.
    pub(crate) fn body(&self) -> Body {
        let (metadata, rest) = (&self.text[..self.metadata_end], &self.text[self.rest_start..self.rest_end]);
        Body { text: format!("{metadata}{rest}}}").into(), metadata_end: self.metadata_end }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_parts_come_together_as_json() {
        let document = json!({"kind": "API", "metadata": {"name": "a\"}", "x": {"y": []}}, "spec": {}});
        let document = document.as_object().unwrap();
        let body = Body::new(document);
        assert_eq!(&**body.text(), r#"{"metadata":{"name":"a\"}","x":{"y":[]}},"kind":"API","spec":{}}"#);
        let again = Body::stored(Arc::clone(body.text()), document);
        let whole = again.complete("u", "[]", Some("{\"items\":[]}"));
        let value: Value = serde_json::from_str(&whole.text).unwrap();
        assert_eq!(whole.body().text(), body.text());
        assert_eq!(value["metadata"]["uid"], "u");
        assert_eq!(value["metadata"]["etag"].as_str().map(str::len), Some(40));
        assert_eq!(value["metadata"]["etag"], whole.etag());
        assert_eq!((&value["relations"], &value["status"]), (&json!([]), &json!({"items": []})));
        assert_ne!(whole.text, again.complete("u", "[1]", Some("{\"items\":[]}")).text);
        let bare: Value = serde_json::from_str(&Body::new(&Map::new()).complete("u", "[]", None).text).unwrap();
        assert_eq!(bare["metadata"]["uid"], "u");
    }
}
