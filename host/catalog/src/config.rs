//! What the catalog is told at its start, as plain values.

use std::path::PathBuf;
use std::time::Duration;

use host_ports::ProviderSchedule;
use host_store::HistoryLimits;

/// Where entities come from and which may enter.
#[derive(Debug, Clone)]
pub struct CatalogConfig {
    /// The configured locations; targets of `file` locations are absolute.
    pub locations: Vec<ConfiguredLocation>,
    /// Which kinds may enter from where.
    pub rules: Vec<Rule>,
    /// Whether locations may be registered and entities removed while serving.
    pub read_only: bool,
    /// Whether registering a location that is registered already means reading it again rather than a conflict.
    pub refresh_known_locations: bool,
    /// Folders, besides those of the configured locations, in which files may be read: those that hold the configuration
    /// and those in which tasks make files. Nothing outside is read, whatever points there.
    pub readable_folders: Vec<PathBuf>,
    /// A folder for what can be made anew, so that a start is quick; none keeps nothing there.
    pub cache: Option<PathBuf>,
    /// Watch files, so that changes are seen at once.
    pub watch: bool,
    /// How often files are listed, since notification is silent on some mounts.
    pub list_every: Duration,
    /// How long files must be still before they are read after a notification.
    pub settle: Duration,
    /// How often addresses are read again; none: only when somebody asks.
    pub address_interval: Option<Duration>,
    /// Hosts whose addresses have a page to edit and a folder of sources.
    pub forges: Vec<Forge>,
    /// Lists of entities at addresses.
    pub inventories: Vec<InventoryConfig>,
    /// What becomes of what a provider gave that does not run any more.
    pub keep_orphan_providers: bool,
    /// What becomes of entities that nothing leads to any more.
    pub orphans: Orphans,
    /// Bounds on what is read.
    pub limits: CatalogLimits,
    /// How much of the past is kept.
    pub history: HistoryLimits,
}

impl Default for CatalogConfig {
    fn default() -> Self {
        Self {
            locations: Vec::new(),
            rules: Rule::defaults(),
            read_only: false,
            refresh_known_locations: false,
            readable_folders: Vec::new(),
            cache: None,
            watch: true,
            list_every: Duration::from_secs(30),
            settle: Duration::from_millis(50),
            address_interval: Some(Duration::from_secs(120)),
            forges: Vec::new(),
            inventories: Vec::new(),
            keep_orphan_providers: false,
            orphans: Orphans::default(),
            limits: CatalogLimits::default(),
            history: HistoryLimits::default(),
        }
    }
}

/// A location of the configuration.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ConfiguredLocation {
    /// `file` or `url`.
    pub location_type: String,
    /// A file, a folder or a pattern with `*`, `**` and `?`; or an address.
    pub target: String,
    /// Further rules for what comes from here.
    pub rules: Vec<Rule>,
}

/// A list of entities at an address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InventoryConfig {
    /// Its name, for ever.
    pub id: String,
    /// Its address.
    pub target: String,
    pub schedule: ProviderSchedule,
}

/// What becomes of entities that nothing leads to any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Orphans {
    /// They stay and are marked.
    Keep,
    /// They are marked, and go after this long unless something leads to them again.
    Delete { after: Duration },
}

impl Default for Orphans {
    fn default() -> Self {
        Self::Delete { after: Duration::ZERO }
    }
}

/// A host with repositories.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Forge {
    /// The host, with its port unless that is the usual one.
    pub host: String,
    pub kind: ForgeKind,
    /// The address of its pages, if it is not `https://` and the host.
    pub base_url: Option<String>,
}

/// How a forge writes addresses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ForgeKind {
    Github,
    Gitlab,
    Gitea,
    BitbucketCloud,
    BitbucketServer,
    Azure,
    Gerrit,
    /// Any other whose addresses can be resolved against.
    Other,
}

/// Kinds that may enter, from everywhere or from some locations.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Rule {
    pub allow: Vec<AllowedKind>,
    /// The locations for which it holds; none means all.
    pub locations: Vec<RuleLocation>,
}

impl Rule {
    /// A rule that allows some kinds from everywhere.
    pub fn allow(kinds: &[&str]) -> Self {
        let allow = kinds.iter().map(|kind| AllowedKind { kind: (*kind).to_owned(), spec_type: None }).collect();
        Self { allow, locations: Vec::new() }
    }

    /// A rule that allows everything, kinds that nobody has heard of included.
    pub fn everything() -> Self {
        Self::allow(&[crate::rules::ANY])
    }

    /// What holds when the configuration says nothing: Component, API and Location.
    pub fn defaults() -> Vec<Self> {
        vec![Self::allow(&["Component", "API", "Location"])]
    }
}

/// A kind that may enter, in any case; `*` stands for all.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AllowedKind {
    pub kind: String,
    /// Only entities with this `spec.type`.
    pub spec_type: Option<String>,
}

/// Which locations a rule is about.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RuleLocation {
    pub location_type: Option<String>,
    /// The target, to the letter.
    pub exact: Option<String>,
    /// A pattern for the target, in any case.
    pub pattern: Option<String>,
}

/// Bounds on what is read.
#[derive(Debug, Clone)]
pub struct CatalogLimits {
    /// Longest descriptor file, in bytes.
    pub file_bytes: u64,
    /// Longest file that a placeholder includes, in bytes.
    pub include_bytes: u64,
    /// Most files that one location may lead to.
    pub files: usize,
    /// How many Location entities may point on to one another.
    pub location_depth: usize,
    /// Most targets of one Location entity.
    pub targets: usize,
    /// Most addresses that are read in all.
    pub addresses: usize,
    /// Most entities that one answer of a processor may emit.
    pub emitted: usize,
}

impl Default for CatalogLimits {
    fn default() -> Self {
        Self {
            file_bytes: 32 << 20,
            include_bytes: 8 << 20,
            files: 50_000,
            location_depth: 16,
            targets: 5000,
            addresses: 20_000,
            emitted: 1000,
        }
    }
}
