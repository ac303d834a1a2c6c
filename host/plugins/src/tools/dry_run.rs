//! Calls one function of a plugin without granting it anything: no upstream, no store, no catalog.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use host_contract::{ActionRun, CARD_LIMITS, CallReport, CardAct, CardRender, Outcome, PROCESSOR_LIMITS, RUN_LIMITS};
use host_model::plugin::{ExtensionPoint, Grants, PluginError, Reason};
use host_model::{Entity, Principal};
use host_ports::{ProcessorItem, ProcessorOutcome};
use serde_json::{Value, json};

use super::Inspector;
use crate::life::loaded::Loaded;
use crate::serve::account::FileAccount;
use crate::serve::catalog::LateCatalog;
use crate::serve::live::{Live, Queues, Setting};
use crate::serve::log::LogBook;
use crate::serve::running::Running;
use crate::serve::upstreams::PluginUpstreams;
use crate::serve::values::Values;

/// What to call.
#[derive(Debug, Clone)]
pub enum DryRun {
    /// The processor, with entities.
    Process { entities: Vec<Entity>, location: String },
    /// A card's contents; without a card's id the first one.
    Render { card: Option<String>, entity: Entity, state: Vec<(String, String)> },
    /// An action of a card.
    Act { card: Option<String>, entity: Entity, action: String, input: Value },
    /// A template's action; without an identifier the first one.
    Run { action: Option<String>, input: Value, workspace: PathBuf },
}

/// What came of it.
#[derive(Debug, Clone)]
pub struct DryRunAnswer {
    /// The answer as JSON, or the plugin's error.
    pub result: Result<Value, PluginError>,
    pub report: CallReport,
    /// What the plugin wrote.
    pub log: Vec<String>,
}

impl Inspector {
    /// Calls one function of the plugin in a file.
    ///
    /// # Errors
    /// When the file is no plugin, its configuration does not fit, or it does not offer what is called.
    pub async fn dry_run(&self, path: &Path, config: &Value, what: DryRun) -> Result<DryRunAnswer, Reason> {
        let log = Arc::new(LogBook::of(&path.display().to_string()));
        let loaded = self.load_file(path, &log).await?;
        loaded.check_config(config).map_err(|violations| Reason {
            code: "config-invalid".into(),
            message: format!("the configuration does not fit the plugin's schema: {}", violations.join("; ")),
        })?;
        let live = without_grants(loaded, config, &log);
        let (result, report) = call(&live, what).await?;
        Ok(DryRunAnswer { result, report, log: log.lines() })
    }
}

/// A plugin that can be called and reaches nothing.
fn without_grants(loaded: Loaded, config: &Value, log: &Arc<LogBook>) -> Live {
    let id = loaded.id().to_owned();
    let nothing = host_fetch::Upstreams::new(host_fetch::Fetcher::default(), Default::default());
    let declared = &loaded.told.description.upstreams;
    let upstreams = PluginUpstreams::new(&id, declared, &Grants::default(), nothing);
    let config = if config.is_null() { "{}".into() } else { config.to_string().into() };
    Live {
        loaded: Arc::new(loaded),
        granted: Grants::default(),
        config,
        account: Arc::new(FileAccount::default()),
        log: Arc::clone(log),
        values: Arc::new(Values { plugin: id, store: None }),
        catalog: Arc::new(LateCatalog::default()),
        upstreams: Arc::new(upstreams),
        running: Running::default(),
        queues: Queues::default(),
    }
}

type Called = (Result<Value, PluginError>, CallReport);

