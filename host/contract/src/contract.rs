//! Everything that the host offers to plugins, ready to be linked.

use host_runtime::{Component, Runtime, RuntimeError};

use crate::{Inspection, Plugin, PrepareError, next};

/// The contract in all versions that this host knows.
pub struct Contract {
    next: next::Host,
}

impl Contract {
    /// Makes the host's side of every version ready.
    ///
    /// # Errors
    /// When the engine refuses an interface, which is a fault of this program.
    pub fn new(runtime: Runtime) -> Result<Self, RuntimeError> {
        Ok(Self { next: next::Host::new(runtime)? })
    }

    /// What the component offers, also when it cannot be used.
    pub fn inspect(&self, component: &Component) -> Inspection {
        Inspection::new(component.imports(), component.exports())
    }

    /// Links a component to the version of the contract for which it was built.
    ///
    /// # Errors
    /// Why it is no plugin, or not one for this portal.
    pub fn prepare(&self, component: &Component) -> Result<Plugin, PrepareError> {
        let inspection = self.inspect(component);
        inspection.check()?;
        let generation = self.next.prepare(component)?;
        Ok(Plugin::new(inspection, generation))
    }
}
