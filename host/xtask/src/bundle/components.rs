//! Looking at a WebAssembly file's first bytes.

use anyhow::{Result, bail};

const MAGIC: &[u8] = b"\0asm";
const MODULE: &[u8] = &[1, 0, 0, 0];
const COMPONENT: &[u8] = &[13, 0, 1, 0];

/// Fails unless the bytes begin as a component does.
pub fn require_component(name: &str, bytes: &[u8]) -> Result<()> {
    match bytes.strip_prefix(MAGIC) {
        Some(rest) if rest.starts_with(COMPONENT) => Ok(()),
        Some(rest) if rest.starts_with(MODULE) => bail!(
            "{name} is a core module, not a component; set `crate-type = [\"cdylib\"]` and build it for wasm32-wasip2"
        ),
        _ => bail!("{name} is not WebAssembly; remove it and build again"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_components_pass() {
        let cases: &[(&[u8], Option<&str>)] = &[
            (b"\0asm\x0d\0\x01\0", None),
            (b"\0asm\x01\0\0\0", Some("core module")),
            (b"\0asm", Some("not WebAssembly")),
            (b"#!/bin/sh", Some("not WebAssembly")),
            (b"", Some("not WebAssembly")),
        ];
        for (bytes, expected) in cases {
            let message = require_component("x.wasm", bytes).err().map(|error| error.to_string());
            match expected {
                None => assert_eq!(message, None),
                Some(part) => assert!(message.is_some_and(|text| text.contains(part)), "{bytes:?}"),
            }
        }
    }
}
