//! One request under the rules: checked addresses, our own redirects, bounded time, headers and body.

use std::net::IpAddr;
use std::sync::{Arc, Once, OnceLock};
use std::time::Duration;

use bytes::Bytes;
use http::header::{
    ACCEPT, ACCEPT_LANGUAGE, CONNECTION, CONTENT_LENGTH, HeaderMap, IF_NONE_MATCH, LOCATION, RANGE, TE, TRAILER,
    TRANSFER_ENCODING, UPGRADE,
};
use http::{Method, StatusCode};
use tokio::time::{Instant, timeout_at};
use url::{Host, Url};

use crate::address::{self, Reach};
use crate::body::{self, Body, Bounds};
use crate::error::FetchError;
use crate::resolver::CheckedResolver;

/// What the portal calls itself.
pub const USER_AGENT: &str = concat!("callboard/", env!("CARGO_PKG_VERSION"));

const MAX_REDIRECTS: usize = 5;
const MAX_HEADER_BYTES: usize = 64 * 1024;
const MAX_HEADERS: usize = 200;

/// Sends requests. Cheap to clone; connections are kept and shared.
#[derive(Debug, Clone, Default)]
pub struct Fetcher {
    clients: Arc<Clients>,
}

/// One client for each reach, made when first needed: loading the system's certificates takes a while.
#[derive(Debug, Default)]
struct Clients {
    public: OnceLock<Result<reqwest::Client, String>>,
    private: OnceLock<Result<reqwest::Client, String>>,
    link_local: OnceLock<Result<reqwest::Client, String>>,
}

/// A request to send.
#[derive(Clone)]
pub struct Outgoing {
    pub method: Method,
    pub url: Url,
    pub headers: HeaderMap,
    /// Sent to the origin of `url` only, never along a redirect to elsewhere.
    pub credentials: HeaderMap,
    pub body: Bytes,
}

impl std::fmt::Debug for Outgoing {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Outgoing").field("method", &self.method).finish_non_exhaustive()
    }
}

/// What one request may reach and take.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    pub reach: Reach,
    /// From the first connection to the last byte.
    pub timeout: Duration,
    /// How long nothing may arrive of a body that has begun; none leaves that to `timeout`.
    pub idle_timeout: Option<Duration>,
    /// The most bytes of the body, after decompression.
    pub max_response_bytes: u64,
}

/// Says of each address that a request comes to, its own and those of its redirects, how far it may reach.
pub(crate) type Guard<'guard> = &'guard (dyn Fn(&Url) -> Result<Reach, FetchError> + Send + Sync);

/// What went wrong, and at which address.
#[derive(Debug)]
pub(crate) struct Failed {
    pub(crate) url: Url,
    pub(crate) error: FetchError,
}

/// An answer whose headers are there.
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Body,
}

impl std::fmt::Debug for Answer {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Answer").field("status", &self.status).finish_non_exhaustive()
    }
}

impl Fetcher {
    /// Sends a request and follows its redirects.
    ///
    /// # Errors
    /// When an address is refused, nothing answers in time, or the answer breaks a limit.
    pub async fn send(&self, request: Outgoing, limits: Limits) -> Result<Answer, FetchError> {
        let origin = request.url.origin();
        let guard = |url: &Url| Ok(if url.origin() == origin { limits.reach } else { limits.reach.elsewhere() });
        let sent = self.send_guarded(request, limits, &guard).await;
        sent.map(|(answer, _)| answer).map_err(|failed| failed.error)
    }

    /// The same, where each address is let through by a guard in place of `limits.reach`. Gives the address that answered
    /// as well.
    pub(crate) async fn send_guarded(
        &self,
        mut request: Outgoing,
        limits: Limits,
        guard: Guard<'_>,
    ) -> Result<(Answer, Url), Failed> {
        let timeout_ms = u64::try_from(limits.timeout.as_millis()).unwrap_or(u64::MAX);
        let bounds = Bounds {
            deadline: Instant::now() + limits.timeout,
            timeout_ms,
            idle: limits.idle_timeout,
            max_bytes: limits.max_response_bytes,
        };
        let sent = timeout_at(bounds.deadline, self.follow(&mut request, guard, bounds)).await;
        let result = sent.unwrap_or(Err(FetchError::Timeout(timeout_ms)));
        match result {
            Ok(answer) => Ok((answer, request.url)),
            Err(error) => Err(Failed { url: request.url, error }),
        }
    }

