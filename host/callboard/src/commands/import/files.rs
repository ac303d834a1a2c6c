//! Small things about files, addresses and values.

use std::io::Write as _;
use std::path::Path;

use anyhow::Context;
use serde_json::Value;

/// Writes the file. One with secrets in it is for its owner only.
pub(super) fn write(target: &Path, text: &str, is_private: bool) -> anyhow::Result<()> {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    if is_private {
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    }
    let mut file = options.open(target).with_context(|| format!("{} cannot be written", target.display()))?;
    #[cfg(unix)]
    if is_private {
        let mode = std::os::unix::fs::PermissionsExt::from_mode(0o600);
        file.set_permissions(mode).with_context(|| format!("{} cannot be kept from others", target.display()))?;
    }
    file.write_all(text.as_bytes()).with_context(|| format!("{} cannot be written", target.display()))
}

/// Whether a value, or a part of it, is known only when the portal starts.
pub(super) fn depends_on_elsewhere(value: &Value) -> bool {
    match value {
        Value::String(text) => text.contains("${"),
        Value::Array(items) => items.iter().any(depends_on_elsewhere),
        Value::Object(entries) => entries.iter().any(|(key, value)| is_directive(key) || depends_on_elsewhere(value)),
        _ => false,
    }
}

/// Whether a key says that its mapping stands for something from elsewhere.
pub(super) fn is_directive(key: &str) -> bool {
    matches!(key, "$env" | "$file" | "$include")
}

/// A JSON pointer as people write paths: `/a/0/b` is `a[0].b`.
pub(super) fn path_of(pointer: &str) -> String {
    let keys = pointer.split('/').skip(1).map(|key| key.replace("~1", "/").replace("~0", "~"));
    keys.fold(String::new(), |path, key| {
        if key.parse::<usize>().is_ok() {
            format!("{path}[{key}]")
        } else if path.is_empty() {
            key
        } else {
            format!("{path}.{key}")
        }
    })
}

pub(super) fn is_loopback_address(text: &str) -> bool {
    let host = text.split_once("://").map_or(text, |(_, rest)| rest);
    ["localhost", "127.0.0.1", "[::1]"]
        .iter()
        .any(|name| host.strip_prefix(name).is_some_and(|rest| rest.is_empty() || rest.starts_with([':', '/'])))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn values_paths_and_addresses() {
        assert_eq!(path_of("/catalog/rules/0/allow"), "catalog.rules[0].allow");
        assert_eq!(path_of("/proxy/~1a~0b"), "proxy./a~b");
        for (value, expected) in [
            (json!("a ${B}"), true),
            (json!({"a": [{"$env": "X"}]}), true),
            (json!({"a": 1}), false),
            (json!("$B"), false),
        ] {
            assert_eq!(depends_on_elsewhere(&value), expected, "{value}");
        }
        for (address, expected) in [
            ("http://localhost:3000", true),
            ("https://127.0.0.1/", true),
            ("http://localhost.evil.example", false),
            ("https://portal.example", false),
        ] {
            assert_eq!(is_loopback_address(address), expected, "{address}");
        }
    }
}
