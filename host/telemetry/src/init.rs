//! Puts log and metrics in place, once a process.

use std::io::{self, IsTerminal as _};
use std::sync::Arc;

use metrics_exporter_prometheus::{BuildError, Matcher, PrometheusBuilder, PrometheusHandle};
use tracing_subscriber::layer::SubscriberExt as _;

use crate::filter::{self, FilterError};
use crate::metric;
use crate::output::{LogFormat, Output};

/// Why telemetry could not be put in place.
#[derive(Debug, thiserror::Error)]
pub enum InitError {
    /// The level is not one.
    #[error(transparent)]
    Filter(#[from] FilterError),
    /// Somebody else has set up logging in this process.
    #[error("logging has been set up before in this process")]
    AlreadySet,
    /// The metrics could not be set up.
    #[error("the metrics could not be set up: {0}")]
    Metrics(#[from] BuildError),
}

/// The way to the metrics of this process.
#[derive(Clone)]
pub struct Handle {
    prometheus: Arc<PrometheusHandle>,
}

impl std::fmt::Debug for Handle {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Handle").finish_non_exhaustive()
    }
}

impl Handle {
    /// All metrics in Prometheus' text format.
    pub fn render(&self) -> String {
        self.prometheus.run_upkeep();
        self.prometheus.render()
    }

    /// Does what has to be done now and then where nobody asks for the metrics; once in a few minutes will do.
    pub fn run_upkeep(&self) {
        self.prometheus.run_upkeep();
    }
}

/// Logs to standard error from now on, and counts. `level` is a level or a list of `target=level`.
///
/// # Errors
///
/// If the level is not one, or if it was called before.
pub fn init(format: LogFormat, level: &str) -> Result<Handle, InitError> {
    let filter = filter::parse(level)?;
    let is_plain = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    let colour = !is_plain && io::stderr().is_terminal();
    let subscriber = tracing_subscriber::registry().with(filter).with(Output::new(format, colour, io::stderr));
    tracing::subscriber::set_global_default(subscriber).map_err(|_| InitError::AlreadySet)?;
    let prometheus = builder()?.install_recorder()?;
    metric::describe();
    Ok(Handle { prometheus: Arc::new(prometheus) })
}

/// The recorder's settings: real histograms with bounds that suit what is measured.
pub(crate) fn builder() -> Result<PrometheusBuilder, BuildError> {
    PrometheusBuilder::new()
        .set_buckets_for_metric(Matcher::Suffix("_seconds".to_owned()), &metric::SECONDS)?
        .set_buckets_for_metric(Matcher::Suffix("_bytes".to_owned()), &metric::BYTES)
}

#[cfg(test)]
mod tests {
    use super::{InitError, init};
    use crate::LogFormat;

    #[test]
    fn happens_once() {
        assert!(matches!(init(LogFormat::Text, "loud"), Err(InitError::Filter(_))));
        let handle = init(LogFormat::Text, "off").expect("this is the only test that sets it up");
        assert!(handle.render().is_empty() || handle.render().contains("callboard_"));
        assert!(matches!(init(LogFormat::Json, "info"), Err(InitError::AlreadySet)));
    }
}
