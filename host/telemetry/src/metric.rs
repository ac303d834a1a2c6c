//! Every metric, in one table.

use metrics::Unit;

/// One metric as the table describes it.
#[derive(Clone, Copy, Debug)]
pub struct Metric {
    /// The name in Prometheus, unit included.
    pub name: &'static str,
    /// What grows or is measured.
    pub kind: Kind,
    /// The unit.
    pub unit: Unit,
    /// What it says, and its labels.
    pub help: &'static str,
}

/// The type of a metric.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Only grows.
    Counter,
    /// Goes up and down.
    Gauge,
    /// A distribution.
    Histogram,
}

/// Requests answered.
pub const HTTP_REQUESTS: &str = "callboard_http_requests_total";
/// Time to answer a request.
pub const HTTP_REQUEST_DURATION: &str = "callboard_http_request_duration_seconds";
/// Calls of plugins.
pub const PLUGIN_CALLS: &str = "callboard_plugin_calls_total";
/// Time of plugin calls.
pub const PLUGIN_CALL_DURATION: &str = "callboard_plugin_call_duration_seconds";
/// Processor time of plugins.
pub const PLUGIN_CPU: &str = "callboard_plugin_call_cpu_seconds";
/// Memory of plugin calls.
pub const PLUGIN_MEMORY: &str = "callboard_plugin_call_memory_bytes";
/// Calls of the host's functions by plugins.
pub const PLUGIN_HOST_CALLS: &str = "callboard_plugin_host_calls_total";
/// Bytes sent by plugins.
pub const PLUGIN_SENT: &str = "callboard_plugin_sent_bytes_total";
/// Files of plugins.
pub const PLUGINS: &str = "callboard_plugins";
/// Requests to upstreams.
pub const UPSTREAM_REQUESTS: &str = "callboard_upstream_requests_total";
/// Sources read.
pub const INGESTIONS: &str = "callboard_catalog_ingestions_total";
/// Time to read a source.
pub const INGESTION_DURATION: &str = "callboard_catalog_ingestion_duration_seconds";
/// Entities written.
pub const ENTITIES_WRITTEN: &str = "callboard_catalog_entities_written_total";
/// Tasks finished.
pub const TASKS: &str = "callboard_scaffolder_tasks_total";
/// Time of tasks.
pub const TASK_DURATION: &str = "callboard_scaffolder_task_duration_seconds";

/// The table. A name that is used and not in it fails a test.
pub const METRICS: [Metric; 15] = [
    counter(HTTP_REQUESTS, Unit::Count, "Requests answered, by method, route and status."),
    histogram(
        HTTP_REQUEST_DURATION,
        Unit::Seconds,
        "Time from a request to the end of its answer, by method and route.",
    ),
    counter(PLUGIN_CALLS, Unit::Count, "Calls of plugins, by plugin, extension point and outcome."),
    histogram(PLUGIN_CALL_DURATION, Unit::Seconds, "Time that calls of plugins took, by plugin and extension point."),
    histogram(PLUGIN_CPU, Unit::Seconds, "Processor time that calls of plugins used, by plugin."),
    histogram(PLUGIN_MEMORY, Unit::Bytes, "Peak memory of calls of plugins, by plugin."),
    counter(PLUGIN_HOST_CALLS, Unit::Count, "Calls of the host's functions by plugins, by plugin."),
    counter(PLUGIN_SENT, Unit::Bytes, "Bytes that plugins sent to other systems, by plugin."),
    gauge(PLUGINS, Unit::Count, "Files of plugins, by state."),
    counter(UPSTREAM_REQUESTS, Unit::Count, "Requests of plugins to upstreams, by binding and outcome."),
    counter(INGESTIONS, Unit::Count, "Times that a source was read, by outcome."),
    histogram(INGESTION_DURATION, Unit::Seconds, "Time from reading a source to the end of writing its entities."),
    counter(ENTITIES_WRITTEN, Unit::Count, "Entities that were new or had changed and were written."),
    counter(TASKS, Unit::Count, "Tasks of templates that ended, by outcome."),
    histogram(TASK_DURATION, Unit::Seconds, "Time that tasks of templates took."),
];

/// Bounds of the histograms of time, in seconds.
pub(crate) const SECONDS: [f64; 14] =
    [0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0, 60.0];

/// Bounds of the histograms of memory, in bytes.
pub(crate) const BYTES: [f64; 8] =
    [65_536.0, 262_144.0, 1_048_576.0, 4_194_304.0, 16_777_216.0, 67_108_864.0, 268_435_456.0, 1_073_741_824.0];

/// Tells the installed recorder what each metric means.
pub(crate) fn describe() {
    for Metric { name, kind, unit, help } in METRICS {
        match kind {
            Kind::Counter => metrics::describe_counter!(name, unit, help),
            Kind::Gauge => metrics::describe_gauge!(name, unit, help),
            Kind::Histogram => metrics::describe_histogram!(name, unit, help),
        }
    }
}

const fn counter(name: &'static str, unit: Unit, help: &'static str) -> Metric {
    Metric { name, kind: Kind::Counter, unit, help }
}

const fn gauge(name: &'static str, unit: Unit, help: &'static str) -> Metric {
    Metric { name, kind: Kind::Gauge, unit, help }
}

const fn histogram(name: &'static str, unit: Unit, help: &'static str) -> Metric {
    Metric { name, kind: Kind::Histogram, unit, help }
}
