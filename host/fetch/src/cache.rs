//! A cache of answers that all plugins share, kept per binding: one binding is one credential, so that nobody is given
//! what another credential may see. Bounded in bytes; what was not used for longest goes first.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use http::header::{CACHE_CONTROL, ETAG, HeaderMap, HeaderValue, IF_NONE_MATCH, RANGE, USER_AGENT, VARY};
use http::{HeaderName, Method, StatusCode};

/// Nothing is answered from the cache for longer without asking the upstream whether it still holds.
const LONGEST_FRESHNESS: Duration = Duration::from_secs(60);
/// Larger bodies are not kept.
pub(crate) const MAX_BODY_BYTES: usize = 1024 * 1024;
const MAX_TOTAL_BYTES: usize = 32 * 1024 * 1024;
/// What an entry costs besides body and headers.
const ENTRY_OVERHEAD: usize = 512;

/// What one answer is kept under: the address and every header on which it might depend.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Key {
    binding: String,
    path_and_query: String,
    headers: Vec<(HeaderName, HeaderValue)>,
}

/// A kept answer.
#[derive(Debug)]
pub(crate) struct Entry {
    pub(crate) etag: Option<HeaderValue>,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
    fresh_until: SystemTime,
}

impl Entry {
    /// Whether it may be given without asking.
    pub(crate) fn is_fresh(&self, now: SystemTime) -> bool {
        now < self.fresh_until
    }

    fn cost(&self) -> usize {
        let headers: usize = self.headers.iter().map(|(name, value)| name.as_str().len() + value.len()).sum();
        ENTRY_OVERHEAD + self.body.len() + headers
    }
}

/// The kept answers.
#[derive(Debug, Default)]
pub(crate) struct Cache {
    entries: HashMap<Key, (Arc<Entry>, u64)>,
    /// How often something was changed behind a binding, or the binding itself.
    generations: HashMap<String, u64>,
    bytes: usize,
    uses: u64,
}

/// Under what the answer to a request may be kept; none when it may not be.
pub(crate) fn key(binding: &str, method: &Method, path_and_query: &str, headers: &HeaderMap) -> Option<Key> {
    if method != Method::GET || headers.contains_key(RANGE) || headers.contains_key(IF_NONE_MATCH) {
        return None;
    }
    if headers.contains_key("if-modified-since") || directives(headers).any(|directive| directive == "no-store") {
        return None;
    }
    let mut dependent: Vec<_> = headers
        .iter()
        .filter(|(name, _)| !matches!(**name, USER_AGENT | CACHE_CONTROL))
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect();
    dependent.sort_by(|one, other| one.0.as_str().cmp(other.0.as_str()));
    Some(Key { binding: binding.to_owned(), path_and_query: path_and_query.to_owned(), headers: dependent })
}

/// Whether a request wants to be sure that the answer is of now.
pub(crate) fn wants_fresh(headers: &HeaderMap) -> bool {
    directives(headers).any(|directive| directive == "no-cache" || directive == "max-age=0")
}

/// For how long an answer is fresh; none when it must not be kept or cannot be of use.
pub(crate) fn freshness(status: StatusCode, headers: &HeaderMap) -> Option<Duration> {
    if status != StatusCode::OK || headers.get_all(VARY).iter().any(|value| value.as_bytes().contains(&b'*')) {
        return None;
    }
    let (mut no_cache, mut max_age) = (false, Duration::ZERO);
    for directive in directives(headers) {
        match directive.as_str() {
            "no-store" => return None,
            "no-cache" => no_cache = true,
            other => {
                if let Some(seconds) =
                    other.strip_prefix("max-age=").and_then(|text| text.trim_matches('"').parse().ok())
                {
                    max_age = Duration::from_secs(seconds).min(LONGEST_FRESHNESS);
                }
            }
        }
    }
    let fresh = if no_cache { Duration::ZERO } else { max_age };
    (headers.contains_key(ETAG) || !fresh.is_zero()).then_some(fresh)
}

fn directives(headers: &HeaderMap) -> impl Iterator<Item = String> {
    headers
        .get_all(CACHE_CONTROL)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map(|directive| directive.trim().to_ascii_lowercase())
}

impl Cache {
    /// The kept answer, fresh or not.
    pub(crate) fn get(&mut self, key: &Key) -> Option<Arc<Entry>> {
        self.uses += 1;
        let (entry, used) = self.entries.get_mut(key)?;
        *used = self.uses;
        Some(Arc::clone(entry))
    }

    /// What a binding is at. An answer is kept only if it was asked for in the present generation: one that was under way
    /// while something changed may tell of before.
    pub(crate) fn generation(&self, binding: &str) -> u64 {
        self.generations.get(binding).copied().unwrap_or_default()
    }

    /// Keeps an answer that was asked for in this generation.
    pub(crate) fn put(
        &mut self,
        key: Key,
        generation: u64,
        answer: (HeaderMap, Bytes),
        fresh: Duration,
        now: SystemTime,
    ) {
        let (headers, body) = answer;
        let entry = Entry { etag: headers.get(ETAG).cloned(), headers, body, fresh_until: now + fresh };
        if entry.body.len() > MAX_BODY_BYTES || generation != self.generation(&key.binding) {
            return;
        }
        self.remove(&key);
        self.uses += 1;
        self.bytes += entry.cost();
        self.entries.insert(key, (Arc::new(entry), self.uses));
        while self.bytes > MAX_TOTAL_BYTES {
            let Some(oldest) = self.entries.iter().min_by_key(|(_, (_, used))| *used).map(|(key, _)| key.clone())
            else {
                return;
            };
            self.remove(&oldest);
        }
    }

