//! Requests against a server on loopback.

use http::Response;
use http_body_util::Full;
use tokio::net::TcpListener;

use super::*;
use crate::address::AddressKind;
use crate::testing::{Server, response};
use crate::{RefusedAddress, collect};

fn binding(server: &Server) -> UpstreamBinding {
    let mut binding = UpstreamBinding::new(&format!("http://{}/base", server.address)).unwrap();
    binding.allow_private_network = true;
    binding.with_header("Authorization", "Bearer hunter2").unwrap()
}

fn upstreams(binding: UpstreamBinding) -> Upstreams {
    Upstreams::new(Fetcher::default(), BTreeMap::from([("up".to_owned(), binding)]))
}

fn get(path: &str) -> UpstreamCall {
    UpstreamCall { method: Method::GET, path_and_query: path.into(), headers: HeaderMap::new(), body: Bytes::new() }
}

async fn text(answer: Answer) -> String {
    String::from_utf8(collect(answer.body).await.unwrap().to_vec()).unwrap()
}

#[tokio::test]
async fn adds_the_credential_and_drops_what_guests_may_not_say() {
    let server = Server::start(|_, _| response(200, &[("set-cookie", "a=b"), ("x-kept", "1")], "hello")).await;
    let upstreams = upstreams(binding(&server));
    let mut call = get("/x?y=1");
    for (name, value) in [
        ("authorization", "Basic guest"),
        ("cookie", "a=b"),
        ("proxy-authorization", "x"),
        ("x-forwarded-for", "1.1.1.1"),
        ("host", "evil.example"),
        ("user-agent", "guest"),
        ("x-own", "kept"),
    ] {
        call.headers.insert(HeaderName::from_static(name), HeaderValue::from_static(value));
    }
    let answer = upstreams.send("up", call).await.unwrap();
    assert!(!answer.headers.contains_key(SET_COOKIE) && answer.headers.contains_key("x-kept"));
    assert_eq!(text(answer).await, "hello");

    let (method, address, headers) = server.seen().remove(0);
    assert_eq!((method.as_str(), address.as_str()), ("GET", "/base/x?y=1"));
    assert_eq!(headers["authorization"], "Bearer hunter2");
    assert_eq!(headers["user-agent"], crate::USER_AGENT);
    assert_eq!(headers["host"], server.address.to_string());
    assert_eq!(headers["x-own"], "kept");
    for absent in ["cookie", "proxy-authorization", "x-forwarded-for"] {
        assert!(!headers.contains_key(absent), "{absent}");
    }
}

#[tokio::test]
async fn private_addresses_need_permission_even_behind_a_name() {
    let server = Server::start(|_, _| response(200, &[], "inside")).await;
    let loopback = FetchError::Refused(RefusedAddress { kind: AddressKind::Loopback });
    for host in ["127.0.0.1", "localhost", "[::1]", "[::ffff:127.0.0.1]"] {
        let binding = UpstreamBinding::new(&format!("http://{host}:{}", server.address.port())).unwrap();
        assert_eq!(upstreams(binding).send("up", get("/")).await.unwrap_err(), loopback, "{host}");
    }
    assert!(server.seen().is_empty());
}

#[tokio::test]
async fn redirects_lose_the_credential_on_another_origin() {
    let other = Server::start(|_, _| response(200, &[], "elsewhere")).await;
    let target = format!("http://{}/landed", other.address);
    let server = Server::start(move |_, request| match request.uri().path() {
        "/base/near" => response(302, &[("location", "/base/far")], ""),
        _ => Response::builder().status(307).header("location", &target).body(Full::default()).unwrap(),
    })
    .await;
    let answer = upstreams(binding(&server)).send("up", get("/near")).await.unwrap();
    assert_eq!(text(answer).await, "elsewhere");
    assert_eq!(server.seen()[1].2["authorization"], "Bearer hunter2");
    assert!(!other.seen()[0].2.contains_key("authorization"));
}

#[tokio::test]
async fn redirects_come_to_an_end() {
    let server = Server::start(|_, _| response(302, &[("location", "/base/again")], "")).await;
    let error = upstreams(binding(&server)).send("up", get("/x")).await.unwrap_err();
    assert!(matches!(error, FetchError::Redirect(_)), "{error}");
    assert_eq!(server.seen().len(), 6);
}

#[tokio::test]
async fn large_answers_and_headers_are_cut_off() {
    let server = Server::start(|_, request| match request.uri().path() {
        "/base/headers" => {
            let mut response = response(200, &[], "");
            for index in 0..40 {
                let name = HeaderName::try_from(format!("x-{index}")).unwrap();
                response.headers_mut().insert(name, HeaderValue::try_from("a".repeat(2000)).unwrap());
            }
            response
        }
        _ => Response::new(Full::from(vec![b'a'; 10_000])),
    })
    .await;
    let mut binding = binding(&server);
    binding.max_response_bytes = 9_999;
    let upstreams = upstreams(binding);
    assert_eq!(upstreams.send("up", get("/x")).await.unwrap_err(), FetchError::TooLarge(9_999));
    assert!(matches!(upstreams.send("up", get("/headers")).await.unwrap_err(), FetchError::TooLarge(_)));
}

#[tokio::test]
async fn a_stream_without_a_length_ends_with_an_error_at_the_limit() {
    let chunks = stream::iter((0..10).map(|_| Ok::<_, reqwest::Error>(Bytes::from_static(&[0; 100]))));
    let bounds = body::Bounds {
        deadline: tokio::time::Instant::now() + Duration::from_secs(5),
        timeout_ms: 5000,
        idle: None,
        max_bytes: 250,
    };
    let items: Vec<_> = body::bounded(chunks, bounds).collect().await;
    assert_eq!(items.len(), 3);
    assert_eq!(items[2], Err(FetchError::TooLarge(250)));
}

