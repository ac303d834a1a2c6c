//! GitHub's routes.

use std::sync::Arc;

use axum::extract::{OriginalUri, Path, Query, State};
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use serde::Deserialize;
use serde_json::{Value, json};

use super::clock::Clock;
use super::errors::{not_found, refusal};
use super::runs::{Refusal, Run};
use super::state::Shared;
use super::{jobs, shapes};

const LIST: &str = "/actions/workflow-runs#list-workflow-runs-for-a-repository";
const ONE: &str = "/actions/workflow-runs#get-a-workflow-run";
const JOBS: &str = "/actions/workflow-jobs#list-jobs-for-a-workflow-run";
const RERUN: &str = "/actions/workflow-runs#re-run-a-workflow";
const RERUN_FAILED: &str = "/actions/workflow-runs#re-run-failed-jobs-from-a-workflow-run";
const CANCEL: &str = "/actions/workflow-runs#cancel-a-workflow-run";

pub(super) fn router() -> Router<Arc<Shared>> {
    let api = Router::new()
        .route("/repos/{owner}/{repo}", get(repository))
        .route("/repos/{owner}/{repo}/actions/runs", get(list_runs))
        .route("/repos/{owner}/{repo}/actions/runs/{id}", get(one_run))
        .route("/repos/{owner}/{repo}/actions/runs/{id}/jobs", get(list_jobs))
        .route("/repos/{owner}/{repo}/actions/runs/{id}/rerun", post(rerun))
        .route("/repos/{owner}/{repo}/actions/runs/{id}/rerun-failed-jobs", post(rerun_failed))
        .route("/repos/{owner}/{repo}/actions/runs/{id}/cancel", post(cancel))
        // GitHub does not say 405: what it does not know is not there.
        .method_not_allowed_fallback(|| async { not_found("") });
    Router::new().nest("/api/v3", api.clone()).merge(api).fallback(|| async { not_found("") })
}

type Shares = State<Arc<Shared>>;

async fn repository(State(shared): Shares, Path((owner, repo)): Path<(String, String)>) -> Response {
    let found = shared.with_repository(&owner, &repo, |repository| shapes::repository(shared.scene(), repository));
    answer(found, "/repos/repos#get-a-repository")
}

/// The query of a list. GitHub takes a number that it cannot read for one that was not given.
#[derive(Debug, Default, Deserialize)]
struct ListQuery {
    branch: Option<String>,
    event: Option<String>,
    actor: Option<String>,
    status: Option<String>,
    head_sha: Option<String>,
    per_page: Option<String>,
    page: Option<String>,
}

impl ListQuery {
    fn selects(&self, run: &Run, clock: Clock) -> bool {
        let standing = run.standing(clock.now());
        let is = |wanted: &Option<String>, value: &str| wanted.as_deref().is_none_or(|wanted| wanted == value);
        is(&self.branch, &run.branch)
            && is(&self.event, run.event)
            && is(&self.actor, run.actor.login)
            && is(&self.head_sha, &run.sha)
            && (is(&self.status, standing.status) || self.status.as_deref() == standing.conclusion)
    }

    fn page(&self) -> Page {
        let number = |text: &Option<String>| text.as_deref().and_then(|text| text.parse::<usize>().ok());
        Page {
            size: number(&self.per_page).unwrap_or(30).clamp(1, 100),
            number: number(&self.page).unwrap_or(1).clamp(1, 1_000_000),
        }
    }
}

#[derive(Debug, Clone, Copy)]
struct Page {
    size: usize,
    number: usize,
}

impl Page {
    fn cut<T>(self, items: Vec<T>) -> Vec<T> {
        items.into_iter().skip((self.number - 1) * self.size).take(self.size).collect()
    }

    /// The value of the `Link` header, none where everything is on one page.
    fn links(self, address: &str, uri: &axum::http::Uri, total: usize) -> Option<String> {
        let last = total.div_ceil(self.size).max(1);
        let kept = uri.query().unwrap_or_default().split('&').filter(|pair| !pair.is_empty());
        let kept: Vec<&str> = kept.filter(|pair| !pair.starts_with("page=")).collect();
        let link = |page: usize, relation: &str| {
            let query = kept.iter().map(|pair| format!("{pair}&")).collect::<String>();
            format!("<{address}{}?{query}page={page}>; rel=\"{relation}\"", uri.path())
        };
        let mut out = Vec::new();
        if self.number > 1 {
            out.push(link((self.number - 1).min(last), "prev"));
        }
        if self.number < last {
            out.push(link(self.number + 1, "next"));
            out.push(link(last, "last"));
        }
        if self.number > 1 {
            out.push(link(1, "first"));
        }
        (!out.is_empty()).then(|| out.join(", "))
    }
}

