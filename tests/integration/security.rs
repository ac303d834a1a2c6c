//! What keeps strangers away: names, origins, sizes, headers, the administrator's token.

use std::os::unix::fs::PermissionsExt;

use callboard_tests::{TestPortal, raw};
use reqwest::Method;
use serde_json::json;

use crate::support::{acme, between, component};

#[tokio::test]
async fn requests_under_foreign_names_are_refused() {
    let portal = TestPortal::builder().config("app: { baseUrl: https://portal.acme.example }").start().await;
    let port = portal.address().port();
    for (host, expected) in [
        (format!("127.0.0.1:{port}"), 200),
        (format!("localhost:{port}"), 200),
        ("portal.acme.example".to_owned(), 200),
        ("PORTAL.acme.example:443".to_owned(), 200),
        ("evil.example".to_owned(), 403),
        (format!("evil.example:{port}"), 403),
        ("127.0.0.1.evil.example".to_owned(), 403),
        (String::new(), 403),
    ] {
        for path in ["/api/plugins", "/catalog"] {
            let answer = raw::get(portal.address(), path, &[&format!("Host: {host}")]).await;
            assert_eq!(answer.status(), Some(expected), "{host:?} {path}");
        }
        // Probes come under any name.
        let probe = raw::get(portal.address(), "/healthz", &[&format!("Host: {host}")]).await;
        assert_eq!(probe.status(), Some(200), "{host:?}");
    }
    let none = raw::exchange(portal.address(), b"GET /api/plugins HTTP/1.1\r\nConnection: close\r\n\r\n").await;
    assert!(matches!(none.status(), Some(400 | 403)), "{}", none.text());
}

#[tokio::test]
async fn changes_from_other_origins_are_refused() {
    let portal = TestPortal::builder()
        .config("backend: { cors: { origin: \"https://friend.example\" } }")
        .catalog_file("a.yaml", &component("a", &[]))
        .start()
        .await;
    let own = portal.url();
    let body = json!({ "entityRef": "component:default/a" });
    for (header, value, expected) in [
        ("x-none", "", 200),
        ("origin", own.as_str(), 200),
        ("origin", "https://friend.example", 200),
        ("origin", "https://evil.example", 403),
        ("origin", "null", 403),
        ("sec-fetch-site", "cross-site", 403),
        ("sec-fetch-site", "same-origin", 200),
    ] {
        let answer =
            portal.request(Method::POST, "/api/catalog/refresh").header(header, value).json(&body).send().await;
        assert_eq!(answer.status, expected, "{header}: {value}: {}", answer.text());
        // Forms of the pages are changes too.
        let form = portal
            .request(Method::POST, "/settings")
            .header(header, value)
            .form(&[("theme", "dark"), ("back", "/")])
            .send()
            .await;
        assert_eq!(form.status, if expected == 200 { 303 } else { 403 }, "{header}: {value}");
    }
    let read = portal.request(Method::GET, "/api/plugins").header("origin", "https://friend.example").send().await;
    assert_eq!(read.header("access-control-allow-origin"), "https://friend.example");
    let read = portal.request(Method::GET, "/api/plugins").header("origin", "https://evil.example").send().await;
    assert_eq!((read.status, read.header("access-control-allow-origin")), (200, ""));
    let preflight = portal
        .request(Method::OPTIONS, "/api/catalog/refresh")
        .header("origin", "https://friend.example")
        .header("access-control-request-method", "POST")
        .send()
        .await;
    assert!(preflight.header("access-control-allow-methods").contains("POST"), "{:?}", preflight.headers);
}

