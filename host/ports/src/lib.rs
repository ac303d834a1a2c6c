//! The traits by which features meet.
//!
//! A feature takes ports as arguments and implements those that others need; what is built in implements the same
//! traits as plugins do, and the binary wires them together. Everything is said in terms of `host_model`: no port knows
//! a store, a socket or WebAssembly.

mod action;
mod card;
mod catalog;
mod extensions;
mod processor;
mod provider;
mod services;
mod source;

pub use action::{Action, ActionContext, ActionResult, LogLevel, LogSink};
pub use card::{ActOutcome, ActRequest, CardRenderer, RenderRequest};
pub use catalog::{
    CatalogError, CatalogPage, CatalogQuery, CatalogReader, LocationRegistrar, RegisterLocation, RegisteredLocation,
};
pub use extensions::{Extensions, NoExtensions};
pub use processor::{Change, Processor, ProcessorItem, ProcessorOutcome, SourceFinding};
pub use provider::{
    Applied, EntityProvider, Mutation, ProvidedEntity, ProviderConnection, ProviderError, ProviderSchedule,
};
pub use services::{
    CallServices, KeyValueError, KeyValueStore, UpstreamBody, UpstreamClient, UpstreamError, UpstreamRequest,
    UpstreamResponse,
};
pub use source::{SourceError, SourceFailure, SourceFile, SourceLimits, SourceRead, SourceReader};
