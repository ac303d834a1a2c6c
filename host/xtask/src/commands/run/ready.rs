//! Where the portal will listen, and when it is ready there.

use std::{
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, ToSocketAddrs as _},
    time::Duration,
};

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
    time::{sleep, timeout},
};

const DEFAULT: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 7007);
const VARIABLE: &str = "CALLBOARD_BACKEND__LISTEN";
const INTERVAL: Duration = Duration::from_millis(50);
const PATIENCE: Duration = Duration::from_secs(2);

/// The address that the portal will have: by flag, by environment, else the default. One with port 0, or one that is
/// not a host and a port, is known to the portal only, and its log tells it.
pub(super) fn address(arguments: &[String], variable: impl Fn(&str) -> Option<String>) -> Option<SocketAddr> {
    let mut given = None;
    for (at, argument) in arguments.iter().enumerate() {
        if argument == "--listen" {
            given = arguments.get(at + 1).cloned();
        } else if let Some(value) = argument.strip_prefix("--listen=") {
            given = Some(value.to_owned());
        }
    }
    match given.or_else(|| variable(VARIABLE)) {
        None => Some(DEFAULT),
        Some(text) => {
            let found = text.to_socket_addrs().ok()?.filter(|address| address.port() != 0);
            // Where a name has several, the portal takes the same one.
            found.min_by_key(SocketAddr::is_ipv6)
        }
    }
}

/// Whether something answers there before we have started anything.
pub(super) async fn is_taken(address: SocketAddr) -> bool {
    matches!(timeout(PATIENCE, TcpStream::connect(reachable(address))).await, Ok(Ok(_)))
}

/// Waits until `/readyz` answers 200; for ever where the address is not known.
pub(super) async fn wait(address: Option<SocketAddr>) -> SocketAddr {
    let Some(address) = address.map(reachable) else { return std::future::pending().await };
    while !timeout(PATIENCE, is_ready(address)).await.unwrap_or(false) {
        sleep(INTERVAL).await;
    }
    address
}

async fn is_ready(address: SocketAddr) -> bool {
    let Ok(mut stream) = TcpStream::connect(address).await else { return false };
    let request = format!("GET /readyz HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
    if stream.write_all(request.as_bytes()).await.is_err() {
        return false;
    }
    let mut status_line = [0; 12];
    stream.read_exact(&mut status_line).await.is_ok() && status_line.ends_with(b" 200")
}

/// "Every address of this machine" is no address to connect to.
fn reachable(address: SocketAddr) -> SocketAddr {
    let ip = match address.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        ip => ip,
    };
    SocketAddr::new(ip, address.port())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_address_comes_from_flag_then_environment_then_default() {
        let cases = [
            (&[][..], None, Some("127.0.0.1:7007")),
            (&["--listen", "127.0.0.1:9000"], None, Some("127.0.0.1:9000")),
            (&["--listen=127.0.0.1:9000"], Some("127.0.0.1:9001"), Some("127.0.0.1:9000")),
            (&["--log-format", "json"], Some("127.0.0.1:9001"), Some("127.0.0.1:9001")),
            (&["--listen", "localhost:9000"], None, Some("127.0.0.1:9000")),
            (&["--listen", "127.0.0.1:0"], None, None),
            (&["--listen", "localhost:0"], None, None),
            (&["--listen", "nonsense"], None, None),
            (&["--listen"], None, Some("127.0.0.1:7007")),
        ];
        for (arguments, variable, expected) in cases {
            let arguments: Vec<_> = arguments.iter().map(|argument| (*argument).to_owned()).collect();
            let found = address(&arguments, |_| variable.map(str::to_owned)).map(|address| address.to_string());
            assert_eq!(found.as_deref(), expected, "{arguments:?}");
        }
    }

    #[test]
    fn an_unspecified_address_is_asked_on_loopback() {
        for (given, asked) in [("0.0.0.0:80", "127.0.0.1:80"), ("[::]:80", "[::1]:80"), ("10.0.0.1:80", "10.0.0.1:80")]
        {
            assert_eq!(reachable(given.parse().unwrap()).to_string(), asked);
        }
    }

    #[tokio::test]
    async fn readiness_is_a_status_of_200() {
        for (answer, expected) in
            [("HTTP/1.1 200 OK\r\n\r\n", true), ("HTTP/1.1 503 Not Yet\r\n\r\n", false), ("", false)]
        {
            let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
            let address = listener.local_addr().unwrap();
            let server = tokio::spawn(async move {
                let (mut stream, _) = listener.accept().await.unwrap();
                let mut request = [0; 512];
                let _ = stream.read(&mut request).await.unwrap();
                stream.write_all(answer.as_bytes()).await.unwrap();
            });
            assert_eq!(is_ready(address).await, expected, "{answer}");
            server.await.unwrap();
        }
    }
}
