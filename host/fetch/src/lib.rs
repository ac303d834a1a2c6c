//! Everything that leaves the machine: the only crate that opens outgoing connections.
//!
//! It holds the rules that make that safe: the address that is connected to is checked after the name was resolved,
//! every hop of a redirect is checked again, credentials stay with the origin that they are meant for, and time, headers
//! and bodies are bounded. [`Fetcher`] sends one request under those rules; [`Upstreams`] sends requests to the HTTP
//! services that the configuration binds to names, adds their credentials, and keeps a shared cache; [`Sources`] reads
//! files, repositories and archives behind addresses that the configuration allows.
//!
//! It must never know a plugin, an entity or a configuration file, and no error or log line of it holds a secret.

mod address;
mod binding;
mod body;
mod cache;
mod error;
mod fetcher;
mod rate;
mod resolver;
mod sources;
#[cfg(test)]
mod testing;
mod upstreams;

pub use address::{AddressKind, Reach, RefusedAddress};
pub use binding::{BindingError, UpstreamBinding};
pub use body::{Body, collect};
pub use error::FetchError;
pub use fetcher::{Answer, Fetcher, Limits, Outgoing, USER_AGENT};
pub use sources::{
    AllowedHost, Credential, ForgeKind, ForgeSettings, ReadError, ReadFile, ReadLimits, Reading, Sources, SourcesConfig,
};
pub use upstreams::{UpstreamCall, Upstreams};
