//! What the binary embeds: `target/bundle/site` and `target/bundle/plugins`.
//!
//! Each part is written only where its bytes changed, so that the binary is linked again only when it would differ.

pub mod assets;
pub mod components;
pub mod plugins;
pub mod site;
pub mod styles;

use std::fs;

use anyhow::{Context as _, Result};

use crate::checkout::Checkout;

/// Builds plugins and site.
pub fn build(checkout: &Checkout) -> Result<()> {
    prepare(checkout)?;
    plugins::build(checkout)?;
    site::build(checkout)
}

/// Makes the bundle's folders, so that a build script that looks at them finds them, empty or not.
pub fn prepare(checkout: &Checkout) -> Result<()> {
    for folder in [checkout.bundle().join("site"), checkout.bundle().join("plugins"), checkout.fixture_plugins()] {
        fs::create_dir_all(&folder).with_context(|| format!("creating {}", folder.display()))?;
    }
    Ok(())
}
