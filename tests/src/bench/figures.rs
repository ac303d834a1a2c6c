//! Figures for people: the middle and the tail of many times, and numbers with their units.

use std::time::Duration;

use anyhow::{Result, bail};

/// Many times of the same work, in order.
#[derive(Debug)]
pub(super) struct Times(Vec<Duration>);

impl Times {
    /// # Errors
    /// When nothing was measured.
    pub(super) fn new(mut times: Vec<Duration>) -> Result<Self> {
        if times.is_empty() {
            bail!("nothing was measured: not one answer came in time");
        }
        times.sort_unstable();
        Ok(Self(times))
    }

    pub(super) fn count(&self) -> usize {
        self.0.len()
    }

    pub(super) fn p50(&self) -> String {
        duration(self.percentile(50))
    }

    pub(super) fn p99(&self) -> String {
        duration(self.percentile(99))
    }

    /// The smallest time that so many in a hundred do not exceed.
    fn percentile(&self, percent: usize) -> Duration {
        let rank = (self.0.len() * percent).div_ceil(100);
        self.0[rank.saturating_sub(1)]
    }
}

/// A time in the unit that suits its size.
pub(super) fn duration(time: Duration) -> String {
    let seconds = time.as_secs_f64();
    match seconds {
        _ if seconds >= 1.0 => format!("{seconds:.2} s"),
        _ if seconds >= 0.001 => format!("{:.2} ms", seconds * 1e3),
        _ => format!("{:.1} µs", seconds * 1e6),
    }
}

/// A size in units of a thousand.
#[expect(clippy::cast_precision_loss, reason = "figures show three digits")]
pub(super) fn bytes(size: u64) -> String {
    match size {
        0..1_000 => format!("{size} B"),
        1_000..1_000_000 => format!("{:.1} kB", size as f64 / 1e3),
        _ => format!("{:.1} MB", size as f64 / 1e6),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_times_that_were_measured() {
        for (count, p50, p99) in [(1, 1, 1), (2, 1, 2), (100, 50, 99), (101, 51, 100), (200, 100, 198)] {
            let times = Times::new((1..=count).rev().map(Duration::from_millis).collect()).unwrap();
            assert_eq!(times.percentile(50), Duration::from_millis(p50), "{count}");
            assert_eq!(times.percentile(99), Duration::from_millis(p99), "{count}");
        }
        assert!(Times::new(Vec::new()).is_err());
    }

    #[test]
    fn units_suit_the_size() {
        for (micros, text) in [(12, "12.0 µs"), (1_500, "1.50 ms"), (999_000, "999.00 ms"), (2_340_000, "2.34 s")] {
            assert_eq!(duration(Duration::from_micros(micros)), text);
        }
        for (size, text) in [(999, "999 B"), (67_676, "67.7 kB"), (257_000_000, "257.0 MB")] {
            assert_eq!(bytes(size), text);
        }
    }
}
