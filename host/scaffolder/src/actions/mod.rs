//! The actions that are built in. They implement the same port as those that plugins bring.

mod catalog;
mod debug;
mod declare;
mod fetch;
mod files;
mod skeleton;
mod source;

use std::sync::Arc;

use host_model::plugin::PluginError;
use host_ports::{Action, CatalogReader, LocationRegistrar};
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::workspace::{Limits, WorkspaceError};

/// What the built-in actions need of the rest of the portal.
#[derive(Clone)]
pub(crate) struct Services {
    pub(crate) catalog: Arc<dyn CatalogReader>,
    pub(crate) registrar: Arc<dyn LocationRegistrar>,
    pub(crate) limits: Limits,
}

/// All built-in actions, in the order of their ids.
pub(crate) fn built_in(services: &Services) -> Vec<Arc<dyn Action>> {
    let mut actions: Vec<Arc<dyn Action>> = vec![
        Arc::new(catalog::Fetch::new(services)),
        Arc::new(catalog::Register::new(services)),
        Arc::new(catalog::Write::new()),
        Arc::new(debug::Log::new(services.limits)),
        Arc::new(debug::Wait::new()),
        Arc::new(fetch::Plain::new(services.limits)),
        Arc::new(fetch::PlainFile::new()),
        Arc::new(fetch::Template::new(services.limits)),
        Arc::new(fetch::TemplateFile::new()),
        Arc::new(files::Delete::new(services.limits)),
        Arc::new(files::ReadDir::new(services.limits)),
        Arc::new(files::Rename::new()),
    ];
    actions.sort_by(|one, other| one.declaration().id.cmp(&other.declaration().id));
    actions
}

fn read_input<Input: DeserializeOwned>(input: &Value) -> Result<Input, PluginError> {
    serde_json::from_value(input.clone()).map_err(|error| other(format!("the input cannot be read: {error}")))
}

fn other(message: impl Into<String>) -> PluginError {
    PluginError::Other { message: message.into() }
}

impl From<WorkspaceError> for PluginError {
    fn from(error: WorkspaceError) -> Self {
        other(error.to_string())
    }
}

/// Runs work that reads and writes files on a thread for it. The work looks at `Stop` now and then.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce(&Stop) -> Result<T, PluginError> + Send + 'static,
) -> Result<T, PluginError> {
    let stop = Stop(Arc::default());
    let guard = StopOnDrop(stop.clone());
    let result = tokio::task::spawn_blocking(move || work(&stop)).await;
    drop(guard);
    result.unwrap_or_else(|_| Err(other("the action failed internally; the log of the server says more")))
}

/// Tells work on another thread that nobody waits for it any more.
#[derive(Clone)]
struct Stop(Arc<std::sync::atomic::AtomicBool>);

struct StopOnDrop(Stop);

impl Stop {
    fn check(&self) -> Result<(), PluginError> {
        if self.0.load(std::sync::atomic::Ordering::Relaxed) { Err(other("the step was stopped")) } else { Ok(()) }
    }
}

impl Drop for StopOnDrop {
    fn drop(&mut self) {
        self.0.0.store(true, std::sync::atomic::Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests;
