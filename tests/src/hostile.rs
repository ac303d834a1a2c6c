//! Servers that do what servers should not.

use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

/// What a server does with every request.
#[derive(Debug, Clone)]
pub enum Behaviour {
    /// Takes the connection and says nothing.
    Silent,
    /// Begins an answer, and then says nothing.
    Stuck,
    /// Sends zeros without end.
    Endless,
    /// Promises more than it sends.
    Truncated,
    /// Redirects to itself.
    Circular,
    /// Sends these bytes as they are, and ends the connection.
    Exactly(Vec<u8>),
}

/// A running server. It stops when this is dropped.
#[derive(Debug)]
pub struct HostileServer {
    address: SocketAddr,
    task: JoinHandle<()>,
}

impl HostileServer {
    /// Starts a server on the runtime of the test.
    pub async fn start(behaviour: Behaviour) -> std::io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let address = listener.local_addr()?;
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let behaviour = behaviour.clone();
                // Whoever hangs up has seen enough.
                tokio::spawn(async move { drop(misbehave(stream, &behaviour).await) });
            }
        });
        Ok(Self { address, task })
    }

    /// Its host with the port.
    pub fn host(&self) -> String {
        self.address.to_string()
    }

    /// An answer that is whole.
    pub fn answer(headers: &str, body: &[u8]) -> Behaviour {
        let mut bytes =
            format!("HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: {}\r\n{headers}\r\n", body.len())
                .into_bytes();
        bytes.extend_from_slice(body);
        Behaviour::Exactly(bytes)
    }
}

impl Drop for HostileServer {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn misbehave(mut stream: TcpStream, behaviour: &Behaviour) -> std::io::Result<()> {
    let mut request = vec![0; 64 * 1024];
    let _length = stream.read(&mut request).await?;
    let head = b"HTTP/1.1 200 OK\r\nContent-Type: application/octet-stream\r\n";
    match behaviour {
        Behaviour::Silent => {}
        Behaviour::Stuck => {
            stream.write_all(head).await?;
            stream.write_all(b"Content-Length: 1000\r\n\r\nkind: ").await?;
        }
        Behaviour::Endless => {
            stream.write_all(head).await?;
            stream.write_all(b"Transfer-Encoding: chunked\r\n\r\n").await?;
            let mut chunk = b"10000\r\n".to_vec();
            chunk.extend(std::iter::repeat_n(0, 0x10000));
            chunk.extend_from_slice(b"\r\n");
            loop {
                stream.write_all(&chunk).await?;
            }
        }
        Behaviour::Truncated => {
            stream.write_all(head).await?;
            stream.write_all(b"Content-Length: 1000\r\n\r\nkind: ").await?;
            return stream.shutdown().await;
        }
        Behaviour::Circular => {
            stream
                .write_all(b"HTTP/1.1 302 Found\r\nLocation: /again\r\nConnection: close\r\nContent-Length: 0\r\n\r\n")
                .await?;
            return stream.shutdown().await;
        }
        Behaviour::Exactly(bytes) => {
            stream.write_all(bytes).await?;
            return stream.shutdown().await;
        }
    }
    // The connection stays open for longer than anybody should wait.
    tokio::time::sleep(Duration::from_secs(3_600)).await;
    Ok(())
}
