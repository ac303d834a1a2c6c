//! Cards on the pages of entities.

use std::sync::Arc;

use async_trait::async_trait;
use host_model::plugin::{CardDeclaration, PluginError};
use host_model::view::View;
use host_model::{Entity, Principal};
use serde_json::Value;

/// Something that shows cards.
#[async_trait]
pub trait CardRenderer: Send + Sync {
    /// The plugin's id and its title.
    fn plugin(&self) -> (&str, &str);

    /// The card.
    fn declaration(&self) -> &CardDeclaration;

    /// The card's contents. The view has passed [`View::validate`].
    ///
    /// # Errors
    /// What kept the plugin from answering, in a form that the page can explain.
    async fn render(&self, request: RenderRequest) -> Result<View, PluginError>;

    /// Carries out an action that the card offered.
    ///
    /// # Errors
    /// As for `render`.
    async fn act(&self, request: ActRequest) -> Result<ActOutcome, PluginError>;
}

/// Asks for a card's contents.
#[derive(Debug, Clone)]
pub struct RenderRequest {
    pub entity: Arc<Entity>,
    pub principal: Principal,
    /// A BCP 47 tag.
    pub locale: String,
    /// The card's state, as kept in the page's address.
    pub state: Vec<(String, String)>,
}

/// Asks for an action of a card.
#[derive(Debug, Clone)]
pub struct ActRequest {
    pub entity: Arc<Entity>,
    pub principal: Principal,
    pub locale: String,
    /// The action's id, as the view declared it.
    pub action: String,
    pub input: Value,
    /// The same for every repetition of one click.
    pub idempotency_key: String,
}

/// What an action did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ActOutcome {
    pub message: String,
    pub refresh: bool,
    pub url: Option<String>,
}
