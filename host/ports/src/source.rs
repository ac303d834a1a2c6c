//! Reading what lies behind addresses: files on web servers, in repositories and in archives.

use std::time::Duration;

use async_trait::async_trait;

/// Reads addresses that the configuration allows. The one who reads holds the address checks, the credentials and the
/// budget of requests of every host; the one who asks only keeps the version that it was given.
#[async_trait]
pub trait SourceReader: Send + Sync {
    /// Reads the file at an address, or every file that a pattern in its path (`*`, `**`, `?`) means.
    ///
    /// `known` is the version of an earlier answer for the same address: if nothing changed since, the answer is
    /// [`SourceRead::Unchanged`], for one request.
    ///
    /// # Errors
    /// When the address may not be read, is not there, or does not answer within the limits.
    async fn read(&self, url: &str, known: Option<&str>, limits: &SourceLimits) -> Result<SourceRead, SourceError>;

    /// The address that a target written in the file at `base` means. Relative targets of a file in a repository stay
    /// in that repository and branch; one that begins with `/` means the repository's root.
    ///
    /// # Errors
    /// When it is no address, or leads out of what `base` belongs to.
    fn resolve(&self, base: &str, target: &str) -> Result<String, SourceError>;

    /// Whether an address may be read at all, without reading it.
    ///
    /// # Errors
    /// When it may not; the hint names the configuration key that would allow it.
    fn check(&self, url: &str) -> Result<(), SourceError>;
}

/// Bounds of one read.
#[derive(Debug, Clone)]
pub struct SourceLimits {
    /// Longest file, in bytes.
    pub file_bytes: u64,
    /// Most files of one address.
    pub files: usize,
    /// Most bytes of all files of one address together.
    pub total_bytes: u64,
}

impl Default for SourceLimits {
    fn default() -> Self {
        Self { file_bytes: 10 << 20, files: 10_000, total_bytes: 256 << 20 }
    }
}

/// What an address holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SourceRead {
    /// The same as when it had the known version.
    Unchanged,
    /// The files in the order of their addresses, and the version to ask with next time, if there is one.
    Files { files: Vec<SourceFile>, version: Option<String> },
}

/// One file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceFile {
    /// Its own address, as a person would open it. It says exactly one file, so it is the better base for
    /// [`SourceReader::resolve`]: a slash in the name of a branch is written `%2F`.
    pub url: String,
    pub bytes: Vec<u8>,
}

/// What kept an address from being read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SourceFailure {
    /// No rule of the configuration allows it, or it leads to a refused network.
    NotAllowed,
    /// The address cannot be understood.
    Invalid,
    /// There is nothing there.
    NotFound,
    /// There is more than the limits allow.
    TooLarge,
    /// It did not answer as it should; another try may succeed.
    Unavailable,
}

/// Why an address was not read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct SourceError {
    pub failure: SourceFailure,
    /// What happened, with the address, without credentials.
    pub message: String,
    /// What to do about it.
    pub hint: Option<String>,
    /// How long the other side will not be asked again, because it asked to wait or failed repeatedly. A read before
    /// that fails at once.
    pub retry_after: Option<Duration>,
}

impl SourceError {
    /// A failure without advice.
    pub fn new(failure: SourceFailure, message: impl Into<String>) -> Self {
        Self { failure, message: message.into(), hint: None, retry_after: None }
    }

    /// The same with what to do about it.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }
}
