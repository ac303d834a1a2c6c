//! The jobs of a run and their steps, which follow from how the run stands.

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::clock::written;
use super::data::Repository;
use super::runs::Run;
use super::shapes::Scene;

/// How far one job has come, with its share of the run's time.
struct Part {
    status: &'static str,
    conclusion: Option<&'static str>,
    started: Timestamp,
    completed: Option<Timestamp>,
}

/// The jobs of the run's latest attempt, one after the other.
pub(super) fn jobs(scene: Scene<'_>, repository: &Repository, run: &Run) -> Vec<Value> {
    let names = run.workflow.jobs;
    let share = SignedDuration::from_secs(run.duration.as_secs() / i64::try_from(names.len()).unwrap_or(1));
    let mut started = run.started;
    let mut out = Vec::with_capacity(names.len());
    for (index, name) in names.iter().enumerate() {
        let part = part(scene, run, index, started, share);
        out.push(job(scene, repository, run, index, name, &part));
        started += share;
    }
    out
}

/// A failed or cancelled run failed in its second job where it has one; what would have followed was skipped.
fn part(scene: Scene<'_>, run: &Run, index: usize, started: Timestamp, share: SignedDuration) -> Part {
    let standing = run.standing(scene.clock.now());
    let broken = 1.min(run.workflow.jobs.len() - 1);
    let ended = |conclusion, after| Part {
        status: "completed",
        conclusion: Some(conclusion),
        started,
        completed: Some(started + after),
    };
    match standing.conclusion {
        Some("success") => ended("success", share),
        Some(other) if index == broken => ended(other, share),
        Some(_) if index < broken => ended("success", share),
        Some(_) => ended("skipped", SignedDuration::ZERO),
        None if standing.status == "in_progress" && index == 0 => {
            Part { status: "in_progress", conclusion: None, started, completed: None }
        }
        None => Part { status: "queued", conclusion: None, started: run.started, completed: None },
    }
}

fn job(scene: Scene<'_>, repository: &Repository, run: &Run, index: usize, name: &str, part: &Part) -> Value {
    let slug = repository.slug();
    let repo = format!("{}/repos/{slug}", scene.api);
    let id = run.id * 4 + index as u64 + run.attempt * 1_000;
    let waiting = part.status == "queued";
    json!({
        "id": id,
        "run_id": run.id,
        "workflow_name": run.workflow.name,
        "head_branch": run.branch,
        "run_url": format!("{repo}/actions/runs/{}", run.id),
        "run_attempt": run.attempt,
        "node_id": format!("CR_kwDO{id:012x}"),
        "head_sha": run.sha,
        "url": format!("{repo}/actions/jobs/{id}"),
        "html_url": format!("https://github.com/{slug}/actions/runs/{}/job/{id}", run.id),
        "status": part.status,
        "conclusion": part.conclusion,
        "created_at": written(run.started),
        "started_at": written(part.started),
        "completed_at": part.completed.map(written),
        "name": name,
        "steps": if waiting { Vec::new() } else { steps(name, part) },
        "check_run_url": format!("{repo}/check-runs/{id}"),
        "labels": ["ubuntu-latest"],
        "runner_id": (!waiting).then_some(11),
        "runner_name": (!waiting).then_some("GitHub Actions 11"),
        "runner_group_id": (!waiting).then_some(0),
        "runner_group_name": (!waiting).then_some("GitHub Actions"),
    })
}

fn steps(job: &str, part: &Part) -> Vec<Value> {
    let own = format!("Run {job}");
    let names = ["Set up job", "Run actions/checkout@v5", &own, "Complete job"];
    if part.conclusion == Some("skipped") {
        return Vec::new();
    }
    names
        .iter()
        .zip(1..)
        .map(|(name, number)| {
            let conclusion = if number == 3 { part.conclusion } else { Some("success") };
            let (status, conclusion) = match part.status {
                "in_progress" if number == 3 => ("in_progress", None),
                "in_progress" if number == 4 => ("queued", None),
                _ => ("completed", conclusion),
            };
            json!({
                "name": name,
                "status": status,
                "conclusion": conclusion,
                "number": number,
                "started_at": (status != "queued").then(|| written(part.started)),
                "completed_at": if status == "completed" { part.completed.or(Some(part.started)).map(written) } else { None },
            })
        })
        .collect()
}
