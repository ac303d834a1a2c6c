//! What plugins add, as features see it.

use std::sync::Arc;

use tokio::sync::watch;

use crate::{Action, CardRenderer, EntityProvider, Processor};

/// The extensions that are serving now. Every call gives the present state; whoever holds one of the parts keeps it
/// alive until its calls have ended.
pub trait Extensions: Send + Sync {
    /// The catalog processors, in the order of their plugins' ids.
    fn processors(&self) -> Vec<Arc<dyn Processor>>;

    /// The actions, in the order of their identifiers.
    fn actions(&self) -> Vec<Arc<dyn Action>>;

    /// The cards, in the order of their plugins' ids.
    fn cards(&self) -> Vec<Arc<dyn CardRenderer>>;

    /// The entity providers, in the order of their plugins' ids.
    fn providers(&self) -> Vec<Arc<dyn EntityProvider>> {
        Vec::new()
    }

    /// A number that grows whenever any of these lists changes.
    fn changes(&self) -> watch::Receiver<u64>;
}

/// No plugins at all: for command-line checks and tests.
#[derive(Debug)]
pub struct NoExtensions(watch::Sender<u64>);

impl Default for NoExtensions {
    fn default() -> Self {
        Self(watch::Sender::new(0))
    }
}

impl Extensions for NoExtensions {
    fn processors(&self) -> Vec<Arc<dyn Processor>> {
        Vec::new()
    }

    fn actions(&self) -> Vec<Arc<dyn Action>> {
        Vec::new()
    }

    fn cards(&self) -> Vec<Arc<dyn CardRenderer>> {
        Vec::new()
    }

    fn changes(&self) -> watch::Receiver<u64> {
        self.0.subscribe()
    }
}
