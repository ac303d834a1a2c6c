//! Requests on their way out.

use std::pin::Pin;

use ::http::{HeaderMap, Request, StatusCode};
use bytes::Bytes;
use host_runtime::{CallSetup, Reuse};
use http_body_util::{BodyExt, Full};
use wasmtime_wasi_http::{Error, RequestOptions, WasiBody, WasiHttpHooks};

use super::*;

fn body(bytes: Vec<u8>) -> WasiBody {
    Full::new(Bytes::from(bytes)).map_err(|never| match never {}).boxed_unsync()
}

fn answer(
    status: u16,
    headers: &[(&'static str, &str)],
    parts: Vec<Result<&'static str, UpstreamError>>,
) -> UpstreamResponse {
    let mut map = HeaderMap::new();
    for (name, value) in headers {
        map.insert(*name, value.parse().unwrap());
    }
    let parts = parts.into_iter().map(|part| part.map(|text| Bytes::from_static(text.as_bytes())));
    UpstreamResponse {
        status: StatusCode::from_u16(status).unwrap(),
        headers: map,
        body: Box::pin(futures::stream::iter(parts.collect::<Vec<_>>())),
    }
}

/// Sends a request as a guest's and gives the status, headers and whole body of the answer.
async fn send(
    fake: &Arc<Fake>,
    request: Request<WasiBody>,
    options: Option<RequestOptions>,
) -> Result<(u16, HeaderMap, Result<Bytes, Error>), Error> {
    let mut hooks = hooks(fake).await;
    let sent = hooks.send_request(request, options, Box::new(std::future::ready(Ok(()))));
    let (response, _) = Pin::from(sent).await?;
    let (parts, body) = response.into_parts();
    Ok((parts.status.as_u16(), parts.headers, body.collect().await.map(|body| body.to_bytes())))
}

/// The hooks of a call, which only a call can make.
async fn hooks(fake: &Arc<Fake>) -> crate::http_out::UpstreamHooks {
    let lines = crate::services::lines(&services(fake).log);
    let (runtime, _) = contract();
    let component = runtime.load(wat::parse_str("(component)").unwrap().into()).await.unwrap();
    let linker = wasmtime::component::Linker::new(runtime.engine());
    let prepared = runtime.prepare::<()>(&linker, &component).unwrap();
    let setup = CallSetup {
        limits: CARD_LIMITS,
        account: Arc::new(()),
        lines: lines.clone(),
        workspace: None,
        reuse: Reuse::Fresh,
    };
    let mut tally = None;
    runtime
        .call(&prepared, setup, |given| tally = Some(given), |_, _| Box::pin(std::future::ready(Ok(()))))
        .await
        .result
        .unwrap();
    crate::http_out::UpstreamHooks::new(fake.clone(), lines, tally.unwrap())
}

#[tokio::test]
async fn a_request_arrives_as_it_was_made_and_the_answer_without_cookies() {
    let fake = Arc::new(Fake::default());
    let headers = [("set-cookie", "session=1"), ("content-type", "text/plain")];
    fake.answers.lock().unwrap().push(Ok(answer(201, &headers, vec![Ok("he"), Ok(""), Ok("llo")])));
    let request = Request::post("https://EU.github/repos/a%2Fb/runs?page=2")
        .header("accept", "text/plain")
        .header("authorization", "Bearer stolen")
        .body(body(b"{}".to_vec()))
        .unwrap();
    let (status, headers, bytes) = send(&fake, request, None).await.unwrap();
    assert_eq!((status, bytes.unwrap().as_ref()), (201, b"hello".as_slice()));
    assert_eq!(headers.keys().map(|name| name.as_str()).collect::<Vec<_>>(), ["content-type"]);
    let requests = fake.requests.lock().unwrap();
    assert_eq!(requests[0].authority, "eu.github");
    assert_eq!(requests[0].path_and_query, "/repos/a%2Fb/runs?page=2");
    assert_eq!(requests[0].body.as_ref(), b"{}");
    assert_eq!(requests[0].headers.keys().map(|name| name.as_str()).collect::<Vec<_>>(), ["accept"]);
}

#[tokio::test]
async fn what_may_not_leave_is_refused_and_the_log_says_why() {
    let fake = Arc::new(Fake::default());
    for (url, line) in [
        ("http://github:8080/", "may not name a port"),
        ("http://user:word@github/", "may not carry a user"),
        ("http://[::1]/", "may not name a port"),
        ("http://github/", "GET http://github/: no grant"),
    ] {
        let error = send(&fake, Request::get(url).body(body(vec![])).unwrap(), None).await.unwrap_err();
        assert!(matches!(error, Error::HttpRequestDenied), "{url}: {error}");
        let said = fake.lines.lock().unwrap().pop().unwrap();
        assert!(said.contains(line), "{said}");
    }
    assert_eq!(fake.requests.lock().unwrap().len(), 1);
    let large = Request::post("http://github/").body(body(vec![0; (8 << 20) + 1])).unwrap();
    assert!(matches!(send(&fake, large, None).await, Err(Error::HttpRequestBodySize(Some(_)))));
}

#[tokio::test]
async fn errors_of_upstreams_have_codes_of_wasi_http() {
    let fake = Arc::new(Fake::default());
    let text = |error: Error| format!("{error:?}");
    for (error, code) in [
        (UpstreamError::Denied("x".into()), "HttpRequestDenied"),
        (UpstreamError::InvalidRequest("x".into()), "HttpRequestUriInvalid"),
        (UpstreamError::Unreachable("x".into()), "DestinationUnavailable"),
        (UpstreamError::Timeout(5), "ConnectionTimeout"),
        (UpstreamError::TooLarge(9), "HttpResponseBodySize(Some(9))"),
    ] {
        fake.answers.lock().unwrap().push(Err(error));
        let request = Request::get("http://github/").body(body(vec![])).unwrap();
        assert_eq!(text(send(&fake, request, None).await.unwrap_err()), code);
    }
    let parts = vec![Ok("a"), Err(UpstreamError::TooLarge(1))];
    fake.answers.lock().unwrap().push(Ok(answer(200, &[], parts)));
    let request = Request::get("http://github/").body(body(vec![])).unwrap();
    let (_, _, bytes) = send(&fake, request, None).await.unwrap();
    assert_eq!(text(bytes.unwrap_err()), "HttpResponseBodySize(Some(1))");
}
