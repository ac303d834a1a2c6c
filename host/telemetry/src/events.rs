//! What happens, as one struct an event; `emit` writes the log line and the metrics together.

use std::time::Duration;

use metrics::{counter, gauge, histogram};

use crate::metric;

/// A request was answered.
#[derive(Clone, Copy, Debug)]
pub struct HttpRequestFinished<'event> {
    /// The method.
    pub method: &'event str,
    /// The route as it is written in the router, never the path with its values; empty if none matched.
    pub route: &'event str,
    /// The path without its query.
    pub path: &'event str,
    /// The status of the answer.
    pub status: u16,
    /// From the request to the end of the answer's head.
    pub duration: Duration,
}

impl HttpRequestFinished<'_> {
    /// Writes line and metrics: an error for 5xx, otherwise information. That the portal is not ready yet (503) is an
    /// answer, not a failure.
    pub fn emit(self) {
        let Self { method, route, path, status, duration } = self;
        let milliseconds = to_milliseconds(duration);
        if status >= 500 && status != 503 {
            tracing::error!(
                http.method = method,
                http.path = path,
                http.status = status,
                duration.ms = milliseconds,
                "request failed"
            );
        } else {
            tracing::info!(
                http.method = method,
                http.path = path,
                http.status = status,
                duration.ms = milliseconds,
                "request answered"
            );
        }
        // Anyone can send any method and path: labels are taken from lists that end.
        let method = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]
            .into_iter()
            .find(|known| *known == method)
            .unwrap_or("other");
        let route = if route.is_empty() { "none" } else { route }.to_owned();
        counter!(metric::HTTP_REQUESTS, "method" => method, "route" => route.clone(), "status" => status.to_string())
            .increment(1);
        histogram!(metric::HTTP_REQUEST_DURATION, "method" => method, "route" => route).record(duration);
    }
}

/// A call of a plugin ended.
#[derive(Clone, Copy, Debug)]
pub struct PluginCallFinished<'event> {
    /// The plugin's id.
    pub plugin: &'event str,
    /// The extension point that was called.
    pub extension_point: &'event str,
    /// How it ended.
    pub ending: CallEnding<'event>,
    /// From the call to its end.
    pub duration: Duration,
    /// Processor time used.
    pub cpu: Duration,
    /// Most memory held, in bytes.
    pub peak_memory_bytes: u64,
    /// Calls of the host's functions.
    pub host_calls: u64,
    /// Bytes sent to other systems.
    pub sent_bytes: u64,
}

/// How a call of a plugin ended.
#[derive(Clone, Copy, Debug)]
pub enum CallEnding<'event> {
    /// With an answer.
    Answered,
    /// Whoever made it no longer waited.
    Cancelled,
    /// The plugin broke.
    Faulted {
        /// The code of the fault.
        code: &'static str,
        /// What happened, in a sentence.
        message: &'event str,
    },
}

impl PluginCallFinished<'_> {
    /// Writes line and metrics: a warning for a fault, otherwise a line at debug.
    pub fn emit(self) {
        let Self { plugin, extension_point, ending, duration, cpu, peak_memory_bytes, host_calls, sent_bytes } = self;
        let (milliseconds, cpu_milliseconds) = (to_milliseconds(duration), to_milliseconds(cpu));
        let outcome = match ending {
            CallEnding::Answered => "answered",
            CallEnding::Cancelled => "cancelled",
            CallEnding::Faulted { code, .. } => code,
        };
        match ending {
            CallEnding::Faulted { code, message } => tracing::warn!(
                plugin.id = plugin,
                plugin.point = extension_point,
                plugin.fault = code,
                error = message,
                duration.ms = milliseconds,
                cpu.ms = cpu_milliseconds,
                memory.bytes = peak_memory_bytes,
                "plugin call failed"
            ),
            CallEnding::Answered | CallEnding::Cancelled => tracing::debug!(
                plugin.id = plugin,
                plugin.point = extension_point,
                plugin.outcome = outcome,
                duration.ms = milliseconds,
                cpu.ms = cpu_milliseconds,
                memory.bytes = peak_memory_bytes,
                "plugin call finished"
            ),
        }
        let (plugin, point) = (plugin.to_owned(), extension_point.to_owned());
        counter!(metric::PLUGIN_CALLS, "plugin" => plugin.clone(), "point" => point.clone(), "outcome" => outcome)
            .increment(1);
        histogram!(metric::PLUGIN_CALL_DURATION, "plugin" => plugin.clone(), "point" => point).record(duration);
        histogram!(metric::PLUGIN_CPU, "plugin" => plugin.clone()).record(cpu);
        histogram!(metric::PLUGIN_MEMORY, "plugin" => plugin.clone()).record(peak_memory_bytes as f64);
        counter!(metric::PLUGIN_HOST_CALLS, "plugin" => plugin.clone()).increment(host_calls);
        counter!(metric::PLUGIN_SENT, "plugin" => plugin).increment(sent_bytes);
    }
}

