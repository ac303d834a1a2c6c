//! What a plugin says of itself, what it declares for each extension point, and how it is doing.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::Entity;

/// Who a plugin is and what it asks for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Description {
    pub id: String,
    pub version: String,
    pub title: String,
    pub summary: String,
    pub homepage: Option<String>,
    pub upstreams: Vec<Upstream>,
    /// JSON Schema of the plugin's configuration, as text.
    pub config_schema: Option<String>,
}

/// An HTTP service that a plugin wants to call.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Upstream {
    pub name: String,
    pub purpose: String,
    pub routes: Vec<Route>,
}

/// Whether a text can be the name of an upstream: `[a-z][a-z0-9-]{0,30}`.
pub fn is_upstream_name(text: &str) -> bool {
    let mut bytes = text.bytes();
    text.len() <= 31
        && bytes.next().is_some_and(|first| first.is_ascii_lowercase())
        && bytes.all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
}

/// A method and the paths on which it is used.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Route {
    pub method: String,
    /// Segments are literal, `*` (one segment) or, at the end, `**` (any number).
    pub path: String,
}

/// The extension points of the contract, by the name of the interface that a plugin exports.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ExtensionPoint {
    CatalogProcessor,
    ScaffolderAction,
    UiCard,
}

impl ExtensionPoint {
    /// All extension points.
    pub const ALL: [Self; 3] = [Self::CatalogProcessor, Self::ScaffolderAction, Self::UiCard];

    /// The name of the interface.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::CatalogProcessor => "catalog-processor",
            Self::ScaffolderAction => "scaffolder-action",
            Self::UiCard => "ui-card",
        }
    }
}

/// A set of entities: all that is said must hold, and an empty list says nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Applicability {
    pub kinds: Vec<String>,
    pub spec_types: Vec<String>,
    pub annotations: Vec<String>,
    /// Whether all annotations must be present, or any one of them.
    pub all_annotations: bool,
}

impl Applicability {
    /// Whether an entity belongs to the set.
    pub fn matches(&self, entity: &Entity) -> bool {
        let any =
            |list: &[String], value: &str| list.is_empty() || list.iter().any(|item| item.eq_ignore_ascii_case(value));
        let mut annotations = self.annotations.iter().map(|key| entity.annotation(key).is_some());
        any(&self.kinds, entity.kind())
            && any(&self.spec_types, entity.spec_type().unwrap_or_default())
            && (self.annotations.is_empty()
                || if self.all_annotations { annotations.all(|there| there) } else { annotations.any(|there| there) })
    }
}

/// What a catalog processor wants to see and to write.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProcessorDeclaration {
    pub interests: Vec<Applicability>,
    /// Paths such as `metadata.annotations.example.com/*`.
    pub writes: Vec<String>,
}

/// A card that a plugin can show.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CardDeclaration {
    pub id: String,
    pub title: String,
    pub applies_to: Vec<Applicability>,
    pub width: Width,
}

impl CardDeclaration {
    /// Whether an entity has the card.
    pub fn applies_to(&self, entity: &Entity) -> bool {
        self.applies_to.is_empty() || self.applies_to.iter().any(|set| set.matches(entity))
    }
}

/// How much of the page's width a card takes, where there is room.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Width {
    Small,
    #[default]
    Medium,
    Full,
}

/// An action that templates can name.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ActionDeclaration {
    pub id: String,
    pub summary: String,
    pub input_schema: Value,
    pub output_schema: Value,
    pub examples: Vec<ActionExample>,
    pub supports_dry_run: bool,
    /// The plugin that brings it; none when it is built in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub plugin: Option<String>,
}

/// Steps that work as they stand.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ActionExample {
    pub summary: String,
    pub steps: String,
}

/// Why a call of a plugin brought no answer, in a form that pages can explain.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(tag = "code", rename_all = "kebab-case")]
pub enum PluginError {
    #[error("the entity lacks the annotation {annotation}")]
    MissingAnnotation { annotation: String },
    #[error("{what} was not found")]
    NotFound { what: String },
    #[error("{}", .fields.iter().map(|field| format!("{}: {}", if field.field.is_empty() { "input" } else { &field.field }, field.message)).collect::<Vec<_>>().join("; "))]
    InvalidInput { fields: Vec<FieldError> },
    #[error("permission needed: {what}")]
    NeedsPermission { what: String },
    #[error("{upstream} answered {status}: {message}")]
    UpstreamStatus { upstream: String, status: u16, message: String },
    #[error("the upstream asks to wait{}", .seconds.map(|seconds| format!(" {seconds} s")).unwrap_or_default())]
    RateLimited { seconds: Option<u32> },
    #[error("{message}")]
    Unavailable { message: String },
    #[error("refused: {message}")]
    Denied { message: String },
    #[error("{message}")]
    Other { message: String },
    /// The plugin broke: a trap, a deadline, a limit, or data that breaks the contract.
    #[error("the plugin failed: {message}")]
    Fault { fault: FaultCode, message: String },
    /// The plugin is gone, disabled, or resting after repeated faults.
    #[error("the plugin is not available: {message}")]
    NotServing { message: String },
}

