//! Templates, their forms and their tasks.

pub(crate) mod actions;
mod fields;
pub(crate) mod form;
pub(crate) mod gallery;
mod progress;
mod schema;
pub(crate) mod task;
pub(crate) mod tasks;

pub(crate) use gallery::template_tile;
pub(crate) use progress::template_of;
pub(crate) use tasks::{task_level, task_word};
