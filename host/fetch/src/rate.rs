//! Remembers which upstreams asked to wait, so that they are not asked again before.

use std::collections::HashMap;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use http::{HeaderMap, StatusCode};

/// Nothing may silence an upstream for longer.
const LONGEST_WAIT: Duration = Duration::from_secs(3600);
const MAX_ENTRIES: usize = 1024;

/// Until when which part of which binding is not to be asked.
#[derive(Debug, Default)]
pub(crate) struct RateLimits {
    until: HashMap<(String, Option<String>), SystemTime>,
}

impl RateLimits {
    /// How long to wait before a path of a binding may be asked; none when it may be asked now.
    pub(crate) fn wait(&mut self, binding: &str, path: &str, now: SystemTime) -> Option<Duration> {
        if self.until.is_empty() {
            return None;
        }
        self.until.retain(|_, until| *until > now);
        [None, Some(first_segment(path))]
            .into_iter()
            .filter_map(|part| self.until.get(&(binding.to_owned(), part)))
            .filter_map(|until| until.duration_since(now).ok())
            .max()
    }

    /// Learns from an answer.
    pub(crate) fn observe(
        &mut self,
        binding: &str,
        path: &str,
        status: StatusCode,
        headers: &HeaderMap,
        now: SystemTime,
    ) {
        let Some(wait) = asked_to_wait(status, headers, now) else { return };
        // A limit on one part of an API, as searching, leaves the rest usable.
        let part = match headers.get("x-ratelimit-resource").map(|value| value.as_bytes() != b"core") {
            Some(true) => Some(first_segment(path)),
            _ => None,
        };
        if self.until.len() < MAX_ENTRIES {
            self.until.insert((binding.to_owned(), part), now + wait.min(LONGEST_WAIT));
        }
    }
}

fn first_segment(path: &str) -> String {
    path.trim_start_matches('/').split(['/', '?']).next().unwrap_or_default().chars().take(100).collect()
}

/// How long an answer asks to wait before the next request.
fn asked_to_wait(status: StatusCode, headers: &HeaderMap, now: SystemTime) -> Option<Duration> {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).map(str::trim);
    if matches!(status.as_u16(), 403 | 429 | 503)
        && let Some(wait) = text("retry-after").and_then(|value| retry_after(value, now))
    {
        return Some(wait);
    }
    if text("x-ratelimit-remaining") != Some("0") {
        return None;
    }
    let reset: u64 = text("x-ratelimit-reset")?.parse().ok()?;
    (UNIX_EPOCH + Duration::from_secs(reset.min(1 << 40))).duration_since(now).ok().filter(|wait| !wait.is_zero())
}

/// Seconds, or a date as HTTP writes it.
fn retry_after(value: &str, now: SystemTime) -> Option<Duration> {
    if let Ok(seconds) = value.parse::<u64>() {
        return (seconds > 0).then(|| Duration::from_secs(seconds).min(LONGEST_WAIT));
    }
    let at = jiff::fmt::rfc2822::parse(value).ok()?.timestamp();
    SystemTime::from(at).duration_since(now).ok()
}

#[cfg(test)]
mod tests {
    use http::{HeaderName, HeaderValue};
    use rstest::rstest;

    use super::*;

    const NOW: u64 = 1_800_000_000;

    fn now() -> SystemTime {
        UNIX_EPOCH + Duration::from_secs(NOW)
    }

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        pairs.iter().map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value))).collect()
    }

    #[rstest]
    #[case(200, &[], None)]
    #[case(200, &[("retry-after", "30")], None)]
    #[case(429, &[("retry-after", "30")], Some(30))]
    #[case(403, &[("retry-after", "0")], None)]
    #[case(503, &[("retry-after", "Fri, 15 Jan 2027 08:01:00 GMT")], Some(60))]
    #[case(429, &[("retry-after", "soon")], None)]
    #[case(200, &[("x-ratelimit-remaining", "0"), ("x-ratelimit-reset", "1800000090")], Some(90))]
    #[case(200, &[("x-ratelimit-remaining", "1"), ("x-ratelimit-reset", "1800000090")], None)]
    #[case(200, &[("x-ratelimit-remaining", "0"), ("x-ratelimit-reset", "1700000000")], None)]
    #[case(200, &[("x-ratelimit-remaining", "0"), ("x-ratelimit-reset", "18446744073709551615")], Some(3600))]
    fn waits(#[case] status: u16, #[case] pairs: &[(&'static str, &'static str)], #[case] expected: Option<u64>) {
        let mut limits = RateLimits::default();
        limits.observe("github", "/repos/a", StatusCode::from_u16(status).unwrap(), &headers(pairs), now());
        let wait = limits.wait("github", "/user", now()).map(|wait| wait.as_secs());
        assert_eq!(wait, expected);
    }

    #[test]
    fn a_limit_on_one_part_leaves_the_rest_and_ends() {
        let mut limits = RateLimits::default();
        let answer = headers(&[("retry-after", "30"), ("x-ratelimit-resource", "search")]);
        limits.observe("github", "/search/code?q=a", StatusCode::TOO_MANY_REQUESTS, &answer, now());
        assert!(limits.wait("github", "/search/issues", now()).is_some());
        assert!(limits.wait("github", "/repos/a/b", now()).is_none());
        assert!(limits.wait("other", "/search/issues", now()).is_none());
        assert!(limits.wait("github", "/search/issues", now() + Duration::from_secs(31)).is_none());
    }
}
