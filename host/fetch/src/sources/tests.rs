//! Reading from servers on loopback.

use bytes::Bytes;
use host_model::Secret;
use http::{Request, Response};
use http_body_util::Full;
use rstest::rstest;
use tokio::net::TcpListener;
use url::Url;

use super::*;
use crate::testing::{Server, response};

const LIMITS: ReadLimits = ReadLimits { file_bytes: 1000, files: 10, total_bytes: 5000 };

fn config() -> SourcesConfig {
    let mut config = SourcesConfig::new(std::env::temp_dir());
    config.timeout = Duration::from_secs(20);
    config
}

fn allowing(servers: &[&Server]) -> Sources {
    let allow = servers.iter().map(|server| AllowedHost {
        host: server.address.to_string(),
        paths: None,
        allow_private_network: false,
    });
    Sources::new(Fetcher::default(), SourcesConfig { allow: allow.collect(), ..config() })
}

fn forge(kind: ForgeKind, server: &Server, token: Option<&str>) -> ForgeSettings {
    ForgeSettings {
        kind,
        host: server.address.to_string(),
        api: Some(Url::parse(&format!("http://{}/api", server.address)).unwrap()),
        base: None,
        clone: None,
        credential: token.map_or(Credential::None, |token| Credential::Token(Secret::new(token.to_owned()))),
        allow_private_network: false,
    }
}

fn text(reading: Reading) -> (String, String, Option<String>) {
    let Reading::Files { mut files, version } = reading else { panic!("nothing was read") };
    assert_eq!(files.len(), 1);
    let file = files.remove(0);
    (file.url, String::from_utf8(file.bytes).unwrap(), version)
}

#[rstest]
#[case("etag", "\"1\"", "if-none-match")]
#[case("last-modified", "Fri, 20 Nov 2026 10:00:00 GMT", "if-modified-since")]
#[tokio::test]
async fn an_unchanged_file_costs_one_conditional_request(
    #[case] header: &'static str,
    #[case] value: &'static str,
    #[case] condition: &'static str,
) {
    let server = Server::start(move |_, request| match request.headers().get(condition) {
        Some(known) if known == value => response(304, &[], ""),
        _ => response(200, &[(header, value)], "kind: Component"),
    })
    .await;
    let sources = allowing(&[&server]);
    let url = format!("http://{}/catalog-info.yaml", server.address);
    let (found, content, version) = text(sources.read(&url, None, &LIMITS).await.unwrap());
    assert_eq!((found, content.as_str()), (url.clone(), "kind: Component"));
    let again = sources.read(&url, version.as_deref(), &LIMITS).await.unwrap();
    assert_eq!((again, server.seen().len()), (Reading::Unchanged, 2));
}

#[tokio::test]
async fn without_validators_the_content_says_whether_it_changed() {
    let server = Server::start(|number, _| response(200, &[], if number < 3 { "a" } else { "b" })).await;
    let sources = allowing(&[&server]);
    let url = format!("http://{}/x.yaml", server.address);
    let (_, _, version) = text(sources.read(&url, None, &LIMITS).await.unwrap());
    assert_eq!(sources.read(&url, version.as_deref(), &LIMITS).await.unwrap(), Reading::Unchanged);
    assert_eq!(text(sources.read(&url, version.as_deref(), &LIMITS).await.unwrap()).1, "b");
}

#[tokio::test]
async fn each_redirect_is_checked_again() {
    let other = Server::start(|_, _| response(200, &[], "elsewhere")).await;
    let target = format!("http://{}/x.yaml", other.address);
    let server = Server::start({
        let target = target.clone();
        move |_, _| Response::builder().status(302).header("location", &target).body(Full::default()).unwrap()
    })
    .await;
    let url = format!("http://{}/x.yaml", server.address);
    let error = allowing(&[&server]).read(&url, None, &LIMITS).await.unwrap_err();
    let ReadError::NotAllowed { reason, hint, .. } = &error else { panic!("{error:?}") };
    assert!(reason.contains(&other.address.to_string()), "{reason}");
    assert!(hint.as_ref().unwrap().contains(&format!("host: '{}'", other.address)), "{hint:?}");
    assert!(other.seen().is_empty());
    let (found, content, _) = text(allowing(&[&server, &other]).read(&url, None, &LIMITS).await.unwrap());
    assert_eq!((found, content.as_str()), (url, "elsewhere"));
}

