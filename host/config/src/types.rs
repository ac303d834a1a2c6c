//! The configuration as the rest of Callboard sees it: typed, complete with defaults, secrets hidden.

use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;

use host_model::Secret;
use url::Url;

/// Everything that can be configured.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Config {
    /// `app`: the portal as people see it.
    pub app: App,
    /// `organization`: whose portal it is.
    pub organization: Organization,
    /// `backend`: how it is served.
    pub backend: Backend,
    /// `catalog`: where entities come from.
    pub catalog: Catalog,
    /// `scaffolder`: how templates run.
    pub scaffolder: Scaffolder,
    /// `auth`: who may come in.
    pub auth: Auth,
    /// `integrations`: the forges that sources lie on.
    pub integrations: Integrations,
    /// `plugins`: what is said of each plugin, by its id.
    pub plugins: BTreeMap<String, Plugin>,
    /// `upstreams`: the addresses that plugins may be bound to, by name.
    pub upstreams: BTreeMap<String, Upstream>,
}

/// `app`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct App {
    /// `title`: shown in the title of every page; default "Callboard".
    pub title: String,
    /// `baseUrl`: the address under which people reach the portal; default: the address that it listens on.
    pub base_url: Option<Url>,
}

impl Default for App {
    fn default() -> Self {
        Self { title: "Callboard".to_owned(), base_url: None }
    }
}

/// `organization`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Organization {
    /// `name`: the name of the company; default none.
    pub name: Option<String>,
}

/// `backend`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Backend {
    /// `baseUrl`: the address under which the API is reached; default: that of `app.baseUrl`.
    pub base_url: Option<Url>,
    /// `listen`: the address that the server listens on; default `127.0.0.1:7007`.
    pub listen: Listen,
    /// `cors`: which other origins may call the API; default none.
    pub cors: Option<Cors>,
    /// `csp`: what is added to the content security policy, by directive; `None` stands for `false`, which removes one.
    pub csp: BTreeMap<String, Option<Vec<String>>>,
    /// `reading`: what may be read from elsewhere, and how.
    pub reading: Reading,
}

/// An address to listen on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listen {
    /// A name or IP address without brackets; default `127.0.0.1`, also where Backstage would listen on all addresses.
    pub host: String,
    /// The port; default 7007; 0 lets the system choose.
    pub port: u16,
}

impl Default for Listen {
    fn default() -> Self {
        Self { host: "127.0.0.1".to_owned(), port: 7007 }
    }
}

impl fmt::Display for Listen {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.host.contains(':') {
            write!(formatter, "[{}]:{}", self.host, self.port)
        } else {
            write!(formatter, "{}:{}", self.host, self.port)
        }
    }
}

impl Listen {
    /// Reads `host:port`, `host`, `:port`, `port`, or `[address]:port`; `None` if the text is none of them.
    pub fn parse(text: &str) -> Option<Self> {
        let default = Self::default();
        let text = text.trim();
        if let Ok(port) = text.parse::<u16>() {
            return Some(Self { port, ..default });
        }
        let (host, port) = if let Some(rest) = text.strip_prefix('[') {
            let (host, port) = rest.split_once(']')?;
            (host, if port.is_empty() { None } else { Some(port.strip_prefix(':')?) })
        } else if text.matches(':').count() > 1 {
            (text, None)
        } else {
            text.split_once(':').map_or((text, None), |(host, port)| (host, Some(port)))
        };
        let is_host = |character: char| character.is_ascii_alphanumeric() || ".-:%_".contains(character);
        if !host.chars().all(is_host) || (host.is_empty() && port.is_none()) {
            return None;
        }
        let port = port.map_or(Some(default.port), |port| port.parse().ok())?;
        let host = if host.is_empty() { default.host } else { host.to_owned() };
        Some(Self { host, port })
    }
}

