//! Templates: their forms, their language, the actions that their steps name, and the tasks that run them.
//!
//! A task is durable: what was asked for, every line of its log and what each step left behind are in the store before
//! anybody is told of them. What a task may touch on this machine is one folder of its own, `DATA/workspaces/TASK`.
//!
//! This crate meets the catalog and the plugins only through ports. It knows nothing of HTTP, of pages, or of
//! WebAssembly, and it opens no connection.

mod actions;
mod dry_run;
mod engine;
mod error;
mod language;
mod options;
mod request;
mod scaffolder;
mod schema;
mod template;
#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;
mod workspace;

pub use error::ScaffolderError;
pub use options::{Author, ScaffolderOptions};
pub use request::{DryRunInput, DryRunOutcome, FormPage, TaskInput, TemplateForm};
pub use scaffolder::Scaffolder;
