//! Providers feed the catalog from a system of record: a directory of people, a forge's repositories, an inventory.

use std::time::Duration;

use async_trait::async_trait;
use host_model::{Entity, EntityRef};

/// Knows entities that no file describes, and tells of them on a schedule. What is built in and what plugins bring go
/// through this one trait.
#[async_trait]
pub trait EntityProvider: Send + Sync {
    /// Its name, such as `inventory/main` or a plugin's id. What it gave is kept under this name, so it never changes.
    fn name(&self) -> &str;

    /// When it runs.
    fn schedule(&self) -> ProviderSchedule;

    /// Brings the catalog up to date through the connection. `cursor` is the one that came with the last mutation that
    /// was kept, in this process or an earlier one.
    ///
    /// # Errors
    /// When it could not be done. What was applied by then stays; nothing is taken for gone.
    async fn run(&self, connection: &dyn ProviderConnection, cursor: Option<&str>) -> Result<(), ProviderError>;
}

/// When a provider runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProviderSchedule {
    /// The time between the ends and beginnings of runs; none: only when somebody asks.
    pub frequency: Option<Duration>,
    /// How long after the start of the portal it runs for the first time.
    pub initial_delay: Duration,
    /// A run that takes longer is stopped and has failed.
    pub timeout: Duration,
}

impl Default for ProviderSchedule {
    fn default() -> Self {
        Self {
            frequency: Some(Duration::from_secs(30 * 60)),
            initial_delay: Duration::ZERO,
            timeout: Duration::from_secs(10 * 60),
        }
    }
}

/// What a provider tells the catalog through, for one run.
#[async_trait]
pub trait ProviderConnection: Send + Sync {
    /// Applies a mutation as a whole or not at all, and keeps the cursor with it, if one is given.
    ///
    /// # Errors
    /// When nothing of it was kept.
    async fn apply(&self, mutation: Mutation, cursor: Option<&str>) -> Result<Applied, ProviderError>;

    /// Has what these keys mean read again: the addresses of sources, as `url:https://…`. Unknown keys mean nothing.
    ///
    /// # Errors
    /// When the catalog takes no further changes.
    async fn refresh(&self, keys: &[String]) -> Result<(), ProviderError>;
}

/// What changed in the system of record.
#[derive(Debug, Clone, PartialEq)]
pub enum Mutation {
    /// All that there is; what is missing goes. An empty list, or one that lacks too much of what there was, is held back
    /// until an administrator agrees.
    Full(Vec<ProvidedEntity>),
    /// A page of all that there is. Its entities come at once; with the last page, what no page of this run named goes, as
    /// with [`Mutation::Full`].
    Page { entities: Vec<ProvidedEntity>, is_last: bool },
    /// Only what is new, different or gone.
    Delta { added: Vec<ProvidedEntity>, removed: Vec<EntityRef> },
}

/// An entity as a provider gives it. It is checked like any other, but the rules for kinds do not hold it back: who
/// configured the provider has let it in.
#[derive(Debug, Clone, PartialEq)]
pub struct ProvidedEntity {
    /// Its annotations may say where it is managed (`backstage.io/managed-by-location`); the provider's name otherwise.
    pub entity: Entity,
    /// What it is known by in the system of record, shown where two sources give the same entity.
    pub location_key: Option<String>,
}

/// What came of a mutation.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Applied {
    /// Entities that are new or different.
    pub written: usize,
    pub removed: usize,
    /// Entities that are missing and held back from going.
    pub parked: usize,
}

/// Why a provider did not bring the catalog up to date.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ProviderError {
    /// The system of record does not answer as it should; another try may succeed.
    #[error("{0}")]
    Unavailable(String),
    /// What the system of record gave cannot be understood.
    #[error("{0}")]
    Invalid(String),
    /// The catalog did not keep it.
    #[error("the catalog did not take it: {0}")]
    NotKept(String),
}
