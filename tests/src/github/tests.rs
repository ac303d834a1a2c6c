//! The fake is itself held to what it promises, from the outside.

use std::time::Duration;

use anyhow::Result;
use reqwest::{Response, StatusCode};
use serde_json::Value;

use super::{FakeGithub, Options};
use crate::http_client;

const RUNS: &str = "/repos/acme/basket/actions/runs";

async fn get(server: &FakeGithub, path: &str) -> Result<Response> {
    Ok(http_client().get(format!("{}{path}", server.url())).send().await?)
}

async fn post(server: &FakeGithub, path: &str) -> Result<Response> {
    Ok(http_client().post(format!("{}{path}", server.url())).send().await?)
}

async fn json(response: Response) -> Result<Value> {
    Ok(serde_json::from_str(&response.text().await?)?)
}

async fn get_json(server: &FakeGithub, path: &str) -> Result<Value> {
    json(get(server, path).await?).await
}

fn header<'a>(response: &'a Response, name: &str) -> &'a str {
    response.headers().get(name).and_then(|value| value.to_str().ok()).unwrap_or("")
}

/// The path of the newest run that ended with `conclusion`.
fn ended_with(server: &FakeGithub, conclusion: &str) -> Option<(u64, String)> {
    let runs = server.runs("acme", "basket");
    let id = runs.iter().find(|run| run["conclusion"] == conclusion)?["id"].as_u64()?;
    Some((id, format!("{RUNS}/{id}")))
}

#[tokio::test]
async fn the_same_request_has_the_same_answer_in_every_server() -> Result<()> {
    let (one, other) = (FakeGithub::start(Options::default())?, FakeGithub::start(Options::default())?);
    let mut bodies = Vec::new();
    for server in [&one, &other] {
        bodies.push(get(server, RUNS).await?.text().await?.replace(&server.url(), "BASE"));
    }
    assert_eq!(bodies[0], bodies[1]);
    let elsewhere = get(&one, "/repos/acme/order-service/actions/runs").await?.text().await?;
    assert_ne!(bodies[0], elsewhere.replace(&one.url(), "BASE"));
    Ok(())
}

#[tokio::test]
async fn a_run_has_every_field_that_the_description_requires() -> Result<()> {
    let server = FakeGithub::start(Options::default())?;
    let body = get_json(&server, RUNS).await?;
    let runs = body["workflow_runs"].as_array().expect("a list of runs");
    assert_eq!(runs.len(), 30);
    assert!(body["total_count"].as_u64() > Some(30));
    // Required by the published description, and what the portal reads besides.
    let required = "id node_id head_branch run_number display_title event status conclusion head_sha path workflow_id \
        url html_url created_at updated_at head_commit head_repository repository jobs_url logs_url check_suite_url \
        cancel_url rerun_url artifacts_url workflow_url pull_requests name run_attempt run_started_at actor";
    for run in runs {
        for key in required.split_whitespace() {
            assert!(run.get(key).is_some(), "{key} is missing in {run}");
        }
        assert_eq!(run["conclusion"].is_null(), run["status"] != "completed");
        let (created, updated) = (run["created_at"].as_str(), run["updated_at"].as_str());
        assert!(created <= updated && updated <= Some("2026-03-10T09:00:00Z"), "{created:?} {updated:?}");
    }
    let numbers: Vec<_> = runs.iter().filter_map(|run| run["created_at"].as_str()).collect();
    assert!(numbers.is_sorted_by(|newer, older| newer > older), "newest first");
    assert!(runs[..10].iter().any(|run| run["conclusion"] == "failure"));
    Ok(())
}

#[tokio::test]
async fn lists_are_filtered_and_paged() -> Result<()> {
    let server = FakeGithub::start(Options::default())?;
    let main = get_json(&server, &format!("{RUNS}?branch=main&per_page=100")).await?;
    let main = main["workflow_runs"].as_array().expect("runs").clone();
    assert!(!main.is_empty() && main.iter().all(|run| run["head_branch"] == "main"));
    let failed = get_json(&server, &format!("{RUNS}?status=failure")).await?;
    assert!(failed["workflow_runs"].as_array().expect("runs").iter().all(|run| run["conclusion"] == "failure"));
    assert_eq!(get_json(&server, &format!("{RUNS}?branch=nowhere")).await?["total_count"], 0);

    let mut seen = Vec::new();
    let mut path = format!("{RUNS}?branch=main&per_page=4");
    loop {
        let response = get(&server, &path).await?;
        let link = header(&response, "link").to_owned();
        let page = json(response).await?;
        assert_eq!(page["total_count"], main.len());
        seen.extend(page["workflow_runs"].as_array().expect("runs").clone());
        let next = link.split(", ").find(|part| part.ends_with("rel=\"next\""));
        let Some(next) = next.and_then(|part| part.strip_prefix('<')?.split_once('>')) else { break };
        path = next.0.strip_prefix(&server.url()).expect("a link to the same server").to_owned();
    }
    assert_eq!(seen, main);
    Ok(())
}

