//! A server on loopback for tests.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use http::{HeaderMap, Request, Response};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;

type Seen = Arc<Mutex<Vec<(String, String, HeaderMap)>>>;

/// A server that answers with what a function gives, and remembers what it was asked.
pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    seen: Seen,
}

impl Server {
    pub(crate) async fn start<F>(answer: F) -> Self
    where
        F: Fn(usize, &Request<Bytes>) -> Response<Full<Bytes>> + Send + Sync + 'static,
    {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        let seen = Seen::default();
        let (answer, record) = (Arc::new(answer), Arc::clone(&seen));
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (answer, record) = (Arc::clone(&answer), Arc::clone(&record));
                let service = hyper::service::service_fn(move |request: Request<Incoming>| {
                    let (answer, record) = (Arc::clone(&answer), Arc::clone(&record));
                    async move {
                        let (parts, body) = request.into_parts();
                        let request = Request::from_parts(parts, body.collect().await.unwrap().to_bytes());
                        let number = {
                            let mut seen = record.lock().unwrap();
                            seen.push((
                                request.method().to_string(),
                                request.uri().to_string(),
                                request.headers().clone(),
                            ));
                            seen.len()
                        };
                        Ok::<_, Infallible>(answer(number, &request))
                    }
                });
                let connection =
                    hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service);
                tokio::spawn(async move { drop(connection.await) });
            }
        });
        Self { address, seen }
    }

    pub(crate) fn seen(&self) -> Vec<(String, String, HeaderMap)> {
        self.seen.lock().unwrap().clone()
    }
}

/// An answer with headers and text.
pub(crate) fn response(status: u16, headers: &[(&str, &str)], body: &'static str) -> Response<Full<Bytes>> {
    let mut response = Response::builder().status(status);
    for (name, value) in headers {
        response = response.header(*name, *value);
    }
    response.body(Full::from(body)).unwrap()
}
