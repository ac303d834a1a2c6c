//! The JSON routes, one file for each part of the API. A route decodes, calls one operation of the portal, and encodes.

pub(crate) mod assets;
pub(crate) mod auth;
pub(crate) mod catalog;
pub(crate) mod changes;
pub(crate) mod definitions;
pub(crate) mod graph;
pub(crate) mod health;
pub(crate) mod history;
pub(crate) mod locations;
mod mounted;
pub(crate) mod permissions;
pub(crate) mod plugins;
pub(crate) mod problems;
pub(crate) mod providers;
pub(crate) mod scaffolder;
pub(crate) mod search;
pub(crate) mod status;
pub(crate) mod unprocessed;
pub(crate) mod views;

pub(crate) use mounted::Routes;