/// `backend.cors`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Cors {
    /// `origin`: origins that may call, exactly, with `*` for a part of a host's name, or `*` alone for all.
    pub origin: Vec<String>,
    /// `methods`: methods that they may use; default GET, HEAD, PUT, PATCH, POST and DELETE.
    pub methods: Vec<String>,
    /// `allowedHeaders`: headers that they may send; empty: those that they ask for.
    pub allowed_headers: Vec<String>,
    /// `exposedHeaders`: headers that their scripts may read; default none.
    pub exposed_headers: Vec<String>,
    /// `credentials`: whether cookies may be sent along; default false.
    pub credentials: bool,
    /// `maxAge` in seconds: how long a browser may keep the answer; default: the browser's.
    pub max_age: Option<Duration>,
}

/// `backend.reading`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reading {
    /// `allow`: hosts that may be read from although no integration names them; default none.
    pub allow: Vec<ReadingAllow>,
    /// `timeout`: the longest that reading one address may take; default 1 minute.
    pub timeout: Duration,
    /// `sshCommand`: the program that connects to repositories over SSH, and what comes before its arguments; default
    /// `ssh`.
    pub ssh_command: Vec<String>,
}

impl Default for Reading {
    fn default() -> Self {
        Self { allow: Vec::new(), timeout: Duration::from_secs(60), ssh_command: vec!["ssh".to_owned()] }
    }
}

/// One of `backend.reading.allow`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReadingAllow {
    /// `host`: `example.com`, `example.com:8080` or `*.example.com`.
    pub host: String,
    /// `paths`: prefixes of paths that may be read; default all.
    pub paths: Option<Vec<String>>,
    /// `allowPrivateNetwork`: whether the host's address may be private or loopback; default false. A host that is
    /// written as an address, and `localhost`, need no permission.
    pub allow_private_network: bool,
}

/// `catalog`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Catalog {
    /// `locations`: where descriptors are read from; default none.
    pub locations: Vec<CatalogLocation>,
    /// `kinds`: files that declare kinds and relation pairs: absolute paths, which may be patterns or folders; default none.
    pub kinds: Vec<String>,
    /// `rules`: which kinds may enter, from where; default Component, API and Location from everywhere.
    pub rules: Vec<Rule>,
    /// `readonly`: whether locations may be registered at run time; default false.
    pub readonly: bool,
    /// `defaultLocationConflictStrategy`: whether registering a location that is registered already means reading it again
    /// (`refresh`) rather than a conflict (`reject`), where the request does not say; default `reject`.
    pub refresh_known_locations: bool,
    /// `orphanStrategy`: what becomes of an entity that nothing points to any more; default delete.
    pub orphan_strategy: OrphanStrategy,
    /// `orphanGracePeriod`: how long an orphan that is to be deleted stays before it goes; default none.
    pub orphan_grace_period: Duration,
    /// `orphanProviderStrategy`: what becomes of what a provider gave that is configured no longer; default delete.
    pub orphan_provider_strategy: OrphanStrategy,
    /// `providers.inventory`: lists of entities at addresses; default none.
    pub inventories: Vec<Inventory>,
    /// `processingInterval`: how often sources that cannot be watched are read again; default 2 minutes; `None`: never.
    pub processing_interval: Option<Duration>,
    /// `history`: how much of the past is kept.
    pub history: CatalogHistory,
}

/// `catalog.history`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CatalogHistory {
    /// `keepFor`: how long a version is kept after it was replaced; default 90 days.
    pub keep_for: Duration,
    /// `keepVersions`: the most replaced versions of one entity; default 100.
    pub keep_versions: usize,
}

impl Default for CatalogHistory {
    fn default() -> Self {
        Self { keep_for: Duration::from_secs(90 * 24 * 60 * 60), keep_versions: 100 }
    }
}

impl Default for Catalog {
    fn default() -> Self {
        let kind = |kind: &str| KindMatcher { kind: kind.to_owned(), spec_type: None };
        Self {
            locations: Vec::new(),
            kinds: Vec::new(),
            rules: vec![Rule { allow: ["Component", "API", "Location"].map(kind).into(), locations: None }],
            readonly: false,
            refresh_known_locations: false,
            orphan_strategy: OrphanStrategy::Delete,
            orphan_grace_period: Duration::ZERO,
            orphan_provider_strategy: OrphanStrategy::Delete,
            inventories: Vec::new(),
            processing_interval: Some(Duration::from_secs(120)),
            history: CatalogHistory::default(),
        }
    }
}

