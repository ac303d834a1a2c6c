//! What every member's manifest must say.

use crate::tidy::Finding;

/// Stands alone on purpose: it is written into plugin authors' projects, where there is no workspace of ours.
const ALONE: &[&str] = &["callboard-sdk"];

/// Checks that a member takes the workspace's lints, edition and licence.
pub fn check(package: &str, manifest: &str) -> Vec<Finding> {
    if ALONE.contains(&package) {
        return Vec::new();
    }
    let mut findings = Vec::new();
    if !says(manifest, "lints", "workspace") {
        findings.push(Finding::new(
            package,
            "does not use the workspace's lints; add `[lints]` with `workspace = true` to its manifest",
        ));
    }
    for key in ["edition.workspace", "rust-version.workspace", "license.workspace", "publish.workspace"] {
        if !says(manifest, "package", key) {
            findings.push(Finding::new(package, format!("add `{key} = true` below `[package]` in its manifest")));
        }
    }
    findings
}

/// Whether a table holds `key = true`.
fn says(manifest: &str, table: &str, key: &str) -> bool {
    let mut inside = false;
    for line in manifest.lines().map(str::trim) {
        if let Some(header) = line.strip_prefix('[') {
            inside = header.split(']').next().is_some_and(|name| name.trim() == table);
        } else if let Some((name, value)) = line.split_once('=')
            && inside
            && name.trim() == key
            && value.split('#').next().is_some_and(|value| value.trim() == "true")
        {
            return true;
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = "[package]\nname = \"x\"\nedition.workspace = true\nrust-version.workspace = true\n\
                        license.workspace = true\npublish.workspace = true\n\n[lints]\nworkspace = true # all\n";

    #[test]
    fn a_manifest_takes_what_the_workspace_says() {
        assert_eq!(check("host-x", GOOD), []);
        assert_eq!(check("host-x", &GOOD.replace("[lints]", "[other]")).len(), 1);
        assert_eq!(check("host-x", &GOOD.replace("workspace = true # all", "workspace = false")).len(), 1);
        assert_eq!(check("host-x", &GOOD.replace("license.workspace", "license")).len(), 1);
        assert_eq!(check("host-x", "").len(), 5);
    }

    #[test]
    fn the_sdk_stands_alone() {
        assert_eq!(check("callboard-sdk", ""), []);
    }
}