#[tokio::test]
async fn unreadable_numbers_are_taken_for_none() -> Result<()> {
    let server = FakeGithub::start(Options::default())?;
    for (query, expected) in
        [("per_page=x", 30), ("per_page=0", 1), ("per_page=-5", 30), ("page=99999", 0), ("page=", 30)]
    {
        let body = get_json(&server, &format!("{RUNS}?{query}")).await?;
        assert_eq!(body["workflow_runs"].as_array().map(Vec::len), Some(expected), "{query}");
    }
    Ok(())
}

#[tokio::test]
async fn a_rerun_is_queued_then_in_progress_and_cannot_be_started_twice() -> Result<()> {
    let server = FakeGithub::start(Options::default())?;
    let (id, path) = ended_with(&server, "failure").expect("a failed run");
    let before = get_json(&server, &path).await?;
    let answer = post(&server, &format!("{path}/rerun")).await?;
    assert_eq!(answer.status(), StatusCode::CREATED);
    assert_eq!(answer.text().await?, "{}");

    let queued = get_json(&server, &path).await?;
    assert_eq!((&queued["status"], &queued["conclusion"]), (&"queued".into(), &Value::Null));
    assert_eq!(queued["run_attempt"].as_u64(), before["run_attempt"].as_u64().map(|attempt| attempt + 1));
    assert_eq!(queued["run_started_at"], "2026-03-10T09:00:00Z");
    assert_eq!(get_json(&server, &path).await?["status"], "in_progress");

    for verb in ["rerun", "rerun-failed-jobs"] {
        let again = post(&server, &format!("{path}/{verb}")).await?;
        assert_eq!(again.status(), StatusCode::FORBIDDEN);
        let body = json(again).await?;
        assert_eq!((&body["message"], &body["status"]), (&"This workflow is already running".into(), &"403".into()));
    }
    assert!(server.finish_run("acme", "basket", id, "success"));
    assert_eq!(get_json(&server, &path).await?["conclusion"], "success");
    assert_eq!(post(&server, &format!("{path}/rerun-failed-jobs")).await?.status(), StatusCode::FORBIDDEN);
    Ok(())
}

#[tokio::test]
async fn only_a_running_run_can_be_cancelled() -> Result<()> {
    let server = FakeGithub::start(Options::default())?;
    let (_, path) = ended_with(&server, "success").expect("a good run");
    assert_eq!(post(&server, &format!("{path}/cancel")).await?.status(), StatusCode::CONFLICT);
    post(&server, &format!("{path}/rerun")).await?;
    assert_eq!(post(&server, &format!("{path}/cancel")).await?.status(), StatusCode::ACCEPTED);
    let run = get_json(&server, &path).await?;
    assert_eq!((&run["status"], &run["conclusion"]), (&"completed".into(), &"cancelled".into()));
    Ok(())
}

#[tokio::test]
async fn jobs_follow_the_run() -> Result<()> {
    let server = FakeGithub::start(Options::default())?;
    for conclusion in ["success", "failure"] {
        let (id, path) = ended_with(&server, conclusion).expect("such a run");
        let body = get_json(&server, &format!("{path}/jobs")).await?;
        let jobs = body["jobs"].as_array().expect("jobs");
        assert_eq!(body["total_count"], jobs.len());
        assert!(jobs.iter().all(|job| job["run_id"] == id && job["completed_at"].is_string()));
        assert!(jobs.iter().any(|job| job["conclusion"] == conclusion));
        assert_eq!(jobs.iter().all(|job| job["conclusion"] == "success"), conclusion == "success");
    }
    let (_, path) = ended_with(&server, "success").expect("a good run");
    post(&server, &format!("{path}/rerun")).await?;
    let body = get_json(&server, &format!("{path}/jobs")).await?;
    assert!(body["jobs"].as_array().expect("jobs").iter().all(|job| job["status"] == "queued"));
    Ok(())
}

