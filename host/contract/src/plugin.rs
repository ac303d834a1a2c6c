//! A plugin that is linked and can be called.

use std::sync::Arc;

use async_trait::async_trait;
use host_model::plugin::{ActionDeclaration, CardDeclaration, Description, ProcessorDeclaration};
use host_model::view::View;
use host_ports::{ActOutcome, ActionResult, LogSink, ProcessorItem, ProcessorOutcome};
use host_runtime::{Account, CallLimits};

use crate::{ActionRun, Call, CardAct, CardRender, Inspection, Outcome, PACKAGE, VERSION};

/// A linked plugin. Cloning it is cheap; whoever holds a clone can go on calling, also after a newer one serves.
#[derive(Clone)]
pub struct Plugin {
    inspection: Arc<Inspection>,
    generation: Arc<dyn Generation>,
}

/// What a call without any capability needs.
#[derive(Clone)]
pub struct Trial {
    pub limits: CallLimits,
    pub account: Arc<dyn Account>,
    pub log: Arc<dyn LogSink>,
}

impl Plugin {
    pub(crate) fn new(inspection: Inspection, generation: Arc<dyn Generation>) -> Self {
        Self { inspection: Arc::new(inspection), generation }
    }

    /// What the component's type tells.
    pub fn inspection(&self) -> &Inspection {
        &self.inspection
    }

    /// Who the plugin is and what it asks for, told by a throw-away instance that has no capability at all.
    pub async fn describe(&self, trial: Trial) -> Outcome<Description> {
        self.generation.describe(trial).await
    }

    /// What its processor wants to see and write; asked like `describe`.
    pub async fn processor(&self, trial: Trial) -> Outcome<ProcessorDeclaration> {
        self.generation.processor(trial).await
    }

    /// The actions that it brings, without the plugin's id; asked like `describe`.
    pub async fn actions(&self, trial: Trial) -> Outcome<Vec<ActionDeclaration>> {
        self.generation.actions(trial).await
    }

    /// The cards that it brings; asked like `describe`.
    pub async fn cards(&self, trial: Trial) -> Outcome<Vec<CardDeclaration>> {
        self.generation.cards(trial).await
    }

    /// Looks at a batch of entities, on a warm instance where there is one. There is one outcome for each item.
    pub async fn process(&self, call: Call, items: Vec<ProcessorItem>) -> Outcome<Vec<ProcessorOutcome>> {
        self.generation.process(call, items).await
    }

    /// Runs an action.
    pub async fn run(&self, call: Call, run: ActionRun) -> Outcome<ActionResult> {
        self.generation.run(call, run).await
    }

    /// A card's contents. The view has passed [`View::validate`].
    pub async fn render(&self, call: Call, render: CardRender) -> Outcome<View> {
        self.generation.render(call, render).await
    }

    /// Carries out an action that a card offered.
    pub async fn act(&self, call: Call, act: CardAct) -> Outcome<ActOutcome> {
        self.generation.act(call, act).await
    }
}

impl std::fmt::Debug for Plugin {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "Plugin for {PACKAGE}@{}", self.inspection.contract_version.as_deref().unwrap_or(VERSION))
    }
}

/// One version of the contract: the same calls in that version's own types. Each has a module of its own, so that a
/// frozen version is never touched again.
#[async_trait]
pub(crate) trait Generation: Send + Sync {
    async fn describe(&self, trial: Trial) -> Outcome<Description>;
    async fn processor(&self, trial: Trial) -> Outcome<ProcessorDeclaration>;
    async fn actions(&self, trial: Trial) -> Outcome<Vec<ActionDeclaration>>;
    async fn cards(&self, trial: Trial) -> Outcome<Vec<CardDeclaration>>;
    async fn process(&self, call: Call, items: Vec<ProcessorItem>) -> Outcome<Vec<ProcessorOutcome>>;
    async fn run(&self, call: Call, run: ActionRun) -> Outcome<ActionResult>;
    async fn render(&self, call: Call, render: CardRender) -> Outcome<View>;
    async fn act(&self, call: Call, act: CardAct) -> Outcome<ActOutcome>;
}
