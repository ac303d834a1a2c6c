//! The contract as it stands before its first release.

mod answer;
mod bindings;
mod calls;
mod declare;
mod error;
mod host;
mod view;

use std::sync::Arc;

use host_runtime::{Component, Runtime, RuntimeError, State};
use wasmtime::component::Linker;

use crate::PrepareError;
use crate::plugin::Generation;
use crate::services::HostData;

/// The version of the package in `wit/next`.
pub(crate) const VERSION: &str = "0.9.0-next.1";

/// The host's side of this version.
pub(crate) struct Host {
    runtime: Runtime,
    linker: Linker<State<HostData>>,
}

impl Host {
    /// # Errors
    /// When the engine refuses an interface.
    pub(crate) fn new(runtime: Runtime) -> Result<Self, RuntimeError> {
        Ok(Self { linker: host::linker(&runtime)?, runtime })
    }

    /// Links a component that was built for this version.
    ///
    /// # Errors
    /// When it imports what is not offered, or its exports lack functions.
    pub(crate) fn prepare(&self, component: &Component) -> Result<Arc<dyn Generation>, PrepareError> {
        let prepared = self.runtime.prepare(&self.linker, component).map_err(understand)?;
        Ok(Arc::new(calls::Linked::new(self.runtime.clone(), prepared)?))
    }
}

/// What the engine's words on a failed link mean: what is missing stands between backquotes, first the interface and
/// then, where only a part of it is missing, the function.
fn understand(message: String) -> PrepareError {
    if !message.contains("implementation was not found") && !message.contains("implementation is missing") {
        return PrepareError::Mismatch { message };
    }
    let mut names = message.split('`').skip(1).step_by(2);
    match (names.next(), names.next()) {
        (Some(interface), Some(function)) => PrepareError::MissingImport { import: format!("{interface}#{function}") },
        (Some(interface), None) => PrepareError::MissingImport { import: interface.to_owned() },
        _ => PrepareError::Mismatch { message },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_version_is_that_of_the_wit() {
        let wit = include_str!("../../../../wit/next/package.wit");
        assert!(wit.contains(&format!("package callboard:plugin@{VERSION};")));
    }
}