#[tokio::test]
async fn deletions_need_the_administrators_token() {
    let portal = TestPortal::builder().catalog_file("a.yaml", &component("a", &[])).start().await;
    let mode = std::fs::metadata(portal.data().join("admin-token")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let entity = portal.entity("component:default/a").await.unwrap();
    let path = format!("/api/catalog/entities/by-uid/{}", entity["metadata"]["uid"].as_str().unwrap());

    let guest = portal.request(Method::DELETE, &path).send().await;
    let body = guest.json_of(403);
    assert_eq!(body["error"]["name"], "NotAllowedError");
    assert!(body["error"]["message"].as_str().unwrap().contains("admin-token"), "{body}");
    for wrong in ["nonsense", "", &portal.admin_token()[1..]] {
        let answer = portal.request(Method::DELETE, &path).token(wrong).send().await;
        assert!(matches!(answer.status, 401 | 403), "{wrong:?}: {}", answer.status);
        assert!(!answer.text().contains(&portal.admin_token()));
    }
    assert!(portal.entity("component:default/a").await.is_some());
    let answer = portal.request(Method::DELETE, &path).token(&portal.admin_token()).send().await;
    assert_eq!(answer.status, 204, "{}", answer.text());
    assert!(!portal.log().join("\n").contains(&portal.admin_token()), "the token is in the log");
}

#[tokio::test]
async fn bodies_and_headers_have_limits() {
    let portal = TestPortal::builder().start().await;
    let large = format!("{{\"entityRefs\": [\"{}\"]}}", "x".repeat(2 << 20));
    for path in ["/api/catalog/entities/by-refs", "/api/catalog/entities/by-query", "/api/scaffolder/v2/tasks"] {
        let answer = portal
            .request(Method::POST, path)
            .header("content-type", "application/json")
            .body(large.clone())
            .send()
            .await;
        let body = answer.json_of(413);
        assert_eq!(body["error"]["name"], "PayloadTooLargeError", "{path}");
        assert_eq!(body["response"]["statusCode"], 413);
    }
    let form = portal
        .request(Method::POST, "/settings")
        .header("content-type", "application/x-www-form-urlencoded")
        .body(format!("theme={}", "x".repeat(2 << 20)))
        .send()
        .await;
    assert_eq!(form.status, 413, "{}", form.text());

    // The head of this request as it is sent, and the limit, which is said.
    let head = |length: usize| {
        format!(
            "GET /healthz HTTP/1.1\r\nConnection: close\r\nHost: {}\r\nX-Long: {}\r\n\r\n",
            portal.address(),
            "x".repeat(length)
        )
    };
    let empty = head(0).len();
    for (bytes, status) in [(64 * 1024, 200), (64 * 1024 + 1, 431), (80 * 1024, 431), (100 * 1024, 431)] {
        let answer = raw::exchange(portal.address(), head(bytes - empty).as_bytes()).await;
        assert_eq!(answer.status(), Some(status), "{bytes} bytes");
        if status == 431 {
            let text = answer.text();
            assert!(text.contains("RequestHeaderFieldsTooLargeError") && text.contains("65536 are allowed"), "{text}");
            assert!(text.contains(&format!("have {bytes} bytes")), "{text}");
        }
    }
    let long = format!("X-Long: {}", "x".repeat(300 * 1024));
    let answer = raw::get(portal.address(), "/healthz", &[&long]).await;
    assert!(matches!(answer.status(), Some(431 | 400) | None), "{:?}", answer.status());
    let many: Vec<String> = (0..300).map(|index| format!("X-{index}: y")).collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    let answer = raw::get(portal.address(), "/healthz", &many).await;
    assert!(matches!(answer.status(), Some(431 | 400) | None), "{:?}", answer.status());
    let path = format!("/{}", "x".repeat(300 * 1024));
    let answer = raw::get(portal.address(), &path, &[]).await;
    assert!(matches!(answer.status(), Some(414 | 431 | 400 | 404) | None), "{:?}", answer.status());
    for nonsense in [&b"\x16\x03\x01\x02\x00\x01\x00"[..], b"GET\r\n\r\n", b"\r\n\r\n\r\n", b"GET / HTTP/9.9\r\n\r\n"] {
        let answer = raw::exchange(portal.address(), nonsense).await;
        assert!(answer.status().is_none_or(|status| status >= 400), "{}", answer.text());
    }
    assert_eq!(portal.get("/readyz").await.status, 200);
}

#[tokio::test]
async fn every_page_has_the_policy_and_no_style_of_its_own() {
    let (portal, _github) = acme().await;
    let task = portal.create_task("template:default/scheduled-job", &json!({
        "name": "basil-forecast", "description": "Says how much basil is wanted.", "owner": "group:default/platform",
        "system": "system:default/orders", "language": "go", "schedule": "5 * * * *"
    })).await;
    portal.ended_task(&task).await;
    for path in [
        "/".to_owned(),
        "/catalog".into(),
        "/catalog?filters=x&kind=api".into(),
        "/catalog/default/component/storefront-gateway".into(),
        "/catalog/default/component/storefront-gateway/relations".into(),
        "/catalog/default/api/suppliers-api".into(),
        "/catalog/default/api/suppliers-api/definition".into(),
        "/catalog/default/api/suppliers-api/problems".into(),
        "/catalog/default/api/suppliers-api/inspect".into(),
        "/create".into(),
        "/create/templates/default/new-service".into(),
        "/create/actions".into(),
        "/create/tasks".into(),
        format!("/create/tasks/{task}"),
        "/plugins".into(),
        "/plugins/openapi".into(),
        "/search?q=order".into(),
        "/settings".into(),
        "/docs".into(),
        "/api-docs".into(),
        "/catalog-graph".into(),
        "/no/such/page".into(),
    ] {
        let answer = portal.get(&path).await;
        assert!(matches!(answer.status, 200 | 404), "{path}: {}", answer.status);
        let policy = answer.header("content-security-policy").to_owned();
        let nonce = between(&policy, "'nonce-", "'").unwrap_or_default().to_owned();
        assert!(nonce.len() >= 16, "{path}: {policy}");
        assert_eq!(
            policy.replace(&nonce, "…"),
            "default-src 'none'; script-src 'self' 'wasm-unsafe-eval' 'nonce-…'; style-src 'self'; img-src 'self' data:; \
             font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
            "{path}"
        );
        assert_eq!(answer.header("x-content-type-options"), "nosniff", "{path}");
        assert_eq!(answer.header("referrer-policy"), "same-origin", "{path}");
        assert_eq!(answer.header("content-type"), "text/html; charset=utf-8", "{path}");
        let page = answer.text();
        assert!(page.starts_with("<!DOCTYPE html>"), "{path} begins with {}", &page[..page.len().min(40)]);
        // Attributes only: words of the text may well say it.
        let tags = page.split('<').filter_map(|part| part.split('>').next());
        for tag in tags {
            assert!(!tag.contains(" style=") && !tag.starts_with("style"), "{path}: <{tag}>");
            let handler = tag
                .split_whitespace()
                .find(|word| word.starts_with("on") && word.contains('=') && !word.starts_with("on="));
            assert!(handler.is_none(), "{path}: <{tag}>");
            if tag.starts_with("script") && !tag.contains("src=") {
                assert!(tag.contains(&nonce), "{path}: <{tag}>");
            }
        }
        let again = portal.get(&path).await;
        assert!(!again.header("content-security-policy").contains(&nonce), "{path}: a nonce is used once");
    }
}

#[tokio::test]
async fn answers_that_are_no_page_run_nothing() {
    let portal = TestPortal::builder().start().await;
    for path in ["/api/plugins", "/healthz", "/metrics", "/api/nope", "/api/openapi.json"] {
        let answer = portal.get(path).await;
        assert_eq!(answer.header("x-content-type-options"), "nosniff", "{path}");
        assert!(answer.header("content-security-policy").starts_with("default-src 'none'"), "{path}");
    }
}

#[tokio::test]
async fn what_people_write_is_shown_and_never_run() {
    let evil = "<script>alert(1)</script><img src=x onerror=alert(2)>";
    let text = format!(
        "apiVersion: backstage.io/v1alpha1\nkind: Component\nmetadata:\n  name: evil\n  title: \"{evil}\"\n  description: \
         \"{evil}\"\n  links: [{{ url: \"javascript:alert(3)\", title: \"{evil}\" }}]\n  annotations: {{ example.com/a: \"{evil}\" \
         }}\nspec: {{ type: \"{evil}\", lifecycle: \"{evil}\", owner: crew }}\n"
    );
    let portal = TestPortal::builder().catalog_file("evil.yaml", &text).start().await;
    for path in [
        "/".to_owned(),
        "/catalog".into(),
        "/catalog/default/component/evil".into(),
        "/catalog/default/component/evil/inspect".into(),
        "/search?q=alert".into(),
        "/search?q=%3Cscript%3Ealert(1)%3C%2Fscript%3E".into(),
        "/catalog?text=%22%3E%3Cscript%3Ealert(1)%3C%2Fscript%3E".into(),
        "/%3Cscript%3Ealert(1)%3C%2Fscript%3E".into(),
    ] {
        let page = portal.get(&path).await.text();
        assert!(!page.contains("<script>alert") && !page.contains("<img src=x"), "{path}");
        assert!(!page.contains("href=\"javascript:"), "{path}");
    }
}

#[tokio::test]
async fn a_file_outside_the_site_is_not_an_asset() {
    let portal = TestPortal::builder().start().await;
    for path in
        ["/assets/../callboard.db", "/assets/%2e%2e/callboard.db", "/assets/..%2f..%2fetc%2fpasswd", "/assets/nope.js"]
    {
        let answer = raw::get(portal.address(), path, &[]).await;
        assert!(matches!(answer.status(), Some(400 | 404)), "{path}: {:?}", answer.status());
    }
}
