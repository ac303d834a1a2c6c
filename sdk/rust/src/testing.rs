//! Stands in for the host, so that a plugin's logic can be tested with plain `cargo test`.
//!
//! ```
//! use callboard_sdk::testing::Host;
//! use callboard_sdk::http::{self, Response};
//!
//! let status = Host::new()
//!     .upstream(|request| {
//!         assert_eq!(request.url(), "http://github/zen");
//!         Ok(Response::new(200, "Keep it logically awesome."))
//!     })
//!     .run(|| http::get("http://github/zen").send().unwrap().status());
//! assert_eq!(status, 200);
//! ```

use std::cell::RefCell;
use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::Error;
use crate::http::{Request, Response};
use crate::log::Level;

type Answer = Box<dyn FnMut(&Request) -> Result<Response, Error>>;

/// A host in memory. Without an upstream every request is refused, as it is to a plugin that has no grant.
pub struct Host {
    pub(crate) config: Value,
    pub(crate) now: Option<i64>,
    pub(crate) lines: Vec<(Level, String)>,
    values: BTreeMap<String, Vec<u8>>,
    entities: Vec<Value>,
    answer: Option<Answer>,
    requests: Vec<Request>,
}

thread_local! {
    static CURRENT: RefCell<Host> = RefCell::new(Host::new());
}

impl Default for Host {
    fn default() -> Self {
        Self::new()
    }
}

impl Host {
    /// A host that knows nothing.
    pub fn new() -> Self {
        Self {
            config: json!({}),
            now: None,
            lines: Vec::new(),
            values: BTreeMap::new(),
            entities: Vec::new(),
            answer: None,
            requests: Vec::new(),
        }
    }

    /// The plugin's configuration.
    #[must_use]
    pub fn config(mut self, config: Value) -> Self {
        self.config = config;
        self
    }

    /// An entity of the catalog.
    #[must_use]
    pub fn entity(mut self, entity: Value) -> Self {
        self.entities.push(entity);
        self
    }

    /// The present instant.
    #[must_use]
    pub fn now(mut self, instant: i64) -> Self {
        self.now = Some(instant);
        self
    }

    /// Answers all requests of the plugin.
    #[must_use]
    pub fn upstream(mut self, answer: impl FnMut(&Request) -> Result<Response, Error> + 'static) -> Self {
        self.answer = Some(Box::new(answer));
        self
    }

    /// Runs something with this host. Afterwards, or when it panics, the host before is in place again.
    pub fn run<T>(self, work: impl FnOnce() -> T) -> T {
        struct Restore(Option<Host>);
        impl Drop for Restore {
            fn drop(&mut self) {
                if let Some(host) = self.0.take() {
                    CURRENT.set(host);
                }
            }
        }
        let _restore = Restore(Some(CURRENT.replace(self)));
        work()
    }
}

/// The lines that were logged so far.
pub fn lines() -> Vec<(Level, String)> {
    with(|host| host.lines.clone())
}

/// The requests that were made so far.
pub fn requests() -> Vec<Request> {
    with(|host| host.requests.clone())
}

pub(crate) fn with<T>(work: impl FnOnce(&mut Host) -> T) -> T {
    CURRENT.with_borrow_mut(work)
}

pub(crate) fn send(request: &Request) -> Result<Response, Error> {
    let answer = with(|host| {
        host.requests.push(request.clone());
        host.answer.take()
    });
    // The answer runs outside the borrow, so that it may use the host itself.
    let Some(mut answer) = answer else {
        return Err(Error::Denied(format!("no upstream is bound for {}", request.url())));
    };
    let outcome = answer(request);
    with(|host| host.answer = Some(answer));
    outcome
}

/// What the host offers as `kv`.
pub(crate) mod kv {
    use super::with;
    use crate::raw::host::kv::KvError;

    fn checked(key: &str) -> Result<(), KvError> {
        if (1..=512).contains(&key.len()) { Ok(()) } else { Err(KvError::InvalidKey(key.to_owned())) }
    }

    pub(crate) fn get(key: &str) -> Result<Option<Vec<u8>>, KvError> {
        checked(key)?;
        Ok(with(|host| host.values.get(key).cloned()))
    }

    pub(crate) fn set(key: &str, value: &[u8], _time_to_live: Option<u32>) -> Result<(), KvError> {
        checked(key)?;
        with(|host| host.values.insert(key.to_owned(), value.to_owned()));
        Ok(())
    }

    pub(crate) fn remove(key: &str) -> Result<(), KvError> {
        checked(key)?;
        with(|host| host.values.remove(key));
        Ok(())
    }

    pub(crate) fn keys(prefix: &str, after: Option<&str>, limit: u32) -> Result<Vec<String>, KvError> {
        Ok(with(|host| {
            let keys = host.values.keys().filter(|key| key.starts_with(prefix));
            let keys = keys.filter(|key| after.is_none_or(|after| key.as_str() > after));
            keys.take(limit as usize).cloned().collect()
        }))
    }
}

/// What the host offers as `catalog`. Filters are not understood: every entity matches.
pub(crate) mod catalog {
    use super::with;
    use crate::raw::host::catalog::{EntityQuery, Page};
    use crate::{Entity, Error};

    pub(crate) fn get(references: &[String]) -> Result<Vec<Option<String>>, Error> {
        let find = |reference: &String| {
            with(|host| {
                let mut all = host.entities.iter().map(|entity| Entity::from(entity.clone()));
                all.find(|entity| entity.reference() == *reference).map(|entity| entity.as_value().to_string())
            })
        };
        Ok(references.iter().map(find).collect())
    }

    pub(crate) fn query(query: &EntityQuery) -> Result<Page, Error> {
        Ok(with(|host| Page {
            entities: host.entities.iter().take(query.limit as usize).map(ToString::to_string).collect(),
            total: host.entities.len() as u64,
            next: None,
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{catalog, config, http, kv, log};

    #[test]
    fn offers_what_the_host_offers() {
        let entity = json!({ "kind": "Component", "metadata": { "name": "a" } });
        Host::new().config(json!({ "days": 3 })).entity(entity).run(|| {
            assert_eq!(config::get::<BTreeMap<String, u32>>().unwrap()["days"], 3);
            assert!(catalog::get("component:default/a").unwrap().is_some());
            assert!(catalog::get("component:default/b").unwrap().is_none());

            kv::set_json("a/1", &1, None).unwrap();
            kv::set_json("a/2", &2, None).unwrap();
            kv::set_json("b", &3, None).unwrap();
            assert_eq!(kv::keys("a/", Some("a/1"), 10).unwrap(), ["a/2"]);
            kv::remove("b").unwrap();
            assert_eq!(kv::get_json::<u32>("b").unwrap(), None);
            assert!(kv::get("").is_err());

            log::warn!("{} left", 2);
            assert_eq!(lines(), [(Level::Warn, "2 left".into())]);

            assert!(matches!(http::get("http://x/").send(), Err(Error::Denied(_))));
            assert_eq!(requests().len(), 1);
        });
        assert!(lines().is_empty(), "nothing is left of the host");
    }
}