    /// Leaves in `request` the one that was sent last.
    async fn follow(&self, request: &mut Outgoing, guard: Guard<'_>, bounds: Bounds) -> Result<Answer, FetchError> {
        for _ in 0..=MAX_REDIRECTS {
            let reach = guard(&request.url)?;
            let response = self.hop(request, reach).await?;
            let Some(next) = redirect(request, response.status(), response.headers())? else {
                return answer(response, &request.method, bounds);
            };
            *request = next;
        }
        Err(FetchError::Redirect(format!("more than {MAX_REDIRECTS} redirects")))
    }

    async fn hop(&self, request: &Outgoing, reach: Reach) -> Result<reqwest::Response, FetchError> {
        check_url(&request.url, reach)?;
        let mut headers = request.headers.clone();
        for (name, value) in &request.credentials {
            headers.insert(name.clone(), value.clone());
        }
        let mut outgoing = self.client(reach)?.request(request.method.clone(), request.url.clone()).headers(headers);
        if !request.body.is_empty() {
            outgoing = outgoing.body(request.body.clone());
        }
        outgoing.send().await.map_err(|error| {
            tracing::debug!(error = %error.without_url_chain(), "an outgoing request failed");
            FetchError::from_client(&error)
        })
    }

    fn client(&self, reach: Reach) -> Result<&reqwest::Client, FetchError> {
        let cell = match reach {
            Reach::Public => &self.clients.public,
            Reach::Private => &self.clients.private,
            Reach::LinkLocal => &self.clients.link_local,
        };
        cell.get_or_init(|| build_client(reach)).as_ref().map_err(|reason| FetchError::Unreachable(reason.clone()))
    }
}

/// Text of an error and its causes without the address that it was about.
trait WithoutUrlChain {
    fn without_url_chain(&self) -> String;
}

impl WithoutUrlChain for reqwest::Error {
    fn without_url_chain(&self) -> String {
        let mut words = Vec::new();
        let mut source = std::error::Error::source(self);
        while let Some(cause) = source {
            words.push(cause.to_string());
            source = cause.source();
        }
        words.join(": ")
    }
}

/// Names are checked when they are resolved; an address written as such is never resolved.
fn check_url(url: &Url, reach: Reach) -> Result<(), FetchError> {
    if !matches!(url.scheme(), "http" | "https") {
        return Err(FetchError::InvalidRequest(format!("{} addresses are not fetched", url.scheme())));
    }
    let literal = match url.host() {
        Some(Host::Ipv4(address)) => IpAddr::V4(address),
        Some(Host::Ipv6(address)) => IpAddr::V6(address),
        Some(Host::Domain(_)) => return Ok(()),
        None => return Err(FetchError::InvalidRequest("the address has no host".into())),
    };
    Ok(address::check(literal, reach)?)
}

/// The request to which a redirect leads; none when the answer is to be given as it is.
fn redirect(request: &Outgoing, status: StatusCode, headers: &HeaderMap) -> Result<Option<Outgoing>, FetchError> {
    let safe = matches!(request.method, Method::GET | Method::HEAD);
    let keeps_method = matches!(status.as_u16(), 307 | 308);
    if !keeps_method && !matches!(status.as_u16(), 301..=303) {
        return Ok(None);
    }
    let Some(location) = headers.get(LOCATION) else { return Ok(None) };
    let target = location
        .to_str()
        .ok()
        .and_then(|location| request.url.join(location).ok())
        .ok_or_else(|| FetchError::Redirect("it redirects to something that is not an address".into()))?;
    if !target.username().is_empty() || target.password().is_some() {
        return Err(FetchError::Redirect("it redirects to an address that holds a password".into()));
    }
    if request.url.scheme() == "https" && target.scheme() != "https" {
        return Err(FetchError::Redirect("it redirects from https to an address without".into()));
    }
    let same_origin = target.origin() == request.url.origin();
    // A request that changes something is repeated only where it was meant to go.
    let repeatable = safe || (keeps_method && same_origin);
    if !repeatable {
        return Ok(None);
    }
    let mut next = request.clone();
    next.url = target;
    if !same_origin {
        next.credentials.clear();
        next.headers = request
            .headers
            .iter()
            .filter(|(name, _)| matches!(**name, ACCEPT | ACCEPT_LANGUAGE | RANGE | IF_NONE_MATCH))
            .map(|(name, value)| (name.clone(), value.clone()))
            .collect();
    }
    Ok(Some(next))
}

