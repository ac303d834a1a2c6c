//! The last lines that a plugin wrote.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};

use host_ports::{LogLevel, LogSink};

/// Lines that are kept.
const LINES: usize = 200;
/// The most bytes of one line that are kept.
const MAX_LINE: usize = 4 * 1024;

/// A plugin's log: what is new goes to the portal's log as well.
#[derive(Debug, Default)]
pub(crate) struct LogBook {
    source: String,
    lines: Mutex<VecDeque<String>>,
}

impl LogBook {
    /// An empty log of a file or plugin.
    pub(crate) fn of(source: &str) -> Self {
        Self { source: source.to_owned(), lines: Mutex::default() }
    }

    /// The kept lines, oldest first.
    pub(crate) fn lines(&self) -> Vec<String> {
        self.lock().iter().cloned().collect()
    }

    fn lock(&self) -> MutexGuard<'_, VecDeque<String>> {
        self.lines.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl LogSink for LogBook {
    fn line(&self, level: LogLevel, message: &str) {
        let message = &message[..message.floor_char_boundary(MAX_LINE)];
        let source = &*self.source;
        let word = match level {
            LogLevel::Debug => {
                tracing::debug!(target: "plugin", plugin = source, "{message}");
                "DEBUG"
            }
            LogLevel::Info => {
                tracing::info!(target: "plugin", plugin = source, "{message}");
                "INFO"
            }
            LogLevel::Warn => {
                tracing::warn!(target: "plugin", plugin = source, "{message}");
                "WARN"
            }
            LogLevel::Error => {
                tracing::error!(target: "plugin", plugin = source, "{message}");
                "ERROR"
            }
        };
        let mut lines = self.lock();
        if lines.len() == LINES {
            lines.pop_front();
        }
        lines.push_back(format!("{:.3} {word:5} {message}", jiff::Timestamp::now()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keeps_the_last_lines() {
        let book = LogBook::of("x");
        for number in 0..300 {
            book.line(LogLevel::Info, &format!("line {number}"));
        }
        book.line(LogLevel::Error, &"ü".repeat(4000));
        let lines = book.lines();
        assert_eq!(lines.len(), LINES);
        assert!(lines[0].ends_with("INFO  line 101"), "{}", lines[0]);
        assert!(lines[LINES - 1].contains(" ERROR ü") && lines[LINES - 1].len() < MAX_LINE + 60);
    }
}
