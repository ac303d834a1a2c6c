//! A GitHub-shaped HTTP server on loopback.
//!
//! It answers the part of GitHub's REST API that the portal and its plugins use, in the shapes of GitHub's published
//! description and with the headers that a careful client has to live with (entity tags, paging, rate limits, a short
//! `max-age`, the demand for a user agent). What a repository's runs look like follows from its name alone, and every
//! time is relative to one instant, so that the same request has the same answer in every run of a test.
//!
//! Two kinds of name have a meaning: a repository whose name begins with `missing` does not exist, and one that begins
//! with `empty` has no workflow runs. Every other repository exists. The API is served at `/` as on github.com, and at
//! `/api/v3` as on an installation of one's own. Below `/acme` is a small internal API of the example company.
//!
//! ```no_run
//! # fn main() -> std::io::Result<()> {
//! use callboard_tests::github::{FakeGithub, Options};
//!
//! let github = FakeGithub::start(Options::default())?;
//! let runs = format!("{}/repos/acme/basket/actions/runs?per_page=5", github.url());
//! // … point the portal there, then see what it asked for:
//! assert!(github.recorded_requests().is_empty());
//! # Ok(())
//! # }
//! ```

mod acme;
mod clock;
mod data;
mod envelope;
mod errors;
mod jobs;
mod people;
mod random;
mod routes;
mod runs;
mod server;
mod shapes;
mod state;

#[cfg(test)]
mod tests;

pub use clock::BASE_TIME;
pub use server::{FakeGithub, Options};
pub use state::RecordedRequest;
