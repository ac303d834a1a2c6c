//! What Callboard tells its operators: log lines on standard error, and metrics for Prometheus.
//!
//! Events are structs ([`events`]) whose `emit` writes line and metric together. Every metric stands in one table
//! ([`metric`]). Standard output is data and is never written to here.
//!
//! Never logged: credentials of any kind, headers and bodies of requests and answers, query strings, a plugin's own
//! configuration, the content of entities. Values that must pass through code that logs are wrapped in [`Secret`], and a
//! field whose name says that it is secret is masked whatever it holds.

pub mod events;
mod field;
mod filter;
mod id;
mod init;
pub mod metric;
mod output;

pub use host_model::Secret;

pub use filter::FilterError;
pub use id::{new_request_id, request_span};
pub use init::{Handle, InitError, init};
pub use output::LogFormat;