fn answer(response: reqwest::Response, method: &Method, bounds: Bounds) -> Result<Answer, FetchError> {
    let status = response.status();
    let mut headers = response.headers().clone();
    let size: usize = headers.iter().map(|(name, value)| name.as_str().len() + value.len() + 4).sum();
    if size > MAX_HEADER_BYTES {
        return Err(FetchError::TooLarge(MAX_HEADER_BYTES as u64));
    }
    if method != Method::HEAD && response.content_length().is_some_and(|length| length > bounds.max_bytes) {
        return Err(FetchError::TooLarge(bounds.max_bytes));
    }
    for name in [CONNECTION, TRANSFER_ENCODING, TE, TRAILER, UPGRADE] {
        headers.remove(name);
    }
    headers.remove("keep-alive");
    if method != Method::HEAD {
        headers.remove(CONTENT_LENGTH);
    }
    Ok(Answer { status, headers, body: body::bounded(response.bytes_stream(), bounds) })
}

fn build_client(reach: Reach) -> Result<reqwest::Client, String> {
    install_crypto();
    let builder = || {
        reqwest::Client::builder()
            .user_agent(USER_AGENT)
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy()
            .referer(false)
            .retry(reqwest::retry::never())
            .connect_timeout(Duration::from_secs(10))
            .pool_idle_timeout(Duration::from_secs(30))
            .pool_max_idle_per_host(8)
            .http1_max_headers(MAX_HEADERS)
            .dns_resolver(CheckedResolver { reach })
    };
    builder().build().or_else(|error| {
        let reason = error.without_url_chain();
        tracing::warn!(%reason, "the system's certificates cannot be read; install ca-certificates to reach https");
        builder().tls_certs_only([]).build().map_err(|error| error.without_url_chain())
    })
}

/// Chooses the cryptography once for the whole process.
fn install_crypto() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        // An error says that somebody has chosen already, which is as good.
        drop(rustls::crypto::ring::default_provider().install_default());
    });
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;
    use rstest::rstest;

    use super::*;

    fn request(method: Method, url: &str) -> Outgoing {
        let mut headers = HeaderMap::new();
        headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
        headers.insert("x-own", HeaderValue::from_static("1"));
        let mut credentials = HeaderMap::new();
        credentials.insert("authorization", HeaderValue::from_static("Bearer secret"));
        Outgoing { method, url: Url::parse(url).unwrap(), headers, credentials, body: Bytes::new() }
    }

    fn led(method: Method, from: &str, status: u16, location: &str) -> Result<Option<Outgoing>, FetchError> {
        let mut headers = HeaderMap::new();
        headers.insert(LOCATION, HeaderValue::from_str(location).unwrap());
        redirect(&request(method, from), StatusCode::from_u16(status).unwrap(), &headers)
    }

    #[test]
    fn credentials_stay_with_their_origin() {
        let same = led(Method::GET, "https://a.example/x", 302, "/y").unwrap().unwrap();
        assert_eq!(same.url.as_str(), "https://a.example/y");
        assert!(same.credentials.contains_key("authorization") && same.headers.contains_key("x-own"));

        for elsewhere in ["https://b.example/y", "https://a.example:8443/y", "//b.example/"] {
            let other = led(Method::GET, "https://a.example/x", 302, elsewhere).unwrap().unwrap();
            assert!(other.credentials.is_empty(), "{elsewhere}");
            assert_eq!(other.headers.keys().map(http::HeaderName::as_str).collect::<Vec<_>>(), ["accept"]);
        }
    }

    #[rstest]
    #[case(Method::POST, 301, "/y", false)]
    #[case(Method::POST, 303, "/y", false)]
    #[case(Method::POST, 307, "/y", true)]
    #[case(Method::POST, 308, "https://b.example/y", false)]
    #[case(Method::HEAD, 308, "https://b.example/y", true)]
    #[case(Method::GET, 304, "/y", false)]
    fn which_redirects_are_followed(
        #[case] method: Method,
        #[case] status: u16,
        #[case] location: &str,
        #[case] followed: bool,
    ) {
        assert_eq!(led(method, "https://a.example/x", status, location).unwrap().is_some(), followed);
    }

    #[rstest]
    #[case("http://a.example/")]
    #[case("https://user:password@b.example/")]
    #[case("ftp://b.example/")]
    fn redirects_that_lose_protection_are_errors(#[case] location: &str) {
        assert!(matches!(led(Method::GET, "https://a.example/x", 302, location), Err(FetchError::Redirect(_))));
    }

    #[rstest]
    #[case("http://127.0.0.1/", false)]
    #[case("http://[::1]/", false)]
    #[case("http://0x7f.1/", false)]
    #[case("http://2130706433/", false)]
    #[case("http://[::ffff:169.254.169.254]/", false)]
    #[case("http://1.1.1.1/", true)]
    #[case("https://example.com/", true)]
    #[case("file:///etc/passwd", false)]
    fn literal_addresses_are_checked(#[case] url: &str, #[case] allowed: bool) {
        assert_eq!(check_url(&Url::parse(url).unwrap(), Reach::Public).is_ok(), allowed);
    }
}
