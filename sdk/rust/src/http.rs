//! HTTP to the plugin's upstreams.
//!
//! The host part of a URL is the name of an upstream as the plugin declared it: `http://github/repos/acme/basket`. The
//! host of the plugin adds the address and the credential, and refuses what was not declared and granted.
//!
//! ```no_run
//! # fn main() -> Result<(), callboard_sdk::Error> {
//! use callboard_sdk::http;
//!
//! let run: callboard_sdk::serde_json::Value =
//!     http::get("http://github/repos/acme/basket/actions/runs").query("per_page", "5").send()?.ok()?.json()?;
//! # Ok(())
//! # }
//! ```

mod request;
mod response;
#[cfg(target_arch = "wasm32")]
mod wasi;

pub use request::{Request, encode, get, post, request};
pub use response::Response;

#[cfg(not(target_arch = "wasm32"))]
use crate::testing as wasi;
