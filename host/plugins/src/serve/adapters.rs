//! Serving plugins as the ports through which features meet them.

use std::sync::Arc;

use async_trait::async_trait;
use host_contract::{ActionRun, CARD_LIMITS, CardAct, CardRender, PROCESSOR_LIMITS, RUN_LIMITS};
use host_model::Principal;
use host_model::plugin::{ActionDeclaration, CardDeclaration, ExtensionPoint, PluginError, ProcessorDeclaration};
use host_model::view::View;
use host_ports::{
    ActOutcome, ActRequest, Action, ActionContext, ActionResult, CardRenderer, Processor, ProcessorItem,
    ProcessorOutcome, RenderRequest,
};

use super::live::{Live, Setting};

/// A plugin's processor.
pub(crate) struct PluginProcessor {
    pub(crate) live: Arc<Live>,
    pub(crate) version: String,
    pub(crate) declaration: ProcessorDeclaration,
}

#[async_trait]
impl Processor for PluginProcessor {
    fn name(&self) -> &str {
        self.live.id()
    }

    fn version(&self) -> &str {
        &self.version
    }

    fn declaration(&self) -> &ProcessorDeclaration {
        &self.declaration
    }

    async fn process(&self, items: Vec<ProcessorItem>) -> Result<Vec<ProcessorOutcome>, PluginError> {
        let setting = Setting {
            point: ExtensionPoint::CatalogProcessor,
            limits: PROCESSOR_LIMITS,
            principal: Principal::Plugin { id: self.live.id().to_owned() },
            log: None,
            workspace: None,
        };
        self.live.call(setting, |call| self.live.loaded.callee.process(call, items)).await
    }
}

/// A plugin's action.
pub(crate) struct PluginAction {
    pub(crate) live: Arc<Live>,
    pub(crate) declaration: ActionDeclaration,
}

#[async_trait]
impl Action for PluginAction {
    fn declaration(&self) -> &ActionDeclaration {
        &self.declaration
    }

    async fn run(&self, context: ActionContext) -> Result<ActionResult, PluginError> {
        let setting = Setting {
            point: ExtensionPoint::ScaffolderAction,
            limits: RUN_LIMITS,
            principal: context.principal,
            log: Some(context.log),
            workspace: Some(context.workspace),
        };
        let run = ActionRun {
            action: self.declaration.id.clone(),
            input: context.input,
            task_id: context.task_id,
            step_id: context.step_id,
            template: context.template,
            dry_run: context.dry_run,
        };
        self.live.call(setting, |call| self.live.loaded.callee.run(call, run)).await
    }
}

/// A plugin's card.
pub(crate) struct PluginCard {
    pub(crate) live: Arc<Live>,
    pub(crate) declaration: CardDeclaration,
}

impl PluginCard {
    fn setting(principal: Principal) -> Setting {
        Setting { point: ExtensionPoint::UiCard, limits: CARD_LIMITS, principal, log: None, workspace: None }
    }
}

#[async_trait]
impl CardRenderer for PluginCard {
    fn plugin(&self) -> (&str, &str) {
        (self.live.id(), &self.live.loaded.told.description.title)
    }

    fn declaration(&self) -> &CardDeclaration {
        &self.declaration
    }

    async fn render(&self, request: RenderRequest) -> Result<View, PluginError> {
        let render = CardRender {
            card: self.declaration.id.clone(),
            entity: request.entity,
            locale: request.locale,
            state: request.state,
        };
        let setting = Self::setting(request.principal);
        self.live.call(setting, |call| self.live.loaded.callee.render(call, render)).await
    }

    async fn act(&self, request: ActRequest) -> Result<ActOutcome, PluginError> {
        let act = CardAct {
            card: self.declaration.id.clone(),
            entity: request.entity,
            locale: request.locale,
            action: request.action,
            input: request.input,
            idempotency_key: request.idempotency_key,
        };
        let setting = Self::setting(request.principal);
        self.live.call(setting, |call| self.live.loaded.callee.act(call, act)).await
    }
}
