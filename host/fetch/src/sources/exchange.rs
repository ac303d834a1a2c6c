//! One request of a read: within the policy, the budget of its host and the time of the whole read.

use std::fs::File;
use std::io::{self, Write};
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use futures::StreamExt;
use http::{HeaderMap, Method, StatusCode};
use tokio::time::Instant;
use url::Url;

use crate::address::Reach;
use crate::body::{self, Body};
use crate::error::FetchError;
use crate::fetcher::{Fetcher, Limits, Outgoing};
use crate::sources::address::shown;
use crate::sources::budget::{Budget, Slot};
use crate::sources::error::{ReadError, size};
use crate::sources::policy::{Policy, host_and_port};

/// How long nothing may arrive before an answer counts as broken off.
const IDLE: Duration = Duration::from_secs(15);

/// What every request of every read shares.
#[derive(Debug)]
pub(crate) struct Exchange {
    pub(crate) fetcher: Fetcher,
    pub(crate) policy: Policy,
    pub(crate) budget: Budget,
}

/// One request.
#[derive(Debug, Clone)]
pub(crate) struct Question {
    pub(crate) method: Method,
    pub(crate) url: Url,
    pub(crate) headers: HeaderMap,
    /// Sent to the origin of the address only.
    pub(crate) credentials: HeaderMap,
    pub(crate) body: Bytes,
    /// How far the address itself may lead, where the configuration names it as a forge's; none: what the policy says.
    pub(crate) reach: Option<Reach>,
    pub(crate) max_bytes: u64,
    pub(crate) deadline: Instant,
}

impl Question {
    pub(crate) fn get(url: Url, max_bytes: u64, deadline: Instant) -> Self {
        Self {
            method: Method::GET,
            url,
            headers: HeaderMap::new(),
            credentials: HeaderMap::new(),
            body: Bytes::new(),
            reach: None,
            max_bytes,
            deadline,
        }
    }
}

/// An answer whose body is still to come.
pub(crate) struct Reply {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    body: Body,
    /// What was asked for, for the budget and for messages.
    asked: Url,
    /// What answered, after all redirects.
    pub(crate) url: Url,
    max_bytes: u64,
    slot: Slot,
}

impl Reply {
    /// The body as it arrives. The host's turn ends with it.
    pub(crate) fn into_body(self) -> Body {
        body::holding(self.slot, self.body)
    }
}

impl Exchange {
    /// Sends a request, unless its host is to be left alone.
    ///
    /// # Errors
    /// When an address is refused, or no answer comes. An answer that is an error of the server counts as none.
    pub(crate) async fn send(&self, question: Question) -> Result<Reply, ReadError> {
        let Question { method, url, headers, credentials, body, reach, max_bytes, deadline } = question;
        let (host, path) = (host_and_port(&url), url.path().to_owned());
        self.may_ask(&url)?;
        let patience = deadline.saturating_duration_since(Instant::now());
        let Some(slot) = self.budget.enter(&host, patience).await else {
            return Err(ReadError::unavailable(shown(&url), format!("{host} had no turn left for it in time")));
        };
        // Others may have learned meanwhile that the host does not answer.
        self.may_ask(&url)?;
        let timeout = deadline.saturating_duration_since(Instant::now());
        let limits = Limits {
            reach: reach.unwrap_or(Reach::Public),
            timeout,
            idle_timeout: Some(IDLE),
            max_response_bytes: max_bytes,
        };
        let origin = url.origin();
        let guard = |hop: &Url| match reach {
            Some(reach) if hop.origin() == origin => Ok(reach),
            _ => self.policy.reach(hop).map_err(|_| FetchError::NotAllowed(Box::new(hop.clone()))),
        };
        let outgoing = Outgoing { method, url: url.clone(), headers, credentials, body };
        let answer = self.fetcher.send_guarded(outgoing, limits, &guard).await;
        let (answer, last) = answer.map_err(|failed| self.failed(&url, &failed.url, failed.error, max_bytes))?;
        let wait = self.budget.answered(&host, &path, answer.status, &answer.headers, SystemTime::now());
        let status = answer.status;
        if status.is_server_error() || status == StatusCode::TOO_MANY_REQUESTS || (wait.is_some() && !is_good(status)) {
            let reason = match (wait, status.is_server_error()) {
                (Some(_), false) => format!("{host} asks to wait (it answered {})", status.as_u16()),
                _ => format!("{host} answered {}", status.as_u16()),
            };
            return Err(ReadError::Unavailable { url: shown(&url), reason, retry_after: wait });
        }
        Ok(Reply { status, headers: answer.headers, body: answer.body, asked: url, url: last, max_bytes, slot })
    }

