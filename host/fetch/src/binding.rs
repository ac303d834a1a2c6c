//! An HTTP service that the configuration binds to a name.

use std::fmt;
use std::time::Duration;

use http::{HeaderMap, HeaderName, HeaderValue};
use url::Url;

use crate::address::Reach;
use crate::fetcher::Limits;

/// Where the requests for one name go, with which credential and within which limits.
#[derive(Clone, PartialEq, Eq)]
pub struct UpstreamBinding {
    target: Url,
    credentials: HeaderMap,
    /// Whether private, loopback and link-local addresses may be connected to.
    pub allow_private_network: bool,
    /// From the first connection to the last byte of the answer.
    pub timeout: Duration,
    /// The most bytes of one answer, after decompression.
    pub max_response_bytes: u64,
}

/// What is wrong with a binding. No variant repeats a value.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BindingError {
    #[error("target is not an address; write a base URL such as https://api.example.com")]
    NotAnAddress,
    #[error("target begins with {0}:, but only http: and https: can be called")]
    Scheme(String),
    #[error("target holds a user or password; put the credential under headers instead")]
    Credential,
    #[error("target has a query or a fragment; write only the base under which all paths lie")]
    Query,
    #[error("headers: {0:?} is not the name of an HTTP header")]
    HeaderName(String),
    #[error("headers: {0} is set by the host and cannot be configured")]
    HeaderReserved(String),
    #[error("headers: the value of {0} holds characters that HTTP does not allow, such as a line end")]
    HeaderValue(String),
}

impl UpstreamBinding {
    /// The time limit where none is configured.
    pub const DEFAULT_TIMEOUT: Duration = Duration::from_secs(10);
    /// The size limit where none is configured.
    pub const DEFAULT_MAX_RESPONSE_BYTES: u64 = 8 * 1024 * 1024;

    /// A binding to a base URL, public addresses only, without credential.
    ///
    /// # Errors
    /// When the URL cannot be a base for requests.
    pub fn new(target: &str) -> Result<Self, BindingError> {
        let target = Url::parse(target.trim()).map_err(|_| BindingError::NotAnAddress)?;
        if !matches!(target.scheme(), "http" | "https") {
            return Err(BindingError::Scheme(target.scheme().to_owned()));
        }
        if !target.username().is_empty() || target.password().is_some() {
            return Err(BindingError::Credential);
        }
        if target.query().is_some() || target.fragment().is_some() {
            return Err(BindingError::Query);
        }
        Ok(Self {
            target,
            credentials: HeaderMap::new(),
            allow_private_network: false,
            timeout: Self::DEFAULT_TIMEOUT,
            max_response_bytes: Self::DEFAULT_MAX_RESPONSE_BYTES,
        })
    }

    /// Adds a header to every request. An empty value, or an `Authorization` of which only the scheme is left because a
    /// variable is not set, adds nothing: without any credential the upstream can at least say what needs one.
    ///
    /// # Errors
    /// When name or value are not what HTTP allows.
    pub fn with_header(mut self, name: &str, value: &str) -> Result<Self, BindingError> {
        let header = HeaderName::try_from(name).map_err(|_| BindingError::HeaderName(name.to_owned()))?;
        if is_reserved(&header) {
            return Err(BindingError::HeaderReserved(name.to_owned()));
        }
        let mut value = HeaderValue::try_from(value.trim()).map_err(|_| BindingError::HeaderValue(name.to_owned()))?;
        let scheme_only = header == http::header::AUTHORIZATION
            && [&b"Bearer"[..], b"Basic", b"token"].iter().any(|scheme| value.as_bytes().eq_ignore_ascii_case(scheme));
        if !value.is_empty() && !scheme_only {
            value.set_sensitive(true);
            self.credentials.insert(header, value);
        }
        Ok(self)
    }

    /// Whether any header is added to requests.
    pub fn has_credential(&self) -> bool {
        !self.credentials.is_empty()
    }

    pub(crate) fn credentials(&self) -> &HeaderMap {
        &self.credentials
    }

    pub(crate) fn limits(&self) -> Limits {
        let reach = if self.allow_private_network { Reach::LinkLocal } else { Reach::Public };
        Limits { reach, timeout: self.timeout, idle_timeout: None, max_response_bytes: self.max_response_bytes }
    }