#[tokio::test]
async fn a_known_entity_tag_is_answered_with_304_for_free() -> Result<()> {
    let server = FakeGithub::start(Options::default())?;
    let first = get(&server, RUNS).await?;
    let (tag, used) = (header(&first, "etag").to_owned(), header(&first, "x-ratelimit-used").to_owned());
    assert!(tag.starts_with("W/\"") && tag.len() > 60, "{tag}");
    let url = format!("{}{RUNS}", server.url());
    let second = http_client().get(&url).header("if-none-match", &tag).send().await?;
    assert_eq!(second.status(), StatusCode::NOT_MODIFIED);
    assert_eq!((header(&second, "etag"), header(&second, "x-ratelimit-used")), (tag.as_str(), used.as_str()));
    assert!(second.bytes().await?.is_empty());

    let (_, path) = ended_with(&server, "success").expect("a good run");
    post(&server, &format!("{path}/rerun")).await?;
    let third = http_client().get(&url).header("if-none-match", &tag).send().await?;
    assert_eq!(third.status(), StatusCode::OK);
    Ok(())
}

#[tokio::test]
async fn answers_carry_the_headers_of_the_real_one() -> Result<()> {
    let server = FakeGithub::start(Options::default())?;
    let response = http_client().get(format!("{}{RUNS}", server.url())).bearer_auth("t0ken").send().await?;
    for (name, value) in [
        ("content-type", "application/json; charset=utf-8"),
        ("x-github-media-type", "github.v3; format=json"),
        ("x-ratelimit-limit", "5000"),
        ("x-ratelimit-remaining", "4999"),
        ("x-ratelimit-used", "1"),
        ("x-ratelimit-reset", "1773136800"),
        ("x-ratelimit-resource", "core"),
        ("cache-control", "private, max-age=60, s-maxage=60"),
    ] {
        assert_eq!(header(&response, name), value, "{name}");
    }
    Ok(())
}

#[tokio::test]
async fn what_is_not_there_is_404_with_the_usual_body() -> Result<()> {
    let server = FakeGithub::start(Options::default())?;
    let repository = get_json(&server, "/repos/acme/basket").await?;
    assert_eq!((&repository["full_name"], &repository["default_branch"]), (&"acme/basket".into(), &"main".into()));
    for path in [
        "/repos/acme/missing-one/actions/runs",
        "/repos/acme/basket/actions/runs/7",
        "/nothing",
        "/repos/acme/basket/actions/runs/x",
    ] {
        let response = get(&server, path).await?;
        assert_eq!(response.status(), StatusCode::NOT_FOUND, "{path}");
        let body = json(response).await?;
        assert_eq!((&body["message"], &body["status"]), (&"Not Found".into(), &"404".into()));
        assert!(body["documentation_url"].as_str().is_some_and(|url| url.starts_with("https://docs.github.com/rest")));
    }
    assert_eq!(post(&server, RUNS).await?.status(), StatusCode::NOT_FOUND);
    assert_eq!(get_json(&server, "/repos/acme/empty-one/actions/runs").await?["total_count"], 0);
    assert_eq!(get_json(&server, "/api/v3/repos/ACME/Basket").await?["id"], repository["id"]);
    Ok(())
}

#[tokio::test]
async fn a_required_token_and_a_user_agent_are_demanded() -> Result<()> {
    let server = FakeGithub::start(Options { require_token: Some("right".into()), ..Options::default() })?;
    let url = format!("{}{RUNS}", server.url());
    for (token, status, message) in
        [("", 401, "Requires authentication"), ("wrong", 401, "Bad credentials"), ("right", 200, "")]
    {
        let response = http_client().get(&url).bearer_auth(token).send().await?;
        assert_eq!(response.status().as_u16(), status, "{token}");
        assert_eq!(json(response).await?["message"].as_str().unwrap_or_default(), message);
    }
    let anonymous = http_client().get(&url).bearer_auth("right").header("user-agent", "").send().await?;
    assert_eq!((anonymous.status(), header(&anonymous, "content-type")), (StatusCode::FORBIDDEN, "text/html"));
    Ok(())
}

#[tokio::test]
async fn faults_come_as_ordered_and_go_again() -> Result<()> {
    let server = FakeGithub::start(Options { fail_next: Some((2, 502)), ..Options::default() })?;
    let mut statuses = Vec::new();
    for _ in 0..3 {
        statuses.push(get(&server, RUNS).await?.status().as_u16());
    }
    assert_eq!(statuses, [502, 502, 200]);

    server.fail_with(500);
    assert_eq!(get_json(&server, RUNS).await?["message"], "Server Error");
    server.answer_with(200, "application/json", "{\"total_count\": ");
    assert_eq!(get(&server, RUNS).await?.text().await?, "{\"total_count\": ");
    server.set_rate_limited(true);
    let limited = get(&server, RUNS).await?;
    assert_eq!((limited.status().as_u16(), header(&limited, "x-ratelimit-remaining")), (403, "0"));
    assert!(header(&limited, "cache-control").is_empty());
    server.set_rate_limited(false);
    assert_eq!(get(&server, RUNS).await?.status(), StatusCode::OK);
    Ok(())
}

