//! The same requests again and again, on several connections, for a while.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use tokio::task::JoinSet;

use super::figures::Times;
use super::wire::{Connection, Reply, request};

/// What came of it.
#[derive(Debug)]
pub(super) struct Load {
    pub(super) times: Times,
    pub(super) elapsed: Duration,
    /// Bytes of all bodies.
    pub(super) bytes: u64,
}

impl Load {
    /// Answers in a second.
    #[expect(clippy::cast_precision_loss, reason = "nobody waits for so many answers")]
    pub(super) fn rate(&self) -> f64 {
        self.times.count() as f64 / self.elapsed.as_secs_f64()
    }

    /// Bytes of a body, on average.
    pub(super) fn mean_bytes(&self) -> u64 {
        self.bytes / self.times.count().max(1) as u64
    }
}

/// Asks for the paths in turn, each connection beginning with another one, until the time is up.
///
/// # Errors
/// When an answer is missing or has another status than 200.
pub(super) async fn run(address: SocketAddr, paths: &[String], connections: usize, length: Duration) -> Result<Load> {
    let paths: Arc<[(String, Vec<u8>)]> = paths.iter().map(|path| (path.clone(), request(address, path))).collect();
    // The first answers may have something to make ready, and belong to no figure.
    let mut opened = Vec::new();
    for _ in 0..connections {
        let mut connection = Connection::open(address).await?;
        ask(&mut connection, &paths[0]).await?;
        opened.push(connection);
    }
    let start = Instant::now();
    let mut tasks = JoinSet::new();
    for (number, connection) in opened.into_iter().enumerate() {
        tasks.spawn(ask_until(connection, Arc::clone(&paths), number, start + length));
    }
    let mut replies = Vec::new();
    while let Some(done) = tasks.join_next().await {
        replies.extend(done.context("a connection's task broke")??);
    }
    let elapsed = start.elapsed();
    let bytes = replies.iter().map(|reply| reply.length).sum();
    let times = Times::new(replies.iter().map(|reply| reply.whole).collect())?;
    Ok(Load { times, elapsed, bytes })
}

/// Asks once, on a connection of its own.
pub(super) async fn first(address: SocketAddr, path: &str) -> Result<Reply> {
    let mut connection = Connection::open(address).await?;
    ask(&mut connection, &(path.to_owned(), request(address, path))).await
}

/// Asks one after the other on one connection, so many times, and gives the answers.
pub(super) async fn replies(address: SocketAddr, path: &str, count: usize) -> Result<Vec<Reply>> {
    let mut connection = Connection::open(address).await?;
    let asked = (path.to_owned(), request(address, path));
    ask(&mut connection, &asked).await?;
    let mut replies = Vec::with_capacity(count);
    for _ in 0..count {
        replies.push(ask(&mut connection, &asked).await?);
    }
    Ok(replies)
}

async fn ask_until(
    mut connection: Connection,
    paths: Arc<[(String, Vec<u8>)]>,
    first: usize,
    end: Instant,
) -> Result<Vec<Reply>> {
    let mut replies = Vec::new();
    for asked in paths.iter().cycle().skip(first % paths.len()) {
        replies.push(ask(&mut connection, asked).await?);
        if Instant::now() >= end {
            break;
        }
    }
    Ok(replies)
}

async fn ask(connection: &mut Connection, (path, request): &(String, Vec<u8>)) -> Result<Reply> {
    let reply = connection.ask(request).await.with_context(|| format!("asking for {path}"))?;
    if reply.status != 200 {
        bail!("{path} was answered with status {}", reply.status);
    }
    Ok(reply)
}
