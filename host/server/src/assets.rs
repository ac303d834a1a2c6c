//! The site's static files: hashed names, compressed beforehand, kept in the binary.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

/// One file of the site as it was built: `site-4f2a.css`, `site-4f2a.css.br`, `manifest.json`.
#[derive(Debug, Clone, Copy)]
pub struct Asset {
    pub name: &'static str,
    pub bytes: &'static [u8],
}

/// The files by the name under which they are served.
#[derive(Debug, Clone, Default)]
pub struct Assets {
    files: Arc<HashMap<&'static str, &'static [u8]>>,
    /// Hashed names by logical name.
    manifest: Arc<BTreeMap<String, String>>,
}

/// A file in the best encoding that the reader accepts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Encoded {
    pub(crate) bytes: &'static [u8],
    pub(crate) encoding: Option<&'static str>,
}

impl Assets {
    /// The files that the build put into the binary; none in a plain build.
    pub fn new(files: impl IntoIterator<Item = Asset>) -> Self {
        let files: HashMap<_, _> = files.into_iter().map(|asset| (asset.name, asset.bytes)).collect();
        let manifest =
            files.get("manifest.json").and_then(|bytes| serde_json::from_slice(bytes).ok()).unwrap_or_default();
        Self { files: Arc::new(files), manifest: Arc::new(manifest) }
    }

    /// The address of each file by its logical name.
    pub(crate) fn addresses(&self) -> BTreeMap<String, String> {
        self.manifest.iter().map(|(name, hashed)| (name.clone(), format!("/assets/{hashed}"))).collect()
    }

    /// The file with a logical name.
    pub(crate) fn logical(&self, name: &str) -> Option<&str> {
        self.manifest.get(name).map(String::as_str)
    }

    /// A file by its hashed name, compressed when `accept` (the value of `Accept-Encoding`) allows it.
    pub(crate) fn get(&self, name: &str, accept: &str) -> Option<Encoded> {
        let plain = *self.files.get(name)?;
        let accepts = |encoding: &str| {
            accept.split(',').any(|item| item.split(';').next().is_some_and(|item| item.trim() == encoding))
        };
        for (encoding, suffix) in [("br", ".br"), ("gzip", ".gz")] {
            if accepts(encoding)
                && let Some(&bytes) = self.files.get(format!("{name}{suffix}").as_str())
            {
                return Some(Encoded { bytes, encoding: Some(encoding) });
            }
        }
        Some(Encoded { bytes: plain, encoding: None })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gives_the_best_encoding_that_is_accepted() {
        let assets = Assets::new([
            Asset { name: "manifest.json", bytes: br#"{"site.css":"site-1.css"}"# },
            Asset { name: "site-1.css", bytes: b"plain" },
            Asset { name: "site-1.css.br", bytes: b"br" },
            Asset { name: "site-1.css.gz", bytes: b"gz" },
        ]);
        assert_eq!(assets.addresses()["site.css"], "/assets/site-1.css");
        for (accept, expected) in [("gzip, br;q=1", "br"), ("gzip", "gz"), ("", "plain"), ("brr", "plain")] {
            assert_eq!(assets.get("site-1.css", accept).unwrap().bytes, expected.as_bytes(), "{accept}");
        }
        assert_eq!(assets.get("other.css", ""), None);
    }
}
