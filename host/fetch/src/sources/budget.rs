//! One budget of requests for each host: how many at a time, when it asked to wait, and how long it is left alone after
//! failures.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use http::{HeaderMap, StatusCode};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::rate::RateLimits;

/// Requests that one host answers at the same time; further ones wait.
const CONCURRENT_PER_HOST: usize = 8;
const FIRST_PAUSE: Duration = Duration::from_secs(1);
const LONGEST_PAUSE: Duration = Duration::from_secs(300);
const MAX_ENTRIES: usize = 4096;

/// What is known of all hosts.
#[derive(Debug, Default)]
pub(crate) struct Budget {
    slots: Mutex<HashMap<String, Arc<Semaphore>>>,
    rates: Mutex<RateLimits>,
    failures: Mutex<HashMap<String, Failures>>,
}

#[derive(Debug, Clone, Copy)]
struct Failures {
    count: u32,
    until: SystemTime,
}

/// The right to ask a host something; give it back by dropping it.
#[derive(Debug)]
pub(crate) struct Slot {
    _permit: Option<OwnedSemaphorePermit>,
}

impl Budget {
    /// How long a host, or what lies at a path of it, is not to be asked.
    pub(crate) fn wait(&self, host: &str, path: &str, now: SystemTime) -> Option<Duration> {
        let asked = lock(&self.rates).wait(host, path, now);
        let failures = lock(&self.failures);
        let pause = |key: &str| failures.get(key).and_then(|failed| failed.until.duration_since(now).ok());
        let paused = pause(host).max(pause(&resource(host, path)));
        asked.max(paused).filter(|wait| !wait.is_zero())
    }

    /// Waits for a turn, for so long at most.
    pub(crate) async fn enter(&self, host: &str, patience: Duration) -> Option<Slot> {
        let slots = {
            let mut all = lock(&self.slots);
            if all.len() >= MAX_ENTRIES {
                all.retain(|_, slots| Arc::strong_count(slots) > 1);
            }
            Arc::clone(all.entry(host.to_owned()).or_insert_with(|| Arc::new(Semaphore::new(CONCURRENT_PER_HOST))))
        };
        let permit = tokio::time::timeout(patience, slots.acquire_owned()).await.ok()?;
        Some(Slot { _permit: permit.ok() })
    }

    /// Learns from an answer. Gives how long the host asked to be left alone.
    pub(crate) fn answered(
        &self,
        host: &str,
        path: &str,
        status: StatusCode,
        headers: &HeaderMap,
        now: SystemTime,
    ) -> Option<Duration> {
        lock(&self.rates).observe(host, path, status, headers, now);
        {
            let mut failures = lock(&self.failures);
            failures.remove(host);
            if !status.is_server_error() {
                failures.remove(&resource(host, path));
            }
        }
        if status.is_server_error() {
            self.failed_at(resource(host, path), now);
        }
        self.wait(host, path, now)
    }

    /// Remembers that a host did not answer, and gives how long it is left alone.
    pub(crate) fn unreachable(&self, host: &str, now: SystemTime) -> Duration {
        self.failed_at(host.to_owned(), now)
    }

    /// Remembers that what lies at a path did not come as it should, and gives how long it is left alone.
    pub(crate) fn broken(&self, host: &str, path: &str, now: SystemTime) -> Duration {
        self.failed_at(resource(host, path), now)
    }

    fn failed_at(&self, key: String, now: SystemTime) -> Duration {
        let mut failures = lock(&self.failures);
        if failures.len() >= MAX_ENTRIES {
            failures.retain(|_, failed| failed.until > now);
        }
        let count = failures.get(&key).map_or(1, |failed| failed.count.saturating_add(1));
        let pause = FIRST_PAUSE.saturating_mul(1 << (count - 1).min(16)).min(LONGEST_PAUSE);
        if failures.len() < MAX_ENTRIES {
            failures.insert(key, Failures { count, until: now + pause });
        }
        pause
    }
}

fn resource(host: &str, path: &str) -> String {
    format!("{host} {path}")
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use std::time::UNIX_EPOCH;

    use super::*;

    const HOST: &str = "git.acme.example";

    fn at(seconds: u64) -> SystemTime {
        UNIX_EPOCH + Duration::from_secs(seconds)
    }

    fn answer(budget: &Budget, path: &str, status: u16, now: SystemTime) -> Option<u64> {
        let status = StatusCode::from_u16(status).unwrap();
        budget.answered(HOST, path, status, &HeaderMap::new(), now).map(|wait| wait.as_secs())
    }

    #[test]
    fn pauses_double_up_to_a_bound_and_end_with_an_answer() {
        let budget = Budget::default();
        let pauses: Vec<u64> = (0..12).map(|_| budget.unreachable(HOST, at(0)).as_secs()).collect();
        assert_eq!(pauses, [1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300, 300]);
        assert_eq!(budget.wait(HOST, "/any", at(100)), Some(Duration::from_secs(200)));
        assert_eq!(budget.wait("other.example", "/any", at(100)), None);
        assert_eq!(budget.wait(HOST, "/any", at(301)), None);
        assert_eq!(answer(&budget, "/a", 200, at(302)), None);
        assert_eq!(budget.unreachable(HOST, at(303)).as_secs(), 1);
    }

    #[test]
    fn a_broken_path_leaves_the_rest_of_the_host_alone() {
        let budget = Budget::default();
        assert_eq!(answer(&budget, "/a", 500, at(0)), Some(1));
        assert_eq!(answer(&budget, "/a", 502, at(2)), Some(2));
        assert_eq!(budget.wait(HOST, "/b", at(2)), None);
        assert_eq!(answer(&budget, "/a", 404, at(5)), None);
        assert_eq!(answer(&budget, "/a", 500, at(6)), Some(1));
    }

    #[test]
    fn what_a_host_asks_for_is_kept() {
        let budget = Budget::default();
        let headers = HeaderMap::from_iter([(http::header::RETRY_AFTER, http::HeaderValue::from_static("30"))]);
        let wait = budget.answered(HOST, "/a", StatusCode::TOO_MANY_REQUESTS, &headers, at(0));
        assert_eq!(wait, Some(Duration::from_secs(30)));
        assert_eq!(budget.wait(HOST, "/b", at(10)), Some(Duration::from_secs(20)));
    }

    #[tokio::test]
    async fn only_so_many_ask_at_a_time() {
        let budget = Budget::default();
        let mut slots = Vec::new();
        for _ in 0..CONCURRENT_PER_HOST {
            slots.push(budget.enter(HOST, Duration::ZERO).await.unwrap());
        }
        assert!(budget.enter(HOST, Duration::from_millis(1)).await.is_none());
        assert!(budget.enter("other.example", Duration::ZERO).await.is_some());
        slots.pop();
        assert!(budget.enter(HOST, Duration::from_secs(5)).await.is_some());
    }
}
