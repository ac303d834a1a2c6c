//! What the binary carries within itself: the site, the first-party plugins, the plugin contract and the Rust SDK.
//!
//! The tables are made by the build script. Site and plugins are empty unless the task runner built them, so code that
//! uses them must do without them too.

/// A file inside the binary.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Asset {
    /// The path below the table's folder, with `/`.
    pub(crate) name: &'static str,
    /// What the file holds.
    pub(crate) bytes: &'static [u8],
}

impl std::fmt::Debug for Asset {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{} ({} bytes)", self.name, self.bytes.len())
    }
}

/// The site's files under their hashed names, with `.br` and `.gz` beside each, and `manifest.json`, which maps the
/// logical name (`boot.js`, `site.css`, `site.js`, `site.wasm`, `favicon.svg`) to the hashed one.
pub(crate) fn site() -> &'static [Asset] {
    SITE
}

/// The first-party plugins, such as `openapi.wasm`.
pub(crate) fn plugins() -> &'static [Asset] {
    PLUGINS
}

/// The contract that plugins are written against: the content of `wit/next`, with the packages that it uses in `deps/`.
pub(crate) fn wit() -> &'static [Asset] {
    WIT
}

/// The sources of the Rust SDK: `Cargo.toml` and `src/`. Beside them belongs a folder `wit` with the contract.
pub(crate) fn sdk() -> &'static [Asset] {
    SDK
}

include!(concat!(env!("OUT_DIR"), "/bundle.rs"));

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_contract_and_the_sdk_are_always_there() {
        assert!(wit().iter().any(|asset| asset.name.ends_with(".wit")), "{:?}", wit());
        for name in ["Cargo.toml", "src/lib.rs"] {
            assert!(sdk().iter().any(|asset| asset.name == name), "{:?}", sdk());
        }
        assert!(sdk().iter().all(|asset| !asset.name.starts_with("wit")), "{:?}", sdk());
    }

    #[test]
    fn tables_are_sorted_so_that_builds_are_alike() {
        for table in [site(), plugins(), wit(), sdk()] {
            assert!(table.is_sorted_by_key(|asset| asset.name), "{table:?}");
        }
    }

    #[test]
    fn a_built_site_has_a_manifest_whose_files_are_there() {
        let Some(manifest) = site().iter().find(|asset| asset.name == "manifest.json") else {
            assert!(site().is_empty(), "{:?}", site());
            return;
        };
        let names: std::collections::BTreeMap<String, String> = serde_json::from_slice(manifest.bytes).unwrap();
        for logical in ["boot.js", "favicon.svg", "site.css", "site.js", "site.wasm"] {
            let hashed = &names[logical];
            for form in ["", ".br", ".gz"] {
                let name = format!("{hashed}{form}");
                assert!(site().iter().any(|asset| asset.name == name), "{name} is missing");
            }
        }
    }
}
