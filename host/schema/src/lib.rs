//! JSON Schemas that others wrote (plugins, templates, declarations of kinds): compiled within bounds, and what is wrong
//! with a value told in plain words.
//!
//! It knows nothing of where schemas and values come from, and never fetches what a schema refers to.

mod compile;
mod faults;

pub use compile::{SchemaError, compile};
pub use faults::{faults, in_one_line, shorten};
pub use jsonschema::Validator;
