//! Reads YAML text once into a tree whose every value and key knows its line and column, and writes values back as YAML.
//!
//! This is the only crate that names the YAML parser. It knows nothing of files, entities or configuration: it is given
//! bytes and returns documents, each with a value or with the reasons why it has none.
//!
//! - A stream is cut at its document markers before it is parsed, so that one broken document never costs the others.
//! - Plain scalars are typed by the YAML 1.2 core schema, as the `yaml` package that Backstage uses types them: `yes` and
//!   dates are strings, `0x1f` and `0o17` are integers, and a number without a fraction is an integer however it is written.
//! - A merge key (`<<`) is a key like any other, as it is in Backstage's descriptors. Where Backstage merges (`$yaml`
//!   placeholders), call [`Node::apply_merge_keys`].
//! - Everything is bounded by [`Limits`]: input, documents, depth, nodes, and what aliases expand to.

#[cfg(test)]
mod bombs;
mod build;
mod document;
mod emit;
mod limits;
mod merge;
mod message;
mod node;
mod pointer;
mod scalar;
mod split;
#[cfg(test)]
mod tests;

pub use document::{Document, parse_bytes, parse_documents, parse_one};
pub use emit::to_yaml;
pub use limits::Limits;
pub use node::{Key, Node, Position, Value};
