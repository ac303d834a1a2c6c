//! The calls of a plugin of this version.

use std::sync::Arc;

use async_trait::async_trait;
use futures::future::BoxFuture;
use host_model::plugin::{
    ActionDeclaration, CardDeclaration, Description, ExtensionPoint, PluginError, ProcessorDeclaration,
};
use host_model::view::View;
use host_ports::{ActOutcome, ActionResult, ProcessorItem, ProcessorOutcome};
use host_runtime::{CallFailure, CallReport, CallSetup, Prepared, Reuse, Runtime, State};
use wasmtime::Store;
use wasmtime::component::Instance;

use super::bindings::exports::callboard::plugin::{catalog_processor, plugin, scaffolder_action, ui_card};
use super::{answer, declare, error, view};
use crate::check::Checked;
use crate::plugin::{Generation, Trial};
use crate::refused::refused;
use crate::services::{HostData, lines};
use crate::{ActionRun, Call, CardAct, CardRender, Outcome, PACKAGE, PrepareError, VERSION};

/// A linked component with the places of its exports.
pub(super) struct Linked {
    runtime: Runtime,
    prepared: Arc<Prepared<HostData>>,
    plugin: plugin::GuestIndices,
    processor: Option<catalog_processor::GuestIndices>,
    action: Option<scaffolder_action::GuestIndices>,
    card: Option<ui_card::GuestIndices>,
}

type Answer<T> = Result<Result<T, PluginError>, CallFailure>;

impl Linked {
    /// Finds the exports.
    ///
    /// # Errors
    /// When an interface lacks a function.
    pub(super) fn new(runtime: Runtime, prepared: Arc<Prepared<HostData>>) -> Result<Self, PrepareError> {
        let pre = prepared.pre();
        let has = |point: ExtensionPoint| {
            let name = format!("{PACKAGE}/{}@{VERSION}", point.as_str());
            pre.component().get_export_index(None, &name).is_some()
        };
        let lacks = |error: wasmtime::Error| PrepareError::Mismatch { message: format!("{error:#}") };
        Ok(Self {
            plugin: plugin::GuestIndices::new(pre).map_err(lacks)?,
            processor: has(ExtensionPoint::CatalogProcessor)
                .then(|| catalog_processor::GuestIndices::new(pre))
                .transpose()
                .map_err(lacks)?,
            action: has(ExtensionPoint::ScaffolderAction)
                .then(|| scaffolder_action::GuestIndices::new(pre))
                .transpose()
                .map_err(lacks)?,
            card: has(ExtensionPoint::UiCard).then(|| ui_card::GuestIndices::new(pre)).transpose().map_err(lacks)?,
            runtime,
            prepared,
        })
    }

    /// Makes a call whose body gives an answer of the contract or a failure.
    async fn call<T: Send + 'static>(
        &self,
        call: Call,
        reuse: Reuse,
        body: impl for<'a> FnOnce(&'a mut Store<State<HostData>>, &'a Instance) -> BoxFuture<'a, Answer<T>> + Send + 'static,
    ) -> Outcome<T> {
        let Call { limits, account, services } = call;
        let lines = lines(&services.log);
        let workspace = services.workspace.clone();
        let setup = CallSetup { limits, account, lines: Arc::clone(&lines), workspace, reuse };
        let outcome =
            self.runtime.call(&self.prepared, setup, |tally| HostData::new(services, lines, tally), body).await;
        let result = match outcome.result {
            Ok(answer) => answer,
            Err(fault) => Err(PluginError::Fault { fault: fault.code, message: fault.message }),
        };
        Outcome { result, report: outcome.report }
    }

    /// Makes a call without any capability.
    async fn ask<T: Send + 'static>(
        &self,
        trial: Trial,
        body: impl for<'a> FnOnce(&'a mut Store<State<HostData>>, &'a Instance) -> BoxFuture<'a, Answer<T>> + Send + 'static,
    ) -> Outcome<T> {
        let Trial { limits, account, log } = trial;
        self.call(Call { limits, account, services: refused(log) }, Reuse::Fresh, body).await
    }
}

#[async_trait]
impl Generation for Linked {
    async fn describe(&self, trial: Trial) -> Outcome<Description> {
        let indices = self.plugin.clone();
        self.ask(trial, move |store, instance| {
            Box::pin(async move {
                let guest = fits("plugin", indices.load(&mut *store, instance))?;
                told("`describe`", declare::description(guest.call_describe(store).await?))
            })
        })
        .await
    }

    async fn processor(&self, trial: Trial) -> Outcome<ProcessorDeclaration> {
        let Some(indices) = self.processor.clone() else { return absent(ExtensionPoint::CatalogProcessor) };
        self.ask(trial, move |store, instance| {
            Box::pin(async move {
                let guest = fits("catalog-processor", indices.load(&mut *store, instance))?;
                told("`processor`", declare::processor(guest.call_processor(store).await?))
            })
        })
        .await
    }

    async fn actions(&self, trial: Trial) -> Outcome<Vec<ActionDeclaration>> {
        let Some(indices) = self.action.clone() else { return absent(ExtensionPoint::ScaffolderAction) };
        self.ask(trial, move |store, instance| {
            Box::pin(async move {
                let guest = fits("scaffolder-action", indices.load(&mut *store, instance))?;
                told("`actions`", declare::actions(guest.call_actions(store).await?))
            })
        })
        .await
    }

