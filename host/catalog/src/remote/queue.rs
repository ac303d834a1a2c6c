//! Which address is read next: whichever is due, with every host getting its turn.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use tokio::time::Instant;

/// How many addresses are read at a time.
const MOST: usize = 8;
/// How many of them may be on one host, so that one that hangs leaves room for the others.
const MOST_OF_HOST: usize = 3;

/// Addresses by the host that they lie on.
#[derive(Debug, Default)]
pub(super) struct Queue {
    due: HashMap<Arc<str>, Instant>,
    hosts: BTreeMap<String, Host>,
    running: usize,
    /// The host that had its turn last.
    last: String,
}

#[derive(Debug, Default)]
struct Host {
    due: BTreeSet<(Instant, Arc<str>)>,
    running: usize,
}

impl Queue {
    /// Sets when an address is read.
    pub(super) fn put(&mut self, address: &Arc<str>, at: Instant) {
        self.remove(address);
        self.due.insert(Arc::clone(address), at);
        self.hosts.entry(host(address)).or_default().due.insert((at, Arc::clone(address)));
    }

    /// Takes an address out; one that is being read stays so.
    pub(super) fn remove(&mut self, address: &Arc<str>) {
        let Some(at) = self.due.remove(address) else { return };
        let name = host(address);
        if let Some(host) = self.hosts.get_mut(&name) {
            host.due.remove(&(at, Arc::clone(address)));
            if host.due.is_empty() && host.running == 0 {
                self.hosts.remove(&name);
            }
        }
    }

    /// When an address is read next.
    pub(super) fn due(&self, address: &str) -> Option<Instant> {
        self.due.get(address).copied()
    }

    /// Takes an address that is due, from the host after the one that had its turn last.
    pub(super) fn next(&mut self, now: Instant) -> Option<Arc<str>> {
        if self.running >= MOST {
            return None;
        }
        let is_free = |host: &Host| host.running < MOST_OF_HOST && host.due.first().is_some_and(|(at, _)| *at <= now);
        let after =
            self.hosts.range::<str, _>((std::ops::Bound::Excluded(self.last.as_str()), std::ops::Bound::Unbounded));
        let name = after.chain(&self.hosts).find(|(_, host)| is_free(host)).map(|(name, _)| name.clone())?;
        let host = self.hosts.get_mut(&name)?;
        let (_, address) = host.due.pop_first()?;
        host.running += 1;
        self.running += 1;
        self.due.remove(&address);
        self.last = name;
        Some(address)
    }

    /// Takes note that an address has been read.
    pub(super) fn ended(&mut self, address: &str) {
        self.running = self.running.saturating_sub(1);
        let name = host(address);
        if let Some(host) = self.hosts.get_mut(&name) {
            host.running = host.running.saturating_sub(1);
            if host.due.is_empty() && host.running == 0 {
                self.hosts.remove(&name);
            }
        }
    }

    /// When [`Queue::next`] should be asked again, if nothing happens before.
    pub(super) fn wake_at(&self) -> Option<Instant> {
        if self.running >= MOST {
            return None;
        }
        let free = self.hosts.values().filter(|host| host.running < MOST_OF_HOST);
        free.filter_map(|host| host.due.first().map(|(at, _)| *at)).min()
    }
}

/// The host and port of an address.
fn host(address: &str) -> String {
    url::Url::parse(address)
        .map(|url| url[url::Position::BeforeHost..url::Position::AfterPort].to_owned())
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn every_host_gets_its_turn_and_none_gets_all() {
        let mut queue = Queue::default();
        let now = Instant::now();
        for number in 0..20 {
            queue.put(&format!("https://big/{number:02}").into(), now);
        }
        queue.put(&"https://small/1".into(), now);
        queue.put(&"https://later/1".into(), now + Duration::from_secs(1));
        let taken: Vec<_> = std::iter::from_fn(|| queue.next(now)).collect();
        assert_eq!(
            taken.iter().map(|address| &**address).collect::<Vec<_>>(),
            ["https://big/00", "https://small/1", "https://big/01", "https://big/02"]
        );
        assert_eq!(queue.wake_at(), Some(now + Duration::from_secs(1)));
        queue.ended("https://big/00");
        assert_eq!(queue.next(now).as_deref(), Some("https://big/03"));
        let later: Arc<str> = "https://later/1".into();
        queue.put(&later, now);
        assert_eq!(queue.due(&later), Some(now));
        queue.remove(&later);
        assert_eq!((queue.next(now), queue.due(&later)), (None, None));
    }
}
