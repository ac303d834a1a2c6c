//! When a file is ready to be read: its size and time have been still for a while.

use std::collections::BTreeMap;
use std::time::{Duration, Instant, SystemTime};

/// How long size and time must be still.
pub(crate) const STILL: Duration = Duration::from_millis(300);

/// What tells whether a file has changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Stamp {
    pub(crate) length: u64,
    pub(crate) modified: SystemTime,
}

/// What a listing brought.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Seen {
    /// Files that were not there before.
    pub(crate) appeared: Vec<String>,
    /// Files that are still now and have not been read in this form.
    pub(crate) settled: Vec<String>,
    /// Files that are gone.
    pub(crate) gone: Vec<String>,
    /// When to look again because a file is about to be still; none when nothing moves.
    pub(crate) look_again: Option<Duration>,
}

/// Remembers what was listed and since when each file is still.
#[derive(Debug, Default)]
pub(crate) struct Settler {
    files: BTreeMap<String, Watched>,
    listed_before: bool,
}

#[derive(Debug)]
struct Watched {
    stamp: Stamp,
    still_since: Instant,
    settled: bool,
}

impl Settler {
    /// Takes note of a listing. A file of the very first listing that was last written a while ago is settled at once.
    pub(crate) fn observe(&mut self, listing: &BTreeMap<String, Stamp>, now: Instant, wall: SystemTime) -> Seen {
        let mut seen = Seen::default();
        let first = !std::mem::replace(&mut self.listed_before, true);
        self.files.retain(|name, _| {
            let there = listing.contains_key(name);
            if !there {
                seen.gone.push(name.clone());
            }
            there
        });
        for (name, &stamp) in listing {
            let watched = self.files.entry(name.clone()).or_insert_with(|| {
                seen.appeared.push(name.clone());
                let old = wall.duration_since(stamp.modified).is_ok_and(|age| age >= STILL);
                let still_since = if first && old { now.checked_sub(STILL).unwrap_or(now) } else { now };
                Watched { stamp, still_since, settled: false }
            });
            if watched.stamp != stamp {
                *watched = Watched { stamp, still_since: now, settled: false };
            }
            if watched.settled {
                continue;
            }
            let still = now.saturating_duration_since(watched.still_since);
            if still >= STILL {
                watched.settled = true;
                seen.settled.push(name.clone());
            } else {
                let wait = STILL - still;
                seen.look_again = Some(seen.look_again.map_or(wait, |soonest| soonest.min(wait)));
            }
        }
        seen
    }

    /// Whether a file is known in this form, or not known at all.
    pub(crate) fn is_current(&self, name: &str, stamp: Stamp) -> bool {
        self.files.get(name).is_none_or(|watched| watched.stamp == stamp)
    }

    /// The file was read in another form than the one that was listed: wait for it anew.
    pub(crate) fn unsettle(&mut self, name: &str, now: Instant) {
        if let Some(watched) = self.files.get_mut(name) {
            watched.settled = false;
            watched.still_since = now;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn listing(files: &[(&str, u64)], wall: SystemTime) -> BTreeMap<String, Stamp> {
        files.iter().map(|(name, length)| ((*name).to_owned(), Stamp { length: *length, modified: wall })).collect()
    }

    #[test]
    fn a_file_settles_when_it_has_been_still_for_long_enough() {
        let (mut settler, start, wall) = (Settler::default(), Instant::now(), SystemTime::UNIX_EPOCH);
        let at = |ms| start + Duration::from_millis(ms);
        assert_eq!(settler.observe(&BTreeMap::new(), start, wall), Seen::default());

        let seen = settler.observe(&listing(&[("a", 1)], wall), at(0), wall);
        assert_eq!((seen.appeared, seen.settled), (vec!["a".to_owned()], vec![]));
        assert_eq!(seen.look_again, Some(STILL));
        let growing = settler.observe(&listing(&[("a", 2)], wall), at(200), wall);
        assert_eq!((growing.settled.len(), growing.look_again), (0, Some(STILL)));
        let nearly = settler.observe(&listing(&[("a", 2)], wall), at(400), wall);
        assert_eq!((nearly.settled.len(), nearly.look_again), (0, Some(Duration::from_millis(100))));
        assert_eq!(settler.observe(&listing(&[("a", 2)], wall), at(500), wall).settled, ["a"]);
        assert_eq!(settler.observe(&listing(&[("a", 2)], wall), at(900), wall), Seen::default());

        let touched = wall + Duration::from_secs(1);
        assert_eq!(settler.observe(&listing(&[("a", 2)], touched), at(1000), touched).settled.len(), 0);
        assert_eq!(settler.observe(&listing(&[("a", 2)], touched), at(1300), touched).settled, ["a"]);
        assert_eq!(settler.observe(&BTreeMap::new(), at(1400), touched).gone, ["a"]);
    }

    #[test]
    fn old_files_need_not_wait_at_start() {
        let (start, wall) = (Instant::now(), SystemTime::UNIX_EPOCH + Duration::from_secs(100));
        let mut settler = Settler::default();
        let mut files = listing(&[("old", 1)], wall - Duration::from_secs(1));
        files.extend(listing(&[("new", 1)], wall));
        let seen = settler.observe(&files, start, wall);
        assert_eq!((seen.settled, seen.look_again), (vec!["old".to_owned()], Some(STILL)));

        files.extend(listing(&[("later", 1)], wall - Duration::from_secs(1)));
        assert!(settler.observe(&files, start, wall).settled.is_empty(), "only at start");
        settler.unsettle("old", start);
        assert!(settler.observe(&files, start + STILL, wall).settled.contains(&"old".to_owned()));
    }
}