async fn list_runs(
    State(shared): Shares,
    Path((owner, repo)): Path<(String, String)>,
    Query(query): Query<ListQuery>,
    OriginalUri(uri): OriginalUri,
) -> Response {
    let page = query.page();
    let found = shared.with_repository(&owner, &repo, |repository| {
        let all: Vec<usize> =
            (0..repository.runs.len()).filter(|index| query.selects(&repository.runs[*index], shared.clock)).collect();
        let total = all.len();
        let shown: Vec<Value> = page
            .cut(all)
            .into_iter()
            .map(|index| {
                let value = shapes::run(shared.scene(), repository, &repository.runs[index]);
                repository.runs[index].shown();
                value
            })
            .collect();
        (total, json!({ "total_count": total, "workflow_runs": shown }))
    });
    paged(found, page, &shared.address, &uri, LIST)
}

async fn one_run(State(shared): Shares, Path((owner, repo, id)): Path<(String, String, String)>) -> Response {
    let found = with_run(&shared, (&owner, &repo, &id), |repository, index| {
        let value = shapes::run(shared.scene(), repository, &repository.runs[index]);
        repository.runs[index].shown();
        value
    });
    answer(found, ONE)
}

async fn list_jobs(
    State(shared): Shares,
    Path((owner, repo, id)): Path<(String, String, String)>,
    Query(query): Query<ListQuery>,
    OriginalUri(uri): OriginalUri,
) -> Response {
    let page = query.page();
    let found = with_run(&shared, (&owner, &repo, &id), |repository, index| {
        let all = jobs::jobs(shared.scene(), repository, &repository.runs[index]);
        (all.len(), json!({ "total_count": all.len(), "jobs": page.cut(all) }))
    });
    paged(found, page, &shared.address, &uri, JOBS)
}

async fn rerun(state: Shares, path: Path<(String, String, String)>) -> Response {
    change(state, path, StatusCode::CREATED, RERUN, Run::rerun)
}

async fn rerun_failed(state: Shares, path: Path<(String, String, String)>) -> Response {
    change(state, path, StatusCode::CREATED, RERUN_FAILED, Run::rerun_failed)
}

async fn cancel(state: Shares, path: Path<(String, String, String)>) -> Response {
    change(state, path, StatusCode::ACCEPTED, CANCEL, Run::cancel)
}

fn change(
    State(shared): Shares,
    Path((owner, repo, id)): Path<(String, String, String)>,
    done: StatusCode,
    page: &str,
    work: impl FnOnce(&mut Run, jiff::Timestamp) -> Result<(), Refusal>,
) -> Response {
    let now = shared.clock.now();
    match with_run(&shared, (&owner, &repo, &id), |repository, index| work(&mut repository.runs[index], now)) {
        None => not_found(page),
        Some(Err(reason)) => refusal(reason, page),
        Some(Ok(())) => (done, Json(json!({}))).into_response(),
    }
}

fn with_run<T>(
    shared: &Shared,
    (owner, repo, id): (&str, &str, &str),
    work: impl FnOnce(&mut super::data::Repository, usize) -> T,
) -> Option<T> {
    let id: u64 = id.parse().ok()?;
    shared.with_repository(owner, repo, |repository| {
        let index = repository.runs.iter().position(|run| run.id == id)?;
        Some(work(repository, index))
    })?
}

fn answer(found: Option<Value>, page: &str) -> Response {
    found.map_or_else(|| not_found(page), |value| Json(value).into_response())
}

fn paged(
    found: Option<(usize, Value)>,
    page: Page,
    address: &str,
    uri: &axum::http::Uri,
    documentation: &str,
) -> Response {
    let Some((total, value)) = found else { return not_found(documentation) };
    let mut response = Json(value).into_response();
    let link = page.links(address, uri, total).and_then(|text| HeaderValue::from_str(&text).ok());
    if let Some(link) = link {
        let name: HeaderName = header::LINK;
        response.headers_mut().insert(name, link);
    }
    response
}
