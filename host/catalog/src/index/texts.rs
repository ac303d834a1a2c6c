//! Many short texts in few allocations. Texts that are given up leave holes, which whoever keeps them closes by copying.

use std::io;

use super::snapshot::{In, Out};

/// Texts are less than 64 KiB long.
#[derive(Debug, Default)]
pub(super) struct Texts {
    bytes: String,
    /// How many bytes belong to nobody any more.
    holes: usize,
}

/// Where a text is.
#[derive(Debug, Clone, Copy)]
pub(super) struct Span {
    start: u32,
    length: u16,
}

impl Span {
    pub(super) fn parts(self) -> (u32, u16) {
        (self.start, self.length)
    }

    pub(super) fn from_parts(start: u32, length: u16) -> Self {
        Self { start, length }
    }
}

impl Texts {
    /// Keeps a text; none when there is no more room.
    pub(super) fn push(&mut self, text: &str) -> Option<Span> {
        let start = u32::try_from(self.bytes.len()).ok()?;
        let length = u16::try_from(text.len()).ok()?;
        self.bytes.push_str(text);
        Some(Span { start, length })
    }

    pub(super) fn get(&self, span: Span) -> &str {
        let start = span.start as usize;
        &self.bytes[start..start + usize::from(span.length)]
    }

    /// Gives a text up.
    pub(super) fn drop(&mut self, span: Span) {
        self.holes += usize::from(span.length);
    }

    /// Whether copying what is left would free much.
    pub(super) fn is_wasteful(&self) -> bool {
        self.holes > (64 << 10) && self.holes * 2 > self.bytes.len()
    }

    /// An empty one with room for what is left here.
    pub(super) fn successor(&self) -> Self {
        Self { bytes: String::with_capacity(self.bytes.len().saturating_sub(self.holes)), holes: 0 }
    }

    /// Writes all of them.
    pub(super) fn write(&self, out: &mut Out<'_>) -> io::Result<()> {
        out.text(&self.bytes)?;
        out.count(self.holes)
    }

    pub(super) fn read(from: &mut In<'_>) -> Option<Self> {
        Some(Self { bytes: from.text()?.to_owned(), holes: from.number()? as usize })
    }

    /// Whether a text is there.
    pub(super) fn has(&self, span: Span) -> bool {
        let start = span.start as usize;
        self.bytes.get(start..start + usize::from(span.length)).is_some()
    }

    /// Gives back room that was made for more.
    pub(super) fn shrink(&mut self) {
        if self.bytes.capacity() > self.bytes.len() + self.bytes.len() / 4 {
            self.bytes.shrink_to_fit();
        }
    }
}
