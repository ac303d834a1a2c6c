//! One workflow run and how it moves on: queued, in progress, completed, and round again when it is re-run.

use jiff::{SignedDuration, Timestamp};

use super::people::{Person, TOKEN_HOLDER};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Workflow {
    pub(super) name: &'static str,
    pub(super) file: &'static str,
    /// The names of its jobs, in the order in which they begin.
    pub(super) jobs: &'static [&'static str],
    /// How long a run takes, in seconds: least and most.
    pub(super) seconds: (u64, u64),
}

#[derive(Debug, Clone)]
pub(super) struct Run {
    pub(super) id: u64,
    pub(super) workflow: &'static Workflow,
    pub(super) workflow_id: u64,
    pub(super) number: u64,
    pub(super) attempt: u64,
    pub(super) event: &'static str,
    pub(super) branch: String,
    pub(super) sha: String,
    pub(super) tree: String,
    pub(super) message: String,
    pub(super) pull_request: Option<u64>,
    pub(super) actor: &'static Person,
    pub(super) triggering_actor: &'static Person,
    pub(super) created: Timestamp,
    pub(super) started: Timestamp,
    pub(super) duration: SignedDuration,
    pub(super) conclusion: &'static str,
    pub(super) phase: Phase,
}

/// What decides how far a run has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Phase {
    /// The clock alone.
    Planned,
    /// It was started again: queued in the first answer, in progress in later ones, completed by the clock.
    Again { answers: u32 },
    /// It was ended by a request or by the test.
    Ended { at: Timestamp },
}

/// How a run looks at one moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Standing {
    pub(super) status: &'static str,
    pub(super) conclusion: Option<&'static str>,
    pub(super) updated: Timestamp,
}

/// Why a request to change a run was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Refusal {
    StillRunning,
    NothingFailed,
    AlreadyCompleted,
}

impl Run {
    pub(super) fn standing(&self, now: Timestamp) -> Standing {
        let running = |status, updated| Standing { status, conclusion: None, updated };
        let completed = |at| Standing { status: "completed", conclusion: Some(self.conclusion), updated: at };
        let end = self.started + self.duration;
        match self.phase {
            Phase::Ended { at } => completed(at),
            _ if now >= end => completed(end),
            Phase::Again { answers: 0 } => running("queued", self.started),
            Phase::Again { .. } => running("in_progress", self.started),
            Phase::Planned if now < self.started => running("queued", self.created),
            Phase::Planned => running("in_progress", self.started),
        }
    }

    /// Takes note that the run has been shown in an answer.
    pub(super) fn shown(&mut self) {
        if let Phase::Again { answers } = &mut self.phase {
            *answers = answers.saturating_add(1);
        }
    }

    pub(super) fn rerun(&mut self, now: Timestamp) -> Result<(), Refusal> {
        if self.standing(now).conclusion.is_none() {
            return Err(Refusal::StillRunning);
        }
        self.attempt += 1;
        self.started = now;
        self.conclusion = "success";
        self.triggering_actor = &TOKEN_HOLDER;
        self.phase = Phase::Again { answers: 0 };
        Ok(())
    }

    pub(super) fn rerun_failed(&mut self, now: Timestamp) -> Result<(), Refusal> {
        match self.standing(now).conclusion {
            None => Err(Refusal::StillRunning),
            Some("failure" | "cancelled" | "timed_out") => self.rerun(now),
            Some(_) => Err(Refusal::NothingFailed),
        }
    }

    pub(super) fn cancel(&mut self, now: Timestamp) -> Result<(), Refusal> {
        if self.standing(now).conclusion.is_some() {
            return Err(Refusal::AlreadyCompleted);
        }
        self.end(now, "cancelled");
        Ok(())
    }

    pub(super) fn end(&mut self, now: Timestamp, conclusion: &'static str) {
        self.conclusion = conclusion;
        self.phase = Phase::Ended { at: now };
    }
}
