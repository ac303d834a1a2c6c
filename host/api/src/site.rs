//! What every page says of the installation.

use std::collections::BTreeMap;

/// The installation's names and the addresses of its static files.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SiteInfo {
    /// `app.title`.
    pub title: String,
    /// `organization.name`.
    pub organization: String,
    /// The address of each static file by its logical name: `boot.js`, `site.css`, `favicon.svg`.
    pub assets: BTreeMap<String, String>,
    /// The version of Callboard.
    pub version: String,
}

impl SiteInfo {
    /// The address of a static file, when the site was built in.
    pub fn asset(&self, name: &str) -> Option<&str> {
        self.assets.get(name).map(String::as_str)
    }
}
