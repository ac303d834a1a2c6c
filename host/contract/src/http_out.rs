//! `wasi:http` whose only way out is an upstream by name.
//!
//! The host part of a URL is a name and never an address; the scheme means nothing. What may be sent to whom, with
//! which credentials, is for the upstream client to decide. Here the request is only taken from the guest: whole, within
//! a bound, and without what guests may not say.

use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures::StreamExt;
use host_ports::{UpstreamBody, UpstreamClient, UpstreamError, UpstreamRequest, UpstreamResponse};
use host_runtime::{LineLevel, Lines, Tally};
use http::uri::Scheme;
use http::{HeaderMap, HeaderName, Request, Response, header};
use http_body::Frame;
use http_body_util::{BodyExt, LengthLimitError, Limited, StreamBody};
use tokio::runtime::Handle;
use tokio::sync::Semaphore;
use tokio::task::JoinHandle;
use wasmtime_wasi_http::{DEFAULT_FORBIDDEN_HEADERS, Error, ForbiddenHeaderFilter, RequestOptions, WasiHttpHooks};

use wasmtime_wasi_http::WasiBody;

/// The most bytes of a request's body.
const MAX_REQUEST_BODY: usize = 8 << 20;
/// Requests of one call that may be on their way at once; further ones wait.
const MAX_IN_FLIGHT: usize = 16;

/// Takes requests from the guest of one call and hands them to its upstream client.
pub(crate) struct UpstreamHooks {
    exit: Arc<Exit>,
}

struct Exit {
    upstreams: Arc<dyn UpstreamClient>,
    lines: Arc<Lines>,
    tally: Tally,
    in_flight: Semaphore,
    /// The threads of whoever made the call: connections belong to the server, not to the threads of plugins.
    caller: Option<Handle>,
}

type Done = Box<dyn Future<Output = Result<(), Error>> + Send>;
type Sent = Result<(Response<WasiBody>, Done), Error>;

impl UpstreamHooks {
    pub(crate) fn new(upstreams: Arc<dyn UpstreamClient>, lines: Arc<Lines>, tally: Tally) -> Self {
        let in_flight = Semaphore::new(MAX_IN_FLIGHT);
        let caller = Handle::try_current().ok();
        Self { exit: Arc::new(Exit { upstreams, lines, tally, in_flight, caller }) }
    }
}

impl WasiHttpHooks for UpstreamHooks {
    fn forbidden_header_filter(&mut self) -> ForbiddenHeaderFilter {
        Arc::new(is_forbidden)
    }

    fn is_supported_scheme(&mut self, _: &Scheme) -> bool {
        true
    }

    fn default_scheme(&mut self) -> Option<Scheme> {
        Some(Scheme::HTTP)
    }

    fn set_host_header(&mut self) -> bool {
        false
    }

    fn send_request(
        &mut self,
        request: Request<WasiBody>,
        options: Option<RequestOptions>,
        _: Done,
    ) -> Box<dyn Future<Output = Sent> + Send> {
        self.exit.tally.host_call();
        let exit = Arc::clone(&self.exit);
        Box::new(async move {
            let response = exit.send(request, options).await?;
            let nothing_more: Done = Box::new(std::future::ready(Ok(())));
            Ok((response, nothing_more))
        })
    }
}

impl Exit {
    async fn send(
        &self,
        request: Request<WasiBody>,
        options: Option<RequestOptions>,
    ) -> Result<Response<WasiBody>, Error> {
        let _turn = self.in_flight.acquire().await.map_err(|_| Error::ConnectionLimitReached)?;
        let (parts, body) = request.into_parts();
        let authority = parts.uri.authority().map_or_else(String::new, |name| name.as_str().to_ascii_lowercase());
        if let Some(why) = refused_authority(&authority) {
            self.lines.write(LineLevel::Warn, &format!("request to {authority:?} refused: {why}"));
            return Err(Error::HttpRequestDenied);
        }
        let body = collect(body).await?;
        self.tally.bytes_out(body.len() as u64);
        let mut headers = parts.headers;
        remove_forbidden(&mut headers);
        let path_and_query = parts.uri.path_and_query().map_or_else(|| "/".to_owned(), |path| path.as_str().to_owned());
        let described = format!("{} http://{authority}{}", parts.method, parts.uri.path());
        let request = UpstreamRequest { method: parts.method, authority, path_and_query, headers, body };
        let wait = options.and_then(first_byte_within);
        match self.hand_over(request, wait).await {
            Ok(response) => Ok(to_guest(response)),
            Err(error) => {
                self.lines.write(LineLevel::Warn, &format!("{described}: {error}"));
                Err(to_code(&error))
            }
        }
    }

    /// Sends on the caller's threads, and no longer than the guest would wait.
    async fn hand_over(
        &self,
        request: UpstreamRequest,
        wait: Option<Duration>,
    ) -> Result<UpstreamResponse, UpstreamError> {
        let upstreams = Arc::clone(&self.upstreams);
        let sent = async move { upstreams.send(request).await };
        let answer = async {
            match &self.caller {
                None => sent.await,
                Some(caller) => EndOnDrop(caller.spawn(sent)).join().await,
            }
        };
        match wait {
            None => answer.await,
            Some(wait) => tokio::time::timeout(wait, answer)
                .await
                .unwrap_or_else(|_| Err(UpstreamError::Timeout(u64::try_from(wait.as_millis()).unwrap_or(u64::MAX)))),
        }
    }
}

