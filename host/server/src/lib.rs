//! HTTP: the only crate that knows axum and status codes.
//!
//! It implements [`host_api::Portal`] over the features, serves it as Backstage-compatible JSON, and hands the same
//! object to the pages. It must never know how a feature works, where a plugin comes from or what a page looks like.

mod assets;
mod error;
mod middleware;
mod openapi;
mod pages;
mod past;
mod portal;
mod query;
mod readiness;
mod request;
mod router;
mod routes;
mod security;
mod serve;
mod state;

pub use assets::{Asset, Assets};
pub use portal::{Features, LocalPortal};
pub use readiness::Readiness;
pub use router::router;
pub use security::{AllowedHosts, Cors};
pub use serve::{ServeOptions, serve};
pub use state::{AppState, ServerOptions};
