//! How something is meant: the tones that colour a component. A tone always comes with a word or an icon.

use host_model::Severity;
use host_model::view::Level;

use crate::Icon;

/// The colour family of a component; written as `data-tone`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Tone {
    #[default]
    Neutral,
    Accent,
    Ok,
    Warning,
    Error,
    Info,
}

impl Tone {
    /// The value of `data-tone`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Neutral => "neutral",
            Self::Accent => "accent",
            Self::Ok => "ok",
            Self::Warning => "warning",
            Self::Error => "error",
            Self::Info => "info",
        }
    }
}

impl From<Severity> for Tone {
    fn from(severity: Severity) -> Self {
        match severity {
            Severity::Info => Self::Info,
            Severity::Warning => Self::Warning,
            Severity::Error => Self::Error,
        }
    }
}

impl From<Level> for Tone {
    fn from(level: Level) -> Self {
        match level {
            Level::Ok => Self::Ok,
            Level::Warning => Self::Warning,
            Level::Error => Self::Error,
            Level::Running => Self::Info,
            Level::Pending | Level::Muted | Level::Unknown => Self::Neutral,
        }
    }
}

/// The icon of a level; no two levels share one.
pub fn level_icon(level: Level) -> Icon {
    match level {
        Level::Ok => Icon::CheckCircle,
        Level::Warning => Icon::Warning,
        Level::Error => Icon::Error,
        Level::Pending => Icon::Clock,
        Level::Running => Icon::Running,
        Level::Muted => Icon::Skipped,
        Level::Unknown => Icon::Question,
    }
}

/// The word for a level, for readers who see neither icon nor colour.
pub fn level_word(level: Level) -> &'static str {
    match level {
        Level::Ok => "OK",
        Level::Warning => "Warning",
        Level::Error => "Error",
        Level::Pending => "Pending",
        Level::Running => "Running",
        Level::Muted => "Skipped",
        Level::Unknown => "Unknown",
    }
}

/// The icon of a severity.
pub fn severity_icon(severity: Severity) -> Icon {
    match severity {
        Severity::Info => Icon::Info,
        Severity::Warning => Icon::Warning,
        Severity::Error => Icon::Error,
    }
}