/// The files of plugins were counted.
#[derive(Clone, Copy, Debug)]
pub struct PluginsCounted {
    /// The state.
    pub state: &'static str,
    /// How many are in it.
    pub plugins: usize,
}

impl PluginsCounted {
    /// Writes the metric; what becomes of a file has a line of its own.
    pub fn emit(self) {
        gauge!(metric::PLUGINS, "state" => self.state).set(self.plugins as f64);
    }
}

/// A request to an upstream was answered, or not.
#[derive(Clone, Copy, Debug)]
pub struct UpstreamRequestFinished<'event> {
    /// The name of the binding.
    pub binding: &'event str,
    /// What came of it, in a word.
    pub outcome: &'static str,
    /// From the request to the end of the answer's head.
    pub duration: Duration,
}

impl UpstreamRequestFinished<'_> {
    /// Writes a line at debug, and the metric. Never the address: it may hold what only its owner should see.
    pub fn emit(self) {
        let Self { binding, outcome, duration } = self;
        tracing::debug!(
            upstream.binding = binding,
            upstream.outcome = outcome,
            duration.ms = to_milliseconds(duration),
            "upstream request finished"
        );
        counter!(metric::UPSTREAM_REQUESTS, "binding" => binding.to_owned(), "outcome" => outcome).increment(1);
    }
}

/// A source was read into the catalog.
#[derive(Clone, Copy, Debug)]
pub struct IngestionFinished<'event> {
    /// The source: a location or a provider, without credentials.
    pub source: &'event str,
    /// Entities that it gave.
    pub entities: u64,
    /// Entities that were new or had changed.
    pub written: u64,
    /// Entities that were removed.
    pub removed: u64,
    /// Errors found in it.
    pub errors: u64,
    /// Why it could not be read at all, if so.
    pub failure: Option<&'event str>,
    /// From the first byte read to the last row written.
    pub duration: Duration,
}

impl IngestionFinished<'_> {
    /// Writes line and metrics: a warning if something was wrong, information if something changed, otherwise debug.
    pub fn emit(self) {
        let Self { source, entities, written, removed, errors, failure, duration } = self;
        let milliseconds = to_milliseconds(duration);
        let outcome = match failure {
            Some(failure) => {
                tracing::warn!(
                    catalog.source = source,
                    error = failure,
                    duration.ms = milliseconds,
                    "source could not be read"
                );
                "failed"
            }
            None if errors > 0 => {
                tracing::warn!(
                    catalog.source = source,
                    catalog.entities = entities,
                    catalog.written = written,
                    catalog.removed = removed,
                    catalog.errors = errors,
                    duration.ms = milliseconds,
                    "source read with errors"
                );
                "errors"
            }
            None if written + removed > 0 => {
                tracing::info!(
                    catalog.source = source,
                    catalog.entities = entities,
                    catalog.written = written,
                    catalog.removed = removed,
                    duration.ms = milliseconds,
                    "source read"
                );
                "changed"
            }
            None => {
                tracing::debug!(
                    catalog.source = source,
                    catalog.entities = entities,
                    duration.ms = milliseconds,
                    "source unchanged"
                );
                "unchanged"
            }
        };
        counter!(metric::INGESTIONS, "outcome" => outcome).increment(1);
        histogram!(metric::INGESTION_DURATION).record(duration);
        counter!(metric::ENTITIES_WRITTEN).increment(written);
    }
}

/// A task of a template ended.
#[derive(Clone, Copy, Debug)]
pub struct TaskFinished<'event> {
    /// The task's id.
    pub task: &'event str,
    /// The reference of its template.
    pub template: &'event str,
    /// How it ended: `completed`, `failed` or `cancelled`.
    pub outcome: &'static str,
    /// From its start to its end.
    pub duration: Duration,
}

impl TaskFinished<'_> {
    /// Writes line and metrics: a warning for a failed task, otherwise information.
    pub fn emit(self) {
        let Self { task, template, outcome, duration } = self;
        let milliseconds = to_milliseconds(duration);
        if outcome == "failed" {
            tracing::warn!(
                task.id = task,
                task.template = template,
                task.outcome = outcome,
                duration.ms = milliseconds,
                "task failed"
            );
        } else {
            tracing::info!(
                task.id = task,
                task.template = template,
                task.outcome = outcome,
                duration.ms = milliseconds,
                "task finished"
            );
        }
        counter!(metric::TASKS, "outcome" => outcome).increment(1);
        histogram!(metric::TASK_DURATION).record(duration);
    }
}

