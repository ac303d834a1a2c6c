//! What the tests of Callboard share: a portal that is started as people start it, the systems around it as fakes on
//! loopback, and clients to talk to them.
//!
//! Nothing here knows how the portal is built: it is a program with a command line, an HTTP API and pages. The fakes
//! answer in the shapes that the real systems publish, so that a test which passes here says something about the real
//! ones.

pub mod artifacts;
pub mod generate;
pub mod git;
pub mod github;
pub mod hostile;
pub mod portal;
pub mod raw;
pub mod wait;
pub mod web;

pub use portal::{Answer, TestPortal};
pub use wait::eventually;

/// An HTTP client for loopback. It follows no redirects, so that a test sees the answer that was sent.
pub fn http_client() -> reqwest::Client {
    // Building a client needs a provider of cryptography even where only plain HTTP is spoken. A second call finds
    // the first one's provider in place, which is as good.
    let _already_installed = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .no_proxy()
        .user_agent("callboard-tests")
        // A test that waits for a program does not see that the other side has ended an idle connection.
        .pool_idle_timeout(std::time::Duration::from_secs(2))
        .build()
        .expect("a client without certificates of its own can always be built")
}
