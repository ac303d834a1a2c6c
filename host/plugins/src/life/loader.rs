//! Makes a plugin of a file's bytes: header, compilation, linking, and what the plugin says of itself.

use std::sync::Arc;

use async_trait::async_trait;
use host_contract::{
    Account, Contract, DESCRIBE_LIMITS, LoadError, Outcome, Plugin, PrepareError, Runtime, Trial, VERSION,
};
use host_model::plugin::{ExtensionPoint, FaultCode, PluginError};
use host_ports::LogSink;
use host_store::PluginDescriptions;

use super::loaded::{Loaded, Rejected, Shape, Told};

/// Raised whenever the same answers of a plugin would be read otherwise.
const READER: u32 = 1;

/// Makes a plugin of a file's bytes.
#[async_trait]
pub(crate) trait Loader: Send + Sync {
    /// Loads a file. It is charged for faults while it describes itself.
    async fn load(&self, file: FileBytes) -> Result<Loaded, Rejected>;
}

/// A file to load.
#[derive(Clone)]
pub(crate) struct FileBytes {
    pub(crate) sha256: String,
    pub(crate) bytes: Arc<[u8]>,
    pub(crate) account: Arc<dyn Account>,
    pub(crate) log: Arc<dyn LogSink>,
}

/// Loads through the contract, and remembers what plugins said of themselves.
pub(crate) struct ContractLoader {
    pub(crate) runtime: Runtime,
    pub(crate) contract: Contract,
    pub(crate) descriptions: Option<PluginDescriptions>,
}

#[async_trait]
impl Loader for ContractLoader {
    async fn load(&self, file: FileBytes) -> Result<Loaded, Rejected> {
        let component = self.runtime.load(Arc::clone(&file.bytes)).await.map_err(rejected_file)?;
        let inspection = self.contract.inspect(&component);
        let shape = Shape {
            contract_version: inspection.contract_version,
            extension_points: inspection.extension_points,
            imports: inspection.imports,
            exports: inspection.exports,
        };
        let plugin =
            self.contract.prepare(&component).map_err(|error| rejected_component(&error).with_shape(&shape))?;
        let told = match self.remembered(&file.sha256).await {
            Some(told) => told,
            None => {
                let told = ask(&plugin, &file).await.map_err(|rejected| rejected.with_shape(&shape))?;
                self.remember(&file.sha256, &told).await;
                told
            }
        };
        Loaded::new(&file.sha256, shape, told, Arc::new(plugin))
    }
}

impl ContractLoader {
    async fn remembered(&self, sha256: &str) -> Option<Told> {
        let value = self.descriptions.as_ref()?.get(sha256, &asked_by()).await;
        let value = value.inspect_err(|error| tracing::warn!(%error, "a kept description cannot be read")).ok()??;
        serde_json::from_value(value).ok()
    }

    async fn remember(&self, sha256: &str, told: &Told) {
        let (Some(descriptions), Ok(value)) = (&self.descriptions, serde_json::to_value(told)) else { return };
        if let Err(error) = descriptions.put(sha256, &asked_by(), &value).await {
            tracing::warn!(%error, "a description cannot be kept; the plugin is asked again at the next start");
        }
    }
}

fn asked_by() -> String {
    format!("{VERSION}/{READER}")
}

fn rejected_file(error: LoadError) -> Rejected {
    Rejected::new(error.code(), error.to_string())
}

fn rejected_component(error: &PrepareError) -> Rejected {
    let code = match error {
        PrepareError::NotAPlugin { .. } => "wrong-world",
        PrepareError::OtherVersion { .. } | PrepareError::MixedVersions { .. } => "contract-version",
        other => other.code(),
    };
    Rejected::new(code, error.to_string())
}

/// Asks a plugin for its description and declarations on instances without any capability.
async fn ask(plugin: &Plugin, file: &FileBytes) -> Result<Told, Rejected> {
    let trial = || Trial { limits: DESCRIBE_LIMITS, account: Arc::clone(&file.account), log: Arc::clone(&file.log) };
    let description = answer("describe", plugin.describe(trial()).await)?;
    let offers = |point| plugin.inspection().extension_points.contains(&point);
    let mut told = Told { description, processor: None, actions: Vec::new(), cards: Vec::new() };
    if offers(ExtensionPoint::CatalogProcessor) {
        told.processor = Some(answer("processor", plugin.processor(trial()).await)?);
    }
    if offers(ExtensionPoint::ScaffolderAction) {
        told.actions = answer("actions", plugin.actions(trial()).await)?;
    }
    if offers(ExtensionPoint::UiCard) {
        told.cards = answer("cards", plugin.cards(trial()).await)?;
    }
    Ok(told)
}

fn answer<T>(function: &str, outcome: Outcome<T>) -> Result<T, Rejected> {
    outcome.result.map_err(|error| match error {
        PluginError::Fault { fault: FaultCode::BadData, message } => Rejected::new(
            "bad-description",
            format!("what `{function}` gave breaks the contract: {message}; its author has to correct it"),
        ),
        PluginError::Fault { message, .. } => Rejected::new(
            "describe-failed",
            format!("it failed when asked what it is (`{function}`): {message}; its author has to correct it"),
        ),
        other => Rejected::new("describe-failed", format!("it did not say what it is (`{function}`): {other}")),
    })
}
