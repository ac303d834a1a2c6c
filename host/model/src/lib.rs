//! The plain types that every part of Callboard speaks: entities, references, relations, diagnostics, principals,
//! plugins, views and tasks.
//!
//! Nothing here does input or output, knows a runtime or a feature; all of it compiles to WebAssembly.

pub mod address;
pub mod annotation;
pub mod diagnostic;
pub mod entity;
pub mod entity_ref;
pub mod history;
pub mod plugin;
pub mod principal;
pub mod relation;
pub mod secret;
pub mod task;
pub mod view;

pub use diagnostic::{Diagnostic, Place, Severity};
pub use entity::Entity;
pub use entity_ref::{EntityRef, EntityRefError};
pub use principal::Principal;
pub use relation::Relation;
pub use secret::Secret;