    /// The address of a path under the target. None when the path would come out as another one than was asked for.
    pub(crate) fn address(&self, path_and_query: &str) -> Option<Url> {
        let (path, query) = match path_and_query.split_once('?') {
            Some((path, query)) => (path, Some(query)),
            None => (path_and_query, None),
        };
        if !path.starts_with('/') || path.contains(['\\', '#']) {
            return None;
        }
        let expected = format!("{}{path}", self.target.path().trim_end_matches('/'));
        let mut url = self.target.clone();
        url.set_path(&expected);
        url.set_query(query);
        (url.path() == expected && url.origin() == self.target.origin()).then_some(url)
    }
}

/// Headers that belong to the connection.
pub(crate) fn is_reserved(name: &HeaderName) -> bool {
    use http::header::{
        ACCEPT_ENCODING, CONNECTION, CONTENT_LENGTH, EXPECT, HOST, TE, TRAILER, TRANSFER_ENCODING, UPGRADE,
    };
    matches!(
        *name,
        ACCEPT_ENCODING | CONNECTION | CONTENT_LENGTH | EXPECT | HOST | TE | TRAILER | TRANSFER_ENCODING | UPGRADE
    ) || name.as_str() == "keep-alive"
}

impl fmt::Debug for UpstreamBinding {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("UpstreamBinding")
            .field("target", &self.target.as_str())
            .field("headers", &self.credentials.keys().map(|name| format!("{name}: ***")).collect::<Vec<_>>())
            .field("allow_private_network", &self.allow_private_network)
            .field("timeout", &self.timeout)
            .field("max_response_bytes", &self.max_response_bytes)
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("api.github.com", BindingError::NotAnAddress)]
    #[case("file:///etc", BindingError::Scheme("file".into()))]
    #[case("https://user:hunter2@example.com", BindingError::Credential)]
    #[case("https://example.com/?a=1", BindingError::Query)]
    #[case("https://example.com/#top", BindingError::Query)]
    fn bad_targets(#[case] target: &str, #[case] expected: BindingError) {
        let error = UpstreamBinding::new(target).unwrap_err();
        assert_eq!(error, expected);
        assert!(!error.to_string().contains("hunter2"));
    }

    #[test]
    fn secrets_are_masked() {
        let binding = UpstreamBinding::new("https://example.com")
            .unwrap()
            .with_header("Authorization", "Bearer hunter2")
            .unwrap();
        assert!(binding.has_credential());
        assert!(!format!("{binding:?}").contains("hunter2"));
        let error = binding.with_header("X-Token", "hunter2\r\nHost: evil").unwrap_err();
        assert_eq!(error, BindingError::HeaderValue("X-Token".into()));
    }

    #[rstest]
    #[case("Authorization", "Bearer ")]
    #[case("authorization", "token")]
    #[case("X-Token", "  ")]
    fn credentials_that_are_not_set_are_not_sent(#[case] name: &str, #[case] value: &str) {
        let binding = UpstreamBinding::new("https://example.com").unwrap().with_header(name, value).unwrap();
        assert!(!binding.has_credential());
    }

    #[rstest]
    #[case("https://e.com", "/a/b?c=d&e", Some("https://e.com/a/b?c=d&e"))]
    #[case("https://e.com/api/v3/", "/a", Some("https://e.com/api/v3/a"))]
    #[case("https://e.com/api", "/", Some("https://e.com/api/"))]
    #[case("https://e.com", "/a%2Fb", Some("https://e.com/a%2Fb"))]
    #[case("https://e.com/api", "/../admin", None)]
    #[case("https://e.com/api", "/%2e%2e/admin", None)]
    #[case("https://e.com/api", "/a\\..\\b", None)]
    #[case("https://e.com", "@evil.com/", None)]
    #[case("https://e.com", "/a#b", None)]
    fn addresses_under_the_target(#[case] target: &str, #[case] path: &str, #[case] expected: Option<&str>) {
        let binding = UpstreamBinding::new(target).unwrap();
        assert_eq!(binding.address(path).as_ref().map(Url::as_str), expected);
    }
}