/// Milliseconds with three decimals.
fn to_milliseconds(duration: Duration) -> f64 {
    (duration.as_secs_f64() * 1_000_000.0).round() / 1_000.0
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use rstest::rstest;
    use serde_json::Value;

    use super::{
        CallEnding, HttpRequestFinished, IngestionFinished, PluginCallFinished, PluginsCounted, TaskFinished,
        UpstreamRequestFinished,
    };
    use crate::LogFormat;
    use crate::init::builder;
    use crate::metric::METRICS;
    use crate::output::tests::logged;

    const TIME: Duration = Duration::from_micros(1_500);

    fn http(method: &'static str, status: u16) -> HttpRequestFinished<'static> {
        HttpRequestFinished { method, route: "/catalog/{namespace}", path: "/catalog/default", status, duration: TIME }
    }

    fn call(ending: CallEnding<'static>) -> PluginCallFinished<'static> {
        PluginCallFinished {
            plugin: "openapi",
            extension_point: "ui-card",
            ending,
            duration: TIME,
            cpu: Duration::from_micros(200),
            peak_memory_bytes: 1 << 20,
            host_calls: 3,
            sent_bytes: 70,
        }
    }

    fn upstream() -> UpstreamRequestFinished<'static> {
        UpstreamRequestFinished { binding: "acme", outcome: "cached", duration: TIME }
    }

    fn ingestion(written: u64, errors: u64, failure: Option<&'static str>) -> IngestionFinished<'static> {
        IngestionFinished { source: "file:/a", entities: 3, written, removed: 0, errors, failure, duration: TIME }
    }

    fn task(outcome: &'static str) -> TaskFinished<'static> {
        TaskFinished { task: "t1", template: "template:default/new", outcome, duration: TIME }
    }

    #[rstest]
    #[case(|| http("GET", 200).emit(), "info", "request answered")]
    #[case(|| http("GET", 500).emit(), "error", "request failed")]
    #[case(|| http("GET", 503).emit(), "info", "request answered")]
    #[case(|| call(CallEnding::Answered).emit(), "debug", "plugin call finished")]
    #[case(|| call(CallEnding::Cancelled).emit(), "debug", "plugin call finished")]
    #[case(|| call(CallEnding::Faulted { code: "deadline", message: "too slow" }).emit(), "warn", "plugin call failed")]
    #[case(|| upstream().emit(), "debug", "upstream request finished")]
    #[case(|| ingestion(1, 0, None).emit(), "info", "source read")]
    #[case(|| ingestion(1, 2, None).emit(), "warn", "source read with errors")]
    #[case(|| ingestion(0, 0, None).emit(), "debug", "source unchanged")]
    #[case(|| ingestion(0, 0, Some("no such file")).emit(), "warn", "source could not be read")]
    #[case(|| task("completed").emit(), "info", "task finished")]
    #[case(|| task("failed").emit(), "warn", "task failed")]
    fn lines_have_a_level_and_a_duration(#[case] emit: fn(), #[case] level: &str, #[case] message: &str) {
        let text = logged(LogFormat::Json, false, "debug", emit);
        let line: Value = serde_json::from_str(&text).expect("there is one line");
        assert_eq!((line["level"].as_str(), line["message"].as_str()), (Some(level), Some(message)));
        assert_eq!(
            (line["duration.ms"].as_f64(), line["target"].as_str()),
            (Some(1.5), Some("host_telemetry::events"))
        );
    }

    #[test]
    fn metrics_are_those_of_the_table() {
        let recorder = builder().expect("the table is valid").build_recorder();
        metrics::with_local_recorder(&recorder, || {
            crate::metric::describe();
            http("GET", 200).emit();
            http("BREW", 418).emit();
            call(CallEnding::Answered).emit();
            call(CallEnding::Faulted { code: "trap", message: "it broke" }).emit();
            PluginsCounted { state: "serving", plugins: 2 }.emit();
            upstream().emit();
            ingestion(2, 0, None).emit();
            task("completed").emit();
        });
        let text = recorder.handle().render();
        assert!(
            text.contains(
                "callboard_http_requests_total{method=\"other\",route=\"/catalog/{namespace}\",status=\"418\"} 1"
            ),
            "{text}"
        );
        assert!(text.contains("callboard_http_request_duration_seconds_bucket{method=\"GET\",route=\"/catalog/{namespace}\",le=\"0.0025\"} 1"));
        assert!(text.contains("callboard_catalog_entities_written_total 2"));
        assert!(text.contains("callboard_plugin_call_memory_bytes_bucket{plugin=\"openapi\",le=\"1048576\"} 2"));
        for outcome in ["answered", "trap"] {
            let labels = format!("{{plugin=\"openapi\",point=\"ui-card\",outcome=\"{outcome}\"}} 1");
            assert!(text.contains(&format!("callboard_plugin_calls_total{labels}")), "{text}");
        }
        assert!(text.contains("callboard_plugin_sent_bytes_total{plugin=\"openapi\"} 140"), "{text}");
        assert!(text.contains("callboard_plugins{state=\"serving\"} 2"), "{text}");
        for metric in METRICS {
            assert!(
                text.contains(&format!("# HELP {} {}", metric.name, metric.help)),
                "{} is not described",
                metric.name
            );
        }
        let described = text.lines().filter(|line| line.starts_with("# TYPE ")).count();
        assert_eq!(described, METRICS.len(), "{text}");
    }
}
