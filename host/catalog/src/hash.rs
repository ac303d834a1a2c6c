//! Hashes and identifiers that are made from what they name.

use sha1::{Digest, Sha1};

/// Bytes as lower-case hexadecimal digits.
pub(crate) fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let mut text = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        text.push(char::from(DIGITS[usize::from(byte >> 4)]));
        text.push(char::from(DIGITS[usize::from(byte & 15)]));
    }
    text
}

/// The SHA-1 of parts that are kept apart, as hexadecimal digits. It finds changes; nothing relies on it for safety.
pub(crate) fn of_parts(parts: &[&[u8]]) -> String {
    let mut hash = Sha1::new();
    for part in parts {
        hash.update((part.len() as u64).to_le_bytes());
        hash.update(part);
    }
    hex(&hash.finalize())
}

/// The SHA-1 of a text, as hexadecimal digits.
pub(crate) fn of(text: &[u8]) -> String {
    hex(&Sha1::digest(text))
}

/// The `uid` of the entity with a reference: the same whenever and wherever the reference is the same.
pub(crate) fn uid(entity_ref: &str) -> String {
    let digest = Sha1::digest(format!("callboard:entity:{entity_ref}"));
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&digest[..16]);
    uuid::Builder::from_sha1_bytes(bytes).into_uuid().to_string()
}

/// The name of the Location entity that stands for a location.
pub(crate) fn location_name(location: &str) -> String {
    format!("generated-{}", of(location.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn locations_are_named_as_backstage_names_them() {
        assert_eq!(
            location_name("file:/oracle/catalog-60/all.yaml"),
            "generated-c52dd2f6bac838a888dc0959e198505d484265ff"
        );
        assert_eq!(uid("a"), uid("a"));
        assert_ne!(of_parts(&[b"a", b"b"]), of_parts(&[b"ab", b""]));
    }
}