#[tokio::test]
async fn a_slow_server_keeps_an_impatient_client_waiting() -> Result<()> {
    let server = FakeGithub::start(Options { latency: Duration::from_secs(60), ..Options::default() })?;
    let url = format!("{}{RUNS}", server.url());
    let given_up = http_client().get(&url).timeout(Duration::from_millis(100)).send().await;
    assert!(given_up.is_err_and(|error| error.is_timeout()));
    server.set_latency(Duration::ZERO);
    assert_eq!(get(&server, RUNS).await?.status(), StatusCode::OK);
    Ok(())
}

#[tokio::test]
async fn requests_are_recorded_as_they_came() -> Result<()> {
    let server = FakeGithub::start(Options::default())?;
    let url = format!("{}/repos/acme/b%61sket/actions/runs?branch=fix%2Fx", server.url());
    http_client().get(url).bearer_auth("s3cret").header("X-Trace", "7").send().await?;
    http_client().post(format!("{}/echo?a=b", server.acme_url())).body("hello").send().await?;
    let requests = server.recorded_requests();
    let (first, second) = (&requests[0], &requests[1]);
    assert_eq!((first.method.as_str(), first.path.as_str()), ("GET", "/repos/acme/b%61sket/actions/runs"));
    assert_eq!(first.query, "branch=fix%2Fx");
    assert_eq!(first.headers["authorization"], "Bearer s3cret");
    assert_eq!(first.headers["x-trace"], "7");
    assert_eq!((second.method.as_str(), second.body.as_str()), ("POST", "hello"));
    server.clear_requests();
    assert!(server.recorded_requests().is_empty());
    Ok(())
}

#[tokio::test]
async fn the_company_registers_a_service_once() -> Result<()> {
    let server = FakeGithub::start(Options::default())?;
    let url = format!("{}/registrations", server.acme_url());
    let send = |body: &'static str| http_client().post(&url).body(body).send();
    let created = send(r#"{"name": "parcel-scanner", "owner": "group:default/fulfilment"}"#).await?;
    assert_eq!(created.status(), StatusCode::CREATED);
    let location = header(&created, "location").to_owned();
    let entry = json(created).await?;
    assert_eq!((&entry["id"], &entry["owner"]), (&"reg-0001".into(), &"group:default/fulfilment".into()));
    assert_eq!(json(http_client().get(location).send().await?).await?, entry);
    for (body, status) in [(r#"{"name": "parcel-scanner"}"#, 409), ("{}", 422), ("not json", 400), ("[]", 400)] {
        let refused = send(body).await?;
        assert_eq!((refused.status().as_u16(), header(&refused, "content-type")), (status, "application/problem+json"));
    }
    assert_eq!(get_json(&server, "/acme/registrations").await?["items"].as_array().map(Vec::len), Some(1));
    assert_eq!(get(&server, "/acme/status/503").await?.status().as_u16(), 503);
    Ok(())
}

#[tokio::test]
async fn an_echo_does_not_repeat_credentials() -> Result<()> {
    let server = FakeGithub::start(Options::default())?;
    let url = format!("{}/echo?x=1", server.acme_url());
    let body = json(http_client().put(url).bearer_auth("s3cret").body(r#"{"a": [1]}"#).send().await?).await?;
    assert_eq!((&body["method"], &body["query"], &body["body"]["a"][0]), (&"PUT".into(), &"x=1".into(), &1.into()));
    assert_eq!(body["headers"]["authorization"], "(given)");
    Ok(())
}

#[test]
fn a_server_that_was_dropped_does_not_answer() -> Result<()> {
    let server = FakeGithub::start(Options::default())?;
    let address = server.address();
    assert!(std::net::TcpStream::connect(address).is_ok());
    drop(server);
    assert!(std::net::TcpStream::connect(address).is_err());
    Ok(())
}

#[test]
fn everybody_who_pushes_works_for_the_example_company() -> Result<()> {
    let people = concat!(env!("CARGO_MANIFEST_DIR"), "/../examples/acme/org/people.yaml");
    let people = std::fs::read_to_string(people)?;
    for person in super::people::PEOPLE {
        for line in [
            format!("github.com/user-login: {}\n", person.login),
            format!("displayName: {}\n", person.name),
            format!("email: {}\n", person.email()),
        ] {
            assert!(people.contains(&line), "{line} is not in the company's org");
        }
    }
    Ok(())
}
