//! The index as a file, so that a start need not take every entity apart again.
//!
//! It holds nothing that the store does not have; whoever deletes it loses only time. It is of use only to the same
//! build of the program and to the same content of the store, which its [`Mark`] tells, and a file that is damaged is as
//! good as none.

use std::io::{self, Write};
use std::sync::{Arc, OnceLock};

use super::edges::Edges;
use super::keys::Keys;
use super::postings::{Bits, Id, Set};
use super::search::Words;
use super::{Bodies, Entry, Index};

/// Changes with the form of the file.
const FORM: &[u8; 20] = b"callboard-index-0003";

/// What a file must have been made from and by to be of use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Mark {
    /// The build of the program.
    pub(crate) build: String,
    /// The content of the store.
    pub(crate) generation: u64,
}

impl Mark {
    /// How a file with this mark begins.
    pub(crate) fn start(&self) -> Vec<u8> {
        let mut start = FORM.to_vec();
        start.extend_from_slice(&u32::try_from(self.build.len()).unwrap_or(0).to_le_bytes());
        start.extend_from_slice(self.build.as_bytes());
        start.extend_from_slice(&self.generation.to_le_bytes());
        start
    }
}

/// How much is written at a time.
const BUFFER: usize = 1 << 16;

/// Writes numbers and texts, and sums up what it has written.
pub(super) struct Out<'a> {
    to: &'a mut dyn Write,
    buffer: Vec<u8>,
    written: u64,
    sum: crc32fast::Hasher,
}

impl<'a> Out<'a> {
    fn new(to: &'a mut dyn Write) -> Self {
        Self { to, buffer: Vec::with_capacity(BUFFER), written: 0, sum: crc32fast::Hasher::new() }
    }

    pub(super) fn bytes(&mut self, bytes: &[u8]) -> io::Result<()> {
        if self.buffer.len() + bytes.len() > BUFFER {
            self.flush()?;
        }
        self.written += bytes.len() as u64;
        self.buffer.extend_from_slice(bytes);
        Ok(())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.sum.update(&self.buffer);
        self.to.write_all(&self.buffer)?;
        self.buffer.clear();
        Ok(())
    }

    /// Ends with the sum of everything.
    fn finish(mut self) -> io::Result<()> {
        self.flush()?;
        self.to.write_all(&self.sum.finalize().to_le_bytes())?;
        self.to.flush()
    }

    pub(super) fn byte(&mut self, byte: u8) -> io::Result<()> {
        self.bytes(&[byte])
    }

    pub(super) fn number(&mut self, number: u32) -> io::Result<()> {
        self.bytes(&number.to_le_bytes())
    }

    pub(super) fn count(&mut self, count: usize) -> io::Result<()> {
        self.number(u32::try_from(count).map_err(io::Error::other)?)
    }

    pub(super) fn numbers(&mut self, numbers: &[u32]) -> io::Result<()> {
        self.count(numbers.len())?;
        numbers.iter().try_for_each(|number| self.number(*number))
    }

    pub(super) fn text(&mut self, text: &str) -> io::Result<()> {
        self.count(text.len())?;
        self.bytes(text.as_bytes())
    }
}

/// Reads what [`Out`] has written; everything is none when it is not there.
pub(super) struct In<'a>(&'a [u8]);

impl<'a> In<'a> {
    pub(super) fn bytes(&mut self, count: usize) -> Option<&'a [u8]> {
        let (bytes, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        Some(bytes)
    }

    pub(super) fn byte(&mut self) -> Option<u8> {
        Some(self.bytes(1)?[0])
    }

    pub(super) fn number(&mut self) -> Option<u32> {
        Some(u32::from_le_bytes(self.bytes(4)?.try_into().ok()?))
    }

    /// A count of things that take at least so many bytes each.
    pub(super) fn count(&mut self, each: usize) -> Option<usize> {
        let count = self.number()? as usize;
        (count.checked_mul(each)? <= self.0.len()).then_some(count)
    }

    pub(super) fn numbers(&mut self) -> Option<Vec<u32>> {
        let count = self.count(4)?;
        let bytes = self.bytes(count * 4)?;
        Some(bytes.chunks_exact(4).map(|four| u32::from_le_bytes([four[0], four[1], four[2], four[3]])).collect())
    }

    pub(super) fn text(&mut self) -> Option<&'a str> {
        let count = self.count(1)?;
        std::str::from_utf8(self.bytes(count)?).ok()
    }
}

impl Set {
    pub(super) fn write(&self, out: &mut Out<'_>) -> io::Result<()> {
        match self {
            Self::Empty => out.byte(0),
            Self::One(id) => {
                out.byte(1)?;
                out.number(*id)
            }
            Self::List(list) => {
                out.byte(2)?;
                out.numbers(list)
            }
            Self::Bits(set) => {
                out.byte(3)?;
                out.count(set.1)?;
                out.count(set.0.words().len())?;
                set.0.words().iter().try_for_each(|word| out.bytes(&word.to_le_bytes()))
            }
        }
    }

