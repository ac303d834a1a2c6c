//! The plugin contract as the host sees it: one module per version of the WIT, each with its bindings and their
//! conversion to the plain types of `host_model` and `host_ports`.
//!
//! The way of a plugin's file: [`Runtime::load`] makes a [`Component`] of it, [`Contract::inspect`] tells what it
//! offers and for which version it was built, [`Contract::prepare`] links it and gives a [`Plugin`], whose calls bring
//! checked values only: ids follow their grammar, texts are bounded, JSON is JSON, views can be drawn. What breaks the
//! contract is a fault of the plugin with a sentence that says how.
//!
//! This crate knows no plugin's life: when to load, whom to grant, how often to try again is decided elsewhere. It and
//! the runtime are the only crates that say `wasmtime`, and no type of the engine shows in what is public here.

mod call;
mod check;
mod contract;
mod http_out;
mod inspection;
mod limits;
mod next;
mod plugin;
mod refused;
mod services;

pub use call::{ActionRun, Call, CardAct, CardRender, Outcome};
pub use contract::Contract;
pub use host_runtime::{
    Account, CallLimits, CallReport, CompileCommand, CompileError, Component, Ending, Fault, HeaderError, LoadError,
    Runtime, RuntimeError, RuntimeOptions, compile_child_main, inspect_header,
};
pub use inspection::{Inspection, PrepareError};
pub use limits::{CARD_LIMITS, DESCRIBE_LIMITS, PROCESSOR_LIMITS, RUN_LIMITS};
pub use plugin::{Plugin, Trial};
pub use refused::refused;

/// The package of the contract.
pub const PACKAGE: &str = "callboard:plugin";
/// The version that this portal offers.
pub const VERSION: &str = next::VERSION;

#[cfg(test)]
mod tests;
