//! Which lines are written: a level, or the directives of `tracing`'s environment filter.

use tracing_subscriber::EnvFilter;
use tracing_subscriber::filter::ParseError;

const LEVELS: [&str; 6] = ["off", "error", "warn", "info", "debug", "trace"];

/// Why a filter is not one.
#[derive(Debug, thiserror::Error)]
pub enum FilterError {
    /// A word that is neither a level nor `target=level`.
    #[error("the log level `{0}` is none of off, error, warn, info, debug and trace, nor of the form `target=level`")]
    Level(String),
    /// A directive that the filter does not understand.
    #[error("the log filter `{directives}` is not valid: {reason}")]
    Directive {
        /// The filter as it was given.
        directives: String,
        /// What is wrong with it.
        reason: ParseError,
    },
}

/// Reads a filter. `debug` and `trace` alone mean Callboard's own lines; a library's are asked for by name.
pub(crate) fn parse(level: &str) -> Result<EnvFilter, FilterError> {
    let level = level.trim();
    let directives = match level.to_ascii_lowercase().as_str() {
        "" => "info".to_owned(),
        word @ ("debug" | "trace") => format!("info,callboard={word},host_={word},frontend_={word}"),
        _ => level.to_owned(),
    };
    for part in directives.split(',').map(str::trim) {
        let is_level = LEVELS.iter().any(|level| level.eq_ignore_ascii_case(part));
        if !is_level && !part.contains(['=', '[']) {
            return Err(FilterError::Level(part.to_owned()));
        }
    }
    EnvFilter::try_new(&directives).map_err(|reason| FilterError::Directive { directives, reason })
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::parse;

    #[rstest]
    fn takes(
        #[values("", "info", "WARN", "off", "debug", "info,host_fetch=debug", "warn,[request]=trace")] level: &str,
    ) {
        assert!(parse(level).is_ok());
    }

    #[rstest]
    #[case("infoo", "the log level `infoo` is none of")]
    #[case("info,hyper", "the log level `hyper` is none of")]
    #[case("info,", "the log level `` is none of")]
    #[case("hyper=loud", "the log filter `hyper=loud` is not valid")]
    fn refuses(#[case] level: &str, #[case] message: &str) {
        let error = parse(level).expect_err("it is not a filter").to_string();
        assert!(error.starts_with(message), "{error}");
    }
}
