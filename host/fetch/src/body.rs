//! Bodies as they arrive, bounded in size and time.

use std::pin::Pin;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use futures::{Stream, StreamExt, stream};
use tokio::time::{Instant, timeout_at};

use crate::error::FetchError;

/// A body as it arrives. After an error it is at its end.
pub type Body = Pin<Box<dyn Stream<Item = Result<Bytes, FetchError>> + Send>>;

/// Reads a body to its end.
///
/// # Errors
/// The error with which the body ended.
pub async fn collect(mut body: Body) -> Result<Bytes, FetchError> {
    let mut all = BytesMut::new();
    while let Some(chunk) = body.next().await {
        all.extend_from_slice(&chunk?);
    }
    Ok(all.freeze())
}

/// A body that is already here.
pub(crate) fn ready(bytes: Bytes) -> Body {
    Box::pin(stream::iter((!bytes.is_empty()).then_some(Ok(bytes))))
}

/// A body that keeps its slot until it has ended or is dropped.
pub(crate) fn holding(slot: impl Send + 'static, body: Body) -> Body {
    Box::pin(stream::unfold((slot, body), |(slot, mut body)| async move {
        let chunk = body.next().await?;
        Some((chunk, (slot, body)))
    }))
}

/// When and where a body is cut off.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Bounds {
    pub(crate) deadline: Instant,
    pub(crate) timeout_ms: u64,
    /// How long nothing may arrive.
    pub(crate) idle: Option<Duration>,
    pub(crate) max_bytes: u64,
}

/// Cuts a body off at its bounds. Sizes are those after decompression.
pub(crate) fn bounded<S>(inner: S, bounds: Bounds) -> Body
where
    S: Stream<Item = Result<Bytes, reqwest::Error>> + Send + 'static,
{
    let state = Some((Box::pin(inner), 0_u64));
    Box::pin(stream::unfold(state, move |state| async move {
        let (mut inner, before) = state?;
        let silence = bounds.idle.and_then(|idle| Some((Instant::now().checked_add(idle)?, idle)));
        let (until, waited_ms) = match silence.filter(|(until, _)| *until < bounds.deadline) {
            Some((until, idle)) => (until, u64::try_from(idle.as_millis()).unwrap_or(u64::MAX)),
            None => (bounds.deadline, bounds.timeout_ms),
        };
        let chunk = match timeout_at(until, inner.next()).await {
            Err(_) => return Some((Err(FetchError::Timeout(waited_ms)), None)),
            Ok(None) => return None,
            Ok(Some(Err(error))) => return Some((Err(FetchError::from_client(&error)), None)),
            Ok(Some(Ok(chunk))) => chunk,
        };
        let total = before.saturating_add(chunk.len() as u64);
        if total > bounds.max_bytes {
            return Some((Err(FetchError::TooLarge(bounds.max_bytes)), None));
        }
        Some((Ok(chunk), Some((inner, total))))
    }))
}
