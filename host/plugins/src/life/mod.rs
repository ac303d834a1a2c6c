//! From a file to a decision: what is in the folder, what each file turned out to be, and which of them are to serve.

pub(crate) mod consent;
pub(crate) mod decide;
pub(crate) mod folder;
pub(crate) mod loaded;
pub(crate) mod loader;
pub(crate) mod settle;