#[rstest]
#[case("localhost", true)]
#[case("127.0.0.1", true)]
#[tokio::test]
async fn names_that_lead_to_private_addresses_need_permission(#[case] host: &str, #[case] explicit: bool) {
    let server = Server::start(|_, _| response(200, &[], "inside")).await;
    let port = server.address.port();
    let reader = |entry: &str| {
        let allow = vec![AllowedHost { host: entry.to_owned(), paths: None, allow_private_network: false }];
        Sources::new(Fetcher::default(), SourcesConfig { allow, ..config() })
    };
    let url = format!("http://{host}:{port}/x.yaml");
    assert_eq!(reader(&format!("{host}:{port}")).read(&url, None, &LIMITS).await.is_ok(), explicit);
    // A name of which nothing says that it is private.
    let policy = Policy::new(Vec::new(), Vec::new());
    let refused = crate::RefusedAddress { kind: crate::AddressKind::Loopback };
    let error = policy.refused_network(&Url::parse("https://sneaky.example/").unwrap(), refused);
    assert!(error.to_string().contains("loopback"), "{error}");
}

#[rstest]
#[case(404, "NotFound")]
#[case(410, "NotFound")]
#[case(401, "NotAllowed")]
#[case(403, "NotAllowed")]
#[case(204, "Unavailable")]
#[case(418, "Unavailable")]
#[case(429, "Unavailable")]
#[case(500, "Unavailable")]
#[tokio::test]
async fn answers_that_hold_no_file(#[case] status: u16, #[case] expected: &str) {
    let server = Server::start(move |_, _| response(status, &[], "")).await;
    let url = format!("http://{}/x.yaml?token=hunter2", server.address);
    let error = allowing(&[&server]).read(&url, None, &LIMITS).await.unwrap_err();
    assert!(format!("{error:?}").starts_with(expected), "{error:?}");
    assert!(error.to_string().contains(&status.to_string()) && !format!("{error:?}").contains("hunter2"), "{error}");
}

#[tokio::test]
async fn what_failed_is_left_alone_for_a_while() {
    let server = Server::start(|_, request| match request.uri().path() {
        "/limited.yaml" => response(429, &[("retry-after", "30")], ""),
        "/broken.yaml" => response(500, &[], ""),
        _ => response(200, &[], "fine"),
    })
    .await;
    let sources = allowing(&[&server]);
    let read = async |path: &str| sources.read(&format!("http://{}{path}", server.address), None, &LIMITS).await;
    assert_eq!(read("/broken.yaml").await.unwrap_err().retry_after(), Some(Duration::from_secs(1)));
    assert!(read("/broken.yaml").await.unwrap_err().to_string().contains("asked again in 1 s"));
    assert!(read("/fine.yaml").await.is_ok());
    let wait = read("/limited.yaml").await.unwrap_err().retry_after().unwrap();
    assert!((29..=30).contains(&wait.as_secs()), "{wait:?}");
    assert!(read("/fine.yaml").await.unwrap_err().retry_after().is_some());
    assert_eq!(server.seen().len(), 3);
}

#[tokio::test]
async fn servers_that_say_too_much_or_nothing() {
    let server = Server::start(|_, request| match request.uri().path() {
        "/large.yaml" => Response::new(Full::from(vec![b'a'; 1001])),
        "/page.yaml" => response(200, &[("content-type", "text/html; charset=utf-8")], "<html>"),
        _ => response(302, &[("location", "/again.yaml")], ""),
    })
    .await;
    let sources = allowing(&[&server]);
    let read = async |path: &str| sources.read(&format!("http://{}{path}", server.address), None, &LIMITS).await;
    let error = read("/large.yaml").await.unwrap_err();
    assert!(
        matches!(error, ReadError::TooLarge { .. }) && error.to_string().contains("more than 1000 bytes"),
        "{error}"
    );
    assert!(read("/page.yaml").await.unwrap_err().to_string().contains("web page"));
    assert!(read("/again.yaml").await.unwrap_err().to_string().contains("redirects"));

    let silent = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let host = silent.local_addr().unwrap().to_string();
    let allow = vec![AllowedHost { host: host.clone(), paths: None, allow_private_network: false }];
    let config = SourcesConfig { allow, timeout: Duration::from_millis(50), ..config() };
    let error = Sources::new(Fetcher::default(), config)
        .read(&format!("http://{host}/x.yaml"), None, &LIMITS)
        .await
        .unwrap_err();
    assert!(error.to_string().contains("did not answer within") && error.retry_after().is_some(), "{error:?}");
}

