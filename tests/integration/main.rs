//! Drives the binary from outside: HTTP, command line, files and signals. One program for all of it, a module for each
//! part of the product.
//!
//! Each test has a portal of its own on a free port, no network beyond loopback and nothing that it shares with others,
//! so that all of them can run at once. Nothing is asserted by the clock: what takes time is waited for by looking.

#![expect(clippy::unwrap_used, reason = "a test fails where something is not as it was set up")]

mod support;

mod cards;
mod catalog_command;
mod catalog_files;
mod catalog_garbage;
mod catalog_locations;
mod catalog_rest;
mod catalog_sources;
mod changes;
mod check;
mod config;
mod definitions;
mod durability;
mod github_actions;
mod graph;
mod health;
mod history;
mod import_backstage;
mod kinds;
mod pages;
mod plugin_files;
mod plugin_life;
mod plugin_new;
mod processors;
mod readme;
mod recorded;
mod security;
mod shutdown;
mod sources;
mod status;
mod tasks;
mod templates;
