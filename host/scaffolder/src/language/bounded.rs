//! What one evaluation may write and hold: a writer that refuses more than it may take, and an account of everything that
//! is written on the way, also into variables.

use std::cell::Cell;
use std::io;

use minijinja::{Error, ErrorKind};

/// How long a text inside of an evaluation may become, in bytes.
pub(super) const MAX_TEXT: usize = 4 * 1024 * 1024;
/// How many bytes an evaluation may write on the way, all in all.
const ALLOWANCE: usize = 64 * 1024 * 1024;

thread_local! {
    /// An evaluation never changes its thread.
    static LEFT: Cell<usize> = const { Cell::new(0) };
}

/// Begins the account of an evaluation.
pub(super) fn begin() {
    LEFT.set(ALLOWANCE);
}

/// Takes bytes from the account.
pub(super) fn charge(bytes: usize) -> Result<(), Error> {
    match LEFT.get().checked_sub(bytes) {
        Some(left) => {
            LEFT.set(left);
            Ok(())
        }
        None => Err(too_long()),
    }
}

/// A text, unless it is too long.
pub(super) fn bounded(text: String) -> Result<String, Error> {
    check(text.len())?;
    Ok(text)
}

/// Fails when a text of this length would be too long, and takes it from the account otherwise.
pub(super) fn check(bytes: usize) -> Result<(), Error> {
    if bytes > MAX_TEXT { Err(too_long()) } else { charge(bytes) }
}

fn too_long() -> Error {
    Error::new(ErrorKind::InvalidOperation, "the text becomes too long; make it shorter or its loops fewer")
}

/// Keeps what is written, up to a limit.
pub(super) struct Bounded {
    bytes: Vec<u8>,
    limit: usize,
    full: bool,
}

impl Bounded {
    pub(super) fn new(limit: usize) -> Self {
        Self { bytes: Vec::new(), limit, full: false }
    }

    pub(super) fn is_full(&self) -> bool {
        self.full
    }

    pub(super) fn into_text(self) -> String {
        // Only whole texts are written, so this never replaces anything.
        String::from_utf8(self.bytes).unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned())
    }
}

impl io::Write for Bounded {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.bytes.len() + bytes.len() > self.limit {
            self.full = true;
            return Err(io::Error::other("the result is too large"));
        }
        self.bytes.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
