//! Cards of plugins on the pages of entities.

use std::collections::BTreeMap;
use std::sync::Arc;

use host_api::{ActionReceipt, ApiError, ApiResult, Panel, PanelActionInput, PanelKey, PanelState, PanelView};
use host_model::view::{Block, View};
use host_model::{Entity, Principal};
use host_ports::{ActRequest, CardRenderer, RenderRequest};
use host_store::AuditEntry;

use super::LocalPortal;
use super::catalog::change_error;

/// The largest input of an action, in bytes of JSON.
const MAX_INPUT: usize = 64 * 1024;
/// The longest state of a card: pairs, and bytes of a key or a value.
const MAX_STATE: (usize, usize) = (20, 500);
/// The most characters of an action's id in the audit log.
const MAX_AUDITED: usize = 100;

impl LocalPortal {
    /// The cards that an entity has.
    pub(super) fn panels_of(&self, entity: &Entity) -> Vec<Panel> {
        let cards = self.features.extensions.cards();
        cards.iter().filter(|card| card.declaration().applies_to(entity)).map(|card| describe(card.as_ref())).collect()
    }

    /// One card's contents, or why there are none.
    pub(super) async fn render_panel(
        &self,
        principal: &Principal,
        key: &PanelKey,
        state: &PanelState,
        locale: &str,
    ) -> ApiResult<PanelView> {
        let (entity, card) = self.find_card(principal, key)?;
        let state = state.iter().filter(|(key, value)| key.len() <= MAX_STATE.1 && value.len() <= MAX_STATE.1);
        let request = RenderRequest {
            entity,
            principal: principal.clone(),
            locale: locale.to_owned(),
            state: state.take(MAX_STATE.0).cloned().collect(),
        };
        let panel = describe(card.as_ref());
        Ok(match card.render(request).await {
            Ok(view) => PanelView { panel, html: safe_html(&view), view: Some(view), error: None },
            Err(error) => PanelView { panel, view: None, html: BTreeMap::new(), error: Some(error) },
        })
    }

    /// Carries out an action that the card's view offered.
    pub(super) async fn act_on_panel(
        &self,
        principal: &Principal,
        key: &PanelKey,
        input: PanelActionInput,
        locale: &str,
    ) -> ApiResult<ActionReceipt> {
        if input.input.to_string().len() > MAX_INPUT {
            return Err(ApiError::input(format!("the action's input is larger than {MAX_INPUT} bytes")));
        }
        let (entity, card) = self.find_card(principal, key)?;
        let action: String = input.action.chars().take(MAX_AUDITED).collect();
        let detail = format!("{action} of {}/{}", key.plugin, key.card);
        let entry = AuditEntry::new(principal, "card.act", key.entity.to_string()).detail(detail);
        // Beforehand, since what is changed elsewhere cannot be taken back when it cannot be written down.
        self.features.store.audit_log().append(entry).await.map_err(|error| change_error(error.into()))?;
        let request = ActRequest {
            entity,
            principal: principal.clone(),
            locale: locale.to_owned(),
            action: input.action,
            input: input.input,
            idempotency_key: input.idempotency_key.unwrap_or_else(|| uuid::Uuid::now_v7().to_string()),
        };
        let outcome = card.act(request).await.map_err(super::plugin_error)?;
        Ok(ActionReceipt { message: outcome.message, refresh: outcome.refresh, url: outcome.url })
    }

    fn find_card(&self, principal: &Principal, key: &PanelKey) -> ApiResult<(Arc<Entity>, Arc<dyn CardRenderer>)> {
        let entity = Arc::new(self.read_entity(principal, &key.entity)?);
        let cards = self.features.extensions.cards();
        let card = cards.into_iter().find(|card| card.plugin().0 == key.plugin && card.declaration().id == key.card);
        let card = card.filter(|card| card.declaration().applies_to(&entity)).ok_or_else(|| {
            ApiError::not_found(format!(
                "{} has no card {} of a plugin {} that is serving",
                key.entity, key.card, key.plugin
            ))
        })?;
        Ok((entity, card))
    }
}

fn describe(card: &dyn CardRenderer) -> Panel {
    let (plugin, title) = card.plugin();
    Panel { plugin: plugin.to_owned(), plugin_title: title.to_owned(), card: card.declaration().clone() }
}

/// Safe HTML of the blocks that hold Markdown, by index.
fn safe_html(view: &View) -> BTreeMap<u32, String> {
    let blocks = (0..).zip(&view.blocks);
    blocks
        .filter_map(|(index, block)| match block {
            Block::Markdown(text) => Some((index, host_markdown::to_safe_html(text))),
            Block::Callout(callout) => Some((index, host_markdown::to_safe_html(&callout.text))),
            _ => None,
        })
        .collect()
}
