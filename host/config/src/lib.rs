//! Reads the configuration: files, includes, variables of the environment and flags become one typed [`Config`].
//!
//! Formats and meanings are Backstage's where Backstage has them. Every complaint names file, line and column, and no
//! complaint, log line or printed result ever holds a secret. This crate knows what keys mean, never what is done with
//! them: it starts nothing, connects to nothing, and reads no file but the ones that the configuration names.

mod decode;
mod duration;
mod environment;
mod include;
mod item;
mod keys;
mod load;
mod mask;
mod nearest;
mod reading;
mod sections;
mod substitute;
#[cfg(test)]
mod tests;
mod types;
mod written;

pub use load::{LoadRequest, Loaded, load};
pub use mask::is_secret_name;
pub use types::*;
pub use written::{KeyUse, Written, WrittenKey, read_as_written};
