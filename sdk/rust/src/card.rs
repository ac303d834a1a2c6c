//! Cards on the pages of entities.

use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::raw::ui_card as raw;
use crate::set::set_of_entities;
use crate::view::View;
use crate::{Entity, Error, error};

pub use crate::raw::ui_card::{Reader, Width};

/// A plugin that shows cards.
pub trait UiCard: 'static {
    /// The cards that this plugin brings. Called without any capability.
    fn cards() -> Vec<CardDeclaration>;

    /// A card's contents for one entity and reader.
    ///
    /// # Errors
    /// What keeps the card from showing; the host makes help of it.
    fn render(request: RenderRequest) -> Result<View, Error>;

    /// Carries out an action that the card's view offered. The portal's pages have asked for the confirmation.
    ///
    /// # Errors
    /// Why it was not done.
    fn act(request: ActionRequest) -> Result<ActionOutcome, Error> {
        Err(unknown_action(&request.action))
    }
}

/// The error for an action that a card never offered.
pub fn unknown_action(action: &str) -> Error {
    Error::NotFound(format!("action {action:?} of this card"))
}

/// A card that a plugin can show.
#[derive(Debug, Clone, PartialEq)]
pub struct CardDeclaration(raw::Card);

impl CardDeclaration {
    /// A card of half the width on every entity, with an id (lower-case letters, digits and dashes) and a heading.
    pub fn new(id: impl Into<String>, title: impl Into<String>) -> Self {
        Self(raw::Card { id: id.into(), title: title.into(), applies_to: Vec::new(), width: Width::Medium })
    }

    /// Shows the card on a set of entities only; said several times, on any of the sets.
    #[must_use]
    pub fn applies_to(mut self, entities: Entities) -> Self {
        self.0.applies_to.push(entities.0);
        self
    }

    /// How much room the card wants.
    #[must_use]
    pub fn width(mut self, width: Width) -> Self {
        self.0.width = width;
        self
    }

    pub(crate) fn into_raw(self) -> raw::Card {
        self.0
    }
}

set_of_entities! {
    Entities(raw::Applicability);
    /// Only with this annotation; said several times, with all of them.
    annotation
}

/// Asks for a card's contents.
#[derive(Debug, Clone, PartialEq)]
pub struct RenderRequest {
    /// The card's id.
    pub card: String,
    /// The entity on whose page it is, with its relations.
    pub entity: Entity,
    pub reader: Reader,
    /// The card's own state: what links of the view that begin with `?` put into the page's address.
    pub state: State,
}

impl RenderRequest {
    pub(crate) fn from_raw(raw: raw::RenderRequest) -> Result<Self, Error> {
        Ok(Self {
            card: raw.card,
            entity: error::from_host(&raw.entity)?.into(),
            reader: raw.reader,
            state: State(raw.state),
        })
    }
}

/// A card's state, as kept in the page's address. It comes from people: take nothing in it on trust.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct State(Vec<(String, String)>);

impl State {
    /// A state of these pairs, for tests.
    pub fn new<K: Into<String>, V: Into<String>>(pairs: impl IntoIterator<Item = (K, V)>) -> Self {
        Self(pairs.into_iter().map(|(key, value)| (key.into(), value.into())).collect())
    }

    /// The first value of a key, when it is not empty.
    pub fn get(&self, key: &str) -> Option<&str> {
        let (_, value) = self.0.iter().find(|(name, value)| name == key && !value.is_empty())?;
        Some(value)
    }
}

/// Asks for an action that a card's view offered. Whoever calls the API can name any action with any input: take
/// nothing in it on trust.
#[derive(Debug, Clone, PartialEq)]
pub struct ActionRequest {
    pub card: String,
    pub entity: Entity,
    pub reader: Reader,
    /// The action's id, as the view gave it.
    pub action: String,
    /// The action's input, as the view gave it; of a form, the answers.
    pub input: Value,
    /// The same for every repetition of one click.
    pub idempotency_key: String,
}

impl ActionRequest {
    /// The input as a type of the plugin's.
    ///
    /// # Errors
    /// Invalid input, when it does not fit.
    pub fn input<T: DeserializeOwned>(&self) -> Result<T, Error> {
        error::read_input(&self.input)
    }

    pub(crate) fn from_raw(raw: raw::ActionRequest) -> Result<Self, Error> {
        Ok(Self {
            card: raw.card,
            entity: error::from_host(&raw.entity)?.into(),
            reader: raw.reader,
            action: raw.action,
            input: error::from_host(&raw.input)?,
            idempotency_key: raw.idempotency_key,
        })
    }
}

/// What an action did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ActionOutcome {
    message: String,
    refresh: bool,
    url: Option<String>,
}

impl ActionOutcome {
    /// One sentence for the person who asked. The card is asked for anew.
    pub fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), refresh: true, url: None }
    }

    /// Leaves the card as it is.
    #[must_use]
    pub fn without_refresh(mut self) -> Self {
        self.refresh = false;
        self
    }

    /// Where to see the result.
    #[must_use]
    pub fn url(mut self, url: impl Into<String>) -> Self {
        self.url = Some(url.into());
        self
    }

    pub(crate) fn into_raw(self) -> raw::ActionOutcome {
        raw::ActionOutcome { message: self.message, refresh: self.refresh, url: self.url }
    }
}
