//! What the tests of Callboard share: the systems around the portal, as fakes on loopback, and a client to talk to them.
//!
//! Nothing here knows how the portal is built. The fakes answer in the shapes that the real systems publish, so that a
//! test which passes here says something about the real ones.

pub mod github;

/// An HTTP client for loopback. It follows no redirects, so that a test sees the answer that was sent.
pub fn http_client() -> reqwest::Client {
    // Building a client needs a provider of cryptography even where only plain HTTP is spoken. A second call finds
    // the first one's provider in place, which is as good.
    let _already_installed = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .no_proxy()
        .user_agent("callboard-tests")
        .build()
        .expect("a client without certificates of its own can always be built")
}