/// Headers that guests neither set nor see. Credentials are added by the host; cookies would carry a session from one
/// person to the next.
fn is_forbidden(name: &HeaderName) -> bool {
    DEFAULT_FORBIDDEN_HEADERS.contains(name)
        || [header::AUTHORIZATION, header::COOKIE, header::SET_COOKIE].contains(name)
        || name.as_str().starts_with("proxy-")
}

fn remove_forbidden(headers: &mut HeaderMap) {
    let names: Vec<HeaderName> = headers.keys().filter(|name| is_forbidden(name)).cloned().collect();
    for name in names {
        headers.remove(name);
    }
}

/// Why a host part cannot be the name of an upstream, as far as its form goes.
fn refused_authority(authority: &str) -> Option<&'static str> {
    if authority.is_empty() {
        Some("it names no upstream; write http://NAME/path")
    } else if authority.contains('@') {
        Some("a URL may not carry a user; the administrator binds credentials to the upstream")
    } else if authority.contains(':') {
        Some("a URL may not name a port; the administrator binds the upstream to an address")
    } else {
        None
    }
}

/// The whole body, unless it is too large.
async fn collect(body: WasiBody) -> Result<Bytes, Error> {
    match Limited::new(body, MAX_REQUEST_BODY).collect().await {
        Ok(body) => Ok(body.to_bytes()),
        Err(error) if error.is::<LengthLimitError>() => Err(Error::HttpRequestBodySize(Some(MAX_REQUEST_BODY as u64))),
        Err(error) => match error.downcast::<Error>() {
            Ok(error) => Err(*error),
            Err(error) => Err(Error::InternalError(Some(error.to_string()))),
        },
    }
}

fn first_byte_within(options: RequestOptions) -> Option<Duration> {
    match (options.connect_timeout, options.first_byte_timeout) {
        (Some(connect), Some(first)) => Some(connect.saturating_add(first)),
        (connect, first) => first.or(connect),
    }
}

/// The answer as the guest gets it.
fn to_guest(response: UpstreamResponse) -> Response<WasiBody> {
    let UpstreamResponse { status, mut headers, body } = response;
    remove_forbidden(&mut headers);
    let mut response = Response::new(stream(body));
    *response.status_mut() = status;
    *response.headers_mut() = headers;
    response
}

fn stream(body: UpstreamBody) -> WasiBody {
    // An empty frame would look like "nothing yet" to the reader.
    let frames = body.filter_map(|part| async move {
        match part {
            Ok(bytes) if bytes.is_empty() => None,
            Ok(bytes) => Some(Ok(Frame::data(bytes))),
            Err(UpstreamError::Timeout(_)) => Some(Err(Error::ConnectionReadTimeout)),
            Err(UpstreamError::Unreachable(_)) => Some(Err(Error::ConnectionTerminated)),
            Err(error) => Some(Err(to_code(&error))),
        }
    });
    BodyExt::boxed_unsync(StreamBody::new(Box::pin(frames) as Pin<Box<dyn futures::Stream<Item = _> + Send>>))
}

/// The code that stands for an error in `wasi:http`; the words are in the plugin's log.
fn to_code(error: &UpstreamError) -> Error {
    match error {
        UpstreamError::Denied(_) => Error::HttpRequestDenied,
        UpstreamError::InvalidRequest(_) => Error::HttpRequestUriInvalid,
        UpstreamError::Unreachable(_) => Error::DestinationUnavailable,
        UpstreamError::Timeout(_) => Error::ConnectionTimeout,
        UpstreamError::TooLarge(limit) => Error::HttpResponseBodySize(Some(*limit)),
    }
}

/// A request that ends when its guest does.
struct EndOnDrop<T>(JoinHandle<Result<T, UpstreamError>>);

impl<T> EndOnDrop<T> {
    async fn join(mut self) -> Result<T, UpstreamError> {
        (&mut self.0)
            .await
            .unwrap_or_else(|_| Err(UpstreamError::Unreachable("the portal is shutting down".to_owned())))
    }
}

impl<T> Drop for EndOnDrop<T> {
    fn drop(&mut self) {
        self.0.abort();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refuses_users_and_ports() {
        for (authority, refused) in
            [("github", false), ("eu.github", false), ("", true), ("a:80", true), ("u:p@a", true), ("[::1]", true)]
        {
            assert_eq!(refused_authority(authority).is_some(), refused, "{authority}");
        }
    }

    #[test]
    fn keeps_credentials_and_cookies_from_both_sides() {
        let mut headers = HeaderMap::new();
        for name in ["authorization", "cookie", "set-cookie", "proxy-foo", "host", "accept", "x-a"] {
            headers.insert(name, "x".parse().unwrap());
        }
        remove_forbidden(&mut headers);
        let mut left: Vec<_> = headers.keys().map(HeaderName::as_str).collect();
        left.sort_unstable();
        assert_eq!(left, ["accept", "x-a"]);
    }
}
