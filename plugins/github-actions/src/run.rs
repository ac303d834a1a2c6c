//! A workflow run, and what its standing means.

use callboard_sdk::time;
use callboard_sdk::view::{Level, Status};
use serde::Deserialize;

/// What the card needs of a workflow run. Only the number is certain to be there.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
pub(crate) struct Run {
    pub(crate) id: u64,
    /// The workflow's name.
    pub(crate) name: Option<String>,
    /// What the run is about: usually the first line of the commit's message.
    pub(crate) display_title: Option<String>,
    pub(crate) run_number: Option<u64>,
    pub(crate) run_attempt: Option<u32>,
    pub(crate) event: Option<String>,
    pub(crate) head_branch: Option<String>,
    status: Option<String>,
    conclusion: Option<String>,
    created_at: Option<String>,
    run_started_at: Option<String>,
    updated_at: Option<String>,
    pub(crate) html_url: Option<String>,
}

impl Run {
    /// How it stands.
    pub(crate) fn standing(&self) -> Status {
        let conclusion = self.conclusion.as_deref().unwrap_or_default();
        let (level, text) = match self.status.as_deref().unwrap_or_default() {
            "completed" => match conclusion {
                "success" => (Level::Ok, "Success"),
                "failure" => (Level::Error, "Failure"),
                "timed_out" => (Level::Error, "Timed out"),
                "startup_failure" => (Level::Error, "Could not start"),
                "action_required" => (Level::Warning, "Action required"),
                "cancelled" => (Level::Muted, "Cancelled"),
                "skipped" => (Level::Muted, "Skipped"),
                "neutral" => (Level::Muted, "Neutral"),
                "stale" => (Level::Muted, "Stale"),
                "" => (Level::Unknown, "Completed"),
                other => (Level::Unknown, other),
            },
            "in_progress" => (Level::Running, "In progress"),
            "queued" => (Level::Pending, "Queued"),
            "requested" => (Level::Pending, "Requested"),
            "waiting" => (Level::Pending, "Waiting"),
            "pending" => (Level::Pending, "Pending"),
            "" => (Level::Unknown, "Unknown"),
            other => (Level::Unknown, other),
        };
        let status = Status::new(level, text);
        match self.run_attempt {
            Some(attempt) if attempt > 1 => status.detail(format!("attempt {attempt}")),
            _ => status,
        }
    }

    pub(crate) fn is_completed(&self) -> bool {
        self.status.as_deref() == Some("completed")
    }

    /// Whether some of its jobs did not succeed, so that those alone can be run again.
    pub(crate) fn has_failed(&self) -> bool {
        let failed = ["failure", "timed_out", "cancelled"];
        self.is_completed() && self.conclusion.as_deref().is_some_and(|conclusion| failed.contains(&conclusion))
    }

    /// When the present attempt began.
    pub(crate) fn started(&self) -> Option<i64> {
        let instant = |text: &Option<String>| text.as_deref().and_then(time::parse);
        instant(&self.run_started_at).or_else(|| instant(&self.created_at))
    }

    /// How long the present attempt took, or has taken so far, in milliseconds. What has not begun takes no time.
    pub(crate) fn duration(&self) -> Option<u64> {
        let end = match self.status.as_deref()? {
            "completed" => time::parse(self.updated_at.as_deref()?)?,
            "in_progress" => time::now(),
            _ => return None,
        };
        u64::try_from(end - self.started()?).ok()
    }

    /// Its name for people.
    pub(crate) fn title(&self) -> String {
        let text =
            |text: &Option<String>| text.as_deref().map(str::trim).filter(|text| !text.is_empty()).map(str::to_owned);
        let title = text(&self.display_title).or_else(|| text(&self.name));
        title.unwrap_or_else(|| format!("Run {}", self.run_number.unwrap_or(self.id)))
    }
}

#[cfg(test)]
mod tests {
    use callboard_sdk::testing::Host;
    use serde_json::json;

    use super::*;

    fn run(value: serde_json::Value) -> Run {
        serde_json::from_value(value).expect("a run")
    }

    #[test]
    fn every_standing_has_a_level() {
        for (status, conclusion, level, text, again, failed) in [
            ("completed", Some("success"), Level::Ok, "Success", true, false),
            ("completed", Some("failure"), Level::Error, "Failure", true, true),
            ("completed", Some("timed_out"), Level::Error, "Timed out", true, true),
            ("completed", Some("startup_failure"), Level::Error, "Could not start", true, false),
            ("completed", Some("action_required"), Level::Warning, "Action required", true, false),
            ("completed", Some("cancelled"), Level::Muted, "Cancelled", true, true),
            ("completed", Some("skipped"), Level::Muted, "Skipped", true, false),
            ("completed", Some("neutral"), Level::Muted, "Neutral", true, false),
            ("completed", Some("stale"), Level::Muted, "Stale", true, false),
            ("completed", Some("exploded"), Level::Unknown, "exploded", true, false),
            ("completed", None, Level::Unknown, "Completed", true, false),
            ("in_progress", None, Level::Running, "In progress", false, false),
            ("queued", None, Level::Pending, "Queued", false, false),
            ("requested", None, Level::Pending, "Requested", false, false),
            ("waiting", None, Level::Pending, "Waiting", false, false),
            ("pending", None, Level::Pending, "Pending", false, false),
            ("dreaming", None, Level::Unknown, "dreaming", false, false),
        ] {
            let run = run(json!({ "id": 1, "status": status, "conclusion": conclusion }));
            assert_eq!(run.standing(), Status::new(level, text));
            assert_eq!((run.is_completed(), run.has_failed()), (again, failed), "{status} {conclusion:?}");
        }
        assert_eq!(run(json!({ "id": 1, "run_attempt": 3 })).standing().detail.as_deref(), Some("attempt 3"));
    }

    #[test]
    fn time_runs_from_the_present_attempt() {
        let at = |second: u32| format!("2026-01-01T00:00:{second:02}Z");
        let now = time::parse(&at(30)).unwrap();
        Host::new().now(now).run(|| {
            let of = |status: &str| {
                let times = json!({
                    "id": 1, "status": status, "created_at": at(0), "run_started_at": at(10), "updated_at": at(25),
                });
                run(times).duration()
            };
            assert_eq!((of("completed"), of("in_progress"), of("queued")), (Some(15_000), Some(20_000), None));
            let backwards = json!({ "id": 1, "status": "completed", "created_at": at(9), "updated_at": at(5) });
            assert_eq!(run(backwards).duration(), None);
        });
    }

    #[test]
    fn a_run_has_a_number_at_least() {
        assert!(serde_json::from_value::<Run>(json!({ "name": "x" })).is_err());
        assert_eq!(run(json!({ "id": 7, "name": null, "display_title": " " })).title(), "Run 7");
        assert_eq!(run(json!({ "id": 7, "name": "Build", "run_number": 3 })).title(), "Build");
    }
}
