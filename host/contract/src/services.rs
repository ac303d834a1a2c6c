//! What the host functions of one call work with, whatever the version of the contract.

use std::sync::Arc;

use host_ports::{CallServices, LogLevel, LogSink};
use host_runtime::{LineLevel, LineSink, Lines, State, Tally};
use wasmtime_wasi_http::{WasiHttpCtx, WasiHttpCtxView};

use crate::http_out::UpstreamHooks;

/// The data of one call.
pub(crate) struct HostData {
    pub(crate) services: CallServices,
    pub(crate) lines: Arc<Lines>,
    pub(crate) tally: Tally,
    http: WasiHttpCtx,
    hooks: UpstreamHooks,
}

impl HostData {
    pub(crate) fn new(services: CallServices, lines: Arc<Lines>, tally: Tally) -> Self {
        let hooks = UpstreamHooks::new(Arc::clone(&services.upstreams), Arc::clone(&lines), tally.clone());
        Self { services, lines, tally, http: WasiHttpCtx::new(), hooks }
    }

    /// The state of `wasi:http` within a store.
    pub(crate) fn http(state: &mut State<Self>) -> WasiHttpCtxView<'_> {
        let (data, table) = state.parts();
        WasiHttpCtxView { ctx: &mut data.http, table, hooks: &mut data.hooks }
    }
}

/// The lines of a call for a log: cut, thinned, and passed on.
pub(crate) fn lines(log: &Arc<dyn LogSink>) -> Arc<Lines> {
    Arc::new(Lines::new(Arc::new(ToLog(Arc::clone(log)))))
}

struct ToLog(Arc<dyn LogSink>);

impl LineSink for ToLog {
    fn line(&self, level: LineLevel, text: &str) {
        let level = match level {
            LineLevel::Debug => LogLevel::Debug,
            LineLevel::Info => LogLevel::Info,
            LineLevel::Warn => LogLevel::Warn,
            LineLevel::Error => LogLevel::Error,
        };
        self.0.line(level, text);
    }
}
