use callboard_sdk::action::{EffectKind, RunRequest, RunResult};
use callboard_sdk::http::{Request, Response};
use callboard_sdk::testing::{self, Host};
use callboard_sdk::{Error, ScaffolderAction};
use serde_json::{Value, json};

use crate::HttpRequest;

fn run(input: Value) -> Result<RunResult, Error> {
    HttpRequest::run(RunRequest::new("http:request", input))
}

fn header<'a>(request: &'a Request, name: &str) -> Option<&'a str> {
    request.headers().iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
}

/// Runs a step against an API that answers with what is given, and tells what it was asked.
fn call(input: Value, response: Response) -> (Result<RunResult, Error>, Vec<Request>) {
    Host::new().upstream(move |_| Ok(response.clone())).run(|| (run(input), testing::requests()))
}

#[test]
fn sends_json_and_gives_json() {
    let answer = Response::new(201, r#"{"id":7}"#)
        .with_header("Content-Type", "application/vnd.acme+json; charset=utf-8")
        .with_header("Vary", "a")
        .with_header("vary", "b");
    let input = json!({
        "method": "POST", "path": "/v1/Größe?a=1", "query": { "tag": ["x y", 2], "dry": false },
        "headers": { "x-team": "shop" }, "body": { "name": "basket" }, "expectedStatus": [200, 201],
    });
    let (result, requests) = call(input, answer);
    let result = result.unwrap();
    assert_eq!(
        result.output,
        json!({
            "code": 201,
            "headers": { "content-type": "application/vnd.acme+json; charset=utf-8", "vary": "a, b" },
            "body": { "id": 7 },
        })
    );
    assert_eq!(result.effects.len(), 1);
    assert_eq!(
        (result.effects[0].kind, result.effects[0].target.as_str()),
        (EffectKind::Called, "POST /v1/Größe on api")
    );

    let [request] = &requests[..] else { panic!("{requests:?}") };
    assert_eq!(request.method(), "POST");
    assert_eq!(request.url(), "http://api/v1/Gr%C3%B6%C3%9Fe?a=1&tag=x%20y&tag=2&dry=false");
    assert_eq!(request.body_bytes(), br#"{"name":"basket"}"#);
    assert_eq!(header(request, "content-type"), Some("application/json"));
    assert_eq!(header(request, "x-team"), Some("shop"));
    assert_eq!(header(request, "idempotency-key"), Some("task-step"));
}

#[test]
fn chooses_the_instance() {
    let config = json!({ "defaultInstance": "eu" });
    let host = |config| Host::new().config(config).upstream(|_| Ok(Response::new(200, "")));
    for (config, input, expected) in [
        (json!({}), json!({ "path": "/" }), "http://api/"),
        (config.clone(), json!({ "path": "/" }), "http://eu.api/"),
        (config, json!({ "path": "/", "instance": "us" }), "http://us.api/"),
    ] {
        let url = host(config).run(|| run(input).map(|_| testing::requests()[0].url().to_owned()));
        assert_eq!(url.unwrap(), expected);
    }
}

#[test]
fn a_body_is_what_the_answer_says() {
    for (kind, body, expected) in [
        ("application/json", "[1]", json!([1])),
        ("application/json", "oops", json!("oops")),
        ("text/plain", "{}", json!("{}")),
        ("text/plain", "", json!(null)),
    ] {
        let (result, _) = call(json!({ "path": "/" }), Response::new(200, body).with_header("content-type", kind));
        assert_eq!(result.unwrap().output["body"], expected);
    }
}

#[test]
fn a_bad_answer_fails_the_step_unless_it_is_wanted() {
    let missing = || Response::new(404, r#"{"message":"no such order"}"#);
    let (result, _) = call(json!({ "path": "/orders/1" }), missing());
    let Err(Error::UpstreamStatus(status)) = result else { panic!("{result:?}") };
    assert_eq!((status.upstream.as_str(), status.status), ("api", 404));
    assert_eq!(status.message, "no such order (asked: GET /orders/1 on api)");

    for input in [
        json!({ "path": "/orders/1", "expectedStatus": 404 }),
        json!({ "path": "/orders/1", "continueOnBadResponse": true }),
    ] {
        assert_eq!(call(input, missing()).0.unwrap().output["code"], 404);
    }
    let (result, _) = call(json!({ "path": "/", "expectedStatus": 201 }), Response::new(200, ""));
    assert!(matches!(result, Err(Error::UpstreamStatus(_))), "200 is not what was expected");
    let (result, _) = call(json!({ "path": "/" }), Response::new(429, "").with_header("retry-after", "3"));
    assert_eq!(result, Err(Error::RateLimited(Some(3))));
}

#[test]
fn a_dry_run_calls_nobody() {
    let mut request = RunRequest::new(
        "http:request",
        json!({ "method": "DELETE", "path": "/orders/1?token=secret", "expectedStatus": 204, "logRequestPath": true }),
    );
    request.dry_run = true;
    Host::new().run(|| {
        let result = HttpRequest::run(request).unwrap();
        assert_eq!(result.output["code"], 204);
        assert_eq!(result.effects[0].target, "DELETE /orders/1 on api");
        assert!(testing::requests().is_empty());
        assert!(testing::lines()[0].1.starts_with("would call DELETE /orders/1"));
    });
}

#[test]
fn says_which_field_is_wrong() {
    for (input, fields) in [
        (json!({ "path": "orders" }), &["/path"][..]),
        (json!({ "path": "//elsewhere.example/x" }), &["/path"]),
        (json!({ "path": "/a/../b" }), &["/path"]),
        (json!({ "path": "/a\r\nHost: x" }), &["/path"]),
        (json!({ "path": "/a#b" }), &["/path"]),
        (json!({ "path": "/", "body": {} }), &["/body"]),
        (
            json!({ "path": "/", "headers": { "Authorization": "x", "Proxy-Auth": "x" } }),
            &["/headers/Authorization", "/headers/Proxy-Auth"],
        ),
        (json!({ "path": "/", "headers": { "a/b": "x" } }), &["/headers/a~1b"]),
        (json!({ "path": "/", "headers": { "x-a": "1\n2" } }), &["/headers/x-a"]),
        (json!({ "path": "/", "headers": { "host": "x" } }), &["/headers/host"]),
        (json!({ "pth": "/" }), &[""]),
        (json!([]), &[""]),
    ] {
        let (result, requests) = call(input.clone(), Response::new(200, ""));
        let Err(Error::InvalidInput(wrong)) = result else { panic!("{input}: {result:?}") };
        assert_eq!(wrong.iter().map(|field| field.field.as_str()).collect::<Vec<_>>(), fields, "{input}");
        assert!(requests.is_empty());
    }
}

#[test]
fn a_refusal_of_the_host_stays_one() {
    let result = Host::new().run(|| run(json!({ "path": "/" })));
    assert!(matches!(result, Err(Error::Denied(_))));
}