/// One of `catalog.providers.inventory`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Inventory {
    /// Its key.
    pub id: String,
    /// `target`: the address of the list.
    pub target: String,
    /// `schedule`: when it is read.
    pub schedule: Schedule,
}

/// A `schedule`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Schedule {
    /// `frequency`: the time between runs; default 30 minutes; `None` (`{ trigger: manual }`): only when somebody asks.
    pub frequency: Option<Duration>,
    /// `timeout`: after which a run is stopped; default 10 minutes.
    pub timeout: Duration,
    /// `initialDelay`: how long after the start the first run begins; default none.
    pub initial_delay: Duration,
}

impl Default for Schedule {
    fn default() -> Self {
        Self {
            frequency: Some(Duration::from_secs(30 * 60)),
            timeout: Duration::from_secs(10 * 60),
            initial_delay: Duration::ZERO,
        }
    }
}

/// One of `catalog.locations`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CatalogLocation {
    /// `type`: where the target lies.
    pub kind: LocationKind,
    /// `target`: for a file, an absolute path, which may be a pattern or a folder; otherwise an address.
    pub target: String,
    /// `rules`: which kinds may come from here beside those that may come from everywhere; default none.
    pub allow: Vec<KindMatcher>,
}

/// The type of a location.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum LocationKind {
    /// `file`: on the machine that the portal runs on.
    File,
    /// `url`: behind an address.
    Url,
}

/// One of `catalog.rules`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    /// `allow`: the kinds.
    pub allow: Vec<KindMatcher>,
    /// `locations`: the origins that it holds for; `None`: all.
    pub locations: Option<Vec<RuleLocation>>,
}

/// A kind in an `allow` list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KindMatcher {
    /// The kind, whose case does not matter.
    pub kind: String,
    /// `spec.type`, if only entities of that type are meant.
    pub spec_type: Option<String>,
}

/// An origin in a rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuleLocation {
    /// `type`: the type of the location; `None`: any.
    pub kind: Option<String>,
    /// `exact`: the whole target.
    pub exact: Option<String>,
    /// `pattern`: a pattern of the target with `*`, `**` and `?`.
    pub pattern: Option<String>,
}

/// What becomes of orphans.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OrphanStrategy {
    /// They stay and are marked.
    Keep,
    /// They are deleted.
    Delete,
}

/// `scaffolder`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scaffolder {
    /// `concurrentTasksLimit`: how many tasks run at a time; default 10; 0: none.
    pub concurrent_tasks_limit: usize,
    /// `defaultAuthor.name`: the author of commits; default "Callboard".
    pub default_author_name: String,
    /// `defaultAuthor.email`: the author's address; default `callboard@localhost`.
    pub default_author_email: String,
    /// `defaultCommitMessage`: the message of first commits; default "Initial commit".
    pub default_commit_message: String,
    /// `taskTimeout`: how long a task may take; default 24 hours.
    pub task_timeout: Duration,
}

impl Default for Scaffolder {
    fn default() -> Self {
        Self {
            concurrent_tasks_limit: 10,
            default_author_name: "Callboard".to_owned(),
            default_author_email: "callboard@localhost".to_owned(),
            default_commit_message: "Initial commit".to_owned(),
            task_timeout: Duration::from_secs(24 * 60 * 60),
        }
    }
}

/// `auth`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Auth {
    /// `allowGuests`: whether people who are not signed in may use a portal that listens beyond loopback; default false.
    pub allow_guests: bool,
}

