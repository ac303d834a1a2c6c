//! Reads what lies behind addresses that the configuration allows: files on web servers, in archives and in repositories.

mod address;
mod archive;
mod budget;
mod error;
mod exchange;
mod forges;
mod git;
mod pattern;
mod policy;
mod settings;
mod version;
mod web;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;

pub use error::ReadError;
pub use settings::{AllowedHost, Credential, ForgeKind, ForgeSettings, SourcesConfig};

use crate::fetcher::Fetcher;
use crate::sources::address::{Address, RepoAddress};
use crate::sources::budget::Budget;
use crate::sources::exchange::{Exchange, Question};
use crate::sources::forges::Remembered;
use crate::sources::git::Git;
use crate::sources::policy::Policy;

/// Reads addresses. Cheap to clone; budgets and kept repositories are shared.
#[derive(Debug, Clone)]
pub struct Sources {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    exchange: Arc<Exchange>,
    git: Git,
    remembered: Remembered,
    /// Where archives lie while they are looked through.
    folder: PathBuf,
    timeout: Duration,
}

/// Bounds of one read.
#[derive(Debug, Clone)]
pub struct ReadLimits {
    /// Longest file, in bytes.
    pub file_bytes: u64,
    /// Most files of one address.
    pub files: usize,
    /// Most bytes of all files of one address together.
    pub total_bytes: u64,
}

/// What an address holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reading {
    /// The same as when it had the known version.
    Unchanged,
    /// The files in the order of their addresses, and the version to ask with next time.
    Files { files: Vec<ReadFile>, version: Option<String> },
}

/// One file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReadFile {
    /// Its own address, as a person would open it.
    pub url: String,
    pub bytes: Vec<u8>,
}

impl Sources {
    /// A reader of what a configuration allows.
    pub fn new(fetcher: Fetcher, config: SourcesConfig) -> Self {
        let policy = Policy::new(config.forges, config.allow);
        let exchange = Arc::new(Exchange { fetcher, policy, budget: Budget::default() });
        let git = Git::new(config.cache.join("git"), config.ssh);
        let (remembered, timeout, folder) = (Remembered::default(), config.timeout, config.cache);
        Self { inner: Arc::new(Inner { exchange, git, remembered, folder, timeout }) }
    }

    /// Reads the file at an address, or every file that a pattern in its path means.
    ///
    /// # Errors
    /// When the address may not be read, is not there, or does not answer within the limits.
    pub async fn read(&self, url: &str, known: Option<&str>, limits: &ReadLimits) -> Result<Reading, ReadError> {
        let deadline = Instant::now() + self.inner.timeout;
        let exchange = &self.inner.exchange;
        let address = address::parse(url, &exchange.policy)?;
        exchange.policy.reach(address.url())?;
        match address {
            Address::Web(url) => {
                let question = Question::get(url.clone(), limits.file_bytes, deadline);
                web::read(exchange, &url, known, question).await
            }
            Address::Archive { url, path } => {
                archive::read(exchange, &self.inner.folder, (&url, &path), known, limits, deadline).await
            }
            Address::Repository(repository) => self.inner.repository(&repository, known, limits, deadline).await,
        }
    }

    /// The address that a target written in the file at `base` means.
    ///
    /// # Errors
    /// When it is no address, or leads out of what `base` belongs to.
    pub fn resolve(&self, base: &str, target: &str) -> Result<String, ReadError> {
        address::resolve(base, target, &self.inner.exchange.policy)
    }

    /// Whether an address may be read at all, without reading it.
    ///
    /// # Errors
    /// When it may not; the hint shows what the configuration would have to say.
    pub fn check(&self, url: &str) -> Result<(), ReadError> {
        let policy = &self.inner.exchange.policy;
        policy.reach(address::parse(url, policy)?.url()).map(drop)
    }
}

impl Inner {
    async fn repository(
        &self,
        repository: &RepoAddress,
        known: Option<&str>,
        limits: &ReadLimits,
        deadline: Instant,
    ) -> Result<Reading, ReadError> {
        if !repository.locator.is_pattern()
            && let Some(reading) =
                forges::read(&self.exchange, &self.remembered, repository, known, limits, deadline).await?
        {
            return Ok(reading);
        }
        self.git.read(&self.exchange, repository, known, limits, deadline).await
    }
}

#[cfg(test)]
mod tests;
