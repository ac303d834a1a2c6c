//! Lines that guests write for people: cut, counted and thinned, so that a flood of them harms nobody.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

/// The most bytes of one line; the rest is cut.
const MAX_LINE_BYTES: usize = 8 << 10;
/// How many lines one call may write at once, and how many more are granted each second.
const BURST: f64 = 1_000.0;
const PER_SECOND: f64 = 200.0;

/// How important a line is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LineLevel {
    Debug,
    Info,
    Warn,
    Error,
}

/// Takes the lines of one call.
pub trait LineSink: Send + Sync {
    /// Takes one line; must not block.
    fn line(&self, level: LineLevel, text: &str);
}

/// For calls whose lines nobody reads.
impl LineSink for () {
    fn line(&self, _: LineLevel, _: &str) {}
}

/// The lines of one call on their way to a sink: long ones are cut, floods are thinned, and both are said.
pub struct Lines {
    sink: Arc<dyn LineSink>,
    allowance: Mutex<Allowance>,
}

struct Allowance {
    left: f64,
    since: Instant,
    dropped: u64,
}

impl Lines {
    /// Lines for a sink.
    pub fn new(sink: Arc<dyn LineSink>) -> Self {
        Self { sink, allowance: Mutex::new(Allowance { left: BURST, since: Instant::now(), dropped: 0 }) }
    }

    /// Writes a text, which may be of several lines.
    pub fn write(&self, level: LineLevel, text: &str) {
        for line in text.lines() {
            self.write_line(level, line);
        }
    }

    fn write_line(&self, level: LineLevel, line: &str) {
        match self.allow(Instant::now()) {
            None => {}
            Some(dropped) => {
                self.tell_dropped(dropped);
                if line.len() <= MAX_LINE_BYTES {
                    self.sink.line(level, line);
                } else {
                    let cut = line.floor_char_boundary(MAX_LINE_BYTES);
                    self.sink.line(level, &format!("{} … ({} bytes more)", &line[..cut], line.len() - cut));
                }
            }
        }
    }

    /// Whether a line may pass now, and how many were left out before it.
    fn allow(&self, now: Instant) -> Option<u64> {
        let mut allowance = self.allowance.lock().unwrap_or_else(PoisonError::into_inner);
        let gained = now.saturating_duration_since(allowance.since).as_secs_f64() * PER_SECOND;
        allowance.left = (allowance.left + gained).min(BURST);
        allowance.since = now;
        if allowance.left < 1.0 {
            allowance.dropped += 1;
            return None;
        }
        allowance.left -= 1.0;
        Some(std::mem::take(&mut allowance.dropped))
    }

    fn tell_dropped(&self, dropped: u64) {
        if dropped > 0 {
            self.sink.line(LineLevel::Warn, &format!("{dropped} lines were left out: too many at once"));
        }
    }
}

impl Drop for Lines {
    fn drop(&mut self) {
        let dropped = self.allowance.get_mut().map_or(0, |allowance| allowance.dropped);
        self.tell_dropped(dropped);
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[derive(Default)]
    struct Kept(Mutex<Vec<String>>);

    impl LineSink for Kept {
        fn line(&self, _: LineLevel, text: &str) {
            self.0.lock().unwrap().push(text.to_owned());
        }
    }

    #[test]
    fn cuts_long_lines_and_splits_texts() {
        let kept = Arc::new(Kept::default());
        let lines = Lines::new(kept.clone());
        lines.write(LineLevel::Info, &format!("one\r\ntwo\n{}", "ä".repeat(5_000)));
        let kept = kept.0.lock().unwrap();
        assert_eq!(kept[..2], ["one", "two"]);
        assert!(kept[2].ends_with("ä … (1808 bytes more)"), "{}", kept[2]);
    }

    #[test]
    fn thins_a_flood_and_says_how_many_were_left_out() {
        let kept = Arc::new(Kept::default());
        let lines = Lines::new(kept.clone());
        let start = Instant::now();
        lines.allowance.lock().unwrap().since = start;
        let passed = (0..5_000).filter(|_| lines.allow(start).is_some()).count();
        assert_eq!(passed, 1_000);
        assert_eq!(lines.allow(start + Duration::from_secs(1)), Some(4_000));
        assert!(lines.allow(start + Duration::from_secs(1)).is_some());
        lines.allowance.lock().unwrap().dropped = 7;
        drop(lines);
        assert_eq!(kept.0.lock().unwrap().last().unwrap(), "7 lines were left out: too many at once");
    }
}
