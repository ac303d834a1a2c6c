//! Sends requests to the services that the configuration binds to names: adds their credential, keeps the shared
//! cache, and waits where they asked to wait.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};
use std::time::{Duration, Instant, SystemTime};

use bytes::{Bytes, BytesMut};
use futures::{StreamExt, stream};
use host_telemetry::events::UpstreamRequestFinished;
use http::header::{AGE, AUTHORIZATION, CONTENT_TYPE, COOKIE, IF_NONE_MATCH, RETRY_AFTER, SET_COOKIE, USER_AGENT};
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode};
use tokio::sync::Semaphore;

use crate::binding::{self, UpstreamBinding};
use crate::body::{self, Body};
use crate::cache::{self, Cache, Key};
use crate::error::FetchError;
use crate::fetcher::{Answer, Fetcher, Outgoing};
use crate::rate::RateLimits;

/// Requests that one binding answers at the same time; further ones wait.
const CONCURRENT_PER_BINDING: usize = 32;
const MAX_REQUEST_BYTES: usize = 16 * 1024 * 1024;

/// The bound services. Cheap to clone; cache and limits are shared.
#[derive(Debug, Clone)]
pub struct Upstreams {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    fetcher: Fetcher,
    bindings: RwLock<BTreeMap<String, Arc<Bound>>>,
    cache: Mutex<Cache>,
    rates: Mutex<RateLimits>,
}

#[derive(Debug)]
struct Bound {
    binding: UpstreamBinding,
    slots: Arc<Semaphore>,
}

/// A request to a bound service. The path is sent as it is.
#[derive(Debug, Clone)]
pub struct UpstreamCall {
    pub method: Method,
    pub path_and_query: String,
    pub headers: HeaderMap,
    pub body: Bytes,
}

impl Upstreams {
    /// Services by the names of their bindings.
    pub fn new(fetcher: Fetcher, bindings: BTreeMap<String, UpstreamBinding>) -> Self {
        let inner = Inner { fetcher, bindings: RwLock::default(), cache: Mutex::default(), rates: Mutex::default() };
        let upstreams = Self { inner: Arc::new(inner) };
        upstreams.replace(bindings);
        upstreams
    }

    /// Replaces all bindings. What was kept of one that changed is forgotten; requests under way end as they began.
    pub fn replace(&self, bindings: BTreeMap<String, UpstreamBinding>) {
        let mut present = self.inner.bindings.write().unwrap_or_else(PoisonError::into_inner);
        let mut next = BTreeMap::new();
        for (name, binding) in bindings {
            match present.remove(&name) {
                Some(bound) if bound.binding == binding => next.insert(name, bound),
                _ => {
                    lock(&self.inner.cache).forget(&name);
                    let slots = Arc::new(Semaphore::new(CONCURRENT_PER_BINDING));
                    next.insert(name, Arc::new(Bound { binding, slots }))
                }
            };
        }
        for name in present.keys() {
            lock(&self.inner.cache).forget(name);
        }
        *present = next;
    }

    /// Whether there is a binding of this name.
    pub fn contains(&self, binding: &str) -> bool {
        self.inner.bindings.read().unwrap_or_else(PoisonError::into_inner).contains_key(binding)
    }

    /// The names of all bindings, in order.
    pub fn names(&self) -> Vec<String> {
        self.inner.bindings.read().unwrap_or_else(PoisonError::into_inner).keys().cloned().collect()
    }

    /// Sends a request and gives the answer as soon as its headers are there.
    ///
    /// # Errors
    /// When the binding does not exist, its address is refused, nothing answers in time, or a limit is passed.
    pub async fn send(&self, binding: &str, call: UpstreamCall) -> Result<Answer, FetchError> {
        let bound = {
            let bindings = self.inner.bindings.read().unwrap_or_else(PoisonError::into_inner);
            bindings.get(binding).cloned().ok_or_else(|| FetchError::UnknownBinding(binding.to_owned()))?
        };
        let started = Instant::now();
        let result = self.inner.answer(binding, &bound, call).await;
        let outcome = match &result {
            Ok((_, outcome)) => outcome,
            Err(FetchError::Timeout(_)) => "timeout",
            Err(FetchError::Refused(_) | FetchError::InvalidRequest(_)) => "refused",
            Err(_) => "failed",
        };
        UpstreamRequestFinished { binding, outcome, duration: started.elapsed() }.emit();
        result.map(|(answer, _)| answer)
    }
}

