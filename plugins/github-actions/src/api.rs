//! The part of GitHub's REST API that the card needs.

use std::fmt;

use callboard_sdk::http::{self, Request, Response};
use callboard_sdk::{Entity, Error};
use serde::Deserialize;
use serde_json::Value;

use crate::run::Run;
use crate::{SLUG, UPSTREAM};

/// How many runs a page has.
pub(crate) const PER_PAGE: u32 = 10;

/// A repository by owner and name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Repository {
    owner: String,
    name: String,
}

/// Some runs, newest first.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Page {
    pub(crate) total: u64,
    pub(crate) runs: Vec<Run>,
    /// How many were there that could not be read.
    pub(crate) unreadable: usize,
}

/// What to run again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Rerun {
    All,
    Failed,
}

impl fmt::Display for Repository {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}/{}", self.owner, self.name)
    }
}

impl Repository {
    /// The repository that an entity names.
    pub(crate) fn of(entity: &Entity) -> Result<Self, Error> {
        let slug = entity.annotation(SLUG).map(str::trim).filter(|slug| !slug.is_empty());
        let slug = slug.ok_or_else(|| Error::MissingAnnotation(SLUG.to_owned()))?;
        Self::parse(slug).ok_or_else(|| {
            Error::invalid(
                "/metadata/annotations/github.com~1project-slug",
                format!("{slug:?} names no repository: it must be the owner and the name, such as acme/basket"),
            )
        })
    }

    fn parse(slug: &str) -> Option<Self> {
        let (owner, name) = slug.split_once('/')?;
        let valid = |part: &str| {
            (1..=100).contains(&part.len())
                && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte))
                && part != "."
                && part != ".."
        };
        (valid(owner) && valid(name)).then(|| Self { owner: owner.to_owned(), name: name.to_owned() })
    }

    /// A page of runs, of one branch or of all.
    pub(crate) fn runs(&self, branch: Option<&str>, page: u32) -> Result<Page, Error> {
        #[derive(Deserialize)]
        struct List {
            #[serde(default)]
            total_count: u64,
            workflow_runs: Vec<Value>,
        }

        let mut request = http::get(self.url("actions/runs")).query("per_page", &PER_PAGE.to_string());
        if let Some(branch) = branch {
            request = request.query("branch", branch);
        }
        if page > 1 {
            request = request.query("page", &page.to_string());
        }
        let list: List = self.send(request)?.json()?;
        let given = list.workflow_runs.len();
        let runs: Vec<Run> = list.workflow_runs.iter().filter_map(|run| Run::deserialize(run).ok()).collect();
        Ok(Page { total: list.total_count, unreadable: given - runs.len(), runs })
    }

    /// Runs a workflow run again.
    pub(crate) fn rerun(&self, run: u64, what: Rerun) -> Result<(), Error> {
        let verb = match what {
            Rerun::All => "rerun",
            Rerun::Failed => "rerun-failed-jobs",
        };
        self.send(http::post(self.url(&format!("actions/runs/{run}/{verb}")))).map(|_| ())
    }

    fn url(&self, path: &str) -> String {
        format!("http://{UPSTREAM}/repos/{}/{}/{path}", self.owner, self.name)
    }

    fn send(&self, request: Request) -> Result<Response, Error> {
        let request = request
            .header("accept", "application/vnd.github+json")
            .header("x-github-api-version", "2022-11-28")
            .header("user-agent", "callboard-github-actions");
        let response = request.send()?;
        if response.is_success() { Ok(response) } else { Err(self.explain(&response)) }
    }

    /// GitHub's errors in the contract's words.
    fn explain(&self, response: &Response) -> Error {
        let said = response.message();
        match response.status() {
            // GitHub does not tell whether something is missing or hidden.
            404 => {
                Error::NotFound(format!("{self} on GitHub, or what was asked of it (or the credential may not see it)"))
            }
            401 => {
                Error::NeedsPermission(format!("a valid credential for the upstream {UPSTREAM}: GitHub says {said:?}"))
            }
            403 if said.starts_with("This workflow") => Error::Other(format!("GitHub refuses: {said}")),
            // The secondary limit says so in its text only.
            403 if said.to_ascii_lowercase().contains("rate limit") => match response.error() {
                limited @ Error::RateLimited(_) => limited,
                _ => Error::RateLimited(None),
            },
            403 => match response.error() {
                limited @ Error::RateLimited(_) => limited,
                _ => Error::NeedsPermission(format!(
                    "a credential for the upstream {UPSTREAM} that may use the actions of {self}: GitHub says {said:?}"
                )),
            },
            _ => response.error(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slug_is_an_owner_and_a_name() {
        for slug in ["acme/basket", "a-b/c.d_e", "ACME/.github"] {
            assert_eq!(Repository::parse(slug).map(|found| found.to_string()).as_deref(), Some(slug));
        }
        for slug in ["", "acme", "acme/", "/basket", "a/b/c", "a/..", "./b", "a b/c", "a/b?c", "a/b%2f", "ü/b"] {
            assert_eq!(Repository::parse(slug), None, "{slug}");
        }
    }
}