    /// Forgets one answer.
    pub(crate) fn remove(&mut self, key: &Key) {
        if let Some((entry, _)) = self.entries.remove(key) {
            self.bytes -= entry.cost();
        }
    }

    /// Something was changed behind a binding: every kept answer has to be asked for again.
    pub(crate) fn expire(&mut self, binding: &str, now: SystemTime) {
        self.next_generation(binding);
        for (key, (entry, _)) in &mut self.entries {
            if key.binding == binding && entry.is_fresh(now) {
                *entry = Arc::new(Entry {
                    etag: entry.etag.clone(),
                    headers: entry.headers.clone(),
                    body: entry.body.clone(),
                    fresh_until: now,
                });
            }
        }
    }

    /// Forgets everything of a binding.
    pub(crate) fn forget(&mut self, binding: &str) {
        self.next_generation(binding);
        let gone: Vec<_> = self.entries.keys().filter(|key| key.binding == binding).cloned().collect();
        for key in gone {
            self.remove(&key);
        }
    }

    fn next_generation(&mut self, binding: &str) {
        *self.generations.entry(binding.to_owned()).or_default() += 1;
    }
}

#[cfg(test)]
mod tests {
    use std::time::UNIX_EPOCH;

    use rstest::rstest;

    use super::*;

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        pairs.iter().map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value))).collect()
    }

    #[rstest]
    #[case(200, &[], None)]
    #[case(200, &[("etag", "\"1\"")], Some(0))]
    #[case(200, &[("etag", "\"1\""), ("cache-control", "private, max-age=20")], Some(20))]
    #[case(200, &[("cache-control", "max-age=9000")], Some(60))]
    #[case(200, &[("etag", "\"1\""), ("cache-control", "No-Cache, max-age=20")], Some(0))]
    #[case(200, &[("etag", "\"1\""), ("cache-control", "no-store")], None)]
    #[case(200, &[("etag", "\"1\""), ("vary", "*")], None)]
    #[case(404, &[("etag", "\"1\"")], None)]
    fn what_may_be_kept(
        #[case] status: u16,
        #[case] pairs: &[(&'static str, &'static str)],
        #[case] expected: Option<u64>,
    ) {
        let fresh = freshness(StatusCode::from_u16(status).unwrap(), &headers(pairs));
        assert_eq!(fresh.map(|fresh| fresh.as_secs()), expected);
    }

    #[test]
    fn keys_tell_bindings_addresses_and_headers_apart() {
        let key_of = |binding, path, pairs: &[_]| key(binding, &Method::GET, path, &headers(pairs));
        let plain = key_of("a", "/x", &[]);
        assert_eq!(plain, key_of("a", "/x", &[("user-agent", "other"), ("cache-control", "no-cache")]));
        assert_ne!(plain, key_of("b", "/x", &[]));
        assert_ne!(plain, key_of("a", "/x?y", &[]));
        assert_ne!(plain, key_of("a", "/x", &[("accept", "text/plain")]));
        assert_eq!(key_of("a", "/x", &[("range", "bytes=0-1")]), None);
        assert_eq!(key("a", &Method::POST, "/x", &HeaderMap::new()), None);
    }

    #[test]
    fn the_cache_stays_within_its_bounds() {
        let mut cache = Cache::default();
        let body = Bytes::from(vec![0; MAX_BODY_BYTES]);
        let key_of = |index: usize| key("a", &Method::GET, &format!("/{index}"), &HeaderMap::new()).unwrap();
        for index in 0..40 {
            cache.put(key_of(index), 0, (HeaderMap::new(), body.clone()), Duration::ZERO, UNIX_EPOCH);
            assert!(cache.get(&key_of(0)).is_some(), "the one in use stays");
        }
        assert!(cache.bytes <= MAX_TOTAL_BYTES && cache.entries.len() > 25);
        assert!(cache.get(&key_of(1)).is_none() && cache.get(&key_of(39)).is_some());
        cache.forget("a");
        assert_eq!((cache.bytes, cache.entries.len()), (0, 0));
    }

    #[test]
    fn a_change_makes_kept_answers_stale() {
        let mut cache = Cache::default();
        let key = key("a", &Method::GET, "/x", &HeaderMap::new()).unwrap();
        let answer = || (HeaderMap::new(), Bytes::new());
        cache.put(key.clone(), cache.generation("a"), answer(), Duration::from_secs(20), UNIX_EPOCH);
        assert!(cache.get(&key).unwrap().is_fresh(UNIX_EPOCH));
        cache.expire("other", UNIX_EPOCH);
        assert!(cache.get(&key).unwrap().is_fresh(UNIX_EPOCH));
        let before = cache.generation("a");
        cache.expire("a", UNIX_EPOCH);
        assert!(!cache.get(&key).unwrap().is_fresh(UNIX_EPOCH));
        // What was asked for before the change does not make it fresh again; what is asked for after it does.
        cache.put(key.clone(), before, answer(), Duration::from_secs(20), UNIX_EPOCH);
        assert!(!cache.get(&key).unwrap().is_fresh(UNIX_EPOCH));
        cache.put(key.clone(), cache.generation("a"), answer(), Duration::from_secs(20), UNIX_EPOCH);
        assert!(cache.get(&key).unwrap().is_fresh(UNIX_EPOCH));
    }
}
