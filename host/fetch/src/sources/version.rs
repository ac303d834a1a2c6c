//! What is remembered of a file to ask whether it changed.

use http::header::{ETAG, IF_MODIFIED_SINCE, IF_NONE_MATCH, LAST_MODIFIED};
use http::{HeaderMap, HeaderValue};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// What came with a file, and a fingerprint of it for servers that say nothing.
#[derive(Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Version {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) etag: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) modified: Option<String>,
    pub(crate) hash: String,
}

impl Version {
    pub(crate) fn new(headers: &HeaderMap, hash: String) -> Self {
        let text = |name| headers.get(name).and_then(|value: &HeaderValue| value.to_str().ok()).map(str::to_owned);
        Self { etag: text(ETAG), modified: text(LAST_MODIFIED), hash }
    }

    /// What an earlier read gave. What is none counts as nothing known.
    pub(crate) fn parse(known: Option<&str>) -> Option<Self> {
        serde_json::from_str(known?).ok()
    }

    /// Headers that ask whether it changed.
    pub(crate) fn conditions(&self) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for (name, value) in [(IF_NONE_MATCH, &self.etag), (IF_MODIFIED_SINCE, &self.modified)] {
            if let Some(value) = value.as_deref().and_then(|value| HeaderValue::from_str(value).ok()) {
                headers.insert(name, value);
            }
        }
        headers
    }

    pub(crate) fn text(&self) -> String {
        // A struct of texts is always JSON.
        serde_json::to_string(self).unwrap_or_default()
    }
}

/// A fingerprint of files.
pub(crate) fn fingerprint<'part>(parts: impl IntoIterator<Item = &'part [u8]>) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update(u64::try_from(part.len()).unwrap_or(u64::MAX).to_le_bytes());
        hash.update(part);
    }
    hash.finalize()[..16].iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_remembered_is_asked_with() {
        let mut headers = HeaderMap::new();
        headers.insert(ETAG, HeaderValue::from_static("W/\"a\""));
        headers.insert(LAST_MODIFIED, HeaderValue::from_static("Fri, 20 Nov 2026 10:00:00 GMT"));
        let text = Version::new(&headers, fingerprint([&b"x"[..]])).text();
        let conditions = Version::parse(Some(&text)).unwrap().conditions();
        assert_eq!(conditions["if-none-match"], "W/\"a\"");
        assert_eq!(conditions["if-modified-since"], "Fri, 20 Nov 2026 10:00:00 GMT");
        assert_eq!(Version::parse(Some("git:1234")), None);
        assert_eq!(Version::parse(None), None);
    }

    #[test]
    fn fingerprints_tell_the_ends_of_parts() {
        assert_ne!(fingerprint([&b"ab"[..], b"c"]), fingerprint([&b"a"[..], b"bc"]));
    }
}
