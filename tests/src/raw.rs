//! HTTP by hand, for requests that no client sends, and to see when each part of an answer arrives.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::wait::PATIENCE;

/// Some bytes of an answer, and when they came.
#[derive(Debug, Clone)]
pub struct Part {
    pub after: Duration,
    pub bytes: Vec<u8>,
}

/// An answer as it came over the wire.
#[derive(Debug, Clone, Default)]
pub struct Wire {
    pub parts: Vec<Part>,
}

impl Wire {
    /// Everything as text, headers and chunk sizes included.
    pub fn text(&self) -> String {
        let bytes: Vec<u8> = self.parts.iter().flat_map(|part| part.bytes.iter().copied()).collect();
        String::from_utf8_lossy(&bytes).into_owned()
    }

    /// The status of the answer; none when there was no answer.
    pub fn status(&self) -> Option<u16> {
        self.text().strip_prefix("HTTP/1.1 ")?.get(..3)?.parse().ok()
    }

    /// When a text had come as a whole.
    pub fn seen(&self, wanted: &str) -> Option<Duration> {
        let mut text = String::new();
        self.parts.iter().find_map(|part| {
            text.push_str(&String::from_utf8_lossy(&part.bytes));
            text.contains(wanted).then_some(part.after)
        })
    }
}

/// Sends bytes as they are and reads until the other side ends the connection.
pub async fn exchange(address: SocketAddr, request: &[u8]) -> Wire {
    let start = Instant::now();
    let mut wire = Wire::default();
    let Ok(mut stream) = TcpStream::connect(address).await else { return wire };
    // The other side may refuse in the middle of a request, and its answer still counts.
    let _ = stream.write_all(request).await;
    let mut buffer = vec![0; 64 * 1024];
    while let Ok(Ok(length)) = tokio::time::timeout(PATIENCE, stream.read(&mut buffer)).await {
        if length == 0 {
            break;
        }
        wire.parts.push(Part { after: start.elapsed(), bytes: buffer[..length].to_vec() });
    }
    wire
}

/// A `GET` after which the connection ends. The headers are whole lines without their ends.
pub async fn get(address: SocketAddr, path: &str, headers: &[&str]) -> Wire {
    let mut request = format!("GET {path} HTTP/1.1\r\nConnection: close\r\n");
    if !headers.iter().any(|header| header.to_ascii_lowercase().starts_with("host:")) {
        request.push_str(&format!("Host: {address}\r\n"));
    }
    for header in headers {
        request.push_str(header);
        request.push_str("\r\n");
    }
    request.push_str("\r\n");
    exchange(address, request.as_bytes()).await
}
