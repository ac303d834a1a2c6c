//! A component that can be linked, and why a file did not become one.

use std::sync::Arc;

use crate::{CompileError, HeaderError};

/// Compiled code with what its type tells. Cloning it is cheap.
#[derive(Clone)]
pub struct Component {
    inner: wasmtime::component::Component,
    sha256: Arc<str>,
    imports: Arc<[String]>,
    exports: Arc<[String]>,
}

/// Why a file is no component that can run here.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    #[error(transparent)]
    Header(#[from] HeaderError),
    #[error(transparent)]
    Compile(#[from] CompileError),
    /// It is a component, but no instance of it could ever be made.
    #[error("it cannot run within the limits of this portal: {0}")]
    Unfit(String),
    #[error("the portal could not load it: {0}")]
    Host(String),
}

impl LoadError {
    /// A short stable code for the plugin's status.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Header(error) => error.code(),
            Self::Compile(error) => error.code(),
            Self::Unfit(_) => "too-demanding",
            Self::Host(_) => "host",
        }
    }
}

impl Component {
    pub(crate) fn new(inner: wasmtime::component::Component, sha256: &str) -> Self {
        let engine = inner.engine().clone();
        let ty = inner.component_type();
        let names = |names: Vec<&str>| names.into_iter().map(str::to_owned).collect();
        Self {
            sha256: sha256.into(),
            imports: names(ty.imports(&engine).map(|(name, _)| name).collect()),
            exports: names(ty.exports(&engine).map(|(name, _)| name).collect()),
            inner,
        }
    }

    /// The component as the engine knows it.
    pub fn inner(&self) -> &wasmtime::component::Component {
        &self.inner
    }

    /// The hash of the file that it came from, in hexadecimal.
    pub fn sha256(&self) -> &str {
        &self.sha256
    }

    /// Everything that it imports, by full name.
    pub fn imports(&self) -> &[String] {
        &self.imports
    }

    /// Everything that it exports, by full name.
    pub fn exports(&self) -> &[String] {
        &self.exports
    }
}

impl std::fmt::Debug for Component {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Component").field("sha256", &self.sha256).finish_non_exhaustive()
    }
}
