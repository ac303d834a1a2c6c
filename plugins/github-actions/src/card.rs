//! What the card shows.

use callboard_sdk::card::State;
use callboard_sdk::http::encode;
use callboard_sdk::view::{Action, Cell, Column, Content, Link, Row, Section, Table, View};
use serde::Deserialize;
use serde_json::json;

use crate::api::{PER_PAGE, Page, Repository};
use crate::run::Run;

/// The actions' ids.
pub(crate) const RERUN: &str = "rerun";
pub(crate) const RERUN_FAILED: &str = "rerun-failed";

/// GitHub gives at most a thousand runs.
const LAST_PAGE: u32 = 1_000 / PER_PAGE;
/// The most branches that are offered as filters.
const MOST_BRANCHES: usize = 6;

/// What the page's address asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Wanted {
    pub(crate) branch: Option<String>,
    pub(crate) page: u32,
}

/// The input of both actions.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Chosen {
    pub(crate) run: u64,
}

impl Wanted {
    /// Addresses come from people: what cannot be meant is left out.
    pub(crate) fn from_state(state: &State) -> Self {
        let branch = state.get("branch").filter(|name| name.len() <= 255 && !name.chars().any(char::is_control));
        let page = state.get("page").and_then(|text| text.parse().ok()).unwrap_or(1);
        Self { branch: branch.map(str::to_owned), page: u32::clamp(page, 1, LAST_PAGE) }
    }

    /// The state of another page or branch, as a link.
    fn link(branch: Option<&str>, page: u32) -> String {
        let branch = branch.map(|branch| format!("branch={}", encode(branch)));
        let page = (page > 1).then(|| format!("page={page}"));
        let parts: Vec<String> = branch.into_iter().chain(page).collect();
        format!("?{}", parts.join("&"))
    }
}

pub(crate) fn view(repository: &Repository, wanted: &Wanted, page: &Page) -> View {
    let mut view = View::new()
        .action(Action::new(RERUN, "Re-run").caution().confirm("Run all jobs of this workflow run again?"))
        .action(Action::new(RERUN_FAILED, "Re-run failed jobs").caution().confirm("Run the failed jobs again?"));
    if let Some(url) = page.runs.iter().find_map(actions_page) {
        view = view.source(format!("{repository} on GitHub"), url);
    }
    if page.unreadable > 0 {
        let what = if page.unreadable == 1 { "run".to_owned() } else { format!("{} runs", page.unreadable) };
        view = view.missing(format!("{what} that GitHub sent in a form which this card does not know"));
    }
    if page.runs.is_empty() && page.total == 0 && wanted.branch.is_none() && page.unreadable == 0 {
        let text = format!("{repository} has no workflow runs yet. They appear here once a workflow has run.");
        return view.empty_state("No workflow runs", text);
    }
    let filters = filters(wanted, page);
    if !filters.is_empty() {
        view = view.links(filters);
    }
    view = view.table(table(repository, wanted, page));
    let pager = pager(wanted, page);
    if pager.is_empty() { view } else { view.section(Section::columns().links(pager)) }
}

fn table(repository: &Repository, wanted: &Wanted, page: &Page) -> Table {
    let empty = match &wanted.branch {
        Some(branch) => format!("{repository} has no workflow runs on {branch}."),
        None => "There are no more workflow runs.".to_owned(),
    };
    Table::new([
        Column::new("Run"),
        Column::new("Workflow"),
        Column::new("Branch"),
        Column::new("Status"),
        Column::new("Started"),
        Column::new("Duration").at_end(),
    ])
    .rows(page.runs.iter().map(row))
    .total(page.total)
    .empty(empty)
}

fn row(run: &Run) -> Row {
    let title = run.title();
    let row = Row::new([
        match &run.html_url {
            Some(url) => Cell::link(title, url),
            None => title.into(),
        },
        Cell::or_empty(run.name.clone()),
        run.head_branch.as_ref().map_or(Cell::Empty, Cell::code),
        run.standing().into(),
        run.started().map_or(Cell::Empty, Cell::Time),
        run.duration().map_or(Cell::Empty, Cell::Duration),
    ]);
    let input = json!({ "run": run.id });
    let row = if run.is_completed() { row.action(RERUN, &input) } else { row };
    if run.has_failed() { row.action(RERUN_FAILED, &input) } else { row }
}

/// The branches that can be chosen: those of the runs at hand, and all.
fn filters(wanted: &Wanted, page: &Page) -> Vec<Link> {
    let mut branches: Vec<&str> = Vec::new();
    for branch in wanted.branch.iter().chain(page.runs.iter().filter_map(|run| run.head_branch.as_ref())) {
        if branches.len() < MOST_BRANCHES && !branches.contains(&branch.as_str()) {
            branches.push(branch);
        }
    }
    if wanted.branch.is_none() && branches.len() < 2 {
        return Vec::new();
    }
    let chosen = |text: &str, is: bool| if is { format!("{text} (chosen)") } else { text.to_owned() };
    let all = Link::new(chosen("All branches", wanted.branch.is_none()), Wanted::link(None, 1));
    let each = branches.iter().map(|branch| {
        Link::new(chosen(branch, wanted.branch.as_deref() == Some(branch)), Wanted::link(Some(branch), 1))
    });
    std::iter::once(all).chain(each).collect()
}

fn pager(wanted: &Wanted, page: &Page) -> Vec<Link> {
    let last = u32::try_from(page.total.div_ceil(u64::from(PER_PAGE))).unwrap_or(LAST_PAGE).clamp(1, LAST_PAGE);
    let to = |text: &str, page: u32| Link::new(text, Wanted::link(wanted.branch.as_deref(), page));
    let newer = (wanted.page > 1).then(|| to("Newer runs", (wanted.page - 1).min(last)));
    let older = (wanted.page < last).then(|| to("Older runs", wanted.page + 1));
    newer.into_iter().chain(older).collect()
}

/// Where all runs are, on whichever GitHub this run is.
fn actions_page(run: &Run) -> Option<String> {
    let (repository, _) = run.html_url.as_deref()?.split_once("/actions/runs/")?;
    Some(format!("{repository}/actions"))
}
