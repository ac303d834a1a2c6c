//! Git's smart protocol over HTTP: the transport's requests go through the same exchange as every other request, with its
//! address checks, its budget and its limits.
//!
//! The transport is blocking, so all of this runs on a thread of its own and waits for the runtime there.

use std::io::{self, BufRead, Cursor, Read, Write};
use std::sync::{Arc, Mutex, PoisonError};

use bytes::{Buf, Bytes, BytesMut};
use futures::StreamExt;
use gix_error::{Error, Result};
use gix_transport::client::blocking_io::http::{GetResponse, Http, PostBodyDataKind, PostResponse};
use http::header::{ACCEPT, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use http::{Method, StatusCode};
use tokio::runtime::Handle;
use url::Url;

use crate::body::Body;
use crate::sources::error::ReadError;
use crate::sources::exchange::{Exchange, Question};
use crate::sources::web;

/// What a server says of itself is short; where references come with it, it is as long as there are references.
const MAX_KEPT: usize = 64 * 1024;
const MAX_REQUEST: usize = 4 * 1024 * 1024;

/// What a server answered to the first question, and the address that answered it.
#[derive(Debug, Clone)]
pub(crate) struct Advertised {
    base: String,
    body: Bytes,
}

/// What one conversation with a server shares.
#[derive(Debug, Clone)]
pub(crate) struct Wire {
    pub(crate) exchange: Arc<Exchange>,
    pub(crate) runtime: Handle,
    /// The address as people know it, for messages.
    pub(crate) shown: Url,
    /// What every request has: credential, reach, limit and time.
    pub(crate) question: Question,
    /// What the server said of itself last time, which need not be asked for again.
    pub(crate) advertised: Arc<Mutex<Option<Advertised>>>,
    /// What went wrong in terms of ours; the transport's own errors say less.
    pub(crate) failure: Arc<Mutex<Option<ReadError>>>,
    pub(crate) moved_to: Option<String>,
}

impl Wire {
    fn ask(&self, method: Method, url: &str, headers: HeaderMap, body: Bytes) -> io::Result<(Url, HeaderMap, Body)> {
        let url = Url::parse(url).map_err(io::Error::other)?;
        let mut question = Question { method, url, body, ..self.question.clone() };
        // After a redirect the transport goes on where it was sent: neither the credential nor the reach of the first
        // host is meant for that one.
        if question.url.origin() != self.question.url.origin() {
            question.credentials = HeaderMap::new();
            question.reach = None;
        }
        question.headers.extend(headers);
        let reply = self.runtime.block_on(self.exchange.send(question)).map_err(|error| self.fail(error))?;
        if reply.status != StatusCode::OK {
            return Err(self.fail(web::refused(&self.exchange, &self.shown, reply.status)));
        }
        Ok((reply.url.clone(), reply.headers.clone(), reply.into_body()))
    }

    fn fail(&self, error: ReadError) -> io::Error {
        let text = error.to_string();
        lock(&self.failure).get_or_insert(error);
        io::Error::other(text)
    }
}

impl Http for Wire {
    type Headers = Headers;
    type ResponseBody = Incoming;
    type PostBody = Outgoing;

    fn get(
        &mut self,
        url: &str,
        base_url: &str,
        headers: impl IntoIterator<Item = impl AsRef<str>>,
    ) -> Result<GetResponse<Headers, Incoming>> {
        if let Some(Advertised { base, body }) = lock(&self.advertised).clone() {
            self.moved_to = Some(base);
            return Ok(GetResponse {
                headers: Headers::ready("content-type: application/x-git-upload-pack-advertisement\n"),
                body: Incoming::new(self.clone(), None, body),
            });
        }
        let (answered, headers, body) =
            self.ask(Method::GET, url, parsed(headers), Bytes::new()).map_err(Error::from_error)?;
        let tail = &url[base_url.len().min(url.len())..];
        if let Some(base) = answered.as_str().strip_suffix(tail) {
            self.moved_to = Some(base.to_owned());
        }
        let mut incoming = Incoming::new(self.clone(), Some(body), Bytes::new());
        let start = incoming.peek(MAX_KEPT).map_err(Error::from_error)?;
        // Only a server that lists references separately says the same every time.
        if start.len() < MAX_KEPT && start.windows(9).any(|window| window == b"version 2") {
            let base = self.moved_to.clone().unwrap_or_else(|| base_url.to_owned());
            *lock(&self.advertised) = Some(Advertised { base, body: start });
        }
        Ok(GetResponse { headers: Headers::ready(&lines(&headers)), body: incoming })
    }

    fn post(
        &mut self,
        url: &str,
        _base_url: &str,
        headers: impl IntoIterator<Item = impl AsRef<str>>,
        _body: PostBodyDataKind,
    ) -> Result<PostResponse<Headers, Incoming, Outgoing>> {
        let waiting = Pending::Waiting { url: url.to_owned(), headers: parsed(headers), body: Vec::new() };
        let pending = Arc::new(Mutex::new(waiting));
        let lazy = || Lazy { wire: self.clone(), pending: Arc::clone(&pending) };
        Ok(PostResponse {
            post_body: Outgoing(Arc::clone(&pending)),
            headers: Headers { lazy: Some(lazy()), lines: Cursor::default() },
            body: Incoming { wire: self.clone(), lazy: Some(lazy()), body: None, buffer: Bytes::new() },
        })
    }

    fn configure(&mut self, _config: &dyn std::any::Any) -> Result<()> {
        Ok(())
    }

    fn redirected_base_url(&self) -> Option<String> {
        self.moved_to.clone()
    }
}

/// A request that is sent when its answer is asked for: only then its body is complete.
enum Pending {
    Waiting { url: String, headers: HeaderMap, body: Vec<u8> },
    Answered { headers: String, body: Option<Body> },
}

struct Lazy {
    wire: Wire,
    pending: Arc<Mutex<Pending>>,
}

impl Lazy {
    fn answered<T>(&self, take: impl FnOnce(&mut String, &mut Option<Body>) -> T) -> io::Result<T> {
        let mut pending = lock(&self.pending);
        if let Pending::Waiting { url, headers, body } = &mut *pending {
            let body = Bytes::from(std::mem::take(body));
            let (_, headers, body) =
                self.wire.ask(Method::POST, url, std::mem::take(headers), body).inspect_err(|_| {
                    // Perhaps the server is another one by now.
                    *lock(&self.wire.advertised) = None;
                })?;
            *pending = Pending::Answered { headers: lines(&headers), body: Some(body) };
        }
        match &mut *pending {
            Pending::Answered { headers, body } => Ok(take(headers, body)),
            Pending::Waiting { .. } => Err(io::ErrorKind::NotConnected.into()),
        }
    }
}

/// The body of a request.
pub(crate) struct Outgoing(Arc<Mutex<Pending>>);

impl Write for Outgoing {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match &mut *lock(&self.0) {
            Pending::Waiting { body, .. } if body.len() + bytes.len() <= MAX_REQUEST => {
                body.extend_from_slice(bytes);
                Ok(bytes.len())
            }
            _ => Err(io::ErrorKind::WriteZero.into()),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The headers of an answer, line by line.
pub(crate) struct Headers {
    lazy: Option<Lazy>,
    lines: Cursor<Vec<u8>>,
}

impl Headers {
    fn ready(lines: &str) -> Self {
        Self { lazy: None, lines: Cursor::new(lines.as_bytes().to_vec()) }
    }

    fn lines(&mut self) -> io::Result<&mut Cursor<Vec<u8>>> {
        if let Some(lazy) = self.lazy.take() {
            self.lines = Cursor::new(lazy.answered(|headers, _| std::mem::take(headers))?.into_bytes());
        }
        Ok(&mut self.lines)
    }
}

impl Read for Headers {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.lines()?.read(buffer)
    }
}

impl BufRead for Headers {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        self.lines()?.fill_buf()
    }

    fn consume(&mut self, amount: usize) {
        self.lines.consume(amount);
    }
}

/// The body of an answer.
pub(crate) struct Incoming {
    wire: Wire,
    lazy: Option<Lazy>,
    body: Option<Body>,
    buffer: Bytes,
}

impl Incoming {
    fn new(wire: Wire, body: Option<Body>, buffer: Bytes) -> Self {
        Self { wire, lazy: None, body, buffer }
    }

    /// The next bytes; none at the end.
    fn chunk(&mut self) -> io::Result<Option<Bytes>> {
        if let Some(lazy) = self.lazy.take() {
            self.body = lazy.answered(|_, body| body.take())?;
        }
        let Some(body) = &mut self.body else { return Ok(None) };
        match self.wire.runtime.block_on(body.next()) {
            Some(Ok(chunk)) => Ok(Some(chunk)),
            Some(Err(error)) => {
                let Question { url, max_bytes, .. } = &self.wire.question;
                let error = self.wire.exchange.broken_off(url, error, *max_bytes);
                Err(self.wire.fail(error))
            }
            None => {
                self.body = None;
                Ok(None)
            }
        }
    }

    /// The beginning of the body, which stays in front of the rest.
    fn peek(&mut self, length: usize) -> io::Result<Bytes> {
        let mut start = BytesMut::from(&self.buffer[..]);
        while start.len() < length {
            let Some(chunk) = self.chunk()? else { break };
            start.extend_from_slice(&chunk);
        }
        self.buffer = start.freeze();
        Ok(self.buffer.clone())
    }
}

impl Read for Incoming {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let available = self.fill_buf()?;
        let length = available.len().min(buffer.len());
        buffer[..length].copy_from_slice(&available[..length]);
        self.consume(length);
        Ok(length)
    }
}

impl BufRead for Incoming {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        while self.buffer.is_empty() {
            match self.chunk()? {
                Some(chunk) => self.buffer = chunk,
                None => break,
            }
        }
        Ok(&self.buffer)
    }

    fn consume(&mut self, amount: usize) {
        self.buffer.advance(amount.min(self.buffer.len()));
    }
}

/// Headers as the transport writes them. Who we are is said by the exchange.
fn parsed(headers: impl IntoIterator<Item = impl AsRef<str>>) -> HeaderMap {
    let mut found = HeaderMap::new();
    for line in headers {
        let Some((name, value)) = line.as_ref().split_once(':') else { continue };
        let (Ok(name), Ok(value)) = (HeaderName::try_from(name.trim()), HeaderValue::try_from(value.trim())) else {
            continue;
        };
        if name == CONTENT_TYPE || name == ACCEPT || name.as_str() == "git-protocol" {
            found.insert(name, value);
        }
    }
    found
}

/// The one header that the transport looks at.
fn lines(headers: &HeaderMap) -> String {
    let kind = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    format!("content-type: {kind}\n")
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
