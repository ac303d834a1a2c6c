//! What the plugin host needs to start.

use std::path::PathBuf;

use host_contract::{CompileCommand, RuntimeError};
use host_fetch::Fetcher;
use host_store::Store;

use crate::settings::PluginsConfig;

/// A plugin that the binary brings along.
#[derive(Debug, Clone, Copy)]
pub struct BuiltIn {
    /// The name of its file, such as `openapi.wasm`.
    pub file: &'static str,
    pub wasm: &'static [u8],
}

/// What the plugin host needs to start.
pub struct PluginHostOptions {
    /// The data folder: plugins are dropped into `plugins`, compiled code is kept in `cache`.
    pub data: PathBuf,
    pub built_in: Vec<BuiltIn>,
    pub config: PluginsConfig,
    /// How to compile in a process of its own; none compiles in this one.
    pub compiler: Option<CompileCommand>,
    pub store: Store,
    pub fetcher: Fetcher,
}

/// Why there is no plugin host. Bad plugins are no reason.
#[derive(Debug, thiserror::Error)]
pub enum PluginHostError {
    #[error("the plugin folder {path} cannot be made: {error}; check the permissions of the data folder")]
    Folder { path: String, error: std::io::Error },
    #[error(transparent)]
    Runtime(#[from] RuntimeError),
}