    /// Reads the body of an answer to its end.
    ///
    /// # Errors
    /// When it is too long, breaks off or takes too long.
    pub(crate) async fn collect(&self, reply: Reply) -> Result<Bytes, ReadError> {
        let (asked, max_bytes) = (reply.asked.clone(), reply.max_bytes);
        body::collect(reply.into_body()).await.map_err(|error| self.broken_off(&asked, error, max_bytes))
    }

    /// Writes the body of an answer into a file.
    ///
    /// # Errors
    /// When it is too long, breaks off or takes too long; within, when the file cannot be written.
    pub(crate) async fn save(&self, reply: Reply, file: &mut File) -> Result<io::Result<()>, ReadError> {
        let (asked, max_bytes) = (reply.asked.clone(), reply.max_bytes);
        let mut body = reply.into_body();
        while let Some(chunk) = body.next().await {
            let chunk = chunk.map_err(|error| self.broken_off(&asked, error, max_bytes))?;
            if let Err(error) = file.write_all(&chunk) {
                return Ok(Err(error));
            }
        }
        Ok(Ok(()))
    }

    /// What to say of an error in the middle of a body.
    pub(crate) fn broken_off(&self, url: &Url, error: FetchError, max_bytes: u64) -> ReadError {
        match error {
            FetchError::TooLarge(_) => ReadError::too_large(shown(url), more_than(max_bytes)),
            other => {
                let wait = self.budget.broken(&host_and_port(url), url.path(), SystemTime::now());
                ReadError::Unavailable { url: shown(url), reason: other.to_string(), retry_after: Some(wait) }
            }
        }
    }

    /// Refuses to ask while the host is to be left alone.
    pub(crate) fn may_ask(&self, url: &Url) -> Result<(), ReadError> {
        let host = host_and_port(url);
        match self.budget.wait(&host, url.path(), SystemTime::now()) {
            None => Ok(()),
            Some(wait) => {
                let seconds = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
                let reason = format!("{host} did not answer or asked to wait; it is asked again in {seconds} s");
                Err(ReadError::Unavailable { url: shown(url), reason, retry_after: Some(wait) })
            }
        }
    }

    fn failed(&self, asked: &Url, hop: &Url, error: FetchError, max_bytes: u64) -> ReadError {
        let unavailable =
            |reason: String, wait| ReadError::Unavailable { url: shown(asked), reason, retry_after: wait };
        let now = SystemTime::now();
        match error {
            FetchError::NotAllowed(target) if !matches!(target.scheme(), "http" | "https") => ReadError::NotAllowed {
                url: shown(asked),
                reason: format!("it redirects to a {}: address", target.scheme()),
                hint: None,
            },
            FetchError::NotAllowed(target) => match self.policy.reach(&target) {
                Err(ReadError::NotAllowed { reason, hint, .. }) => {
                    let reason = if *target == *asked {
                        reason
                    } else {
                        format!("it redirects to {}: {reason}", host_and_port(&target))
                    };
                    ReadError::NotAllowed { url: shown(asked), reason, hint }
                }
                Err(other) => other,
                Ok(_) => unavailable("it redirects elsewhere".into(), None),
            },
            FetchError::Refused(refused) => self.policy.refused_network(hop, refused),
            FetchError::TooLarge(_) => ReadError::too_large(shown(asked), more_than(max_bytes)),
            FetchError::Unreachable(_) | FetchError::Timeout(_) => {
                let host = host_and_port(hop);
                let wait = match error.is_of_the_host() {
                    true => self.budget.unreachable(&host, now),
                    false => self.budget.broken(&host_and_port(asked), asked.path(), now),
                };
                unavailable(format!("{host}: {error}"), Some(wait))
            }
            FetchError::Redirect(_) | FetchError::InvalidRequest(_) | FetchError::UnknownBinding(_) => {
                let wait = self.budget.broken(&host_and_port(asked), asked.path(), now);
                unavailable(error.to_string(), Some(wait))
            }
        }
    }
}

fn is_good(status: StatusCode) -> bool {
    status.is_success() || status == StatusCode::NOT_MODIFIED
}

fn more_than(max_bytes: u64) -> String {
    format!("it has more than {}", size(max_bytes))
}