impl Inner {
    async fn answer(
        self: &Arc<Self>,
        name: &str,
        bound: &Bound,
        call: UpstreamCall,
    ) -> Result<(Answer, &'static str), FetchError> {
        if call.body.len() > MAX_REQUEST_BYTES {
            return Err(FetchError::InvalidRequest(format!("the request is larger than {MAX_REQUEST_BYTES} bytes")));
        }
        let url = bound.binding.address(&call.path_and_query).ok_or_else(|| {
            FetchError::InvalidRequest("the path holds something that would change its meaning on the way".into())
        })?;
        let (headers, wants_fresh) = (outgoing_headers(&call.headers), cache::wants_fresh(&call.headers));
        let key = cache::key(name, &call.method, &call.path_and_query, &headers);
        let (kept, generation) = {
            let mut cache = lock(&self.cache);
            (key.as_ref().and_then(|key| cache.get(key)), cache.generation(name))
        };
        if let Some(entry) = kept.as_ref().filter(|entry| !wants_fresh && entry.is_fresh(SystemTime::now())) {
            return Ok((from_cache(entry.headers.clone(), entry.body.clone()), "cached"));
        }
        if let Some(wait) = lock(&self.rates).wait(name, &call.path_and_query, SystemTime::now()) {
            return Ok((told_to_wait(wait), "rate-limited"));
        }

        let mut conditional = headers;
        if let Some(etag) = kept.as_ref().and_then(|entry| entry.etag.clone()) {
            conditional.insert(IF_NONE_MATCH, etag);
        }
        let limits = bound.binding.limits();
        let outgoing = Outgoing {
            method: call.method.clone(),
            url,
            headers: conditional,
            credentials: bound.binding.credentials().clone(),
            body: call.body,
        };
        let slot = tokio::time::timeout(limits.timeout, Arc::clone(&bound.slots).acquire_owned());
        let slot =
            slot.await.map_err(|_| FetchError::Timeout(limits.timeout.as_millis().try_into().unwrap_or(u64::MAX)))?;
        let is_safe = matches!(call.method, Method::GET | Method::HEAD | Method::OPTIONS);
        let change = (!is_safe).then(|| Change { inner: self, binding: name });
        let mut answer = self.fetcher.send(outgoing, limits).await?;
        drop(change);
        answer.headers.remove(SET_COOKIE);
        answer.body = body::holding(slot, answer.body);
        let now = SystemTime::now();
        lock(&self.rates).observe(name, &call.path_and_query, answer.status, &answer.headers, now);
        let Some(key) = key else { return Ok((answer, "answered")) };
        if answer.status == StatusCode::NOT_MODIFIED
            && let Some(entry) = kept
        {
            let mut headers = entry.headers.clone();
            for (name, value) in &answer.headers {
                headers.insert(name.clone(), value.clone());
            }
            match cache::freshness(StatusCode::OK, &headers) {
                Some(fresh) => {
                    lock(&self.cache).put(key, generation, (headers.clone(), entry.body.clone()), fresh, now)
                }
                None => lock(&self.cache).remove(&key),
            }
            return Ok((from_cache(headers, entry.body.clone()), "revalidated"));
        }
        if let Some(fresh) = cache::freshness(answer.status, &answer.headers) {
            answer.body = self.keeping((key, generation), &answer.headers, answer.body, fresh);
        } else {
            lock(&self.cache).remove(&key);
        }
        Ok((answer, "answered"))
    }

    /// Passes a body on and keeps it when it has come to its end in one piece.
    fn keeping(
        self: &Arc<Self>,
        (key, generation): (Key, u64),
        headers: &HeaderMap,
        body: Body,
        fresh: Duration,
    ) -> Body {
        let (inner, headers) = (Arc::clone(self), headers.clone());
        let state = Some((body, Some((key, headers, BytesMut::new()))));
        Box::pin(stream::unfold(state, move |state| {
            let inner = Arc::clone(&inner);
            async move {
                let (mut body, mut copy) = state?;
                let Some(chunk) = body.next().await else {
                    let (key, headers, bytes) = copy?;
                    let answer = (headers, bytes.freeze());
                    lock(&inner.cache).put(key, generation, answer, fresh, SystemTime::now());
                    return None;
                };
                match (&chunk, &mut copy) {
                    (Ok(chunk), Some((_, _, bytes))) if bytes.len() + chunk.len() <= cache::MAX_BODY_BYTES => {
                        bytes.extend_from_slice(chunk);
                    }
                    _ => copy = None,
                }
                Some((chunk, Some((body, copy))))
            }
        }))
    }
}

/// A request that may change what is behind a binding. However it ends, nothing kept counts as fresh after it: an error or
/// a caller that has gone does not tell whether the change was made.
struct Change<'a> {
    inner: &'a Inner,
    binding: &'a str,
}

impl Drop for Change<'_> {
    fn drop(&mut self) {
        lock(&self.inner.cache).expire(self.binding, SystemTime::now());
    }
}

/// The headers of a request that may go out: none that belongs to the connection, carries a credential, or lies about
/// where the request comes from.
fn outgoing_headers(headers: &HeaderMap) -> HeaderMap {
    let refused = |name: &HeaderName| {
        binding::is_reserved(name)
            || matches!(*name, AUTHORIZATION | COOKIE | USER_AGENT)
            || name == "forwarded"
            || ["proxy-", "x-forwarded-"].iter().any(|prefix| name.as_str().starts_with(prefix))
    };
    headers
        .iter()
        .filter(|(name, _)| !refused(name))
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect::<HeaderMap>()
}

fn from_cache(mut headers: HeaderMap, body: Bytes) -> Answer {
    headers.remove(AGE);
    headers.insert("x-callboard-cache", HeaderValue::from_static("hit"));
    Answer { status: StatusCode::OK, headers, body: body::ready(body) }
}

/// What is answered in place of an upstream that asked to wait.
fn told_to_wait(wait: Duration) -> Answer {
    let seconds = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
    let mut headers = HeaderMap::new();
    headers.insert(RETRY_AFTER, HeaderValue::from(seconds));
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert("x-callboard-rate-limit", HeaderValue::from_static("local"));
    let text = format!("{{\"message\":\"The upstream asked to wait; it was not asked again. Retry in {seconds} s.\"}}");
    Answer { status: StatusCode::TOO_MANY_REQUESTS, headers, body: body::ready(Bytes::from(text)) }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests;
