//! What may be read, and with which credentials.

use std::path::PathBuf;
use std::time::Duration;

use host_model::Secret;
use url::Url;

/// What a reader of addresses is told.
#[derive(Debug, Clone)]
pub struct SourcesConfig {
    /// The forges of the configuration. Addresses on their hosts may be read.
    pub forges: Vec<ForgeSettings>,
    /// Further hosts that may be read.
    pub allow: Vec<AllowedHost>,
    /// The folder in which repositories are kept between reads. What is in it may be deleted at any time.
    pub cache: PathBuf,
    /// The longest that one address may take, from the first connection to the last byte.
    pub timeout: Duration,
    /// The program, and what comes before its arguments, that connects to repositories over SSH.
    pub ssh: Vec<String>,
}

impl SourcesConfig {
    /// The time limit where none is configured.
    pub const DEFAULT_TIMEOUT: Duration = Duration::from_secs(60);

    /// A configuration that allows nothing.
    pub fn new(cache: PathBuf) -> Self {
        Self {
            forges: Vec::new(),
            allow: Vec::new(),
            cache,
            timeout: Self::DEFAULT_TIMEOUT,
            ssh: vec!["ssh".to_owned()],
        }
    }
}

/// How a forge writes its addresses and what its API looks like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ForgeKind {
    GitHub,
    GitLab,
    Gitea,
    BitbucketCloud,
    BitbucketServer,
    Azure,
    Gerrit,
    /// A host of which nothing is known but that it has git repositories.
    Git,
}

impl ForgeKind {
    /// Its key under `integrations`.
    pub fn key(self) -> &'static str {
        match self {
            Self::GitHub => "github",
            Self::GitLab => "gitlab",
            Self::Gitea => "gitea",
            Self::BitbucketCloud => "bitbucketCloud",
            Self::BitbucketServer => "bitbucketServer",
            Self::Azure => "azure",
            Self::Gerrit => "gerrit",
            Self::Git => "git",
        }
    }
}

/// One forge.
#[derive(Debug, Clone)]
pub struct ForgeSettings {
    pub kind: ForgeKind,
    /// Its name in addresses, with a port where it is not the usual one.
    pub host: String,
    /// The address of its API; none: the usual one of its kind, if there is one.
    pub api: Option<Url>,
    /// The address of raw files on GitHub, of the forge itself on others; none: derived from the host.
    pub base: Option<Url>,
    /// The address below which git finds repositories, where that is another one.
    pub clone: Option<Url>,
    pub credential: Credential,
    /// Whether its address may be private or loopback.
    pub allow_private_network: bool,
}

/// What a forge knows the portal by.
#[derive(Debug, Clone, Default)]
pub enum Credential {
    #[default]
    None,
    Token(Secret<String>),
    Password {
        user: String,
        password: Secret<String>,
    },
}

impl Credential {
    pub(crate) fn is_none(&self) -> bool {
        matches!(self, Self::None)
    }
}

/// A host that may be read although it is no forge.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AllowedHost {
    /// `example.com`, `example.com:8443`, `*.example.com`; without a port, the usual one is meant.
    pub host: String,
    /// Beginnings of paths that may be read; none: all.
    pub paths: Option<Vec<String>>,
    /// Whether its address may be private or loopback.
    pub allow_private_network: bool,
}
