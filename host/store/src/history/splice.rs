//! Keeps a text as what it does not share with the text that replaced it.
//!
//! Most changes touch one field, so the start and the end are the same. What lies between is packed where that pays.

use std::io::{Read, Write};

use flate2::Compression;
use flate2::read::DeflateDecoder;
use flate2::write::DeflateEncoder;

use crate::StoreError;

/// Shorter parts are not worth packing.
const WORTH_PACKING: usize = 256;

/// What is left of a text once another has taken its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Splice {
    /// How many bytes of the start are the same.
    pub(crate) head: usize,
    /// How many bytes of the end are the same.
    pub(crate) tail: usize,
    /// The length of what lies between, when it is packed.
    pub(crate) unpacked: Option<usize>,
    pub(crate) kept: Vec<u8>,
}

impl Splice {
    /// What has to be kept of a text, given the one that replaces it; all of it when none does.
    pub(crate) fn new(old: &str, new: Option<&str>) -> Self {
        let (old, new) = (old.as_bytes(), new.unwrap_or_default().as_bytes());
        let head = old.iter().zip(new).take_while(|(old, new)| old == new).count();
        let (old_rest, new_rest) = (&old[head..], &new[head..]);
        let tail = old_rest.iter().rev().zip(new_rest.iter().rev()).take_while(|(old, new)| old == new).count();
        let between = &old_rest[..old_rest.len() - tail];
        match pack(between) {
            Some(packed) => Self { head, tail, unpacked: Some(between.len()), kept: packed },
            None => Self { head, tail, unpacked: None, kept: between.to_vec() },
        }
    }

    /// The text again, given the one that replaced it.
    pub(crate) fn text(&self, new: Option<&str>) -> Result<String, StoreError> {
        let corrupt = || StoreError::Corrupt("an earlier version of an entity".to_owned());
        let new = new.unwrap_or_default().as_bytes();
        let end = new.len().checked_sub(self.tail).filter(|end| *end >= self.head).ok_or_else(corrupt)?;
        let mut text = new[..self.head].to_vec();
        match self.unpacked {
            Some(length) => {
                let mut unpacked = DeflateDecoder::new(&*self.kept).take(length as u64);
                unpacked.read_to_end(&mut text).map_err(|_| corrupt())?;
            }
            None => text.extend_from_slice(&self.kept),
        }
        text.extend_from_slice(&new[end..]);
        String::from_utf8(text).map_err(|_| corrupt())
    }
}

fn pack(bytes: &[u8]) -> Option<Vec<u8>> {
    if bytes.len() < WORTH_PACKING {
        return None;
    }
    let mut encoder = DeflateEncoder::new(Vec::with_capacity(bytes.len() / 2), Compression::fast());
    encoder.write_all(bytes).ok()?;
    encoder.finish().ok().filter(|packed| packed.len() < bytes.len() / 10 * 9)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_come_back_and_only_what_differs_is_kept() {
        let long = "abc ".repeat(1000);
        let odd: String = (0..400_u32).filter_map(|at| char::from_u32(at * 97 % 50_000 + 32)).collect();
        for (old, new, most) in [
            ("", "", 0),
            ("same", "same", 0),
            ("{\"a\":1,\"b\":2}", "{\"a\":1,\"b\":3}", 1),
            ("aaa", "aa", 1),
            ("aa", "aaa", 0),
            ("größe", "grüße", 4),
            (&*long, "", 100),
            (&*odd, "x", odd.len()),
        ] {
            let splice = Splice::new(old, Some(new));
            assert_eq!(splice.text(Some(new)).unwrap(), old, "{new}");
            assert!(splice.kept.len() <= most, "{} bytes of {old:?}", splice.kept.len());
        }
        assert_eq!(Splice::new(&long, None).text(None).unwrap(), long);
    }

    #[test]
    fn what_does_not_fit_is_an_error() {
        let splice = Splice { head: 5, tail: 5, unpacked: None, kept: Vec::new() };
        assert!(splice.text(Some("short")).is_err());
        let splice = Splice { head: 0, tail: 0, unpacked: Some(9), kept: vec![0xff; 9] };
        assert!(splice.text(None).is_err());
    }
}
