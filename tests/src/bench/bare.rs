//! A handler that does nothing but send bytes: what the machine, the server library and the load generator leave over.

use std::net::SocketAddr;

use anyhow::{Context as _, Result};
use axum::Router;
use axum::body::Bytes;
use axum::http::header::CONTENT_TYPE;
use axum::routing::get;
use tokio::task::JoinHandle;

/// The server, until it is dropped.
pub(super) struct Bare {
    pub(super) address: SocketAddr,
    serving: JoinHandle<()>,
}

impl Bare {
    /// Serves the same bytes at every path.
    pub(super) async fn start(body: Bytes) -> Result<Self> {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.context("no port is free")?;
        let address = listener.local_addr()?;
        let answer = move || async move { ([(CONTENT_TYPE, "application/json; charset=utf-8")], body.clone()) };
        let router = Router::new().fallback(get(answer));
        let serving = tokio::spawn(async move {
            // It ends with the benchmark.
            let _ = axum::serve(listener, router).await;
        });
        Ok(Self { address, serving })
    }
}

impl Drop for Bare {
    fn drop(&mut self) {
        self.serving.abort();
    }
}