#[tokio::test]
async fn silence_is_a_timeout_and_a_closed_port_says_so() {
    let silent = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let mut binding = UpstreamBinding::new(&format!("http://{}", silent.local_addr().unwrap())).unwrap();
    binding.allow_private_network = true;
    binding.timeout = Duration::from_millis(40);
    let closed = closed_port().await;
    let upstreams = Upstreams::new(
        Fetcher::default(),
        BTreeMap::from([("silent".to_owned(), binding), ("closed".to_owned(), closed)]),
    );
    assert_eq!(upstreams.send("silent", get("/")).await.unwrap_err(), FetchError::Timeout(40));
    let error = upstreams.send("closed", get("/")).await.unwrap_err();
    assert_eq!(error, FetchError::Unreachable("the connection was refused".into()));
    assert_eq!(upstreams.send("absent", get("/")).await.unwrap_err(), FetchError::UnknownBinding("absent".into()));
}

async fn closed_port() -> UpstreamBinding {
    let address = TcpListener::bind(("127.0.0.1", 0)).await.unwrap().local_addr().unwrap();
    let mut binding = UpstreamBinding::new(&format!("http://{address}")).unwrap();
    binding.allow_private_network = true;
    binding
}

#[tokio::test]
async fn kept_answers_are_revalidated_and_a_304_is_served_from_the_cache() {
    let server = Server::start(|_, request| match request.headers().get("if-none-match") {
        Some(tag) if tag == "\"1\"" => response(304, &[("etag", "\"1\""), ("x-new", "yes")], ""),
        _ => response(200, &[("etag", "\"1\""), ("x-old", "yes")], "body"),
    })
    .await;
    let upstreams = upstreams(binding(&server));
    assert_eq!(text(upstreams.send("up", get("/x")).await.unwrap()).await, "body");
    let again = upstreams.send("up", get("/x")).await.unwrap();
    assert_eq!((again.status, again.headers["x-callboard-cache"].as_bytes()), (StatusCode::OK, &b"hit"[..]));
    assert!(again.headers.contains_key("x-new") && again.headers.contains_key("x-old"));
    assert_eq!(text(again).await, "body");
    assert_eq!(server.seen().len(), 2);

    let mut binding = binding(&server);
    binding.timeout = Duration::from_secs(3);
    upstreams.replace(BTreeMap::from([("up".to_owned(), binding)]));
    text(upstreams.send("up", get("/x")).await.unwrap()).await;
    assert!(!server.seen()[2].2.contains_key("if-none-match"), "a changed binding starts with nothing");
}

#[tokio::test]
async fn fresh_answers_are_not_asked_for_again_until_something_changes() {
    let server = Server::start(|_, _| response(200, &[("cache-control", "max-age=50")], "body")).await;
    let upstreams = upstreams(binding(&server));
    for _ in 0..3 {
        assert_eq!(text(upstreams.send("up", get("/x")).await.unwrap()).await, "body");
    }
    assert_eq!(server.seen().len(), 1);
    let call = UpstreamCall { method: Method::POST, ..get("/x/rerun") };
    text(upstreams.send("up", call).await.unwrap()).await;
    text(upstreams.send("up", get("/x")).await.unwrap()).await;
    assert_eq!(server.seen().len(), 3);
}

#[tokio::test]
async fn an_answer_from_before_a_change_is_not_kept() {
    let server = Server::start(|_, request| match request.method() {
        &Method::GET => response(200, &[("cache-control", "max-age=50")], "old"),
        _ => response(200, &[], "an answer that is too large"),
    })
    .await;
    let mut binding = binding(&server);
    binding.max_response_bytes = 10;
    let upstreams = upstreams(binding);
    let under_way = upstreams.send("up", get("/x")).await.unwrap();
    // Its failure does not tell that nothing was changed.
    let change = UpstreamCall { method: Method::POST, ..get("/x/rerun") };
    assert_eq!(upstreams.send("up", change).await.unwrap_err(), FetchError::TooLarge(10));
    assert_eq!(text(under_way).await, "old");
    for _ in 0..2 {
        text(upstreams.send("up", get("/x")).await.unwrap()).await;
    }
    let methods: Vec<String> = server.seen().into_iter().map(|(method, ..)| method).collect();
    assert_eq!(methods, ["GET", "POST", "GET"], "asked again once, then kept");
}

#[tokio::test]
async fn an_answer_that_was_dropped_half_way_is_not_kept() {
    let server = Server::start(|_, _| response(200, &[("cache-control", "max-age=50")], "body")).await;
    let upstreams = upstreams(binding(&server));
    drop(upstreams.send("up", get("/x")).await.unwrap());
    text(upstreams.send("up", get("/x")).await.unwrap()).await;
    assert_eq!(server.seen().len(), 2);
}

#[tokio::test]
async fn an_upstream_that_asks_to_wait_is_not_asked_again() {
    let server = Server::start(|_, _| response(429, &[("retry-after", "30")], "slow down")).await;
    let upstreams = upstreams(binding(&server));
    assert_eq!(text(upstreams.send("up", get("/x")).await.unwrap()).await, "slow down");
    let local = upstreams.send("up", get("/y")).await.unwrap();
    assert_eq!(local.status, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(local.headers["retry-after"], "30");
    assert_eq!(server.seen().len(), 1);
}
