//! One keep-alive connection that asks and counts. It is far cheaper than a real client, so that a load generator on the
//! same machine leaves the processor to the portal.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use callboard_tests::wait::PATIENCE;
use tokio::io::{AsyncBufRead, AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::TcpStream;

/// What is kept of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Reply {
    pub(super) status: u16,
    /// Bytes of the body.
    pub(super) length: u64,
    pub(super) first_byte: Duration,
    pub(super) whole: Duration,
}

/// A connection to the portal.
#[derive(Debug)]
pub(super) struct Connection {
    stream: BufReader<TcpStream>,
}

impl Connection {
    pub(super) async fn open(address: SocketAddr) -> Result<Self> {
        let stream = TcpStream::connect(address).await.with_context(|| format!("connecting to {address}"))?;
        stream.set_nodelay(true)?;
        Ok(Self { stream: BufReader::with_capacity(64 * 1024, stream) })
    }

    /// Sends a request that [`request`] made and reads the answer to its end.
    pub(super) async fn ask(&mut self, request: &[u8]) -> Result<Reply> {
        match tokio::time::timeout(PATIENCE, self.exchange(request)).await {
            Ok(reply) => reply,
            Err(_) => bail!("no whole answer within {} s", PATIENCE.as_secs()),
        }
    }

    async fn exchange(&mut self, request: &[u8]) -> Result<Reply> {
        let start = Instant::now();
        self.stream.get_mut().write_all(request).await.context("the connection broke")?;
        if self.stream.fill_buf().await.context("the connection broke")?.is_empty() {
            bail!("the portal ended the connection instead of answering");
        }
        let first_byte = start.elapsed();
        let (status, length) = read_answer(&mut self.stream).await?;
        Ok(Reply { status, length, first_byte, whole: start.elapsed() })
    }
}

/// A `GET` that keeps the connection.
pub(super) fn request(address: SocketAddr, path: &str) -> Vec<u8> {
    format!("GET {path} HTTP/1.1\r\nHost: {address}\r\n\r\n").into_bytes()
}

/// The status of an answer and the bytes of its body.
async fn read_answer(stream: &mut (impl AsyncBufRead + Unpin)) -> Result<(u16, u64)> {
    let mut line = String::new();
    read_line(stream, &mut line).await?;
    let status = line.strip_prefix("HTTP/1.1 ").and_then(|rest| rest.get(..3)?.parse().ok());
    let status = status.with_context(|| format!("this is no answer in HTTP: {line:?}"))?;
    let (mut length, mut chunked) = (0, false);
    loop {
        read_line(stream, &mut line).await?;
        let Some((name, value)) = line.split_once(':') else { break };
        if name.eq_ignore_ascii_case("content-length") {
            length = value.trim().parse().with_context(|| format!("a length that is none: {value:?}"))?;
        } else if name.eq_ignore_ascii_case("transfer-encoding") {
            chunked = value.trim().eq_ignore_ascii_case("chunked");
        }
    }
    if !chunked {
        skip(stream, length).await?;
        return Ok((status, length));
    }
    let mut total = 0;
    loop {
        read_line(stream, &mut line).await?;
        let digits = line.split(';').next().unwrap_or_default().trim();
        let chunk = u64::from_str_radix(digits, 16).with_context(|| format!("a chunk without a size: {line:?}"))?;
        if chunk == 0 {
            break;
        }
        skip(stream, chunk).await?;
        total += chunk;
        read_line(stream, &mut line).await?;
    }
    while !line.trim().is_empty() {
        read_line(stream, &mut line).await?;
    }
    Ok((status, total))
}

async fn read_line(stream: &mut (impl AsyncBufRead + Unpin), line: &mut String) -> Result<()> {
    line.clear();
    if stream.read_line(line).await.context("the answer broke off")? == 0 {
        bail!("the answer broke off");
    }
    Ok(())
}

async fn skip(stream: &mut (impl AsyncBufRead + Unpin), mut length: u64) -> Result<()> {
    while length > 0 {
        let there = stream.fill_buf().await.context("the answer broke off")?.len();
        if there == 0 {
            bail!("the answer broke off {length} bytes before its end");
        }
        let taken = there.min(usize::try_from(length).unwrap_or(usize::MAX));
        stream.consume(taken);
        length -= taken as u64;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn answers_are_read_to_their_end_and_no_further() {
        let sized = "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello";
        let chunked = "HTTP/1.1 404 Not Found\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\nb;x=y\r\nhello world\r\n0\r\n\r\n";
        let bare = "HTTP/1.1 304 Not Modified\r\n\r\n";
        let text = [sized, chunked, bare, sized].concat();
        let mut stream = text.as_bytes();
        for expected in [(200, 5), (404, 16), (304, 0), (200, 5)] {
            assert_eq!(read_answer(&mut stream).await.unwrap(), expected);
        }
        assert!(stream.is_empty());
    }

    #[tokio::test]
    async fn what_is_no_answer_is_an_error() {
        for text in [
            "",
            "SSH-2.0\r\n\r\n",
            "HTTP/1.1 2",
            "HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhell",
            "HTTP/1.1 200 OK\r\ncontent-length: many\r\n\r\n",
            "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nxyz\r\n",
        ] {
            assert!(read_answer(&mut text.as_bytes()).await.is_err(), "{text:?}");
        }
    }
}
