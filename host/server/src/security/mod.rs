//! What keeps strangers' pages and networks away from the portal: the checks of `Host` and `Origin`, and the headers
//! that tell browsers what the portal's own pages may do.

mod headers;
mod hosts;
mod origin;

pub(crate) use headers::{ContentPolicy, api_headers};
pub use hosts::AllowedHosts;
pub use origin::Cors;