async fn call(live: &Live, what: DryRun) -> Result<Called, Reason> {
    let callee = &live.loaded.callee;
    let setting =
        |point, limits, workspace| Setting { point, limits, principal: Principal::Guest, log: None, workspace };
    let report = Report::default();
    let result = match what {
        DryRun::Process { entities, location } => {
            offers(live, ExtensionPoint::CatalogProcessor)?;
            let item = |entity| ProcessorItem { entity: Arc::new(entity), location: location.clone() };
            let items = entities.into_iter().map(item).collect();
            let setting = setting(ExtensionPoint::CatalogProcessor, PROCESSOR_LIMITS, None);
            let answer = live.call(setting, |call| report.of(callee.process(call, items))).await;
            answer.map(|outcomes| outcomes.iter().map(outcome_as_json).collect())
        }
        DryRun::Render { card, entity, state } => {
            let card = card_of(live, card)?;
            let render = CardRender { card, entity: Arc::new(entity), locale: "en".into(), state };
            let setting = setting(ExtensionPoint::UiCard, CARD_LIMITS, None);
            let answer = live.call(setting, |call| report.of(callee.render(call, render))).await;
            answer.map(|view| serde_json::to_value(view).unwrap_or_default())
        }
        DryRun::Act { card, entity, action, input } => {
            let act = CardAct {
                card: card_of(live, card)?,
                entity: Arc::new(entity),
                locale: "en".into(),
                action,
                input,
                idempotency_key: "dry-run".into(),
            };
            let setting = setting(ExtensionPoint::UiCard, CARD_LIMITS, None);
            let answer = live.call(setting, |call| report.of(callee.act(call, act))).await;
            answer.map(|it| json!({ "message": it.message, "refresh": it.refresh, "url": it.url }))
        }
        DryRun::Run { action, input, workspace } => {
            offers(live, ExtensionPoint::ScaffolderAction)?;
            let ids = live.loaded.told.actions.iter().map(|action| action.id.clone()).collect();
            let action = pick("action", action, ids)?;
            let (task_id, step_id) = ("dry-run".to_owned(), "dry-run".to_owned());
            let run = ActionRun { action, input, task_id, step_id, template: None, dry_run: true };
            let setting = setting(ExtensionPoint::ScaffolderAction, RUN_LIMITS, Some(workspace));
            let answer = live.call(setting, |call| report.of(callee.run(call, run))).await;
            answer.map(|it| json!({ "output": it.output, "effects": it.effects }))
        }
    };
    Ok((result, report.0.lock().map(|report| *report).unwrap_or_default()))
}

/// Keeps the report of the one call that is made.
#[derive(Default)]
struct Report(std::sync::Mutex<CallReport>);

impl Report {
    async fn of<T>(&self, call: impl Future<Output = Outcome<T>>) -> Outcome<T> {
        let outcome = call.await;
        if let Ok(mut report) = self.0.lock() {
            *report = outcome.report;
        }
        outcome
    }
}

fn offers(live: &Live, point: ExtensionPoint) -> Result<(), Reason> {
    if live.loaded.shape.extension_points.contains(&point) {
        return Ok(());
    }
    let message = format!("the plugin does not export {}", point.as_str());
    Err(Reason { code: "not-offered".into(), message })
}

fn card_of(live: &Live, card: Option<String>) -> Result<String, Reason> {
    offers(live, ExtensionPoint::UiCard)?;
    pick("card", card, live.loaded.told.cards.iter().map(|card| card.id.clone()).collect())
}

fn pick(what: &str, wanted: Option<String>, present: Vec<String>) -> Result<String, Reason> {
    let all = present.join(", ");
    match wanted {
        Some(wanted) if present.contains(&wanted) => Ok(wanted),
        None if !present.is_empty() => Ok(present.into_iter().next().unwrap_or_default()),
        wanted => Err(Reason {
            code: "not-offered".into(),
            message: format!("the plugin has no {what} {}; it has: {all}", wanted.unwrap_or_default()),
        }),
    }
}

fn outcome_as_json(outcome: &ProcessorOutcome) -> Value {
    let changes: Vec<Value> =
        outcome.changes.iter().map(|change| json!({ "pointer": change.pointer, "value": change.value })).collect();
    let findings: Vec<Value> = outcome
        .findings
        .iter()
        .map(|finding| {
            json!({
                "severity": finding.severity, "code": finding.code, "message": finding.message,
                "pointer": finding.pointer, "position": finding.position,
            })
        })
        .collect();
    json!({ "changes": changes, "findings": findings, "emits": outcome.emits, "relations": outcome.relations })
}
