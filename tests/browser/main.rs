//! Looks at the pages as people do: with Chromium, on the example company, with an eye on the console.
//!
//! Every test has a portal and a browser of its own. A message in the console, a report of the pages' policy among them,
//! fails the test. Pictures of the main pages are left in `target/screenshots/`.

#![expect(clippy::unwrap_used, reason = "a test fails where something is not as it was set up")]

mod browser;
mod checks;
mod company;
mod console;
mod driver;

mod catalog;
mod create;
mod definitions;
mod main_pages;
mod palette;
mod panels;
mod theme;
mod without_scripts;
