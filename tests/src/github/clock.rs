//! The server's idea of now: it stands still for tests and moves for people.

use std::time::Instant;

use jiff::{SignedDuration, Timestamp};

/// The instant at which the fake stands still unless told otherwise: a Tuesday morning, 2026-03-10T09:00:00Z.
pub const BASE_TIME: Timestamp = Timestamp::constant(1_773_133_200, 0);

#[derive(Debug, Clone, Copy)]
pub(super) struct Clock {
    base: Timestamp,
    moving_since: Option<Instant>,
}

impl Clock {
    pub(super) fn still(base: Timestamp) -> Self {
        Self { base, moving_since: None }
    }

    pub(super) fn moving(base: Timestamp) -> Self {
        Self { base, moving_since: Some(Instant::now()) }
    }

    pub(super) fn base(&self) -> Timestamp {
        self.base
    }

    pub(super) fn now(&self) -> Timestamp {
        match self.moving_since {
            None => self.base,
            Some(start) => {
                self.base + SignedDuration::from_secs(i64::try_from(start.elapsed().as_secs()).unwrap_or(i64::MAX / 4))
            }
        }
    }
}

/// GitHub writes whole seconds in UTC.
pub(super) fn written(time: Timestamp) -> String {
    time.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}
