//! A card with the latest workflow runs of an entity's repository, from which they can be run again.
//!
//! The repository is named by the annotation `github.com/project-slug`. Which GitHub is asked, and with what credential,
//! the administrator decides by binding the upstream `github`.

mod api;
mod card;
mod run;

use callboard_sdk::card::{
    ActionOutcome, ActionRequest, CardDeclaration, Entities, RenderRequest, Width, unknown_action,
};
use callboard_sdk::view::View;
use callboard_sdk::{Description, Error, Plugin, UiCard, Upstream};

use crate::api::{Repository, Rerun};

/// The annotation that names the repository.
const SLUG: &str = "github.com/project-slug";
/// The name of the upstream.
const UPSTREAM: &str = "github";

struct GithubActions;

impl Plugin for GithubActions {
    fn describe() -> Description {
        let purpose = "Reads the workflow runs of the repositories that entities name, and runs them again on request.";
        Description::new("github-actions", env!("CARGO_PKG_VERSION"), "GitHub Actions")
            .summary("Shows the latest workflow runs of an entity's repository and runs them again.")
            .homepage("https://docs.github.com/actions")
            .upstream(
                Upstream::new(UPSTREAM, purpose)
                    .route("GET", "/repos/*/*/actions/runs")
                    .route("POST", "/repos/*/*/actions/runs/*/rerun")
                    .route("POST", "/repos/*/*/actions/runs/*/rerun-failed-jobs"),
            )
    }
}

impl UiCard for GithubActions {
    fn cards() -> Vec<CardDeclaration> {
        let runs = CardDeclaration::new("runs", "Workflow runs").width(Width::Full);
        vec![runs.applies_to(Entities::any().annotation(SLUG))]
    }

    fn render(request: RenderRequest) -> Result<View, Error> {
        let repository = Repository::of(&request.entity)?;
        let wanted = card::Wanted::from_state(&request.state);
        let page = repository.runs(wanted.branch.as_deref(), wanted.page)?;
        Ok(card::view(&repository, &wanted, &page))
    }

    fn act(request: ActionRequest) -> Result<ActionOutcome, Error> {
        let what = match request.action.as_str() {
            card::RERUN => Rerun::All,
            card::RERUN_FAILED => Rerun::Failed,
            other => return Err(unknown_action(other)),
        };
        let repository = Repository::of(&request.entity)?;
        let chosen: card::Chosen = request.input()?;
        repository.rerun(chosen.run, what)?;
        Ok(ActionOutcome::new(match what {
            Rerun::All => format!("All jobs of run {} of {repository} begin again.", chosen.run),
            Rerun::Failed => format!("The failed jobs of run {} of {repository} begin again.", chosen.run),
        }))
    }
}

callboard_sdk::export!(GithubActions: ui_card);

#[cfg(test)]
mod tests;
