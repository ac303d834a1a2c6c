//! Answers, and what their errors mean.

use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::{Error, UpstreamStatus, time};

/// The longest text of an upstream that is passed on in an error, in characters.
const LONGEST_MESSAGE: usize = 300;

/// An answer of an upstream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Response {
    pub(super) upstream: String,
    status: u16,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
}

impl Response {
    /// An answer without headers, for tests.
    pub fn new(status: u16, body: impl Into<Vec<u8>>) -> Self {
        Self { upstream: String::new(), status, headers: Vec::new(), body: body.into() }
    }

    /// Adds a header, for tests.
    #[must_use]
    pub fn with_header(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.headers.push((name.into(), value.into()));
        self
    }

    /// The status code.
    pub fn status(&self) -> u16 {
        self.status
    }

    /// Whether the status code says that all is well.
    pub fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }

    /// The first header with this name, in any case, if it is text.
    pub fn header(&self, name: &str) -> Option<&str> {
        let (_, value) = self.headers.iter().find(|(key, _)| key.eq_ignore_ascii_case(name))?;
        Some(value)
    }

    /// All headers, in the order in which they came.
    pub fn headers(&self) -> &[(String, String)] {
        &self.headers
    }

    /// The body.
    pub fn body(&self) -> &[u8] {
        &self.body
    }

    /// The body as text; what is not UTF-8 is replaced.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// The body, read as JSON.
    ///
    /// # Errors
    /// When it does not fit the type.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T, Error> {
        serde_json::from_slice(&self.body)
            .map_err(|error| Error::Other(format!("{} sent an answer that cannot be used: {error}", self.upstream)))
    }

    /// The answer itself when its status says that all is well, otherwise what its status means.
    ///
    /// # Errors
    /// See [`error`](Self::error).
    pub fn ok(self) -> Result<Self, Error> {
        if self.is_success() { Ok(self) } else { Err(self.error()) }
    }

    /// What the status means: rate-limited where the headers say so, needs-permission for 401 and 403, not-found for
    /// 404, and the status with the upstream's own words for all others.
    pub fn error(&self) -> Error {
        let said = self.message();
        match self.status {
            429 => Error::RateLimited(self.wait_seconds()),
            403 if self.is_rate_limit() => Error::RateLimited(self.wait_seconds()),
            401 => Error::NeedsPermission(format!("{} does not accept the credential: {said}", self.upstream)),
            403 => Error::NeedsPermission(format!("{} refuses: {said}", self.upstream)),
            404 => Error::NotFound(format!("what was asked of {}", self.upstream)),
            status => Error::UpstreamStatus(UpstreamStatus { upstream: self.upstream.clone(), status, message: said }),
        }
    }

    /// What the upstream said, shortened: the `message`, `error` or `detail` of a JSON body, or the first line of a
    /// text that is no page.
    pub fn message(&self) -> String {
        let said = match serde_json::from_slice::<Value>(&self.body) {
            Ok(value) => {
                let of = |value: &Value, key: &str| value.get(key).and_then(Value::as_str).map(str::to_owned);
                let nested = value.get("error").and_then(|error| of(error, "message"));
                ["message", "error", "detail", "title"].iter().find_map(|key| of(&value, key)).or(nested)
            }
            Err(_) => {
                let text = String::from_utf8_lossy(&self.body);
                let line = text.trim().lines().next().unwrap_or_default().trim().to_owned();
                (!line.is_empty() && !line.starts_with('<')).then_some(line)
            }
        };
        let said = said.unwrap_or_else(|| format!("status {}", self.status));
        match said.char_indices().nth(LONGEST_MESSAGE) {
            Some((end, _)) => format!("{}…", &said[..end]),
            None => said,
        }
    }

    fn is_rate_limit(&self) -> bool {
        let used_up = ["x-ratelimit-remaining", "ratelimit-remaining"];
        self.header("retry-after").is_some() || used_up.iter().any(|name| self.header(name) == Some("0"))
    }

    /// How long to wait, if the upstream said so: in seconds, or as the instant at which the limit is reset.
    fn wait_seconds(&self) -> Option<u32> {
        if let Some(seconds) = self.header("retry-after").and_then(|text| text.trim().parse().ok()) {
            return Some(seconds);
        }
        let reset: i64 = self.header("x-ratelimit-reset")?.trim().parse().ok()?;
        u32::try_from((reset - time::now() / 1_000).max(0)).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::Host;

    #[test]
    fn a_status_has_a_meaning() {
        let json = r#"{"message":"Not for you"}"#;
        let limited = |status| Response::new(status, "{}").with_header("X-RateLimit-Remaining", "0");
        Host::new().now(1_000_000).run(|| {
            for (response, expected) in [
                (Response::new(429, ""), Error::RateLimited(None)),
                (Response::new(429, "").with_header("Retry-After", "7"), Error::RateLimited(Some(7))),
                (limited(403).with_header("x-ratelimit-reset", "1060"), Error::RateLimited(Some(60))),
                (limited(403).with_header("x-ratelimit-reset", "1"), Error::RateLimited(Some(0))),
                (Response::new(403, json), Error::NeedsPermission(" refuses: Not for you".into())),
                (Response::new(404, json), Error::NotFound("what was asked of ".into())),
                (
                    Response::new(502, "<html>"),
                    Error::UpstreamStatus(UpstreamStatus {
                        upstream: String::new(),
                        status: 502,
                        message: "status 502".into(),
                    }),
                ),
            ] {
                assert_eq!(response.error(), expected, "{response:?}");
            }
        });
    }

    #[test]
    fn says_what_the_upstream_said() {
        for (body, expected) in [
            (r#"{"error":{"message":"deep"}}"#, "deep"),
            (r#"{"error":"flat"}"#, "flat"),
            ("\n plain words \nmore", "plain words"),
            ("<!doctype html>", "status 500"),
            ("[1]", "status 500"),
            ("", "status 500"),
        ] {
            assert_eq!(Response::new(500, body).message(), expected, "{body}");
        }
        assert_eq!(Response::new(500, "ü".repeat(400)).message().chars().count(), LONGEST_MESSAGE + 1);
    }
}
