//! Standard output and standard error of a guest become lines.

use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};

use tokio::io::AsyncWrite;
use wasmtime_wasi::cli::{IsTerminal, StdoutStream};
use wasmtime_wasi::p2::{OutputStream, Pollable, StreamResult};

use crate::meter::Meter;
use crate::{LineLevel, Lines};

/// The most bytes of an unfinished line that are kept; a longer one is written in pieces.
const MAX_PENDING: usize = 16 << 10;

/// Where the output of the present call goes. A warm instance keeps its streams from call to call, so that what they
/// write to has to be exchanged behind them.
#[derive(Clone, Default)]
pub(crate) struct Outlet(Arc<Mutex<Target>>);

#[derive(Default)]
struct Target {
    call: Option<(Arc<Lines>, Arc<Meter>)>,
    out: Vec<u8>,
    err: Vec<u8>,
}

/// One of the two streams.
#[derive(Clone)]
pub(crate) struct GuestStream {
    outlet: Outlet,
    error: bool,
}

impl Outlet {
    pub(crate) fn stream(&self, error: bool) -> GuestStream {
        GuestStream { outlet: self.clone(), error }
    }

    /// Directs all that follows to a call.
    pub(crate) fn open(&self, lines: Arc<Lines>, meter: Arc<Meter>) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).call = Some((lines, meter));
    }

    /// Writes what is left of unfinished lines and lets go of the call.
    pub(crate) fn close(&self) {
        let mut target = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for error in [false, true] {
            let rest = std::mem::take(if error { &mut target.err } else { &mut target.out });
            target.emit(error, &rest);
        }
        target.call = None;
    }

    fn take(&self, error: bool, bytes: &[u8]) {
        let mut target = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let pending = if error { &mut target.err } else { &mut target.out };
        pending.extend_from_slice(bytes);
        let end = match pending.iter().rposition(|&byte| byte == b'\n') {
            Some(at) => at + 1,
            None if pending.len() > MAX_PENDING => pending.len(),
            None => return,
        };
        let rest = pending.split_off(end);
        let whole = std::mem::replace(pending, rest);
        target.emit(error, &whole);
    }
}

impl Target {
    fn emit(&self, error: bool, bytes: &[u8]) {
        let Some((lines, meter)) = &self.call else { return };
        if bytes.is_empty() {
            return;
        }
        let text = String::from_utf8_lossy(bytes);
        if error {
            meter.hear(&text);
        }
        let level = if error { LineLevel::Warn } else { LineLevel::Info };
        text.lines().filter(|line| !line.trim().is_empty()).for_each(|line| lines.write(level, line));
    }
}

impl IsTerminal for GuestStream {
    fn is_terminal(&self) -> bool {
        false
    }
}

impl StdoutStream for GuestStream {
    fn async_stream(&self) -> Box<dyn AsyncWrite + Send + Sync> {
        Box::new(self.clone())
    }

    fn p2_stream(&self) -> Box<dyn OutputStream> {
        Box::new(self.clone())
    }
}

impl OutputStream for GuestStream {
    fn write(&mut self, bytes: bytes::Bytes) -> StreamResult<()> {
        self.outlet.take(self.error, &bytes);
        Ok(())
    }

    fn flush(&mut self) -> StreamResult<()> {
        Ok(())
    }

    fn check_write(&mut self) -> StreamResult<usize> {
        Ok(64 << 10)
    }
}

#[wasmtime_wasi::async_trait]
impl Pollable for GuestStream {
    async fn ready(&mut self) {}
}

impl AsyncWrite for GuestStream {
    fn poll_write(self: Pin<&mut Self>, _: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        self.outlet.take(self.error, bytes);
        Poll::Ready(Ok(bytes.len()))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}
