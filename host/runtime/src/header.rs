//! Looks at the first bytes of a file and at its outermost frame before anything else does, so that people who dropped
//! the wrong file are told so in their own words rather than in a compiler's.

/// The largest component that is accepted.
pub const MAX_COMPONENT_BYTES: usize = 64 << 20;

const MAGIC: &[u8] = b"\0asm";
const MODULE: [u8; 4] = [1, 0, 0, 0];
const COMPONENT: [u8; 4] = [0x0d, 0, 1, 0];

/// What is wrong with a file at first sight.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum HeaderError {
    #[error("not WebAssembly: the file is empty")]
    Empty,
    #[error("not WebAssembly: {0}; a plugin is a WebAssembly component, which `callboard plugin build` makes")]
    NotWebAssembly(&'static str),
    #[error(
        "a core WebAssembly module, not a component: build it with `--target wasm32-wasip2`, or make it a component \
         with `callboard plugin build`"
    )]
    CoreModule,
    #[error(
        "WebAssembly of an unknown layout (version bytes {0:02x?}): build it with tools that make components of layout 13"
    )]
    UnknownLayout([u8; 4]),
    #[error(
        "truncated: the section at byte {section} says that it ends at byte {needed}, the file ends at {length}; copy \
         the file again"
    )]
    Truncated { section: usize, needed: u64, length: usize },
    #[error("corrupt: at byte {0} there is no section header; copy the file again or build it anew")]
    Corrupt(usize),
    #[error("too large: {0} bytes, at most {MAX_COMPONENT_BYTES} are accepted")]
    TooLarge(u64),
}

impl HeaderError {
    /// A short stable code for the plugin's status.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Empty | Self::NotWebAssembly(_) => "not-webassembly",
            Self::CoreModule => "not-a-component",
            Self::UnknownLayout(_) => "unknown-layout",
            Self::Truncated { .. } => "truncated",
            Self::Corrupt(_) => "corrupt",
            Self::TooLarge(_) => "too-large",
        }
    }
}

/// Whether bytes can be a component: the header says so and every outermost section lies within the file.
///
/// # Errors
/// What the bytes are instead.
pub fn inspect_header(bytes: &[u8]) -> Result<(), HeaderError> {
    if bytes.len() > MAX_COMPONENT_BYTES {
        return Err(HeaderError::TooLarge(bytes.len() as u64));
    }
    if bytes.is_empty() {
        return Err(HeaderError::Empty);
    }
    if !bytes.starts_with(MAGIC) {
        if MAGIC.starts_with(bytes) {
            return Err(HeaderError::Truncated { section: 0, needed: 8, length: bytes.len() });
        }
        return Err(HeaderError::NotWebAssembly(guess(bytes)));
    }
    match bytes.get(4..8).and_then(|version| <[u8; 4]>::try_from(version).ok()) {
        None => Err(HeaderError::Truncated { section: 0, needed: 8, length: bytes.len() }),
        Some(COMPONENT) => walk_sections(bytes),
        Some(MODULE) => Err(HeaderError::CoreModule),
        Some(other) => Err(HeaderError::UnknownLayout(other)),
    }
}

/// Steps from section to section without looking inside.
fn walk_sections(bytes: &[u8]) -> Result<(), HeaderError> {
    let mut at = 8;
    while at < bytes.len() {
        if bytes[at] > 12 {
            return Err(HeaderError::Corrupt(at));
        }
        let (size, start) = match read_size(bytes, at + 1) {
            Size::Known(size, start) => (size, start),
            Size::Truncated => {
                return Err(HeaderError::Truncated {
                    section: at,
                    needed: bytes.len() as u64 + 1,
                    length: bytes.len(),
                });
            }
            Size::Invalid => return Err(HeaderError::Corrupt(at)),
        };
        let end = start as u64 + u64::from(size);
        if end > bytes.len() as u64 {
            return Err(HeaderError::Truncated { section: at, needed: end, length: bytes.len() });
        }
        at = start + size as usize;
    }
    Ok(())
}

enum Size {
    Known(u32, usize),
    Truncated,
    Invalid,
}

/// Reads a LEB128 number of at most 32 bits and tells where it ends.
fn read_size(bytes: &[u8], mut at: usize) -> Size {
    let mut value: u64 = 0;
    for shift in [0, 7, 14, 21, 28] {
        let Some(&byte) = bytes.get(at) else { return Size::Truncated };
        at += 1;
        value |= u64::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            return u32::try_from(value).map_or(Size::Invalid, |value| Size::Known(value, at));
        }
    }
    Size::Invalid
}

/// What else the file may be.
fn guess(bytes: &[u8]) -> &'static str {
    let text = bytes.trim_ascii_start();
    for (start, what) in [
        (b"\x7fELF".as_slice(), "it is a program or compiled code of this machine"),
        (b"PK\x03\x04", "it is a ZIP archive; unpack it first"),
        (b"\x1f\x8b", "it is compressed with gzip; unpack it first"),
        (b"\x28\xb5\x2f\xfd", "it is compressed with zstd; unpack it first"),
        (b"version https://git-lfs", "it is a Git LFS pointer; fetch the file that it stands for"),
        (b"(component", "it is WebAssembly's text format; assemble it first"),
        (b"(module", "it is WebAssembly's text format; assemble it first"),
        (b"<", "it is markup, perhaps the error page of a download"),
        (b"{", "it is JSON"),
    ] {
        if text.starts_with(start) {
            return what;
        }
    }
    "it does not begin with the bytes 00 61 73 6d"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tells_what_a_file_is() {
        let component = b"\0asm\x0d\0\x01\0".to_vec();
        let with = |rest: &[u8]| [component.as_slice(), rest].concat();
        for (bytes, expected) in [
            (vec![], Err("not-webassembly")),
            (b"\0as".to_vec(), Err("truncated")),
            (b"\0asm\x0d".to_vec(), Err("truncated")),
            (b"\0asm\x01\0\0\0".to_vec(), Err("not-a-component")),
            (b"\0asm\x0e\0\x01\0".to_vec(), Err("unknown-layout")),
            (b"<!doctype html>".to_vec(), Err("not-webassembly")),
            (b"\x7fELF\x02".to_vec(), Err("not-webassembly")),
            (component.clone(), Ok(())),
            (with(&[0, 2, 1, b'x']), Ok(())),
            (with(&[0, 3, 1, b'x']), Err("truncated")),
            (with(&[0]), Err("truncated")),
            (with(&[0, 0x80]), Err("truncated")),
            (with(&[99, 1, 0]), Err("corrupt")),
            (with(&[0, 0x80, 0x80, 0x80, 0x80, 0x7f]), Err("corrupt")),
        ] {
            assert_eq!(inspect_header(&bytes).map_err(|error| error.code()), expected, "{bytes:?}");
        }
    }

    #[test]
    fn refuses_what_is_too_large() {
        let bytes = vec![0; MAX_COMPONENT_BYTES + 1];
        assert_eq!(inspect_header(&bytes), Err(HeaderError::TooLarge(bytes.len() as u64)));
    }
}
