//! What goes into a call of a plugin and what comes out.

use std::sync::Arc;

use host_model::plugin::PluginError;
use host_model::{Entity, EntityRef};
use host_ports::CallServices;
use host_runtime::{Account, CallLimits, CallReport, Fault};
use serde_json::Value;

/// On whose account, within which limits and with which services a call is made.
#[derive(Clone)]
pub struct Call {
    pub limits: CallLimits,
    pub account: Arc<dyn Account>,
    /// What the plugin may reach. A workspace, when there is one, is mounted at `/workspace`.
    pub services: CallServices,
}

/// What came of a call, and what it cost.
#[derive(Debug, Clone)]
pub struct Outcome<T> {
    pub result: Result<T, PluginError>,
    pub report: CallReport,
}

impl<T> Outcome<T> {
    /// The fault, when the plugin broke. Errors that the contract knows are none.
    pub fn fault(&self) -> Option<Fault> {
        match &self.result {
            Err(PluginError::Fault { fault, message }) => Some(Fault::new(*fault, message.clone())),
            _ => None,
        }
    }
}

/// One run of an action. The person is the principal of the call's services.
#[derive(Debug, Clone)]
pub struct ActionRun {
    /// The action's identifier, as the plugin declared it.
    pub action: String,
    /// The input, which has passed the schema.
    pub input: Value,
    pub task_id: String,
    pub step_id: String,
    pub template: Option<EntityRef>,
    pub dry_run: bool,
}

/// Asks for a card's contents.
#[derive(Debug, Clone)]
pub struct CardRender {
    /// The card's id, as the plugin declared it.
    pub card: String,
    /// The entity with its relations.
    pub entity: Arc<Entity>,
    /// A BCP 47 tag.
    pub locale: String,
    /// The card's state, as kept in the page's address.
    pub state: Vec<(String, String)>,
}

/// Asks for an action that a card's view offered.
#[derive(Debug, Clone)]
pub struct CardAct {
    pub card: String,
    pub entity: Arc<Entity>,
    pub locale: String,
    /// The action's id.
    pub action: String,
    pub input: Value,
    /// The same for every repetition of one click.
    pub idempotency_key: String,
}
