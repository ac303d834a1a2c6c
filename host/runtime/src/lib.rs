//! Runs WebAssembly components within limits.
//!
//! One engine, one pool of instances, threads of their own, a cache of compiled code. A call has a processor budget, a
//! deadline, a memory limit, an output limit, an identity and an account, and there is no other way to make one; what
//! comes of it is a value or a typed [`Fault`], and a [`CallReport`] in either case.
//!
//! This crate is generic over the call: it knows no interface of ours, no entity and no plugin's life. It and the
//! contract crate are the only ones that say `wasmtime`.

mod account;
mod cache;
mod call;
mod compile;
mod component;
mod cpu;
mod digest;
mod engine;
mod fault;
mod header;
mod limiter;
mod limits;
mod lines;
mod meter;
mod options;
mod runtime;
mod state;
mod stdio;
mod warm;

pub use account::{Account, CallReport, Ending};
pub use call::{CallSetup, Outcome, Reuse};
pub use compile::{CompileError, compile_child_main};
pub use component::{Component, LoadError};
pub use digest::sha256_hex;
pub use fault::{CallFailure, Fault};
pub use header::{HeaderError, MAX_COMPONENT_BYTES, inspect_header};
pub use limits::CallLimits;
pub use lines::{LineLevel, LineSink, Lines};
pub use meter::Tally;
pub use options::{CompileCommand, RuntimeOptions};
pub use runtime::{Runtime, RuntimeError};
pub use state::{Prepared, State};

#[cfg(test)]
mod tests;