/// `integrations`: the forges whose repositories may be read, each with its credential.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Integrations {
    /// `github`: instances of GitHub.
    pub github: Vec<Integration>,
    /// `gitlab`: instances of GitLab.
    pub gitlab: Vec<Integration>,
    /// `gitea`: instances of Gitea and Forgejo.
    pub gitea: Vec<Integration>,
    /// `bitbucketCloud`: Bitbucket Cloud.
    pub bitbucket_cloud: Vec<Integration>,
    /// `bitbucketServer`: instances of Bitbucket Server and Data Center.
    pub bitbucket_server: Vec<Integration>,
    /// `azure`: Azure DevOps and its servers.
    pub azure: Vec<Integration>,
    /// `gerrit`: instances of Gerrit with Gitiles.
    pub gerrit: Vec<Integration>,
    /// `git`: hosts of which nothing is known but that they have git repositories.
    pub git: Vec<Integration>,
}

/// One instance of a forge.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Integration {
    /// `host`: its name, such as `github.com`, with a port where it is not the usual one.
    pub host: String,
    /// `token`, or what else the forge calls it: the credential to read with; default none.
    pub token: Option<Secret<String>>,
    /// `username`: who reads, where the forge wants to know; default none.
    pub username: Option<String>,
    /// `password` or `appPassword`: the credential that belongs to `username`; default none.
    pub password: Option<Secret<String>>,
    /// `apiBaseUrl`: the address of its API; default: derived from the host.
    pub api_base_url: Option<Url>,
    /// `rawBaseUrl` (GitHub) or `baseUrl`: the address of its files; default: derived from the host.
    pub base_url: Option<Url>,
    /// `cloneUrl` (Gerrit): the address below which git finds repositories; default: that of the forge.
    pub clone_url: Option<Url>,
    /// `allowPrivateNetwork`: whether the host's address may be private or loopback; default false. A host that is
    /// written as an address, and `localhost`, need no permission.
    pub allow_private_network: bool,
}

/// One of `plugins`.
#[derive(Clone, PartialEq)]
pub struct Plugin {
    /// `enabled`: whether it runs; default true.
    pub enabled: bool,
    /// `upstreams`: the plugin's names for upstreams and the upstreams that they are bound to; binding is granting.
    pub upstreams: BTreeMap<String, String>,
    /// `grants`: what else it asks for and is granted.
    pub grants: Grants,
    /// `config`: the plugin's own configuration; default an empty object.
    pub config: serde_json::Value,
}

impl Default for Plugin {
    fn default() -> Self {
        Self {
            enabled: true,
            upstreams: BTreeMap::new(),
            grants: Grants::default(),
            config: serde_json::Value::Object(serde_json::Map::new()),
        }
    }
}

/// A plugin's own configuration may hold what is secret to it, so only its presence is printed.
impl fmt::Debug for Plugin {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Plugin")
            .field("enabled", &self.enabled)
            .field("upstreams", &self.upstreams)
            .field("grants", &self.grants)
            .finish_non_exhaustive()
    }
}

/// `plugins.<id>.grants`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Grants {
    /// `write`: paths of entities that its processor may write, as the plugin spells them.
    pub write: Vec<String>,
    /// `webhooks`: webhooks that it may receive, as the plugin spells them.
    pub webhooks: Vec<String>,
}

/// One of `upstreams`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Upstream {
    /// `target`: the base address; required.
    pub target: Url,
    /// `headers`: sent with every call, after anything that the plugin sends; default none.
    pub headers: BTreeMap<String, Secret<String>>,
    /// `allowPrivateNetwork`: whether the address may be private, loopback or link-local; default false.
    pub allow_private_network: bool,
    /// `timeout`: how long a call may take; default 10 seconds.
    pub timeout: Duration,
    /// `maxResponseBytes`: longest answer; default 8 MiB.
    pub max_response_bytes: u64,
}

impl Upstream {
    /// An upstream with every default.
    pub fn new(target: Url) -> Self {
        Self {
            target,
            headers: BTreeMap::new(),
            allow_private_network: false,
            timeout: Duration::from_secs(10),
            max_response_bytes: 8 << 20,
        }
    }
}