    async fn cards(&self, trial: Trial) -> Outcome<Vec<CardDeclaration>> {
        let Some(indices) = self.card.clone() else { return absent(ExtensionPoint::UiCard) };
        self.ask(trial, move |store, instance| {
            Box::pin(async move {
                let guest = fits("ui-card", indices.load(&mut *store, instance))?;
                told("`cards`", declare::cards(guest.call_cards(store).await?))
            })
        })
        .await
    }

    async fn process(&self, call: Call, items: Vec<ProcessorItem>) -> Outcome<Vec<ProcessorOutcome>> {
        let Some(indices) = self.processor.clone() else { return absent(ExtensionPoint::CatalogProcessor) };
        self.call(call, Reuse::Warm, move |store, instance| {
            Box::pin(async move {
                let names: Vec<String> = items.iter().map(|item| item.entity.entity_ref().to_string()).collect();
                let items: Vec<_> = items
                    .into_iter()
                    .map(|item| {
                        let entity = text(&*item.entity)?;
                        Ok(catalog_processor::Item { entity, location: item.location })
                    })
                    .collect::<Result<_, CallFailure>>()?;
                let guest = fits("catalog-processor", indices.load(&mut *store, instance))?;
                let outcomes = guest.call_process(store, &items).await?;
                told("`process`", answer::outcomes(outcomes, &names))
            })
        })
        .await
    }

    async fn run(&self, call: Call, run: ActionRun) -> Outcome<ActionResult> {
        let Some(indices) = self.action.clone() else { return absent(ExtensionPoint::ScaffolderAction) };
        let user = call.services.principal.user().map(ToString::to_string);
        self.call(call, Reuse::Fresh, move |store, instance| {
            Box::pin(async move {
                let request = scaffolder_action::RunRequest {
                    action: run.action,
                    input: text(&run.input)?,
                    task_id: run.task_id,
                    step_id: run.step_id,
                    template: run.template.map(|template| template.to_string()),
                    user,
                    dry_run: run.dry_run,
                };
                let guest = fits("scaffolder-action", indices.load(&mut *store, instance))?;
                match guest.call_run(store, &request).await? {
                    Ok(result) => told("`run`", answer::run_result(result)),
                    Err(error) => Ok(Err(error::from_guest(error))),
                }
            })
        })
        .await
    }

    async fn render(&self, call: Call, render: CardRender) -> Outcome<View> {
        let Some(indices) = self.card.clone() else { return absent(ExtensionPoint::UiCard) };
        let reader = reader(&call, render.locale);
        self.call(call, Reuse::Fresh, move |store, instance| {
            Box::pin(async move {
                let entity = text(&*render.entity)?;
                let request = ui_card::RenderRequest { card: render.card, entity, reader, state: render.state };
                let guest = fits("ui-card", indices.load(&mut *store, instance))?;
                match guest.call_render(store, &request).await? {
                    Ok(view) => told("`render`", view::view(view)),
                    Err(error) => Ok(Err(error::from_guest(error))),
                }
            })
        })
        .await
    }

    async fn act(&self, call: Call, act: CardAct) -> Outcome<ActOutcome> {
        let Some(indices) = self.card.clone() else { return absent(ExtensionPoint::UiCard) };
        let reader = reader(&call, act.locale);
        self.call(call, Reuse::Fresh, move |store, instance| {
            Box::pin(async move {
                let request = ui_card::ActionRequest {
                    card: act.card,
                    entity: text(&*act.entity)?,
                    reader,
                    action: act.action,
                    input: text(&act.input)?,
                    idempotency_key: act.idempotency_key,
                };
                let guest = fits("ui-card", indices.load(&mut *store, instance))?;
                match guest.call_act(store, &request).await? {
                    Ok(outcome) => told("`act`", answer::act_outcome(outcome)),
                    Err(error) => Ok(Err(error::from_guest(error))),
                }
            })
        })
        .await
    }
}

fn reader(call: &Call, locale: String) -> ui_card::Reader {
    ui_card::Reader { user: call.services.principal.user().map(ToString::to_string), locale }
}

/// A value as JSON text.
fn text(value: &impl serde::Serialize) -> Result<String, CallFailure> {
    serde_json::to_string(value)
        .map_err(|error| CallFailure::Host(format!("a value cannot be written as JSON: {error}")))
}

/// The exports of an interface, which the engine compares with the contract when it loads them.
fn fits<T>(interface: &str, guest: wasmtime::Result<T>) -> Result<T, CallFailure> {
    guest.map_err(|error| {
        CallFailure::BadData(format!(
            "its {interface} has another shape than that of {PACKAGE}@{VERSION}: {error:#}; rebuild it against this version"
        ))
    })
}

/// A checked answer, or a fault that says which function broke the contract and how.
fn told<T>(function: &str, checked: Checked<T>) -> Answer<T> {
    checked
        .map(Ok)
        .map_err(|error| CallFailure::BadData(format!("its answer to {function} breaks the contract: {error}")))
}

/// The outcome of calling what the plugin does not export.
fn absent<T>(point: ExtensionPoint) -> Outcome<T> {
    let what = format!("the extension point {} in this plugin", point.as_str());
    Outcome { result: Err(PluginError::NotFound { what }), report: CallReport::default() }
}
