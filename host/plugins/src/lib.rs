//! A plugin's life: found in the binary or in the drop folder, looked at, compiled, asked what it is, granted what the
//! configuration grants, called, replaced while in use, removed.
//!
//! [`PluginHost`] supervises all of it and is the [`host_ports::Extensions`] that features see; [`PluginHost::list`]
//! tells how every file is doing. A file that is no plugin, or breaks, is listed with its reason and harms nothing else.
//! What a plugin may reach is decided here: its calls are given services that know its grants.
//!
//! This crate knows no entity, template or page, nor how WebAssembly is run or connections are opened: those are the
//! contract's and the fetcher's.

mod host;
mod life;
mod options;
mod routes;
mod serve;
mod settings;
mod supervisor;
mod table;
mod tools;

#[cfg(test)]
mod end_to_end;
#[cfg(test)]
mod fake;

pub use host::PluginHost;
pub use host_contract::{CompileCommand, CompileError, compile_child_main};
pub use options::{BuiltIn, PluginHostError, PluginHostOptions};
pub use settings::{BindingSettings, PluginSettings, PluginsConfig};
pub use tools::{DryRun, DryRunAnswer, Inspector, InstallError, Report, install_file, remove_file};