/// One field of an input that is wrong.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldError {
    /// A JSON pointer, empty for the whole input.
    pub field: String,
    pub message: String,
}

/// How a plugin broke.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FaultCode {
    /// The code stopped itself: a panic, a division by zero, an access out of bounds.
    Trap,
    /// It used up its processor budget.
    ProcessorBudget,
    /// It did not answer in time.
    Deadline,
    /// It asked for more memory than it may have.
    Memory,
    /// It recursed without end.
    StackOverflow,
    /// It gave back more than it may.
    Output,
    /// What it gave back breaks the contract.
    BadData,
    /// The host failed.
    Host,
}

impl FaultCode {
    /// The code on the wire and in metrics.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Trap => "trap",
            Self::ProcessorBudget => "processor-budget",
            Self::Deadline => "deadline",
            Self::Memory => "memory",
            Self::StackOverflow => "stack-overflow",
            Self::Output => "output",
            Self::BadData => "bad-data",
            Self::Host => "host",
        }
    }
}

/// What a plugin asks for, and what the administrator granted.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Grants {
    /// Upstream names; when granted, with the name of the binding.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub upstreams: BTreeMap<String, UpstreamGrant>,
    /// Paths of entities that it may write.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub write: Vec<String>,
}

impl Grants {
    /// Whether nothing is asked for.
    pub fn is_empty(&self) -> bool {
        self.upstreams.is_empty() && self.write.is_empty()
    }
}

/// One upstream in a request or a grant.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct UpstreamGrant {
    /// What it is called for.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub purpose: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub routes: Vec<Route>,
    /// The name under `upstreams:` in the configuration to which it is bound.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub binding: Option<String>,
}

/// Where a plugin's file is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Source {
    BuiltIn,
    Folder,
}

/// What has become of a plugin's file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    Starting,
    Serving,
    WaitingForConsent,
    Failed,
    Disabled,
    Superseded,
}

impl State {
    /// All states.
    pub const ALL: [Self; 6] =
        [Self::Starting, Self::Serving, Self::WaitingForConsent, Self::Failed, Self::Disabled, Self::Superseded];

    /// The word on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Starting => "starting",
            Self::Serving => "serving",
            Self::WaitingForConsent => "waiting-for-consent",
            Self::Failed => "failed",
            Self::Disabled => "disabled",
            Self::Superseded => "superseded",
        }
    }
}

/// Why a plugin is in its state.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reason {
    /// A short stable code such as `not-a-component`.
    pub code: String,
    /// What is wrong and what to do.
    pub message: String,
}

/// A plugin's file and how it is doing: an item of `GET /api/plugins`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Status {
    pub id: Option<String>,
    pub version: Option<String>,
    /// The plugin's title; the file's name while it is unknown.
    pub title: String,
    pub summary: Option<String>,
    pub homepage: Option<String>,
    /// The file's name.
    pub file: String,
    pub source: Source,
    pub sha256: String,
    pub state: State,
    pub reason: Option<Reason>,
    pub extension_points: Vec<ExtensionPoint>,
    /// The interfaces that it imports.
    pub imports: Vec<String>,
    pub requested: Grants,
    pub granted: Grants,
    /// Calls that were made, whatever came of them.
    pub calls: u64,
    pub faults: u64,
    /// Processor time of all calls in milliseconds.
    pub cpu_ms: u64,
    /// The most memory that one call used, in bytes.
    pub peak_memory_bytes: u64,
    /// The last faults, newest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub recent_faults: Vec<FaultRecord>,
}

/// One fault of a plugin.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FaultRecord {
    /// RFC 3339.
    pub at: String,
    /// The extension point that was called.
    pub call: String,
    pub fault: FaultCode,
    pub message: String,
}