/// Answers as GitHub's and GitLab's APIs do, for one file on one branch.
fn api(request: &Request<Bytes>) -> Response<Full<Bytes>> {
    let address = request.uri().to_string();
    let is_file = [
        "/api/repos/acme/shop/contents/d/c.yaml?ref=feature%2Fx",
        "/api/projects/acme%2Fshop/repository/files/d%2Fc.yaml/raw?ref=feature%2Fx",
    ];
    let authorized = request.headers().get("authorization").is_some_and(|value| value == "Bearer hush")
        || request.headers().get("private-token").is_some_and(|value| value == "hush");
    match (authorized, is_file.contains(&address.as_str()), request.headers().get("if-none-match")) {
        (false, ..) => response(404, &[], ""),
        (true, true, Some(known)) if known == "\"1\"" => response(304, &[], ""),
        (true, true, _) => response(200, &[("etag", "\"1\"")], "kind: API"),
        (true, false, _) => response(404, &[], ""),
    }
}

#[rstest]
#[case(ForgeKind::GitHub, "blob")]
#[case(ForgeKind::GitLab, "-/blob")]
#[tokio::test]
async fn forges_are_asked_through_their_api(#[case] kind: ForgeKind, #[case] marker: &str) {
    let server = Server::start(|_, request| api(request)).await;
    let forges = vec![forge(kind, &server, Some("hush"))];
    let sources = Sources::new(Fetcher::default(), SourcesConfig { forges, ..config() });
    let url = format!("http://{}/acme/shop/{marker}/feature/x/d/c.yaml", server.address);
    let (found, content, version) = text(sources.read(&url, None, &LIMITS).await.unwrap());
    assert_eq!(found, format!("http://{}/acme/shop/{marker}/feature%2Fx/d/c.yaml", server.address));
    assert_eq!((content.as_str(), server.seen().len()), ("kind: API", 2));
    assert_eq!(sources.read(&url, version.as_deref(), &LIMITS).await.unwrap(), Reading::Unchanged);
    assert_eq!(server.seen().len(), 3, "the branch is known by now");
    let error = sources.read(&url.replace("c.yaml", "e.yaml"), None, &LIMITS).await.unwrap_err();
    assert!(matches!(error, ReadError::NotFound { .. }), "{error:?}");
    assert!(!format!("{error:?}").contains("hush"));
}

#[tokio::test]
async fn a_forge_without_credential_is_told_to_want_one() {
    let server = Server::start(|_, request| api(request)).await;
    let forges = vec![forge(ForgeKind::GitLab, &server, None)];
    let sources = Sources::new(Fetcher::default(), SourcesConfig { forges, ..config() });
    let url = format!("http://{}/acme/shop/-/blob/main/c.yaml", server.address);
    let error = sources.read(&url, None, &LIMITS).await.unwrap_err();
    assert!(error.hint().unwrap().contains("integrations: { gitlab: [{ host: "), "{error:?}");
}

#[test]
fn what_is_not_configured_is_refused_before_anything_is_asked() {
    let sources = Sources::new(Fetcher::default(), config());
    for url in ["https://example.com/x.yaml", "git@example.com:a/b.git/blob/main/x.yaml", "http://127.0.0.1/x.yaml"] {
        let error = sources.check(url).unwrap_err();
        assert!(error.hint().unwrap().contains("reading: { allow:"), "{error:?}");
    }
    assert!(matches!(sources.check("x.yaml"), Err(ReadError::Invalid { .. })));
}