    pub(super) fn read(from: &mut In<'_>) -> Option<Self> {
        Some(match from.byte()? {
            0 => Self::Empty,
            1 => Self::One(from.number()?),
            2 => Self::List(Box::new(from.numbers()?)),
            3 => {
                let count = from.number()? as usize;
                let words = from.count(8)?;
                let words = from.bytes(words * 8)?.chunks_exact(8);
                let words = words.map(|eight| u64::from_le_bytes(eight.try_into().unwrap_or_default()));
                Self::Bits(Box::new((Bits::from_words(words.collect()), count)))
            }
            _ => return None,
        })
    }
}

impl Index {
    /// Writes the index.
    pub(crate) fn write(&self, mark: &Mark, to: &mut dyn Write) -> io::Result<()> {
        let mut out = Out::new(to);
        out.bytes(&mark.start())?;
        let start = out.written;
        out.count(self.refs.len())?;
        self.refs.iter().try_for_each(|entity_ref| out.text(entity_ref))?;
        for entry in &self.entries {
            out.byte(u8::from(entry.is_some()))?;
            if let Some(entry) = entry {
                write_entry(entry, &mut out)?;
            }
        }
        self.edges.write(&mut out)?;
        out.numbers(&self.ordered)?;
        let length = out.written - start;
        self.keys.write(&mut out)?;
        // So that the two parts can be read at the same time.
        out.bytes(&length.to_le_bytes())?;
        out.finish()
    }

    /// The index that was written, if it is of use.
    pub(crate) fn read(bytes: &[u8], mark: &Mark, bodies: Arc<dyn Bodies>) -> Option<Self> {
        let (content, sum) = bytes.split_last_chunk::<4>()?;
        let mut from = In(content);
        let start = mark.start();
        if from.bytes(start.len())? != start || crc32fast::hash(content) != u32::from_le_bytes(*sum) {
            return None;
        }
        let (parts, length) = from.0.split_last_chunk::<8>()?;
        let (rest, keys) = parts.split_at_checked(usize::try_from(u64::from_le_bytes(*length)).ok()?)?;
        let (keys, rest) = std::thread::scope(|scope| {
            let keys = scope.spawn(|| Keys::read(&mut In(keys)));
            let rest = Self::read_rest(&mut In(rest));
            Some((keys.join().ok()??, rest?))
        })?;
        Some(Self { keys, bodies: Some(bodies), ..rest })
    }

    fn read_rest(from: &mut In<'_>) -> Option<Self> {
        let mut index = Self::default();
        let count = from.count(5)?;
        index.refs.reserve(count);
        index.by_ref.reserve(count);
        for id in 0..count {
            let entity_ref: Arc<str> = from.text()?.into();
            index.refs.push(Arc::clone(&entity_ref));
            index.by_ref.insert(entity_ref, Id::try_from(id).ok()?);
        }
        let mut shared: std::collections::HashSet<Arc<str>> = std::collections::HashSet::new();
        let mut share = |text: &str| match shared.get(text) {
            Some(known) => Arc::clone(known),
            None => {
                let text: Arc<str> = text.into();
                shared.insert(Arc::clone(&text));
                text
            }
        };
        index.present = Bits::none(count);
        index.entries.reserve(count);
        for id in 0..count {
            let entry = if from.byte()? == 1 { Some(read_entry(from, &mut share)?) } else { None };
            if entry.is_some() {
                index.present.insert(Id::try_from(id).ok()?);
            }
            index.entries.push(entry);
        }
        index.edges = Edges::read(from)?;
        index.edges.grow(count);
        index.ordered = from.numbers()?;
        index.rank = vec![u32::MAX; count];
        for (rank, id) in (0..).zip(&index.ordered) {
            *index.rank.get_mut(*id as usize)? = rank;
        }
        Some(index)
    }
}

fn write_entry(entry: &Entry, out: &mut Out<'_>) -> io::Result<()> {
    out.text(&entry.source)?;
    out.text(&entry.origin)?;
    out.number(entry.parent.unwrap_or(Id::MAX))?;
    out.text(&if entry.findings.is_empty() { String::new() } else { serde_json::to_string(&entry.findings)? })?;
    out.bytes(&entry.hash)?;
    out.numbers(&entry.rows)?;
    entry.words.write(out)
}

fn read_entry(from: &mut In<'_>, share: &mut impl FnMut(&str) -> Arc<str>) -> Option<Entry> {
    Some(Entry {
        source: share(from.text()?),
        origin: share(from.text()?),
        parent: Some(from.number()?).filter(|parent| *parent != Id::MAX),
        findings: match from.text()? {
            "" => Box::default(),
            findings => serde_json::from_str(findings).ok()?,
        },
        hash: from.bytes(16)?.try_into().ok()?,
        // What is said of entities is kept elsewhere, and may be another by now.
        status: None,
        rows: from.numbers()?.into_boxed_slice(),
        words: Words::read(from)?,
        whole: OnceLock::new(),
        body: None,
    })
}
