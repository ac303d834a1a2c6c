//! Starting and stopping the server, and what a test may tell it while it runs.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

use axum::http::StatusCode;
use axum::middleware::from_fn_with_state;
use jiff::Timestamp;
use serde_json::Value;
use tokio::sync::oneshot;

use super::clock::{BASE_TIME, Clock};
use super::state::{Fault, RecordedRequest, Shared};
use super::{acme, envelope, routes, shapes};

/// How the server is to behave from the start.
#[derive(Debug, Clone)]
pub struct Options {
    /// Where to listen; port 0 takes a free one.
    pub listen: SocketAddr,
    /// The instant to which all times are relative.
    pub base_time: Timestamp,
    /// Whether time goes on from there, so that runs that were started again come to an end.
    pub clock_moves: bool,
    /// The only token that GitHub's part accepts; without one every request is accepted.
    pub require_token: Option<String>,
    /// How long every answer takes.
    pub latency: Duration,
    /// How many requests, from the first one on, are answered with which status instead.
    pub fail_next: Option<(u32, u16)>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            base_time: BASE_TIME,
            clock_moves: false,
            require_token: None,
            latency: Duration::ZERO,
            fail_next: None,
        }
    }
}

/// A running server. It stops, with all its connections, when this is dropped.
#[derive(Debug)]
pub struct FakeGithub {
    address: SocketAddr,
    shared: Arc<Shared>,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl FakeGithub {
    /// Starts a server on a thread of its own, so that tests with and without an async runtime can use it. It answers
    /// when this returns. Fails when the address cannot be had.
    pub fn start(options: Options) -> io::Result<Self> {
        let listener = std::net::TcpListener::bind(options.listen)?;
        listener.set_nonblocking(true)?;
        let address = listener.local_addr()?;
        let clock =
            if options.clock_moves { Clock::moving(options.base_time) } else { Clock::still(options.base_time) };
        let shared = Arc::new(Shared::new(format!("http://{address}"), clock, options.require_token, options.latency));
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let (stop, stopped) = oneshot::channel();
        let state = Arc::clone(&shared);
        let thread = std::thread::Builder::new().name("fake-github".into()).spawn(move || {
            runtime.block_on(async move {
                let Ok(listener) = tokio::net::TcpListener::from_std(listener) else { return };
                let router = routes::router()
                    .merge(acme::router())
                    .layer(from_fn_with_state(Arc::clone(&state), envelope::around))
                    .with_state(state);
                tokio::select! {
                    _ = axum::serve(listener, router) => {}
                    _ = stopped => {}
                }
            });
        })?;
        let server = Self { address, shared, stop: Some(stop), thread: Some(thread) };
        if let Some((count, status)) = options.fail_next {
            server.fail_next(count, status);
        }
        Ok(server)
    }

    /// The base URL, without a slash at the end: `http://127.0.0.1:PORT`.
    pub fn url(&self) -> String {
        self.shared.address.clone()
    }

    /// The base URL of the company's internal API.
    pub fn acme_url(&self) -> String {
        format!("{}/acme", self.shared.address)
    }

    /// The address that the server listens on.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Every request so far, in the order in which they came.
    pub fn recorded_requests(&self) -> Vec<RecordedRequest> {
        self.shared.memory().requests.clone()
    }

    /// Forgets the requests so far.
    pub fn clear_requests(&self) {
        self.shared.memory().requests.clear();
    }

    /// Makes every answer from now on take this long.
    pub fn set_latency(&self, latency: Duration) {
        self.shared.memory().latency = latency;
    }

    /// Answers every request from now on with this status, until [`Self::recover`]. A number that is no status is
    /// taken for 500.
    pub fn fail_with(&self, status: u16) {
        self.order(Fault::Status(known(status)), None);
    }

    /// Answers the next `count` requests with this status.
    pub fn fail_next(&self, count: u32, status: u16) {
        if count > 0 {
            self.order(Fault::Status(known(status)), Some(count));
        }
    }

    /// Answers every request from now on with just this, until [`Self::recover`]: broken JSON, a page of HTML.
    pub fn answer_with(&self, status: u16, content_type: &str, body: &str) {
        let (content_type, body) = (content_type.to_owned(), body.to_owned());
        self.order(Fault::Body { status: known(status), content_type, body }, None);
    }

    /// Refuses requests as GitHub does when the hour's calls are used up, or stops doing so.
    pub fn set_rate_limited(&self, limited: bool) {
        if limited {
            self.order(Fault::RateLimited, None);
        } else {
            self.recover();
        }
    }

    /// Takes back whatever fault was ordered.
    pub fn recover(&self) {
        let mut memory = self.shared.memory();
        memory.fault = None;
        memory.fault_count = None;
    }

    /// The newest runs of a repository as a list would show them now, without counting as an answer. Empty for a
    /// repository that does not exist.
    pub fn runs(&self, owner: &str, repo: &str) -> Vec<Value> {
        self.shared
            .with_repository(owner, repo, |repository| {
                repository.runs.iter().map(|run| shapes::run(self.shared.scene(), repository, run)).collect()
            })
            .unwrap_or_default()
    }

    /// Brings a run to its end with a conclusion such as `success` or `failure`; says whether there is such a run.
    pub fn finish_run(&self, owner: &str, repo: &str, id: u64, conclusion: &'static str) -> bool {
        let now = self.shared.clock.now();
        let finished = self.shared.with_repository(owner, repo, |repository| {
            let run = repository.runs.iter_mut().find(|run| run.id == id)?;
            run.end(now, conclusion);
            Some(())
        });
        finished.flatten().is_some()
    }

    fn order(&self, fault: Fault, count: Option<u32>) {
        let mut memory = self.shared.memory();
        memory.fault = Some(fault);
        memory.fault_count = count;
    }
}

impl Drop for FakeGithub {
    fn drop(&mut self) {
        if let Some(stop) = self.stop.take() {
            // A server that has ended by itself does not listen any more.
            let _gone = stop.send(());
        }
        if let Some(thread) = self.thread.take() {
            let _panicked = thread.join();
        }
    }
}

fn known(status: u16) -> StatusCode {
    StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
}
