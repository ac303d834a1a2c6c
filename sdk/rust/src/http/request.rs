//! Requests.

use std::time::Duration;

use serde::Serialize;

use super::{Response, wasi};
use crate::Error;

/// The most bytes of an answer that are read when nothing else is said.
const DEFAULT_LIMIT: usize = 4 * 1024 * 1024;

/// A request with the method `GET`.
pub fn get(url: impl Into<String>) -> Request {
    request("GET", url)
}

/// A request with the method `POST`.
pub fn post(url: impl Into<String>) -> Request {
    request("POST", url)
}

/// A request with any method, written in upper case.
pub fn request(method: impl Into<String>, url: impl Into<String>) -> Request {
    Request {
        method: method.into(),
        url: url.into(),
        headers: Vec::new(),
        body: Vec::new(),
        limit: DEFAULT_LIMIT,
        timeout: None,
        problem: None,
    }
}

/// Percent-encodes a text so that it is one segment of a path, or one key or value of a query.
pub fn encode(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push('%');
            for half in [byte >> 4, byte & 15] {
                out.push(char::from(b"0123456789ABCDEF"[usize::from(half)]));
            }
        }
    }
    out
}

/// A request to an upstream, ready to be sent.
#[derive(Debug, Clone)]
pub struct Request {
    method: String,
    url: String,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
    limit: usize,
    timeout: Option<Duration>,
    /// What went wrong while the request was made; `send` says it.
    problem: Option<String>,
}

impl Request {
    /// Adds a header. Credentials are the host's business: it refuses `authorization` and `cookie`.
    #[must_use]
    pub fn header(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.headers.push((name.into(), value.into()));
        self
    }

    /// Adds a pair to the query, encoded.
    #[must_use]
    pub fn query(mut self, key: &str, value: &str) -> Self {
        self.url.push(if self.url.contains('?') { '&' } else { '?' });
        self.url.push_str(&encode(key));
        self.url.push('=');
        self.url.push_str(&encode(value));
        self
    }

    /// Sets the body.
    #[must_use]
    pub fn body(mut self, body: impl Into<Vec<u8>>) -> Self {
        self.body = body.into();
        self
    }

    /// Sets the body to JSON, and its type.
    #[must_use]
    pub fn json<T: Serialize>(mut self, value: &T) -> Self {
        match serde_json::to_vec(value) {
            Ok(body) => self.body = body,
            Err(error) => self.problem = Some(format!("the body cannot be written as JSON: {error}")),
        }
        self.header("content-type", "application/json")
    }

    /// Gives up on answers longer than this many bytes; 4 MiB when nothing is said.
    #[must_use]
    pub fn limit(mut self, bytes: usize) -> Self {
        self.limit = bytes;
        self
    }

    /// Gives up when the answer does not begin in time. The host has limits of its own.
    #[must_use]
    pub fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = Some(timeout);
        self
    }

    /// Sends the request and reads the whole answer. A status that means an error is an answer too: see
    /// [`Response::ok`].
    ///
    /// # Errors
    /// Denied, when the host refuses it; unavailable, when there is no answer.
    pub fn send(&self) -> Result<Response, Error> {
        if let Some(problem) = &self.problem {
            return Err(Error::Other(problem.clone()));
        }
        let (upstream, path) = self.parts()?;
        if path.contains('#') {
            return Err(Error::Other(format!(
                "{} has a fragment, which is never sent; encode a '#' in a name",
                self.url
            )));
        }
        let mut response = wasi::send(self)?;
        upstream.clone_into(&mut response.upstream);
        if response.body().len() > self.limit {
            return Err(self.too_long());
        }
        Ok(response)
    }

    /// The method.
    pub fn method(&self) -> &str {
        &self.method
    }

    /// The URL with its query.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The headers, in the order in which they were added.
    pub fn headers(&self) -> &[(String, String)] {
        &self.headers
    }

    /// The body.
    pub fn body_bytes(&self) -> &[u8] {
        &self.body
    }

    /// The upstream's name, and the path with the query.
    pub(super) fn parts(&self) -> Result<(&str, &str), Error> {
        let rest = self.url.strip_prefix("http://").or_else(|| self.url.strip_prefix("https://"));
        let Some(rest) = rest else {
            return Err(Error::Other(format!(
                "{:?} is no URL: it must begin with http:// and an upstream's name",
                self.url
            )));
        };
        let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
        let (upstream, path) = rest.split_at(end);
        if upstream.is_empty() {
            return Err(Error::Other(format!("{:?} names no upstream", self.url)));
        }
        Ok((upstream, if path.is_empty() { "/" } else { path }))
    }

    #[cfg(target_arch = "wasm32")]
    pub(super) fn limits(&self) -> (usize, Option<Duration>) {
        (self.limit, self.timeout)
    }

    pub(super) fn too_long(&self) -> Error {
        Error::Unavailable(format!("the answer to {} {} is longer than {} bytes", self.method, self.url, self.limit))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Host;

    #[test]
    fn makes_urls() {
        assert_eq!(encode("a b/ü?&~"), "a%20b%2F%C3%BC%3F%26~");
        let with_query = get("http://github/runs").query("branch", "feature/a&b").query("page", "2");
        assert_eq!(with_query.url(), "http://github/runs?branch=feature%2Fa%26b&page=2");
        for (url, expected) in [
            ("http://github/a/b?c=d", Some(("github", "/a/b?c=d"))),
            ("https://eu.github", Some(("eu.github", "/"))),
            ("http:///a", None),
            ("github/a", None),
            ("", None),
        ] {
            assert_eq!(get(url).parts().ok(), expected, "{url}");
        }
    }

    #[test]
    fn refuses_an_answer_beyond_the_limit() {
        let outcome = Host::new()
            .upstream(|_| Ok(Response::new(200, "x".repeat(11))))
            .run(|| (get("http://a/").limit(11).send().is_ok(), get("http://a/").limit(10).send()));
        assert!(outcome.0);
        assert!(matches!(outcome.1, Err(Error::Unavailable(message)) if message.contains("longer than 10 bytes")));
    }
}
