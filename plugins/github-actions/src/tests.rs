use callboard_sdk::card::{ActionOutcome, ActionRequest, Reader, RenderRequest, State};
use callboard_sdk::http::{Request, Response};
use callboard_sdk::testing::{self, Host};
use callboard_sdk::view::{Block, Cell, Level, Link, Status, Table, View};
use callboard_sdk::{Error, UiCard, UpstreamStatus};
use serde_json::{Value, json};

use crate::{GithubActions, SLUG};

fn entity(slug: Option<&str>) -> Value {
    let mut entity = json!({ "kind": "Component", "metadata": { "name": "basket", "annotations": {} } });
    if let Some(slug) = slug {
        entity["metadata"]["annotations"][SLUG] = slug.into();
    }
    entity
}

fn render(slug: Option<&str>, state: &[(&str, &str)]) -> Result<View, Error> {
    GithubActions::render(RenderRequest {
        card: "runs".into(),
        entity: entity(slug).into(),
        reader: Reader { user: None, locale: "en".into() },
        state: State::new(state.iter().copied()),
    })
}

fn act(action: &str, input: Value) -> Result<ActionOutcome, Error> {
    GithubActions::act(ActionRequest {
        card: "runs".into(),
        entity: entity(Some("acme/basket")).into(),
        reader: Reader { user: None, locale: "en".into() },
        action: action.into(),
        input,
        idempotency_key: "k".into(),
    })
}

fn run(id: u64, branch: &str, status: &str, conclusion: Option<&str>) -> Value {
    json!({
        "id": id, "name": "Build", "display_title": format!("Change {id}"), "head_branch": branch, "run_attempt": 1,
        "status": status, "conclusion": conclusion, "html_url": format!("https://git.acme.test/acme/basket/actions/runs/{id}"),
        "created_at": "2026-01-01T00:00:00Z", "run_started_at": "2026-01-01T00:00:00Z", "updated_at": "2026-01-01T00:02:00Z",
    })
}

fn answering(response: Response) -> Host {
    Host::new().upstream(move |_| Ok(response.clone()))
}

fn table(view: &View) -> &Table {
    let found = view.blocks().iter().find_map(|block| if let Block::Table(table) = block { Some(table) } else { None });
    found.expect("a table")
}

fn header<'a>(request: &'a Request, name: &str) -> Option<&'a str> {
    request.headers().iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
}

#[test]
fn shows_the_runs_of_the_repository() {
    let body = json!({ "total_count": 25, "workflow_runs": [
        run(3, "main", "in_progress", None),
        run(2, "feature/a", "completed", Some("failure")),
        { "name": "no number" },
        run(1, "main", "completed", Some("success")),
    ] });
    answering(Response::new(200, body.to_string())).now(1_767_225_660_000).run(|| {
        let view = render(Some("acme/basket"), &[]).unwrap();
        let table = table(&view);
        assert_eq!(table.total, Some(25));
        let actions =
            |row: usize| table.rows[row].actions.iter().map(|action| action.action.as_str()).collect::<Vec<_>>();
        assert_eq!((actions(0), actions(1), actions(2)), (vec![], vec!["rerun", "rerun-failed"], vec!["rerun"]));
        assert_eq!(table.rows[1].actions[0].input, r#"{"run":2}"#);
        assert_eq!(
            table.rows[0].cells,
            [
                Cell::link("Change 3", "https://git.acme.test/acme/basket/actions/runs/3"),
                Cell::from("Build"),
                Cell::code("main"),
                Cell::Status(Status::new(Level::Running, "In progress")),
                Cell::Time(1_767_225_600_000),
                Cell::Duration(60_000),
            ]
        );
        assert_eq!(table.rows[2].cells[5], Cell::Duration(120_000));
        assert!(view.actions().iter().all(|action| action.confirm.is_some()));
        assert_eq!(view.missing_parts().len(), 1);

        let Some(Block::Links(filters)) = view.blocks().first() else { panic!("{:?}", view.blocks()) };
        assert_eq!(filters[0], Link::new("All branches (chosen)", "?"));
        assert_eq!(filters[2], Link::new("feature/a", "?branch=feature%2Fa"));
        let Some(Block::Section(pager)) = view.blocks().last() else { panic!("{:?}", view.blocks()) };
        assert_eq!(pager.blocks(), [Block::Links(vec![Link::new("Older runs", "?page=2")])]);

        let requests = testing::requests();
        assert_eq!(requests[0].url(), "http://github/repos/acme/basket/actions/runs?per_page=10");
        assert_eq!(header(&requests[0], "accept"), Some("application/vnd.github+json"));
        assert_eq!(header(&requests[0], "x-github-api-version"), Some("2022-11-28"));
    });
}

#[test]
fn the_address_chooses_branch_and_page() {
    for (state, expected) in [
        (&[("branch", "a&b"), ("page", "2")][..], "?per_page=10&branch=a%26b&page=2"),
        (&[("page", "0")], "?per_page=10"),
        (&[("page", "9999999999")], "?per_page=10"),
        (&[("page", "5000")], "?per_page=10&page=100"),
        (&[("branch", "a\nb")], "?per_page=10"),
        (&[("branch", ""), ("page", "x")], "?per_page=10"),
    ] {
        answering(Response::new(200, r#"{"total_count":0,"workflow_runs":[]}"#)).run(|| {
            render(Some("acme/basket"), state).unwrap();
            let url = testing::requests()[0].url().to_owned();
            assert_eq!(url.trim_start_matches("http://github/repos/acme/basket/actions/runs"), expected);
        });
    }
}

#[test]
fn nothing_to_show_says_why() {
    answering(Response::new(200, r#"{"total_count":0,"workflow_runs":[]}"#)).run(|| {
        let all = render(Some("acme/basket"), &[]).unwrap();
        assert!(matches!(all.blocks(), [Block::EmptyState(_)]));
        let branch = render(Some("acme/basket"), &[("branch", "gone")]).unwrap();
        assert_eq!(table(&branch).empty.as_deref(), Some("acme/basket has no workflow runs on gone."));
        assert!(matches!(branch.blocks().first(), Some(Block::Links(_))), "the way back to all branches");
    });
}

#[test]
fn an_entity_without_a_repository_is_told_so() {
    Host::new().run(|| {
        assert_eq!(render(None, &[]), Err(Error::MissingAnnotation(SLUG.into())));
        assert_eq!(render(Some("  "), &[]), Err(Error::MissingAnnotation(SLUG.into())));
        assert!(matches!(render(Some("acme"), &[]), Err(Error::InvalidInput(_))));
        assert!(testing::requests().is_empty());
    });
}

#[test]
fn githubs_errors_are_explained() {
    let json = |status, message: &str| Response::new(status, json!({ "message": message }).to_string());
    let permission = |error: &Error| matches!(error, Error::NeedsPermission(_));
    let limited = |error: &Error| matches!(error, Error::RateLimited(_));
    type Check<'a> = &'a dyn Fn(&Error) -> bool;
    for (response, check) in [
        (
            json(404, "Not Found"),
            &(|error: &Error| matches!(error, Error::NotFound(what) if what.contains("acme/basket"))) as Check<'_>,
        ),
        (json(401, "Bad credentials"), &permission),
        (json(403, "Resource not accessible by integration"), &permission),
        (json(403, "API rate limit exceeded").with_header("x-ratelimit-remaining", "0"), &limited),
        (json(403, "You have exceeded a secondary rate limit"), &limited),
        (json(429, "slow down"), &limited),
        (
            json(500, "Server Error"),
            &|error| matches!(error, Error::UpstreamStatus(UpstreamStatus { status: 500, message, .. }) if message == "Server Error"),
        ),
        (Response::new(200, "<html>"), &|error| matches!(error, Error::Other(_))),
    ] {
        let error = answering(response).run(|| render(Some("acme/basket"), &[])).unwrap_err();
        assert!(check(&error), "{error:?}");
    }
    let unreachable = || Err(Error::Unavailable("github refused the connection".into()));
    let error = Host::new().upstream(move |_| unreachable()).run(|| render(Some("acme/basket"), &[])).unwrap_err();
    assert!(matches!(error, Error::Unavailable(_)));
}

#[test]
fn runs_again_what_was_chosen() {
    answering(Response::new(201, "{}")).run(|| {
        act("rerun", json!({ "run": 7 })).unwrap();
        act("rerun-failed", json!({ "run": 8 })).unwrap();
        let asked: Vec<String> =
            testing::requests().iter().map(|request| format!("{} {}", request.method(), request.url())).collect();
        assert_eq!(
            asked,
            [
                "POST http://github/repos/acme/basket/actions/runs/7/rerun",
                "POST http://github/repos/acme/basket/actions/runs/8/rerun-failed-jobs",
            ]
        );
    });
}

#[test]
fn does_nothing_that_was_not_offered() {
    answering(Response::new(201, "{}")).run(|| {
        assert!(matches!(act("delete", json!({ "run": 7 })), Err(Error::NotFound(_))));
        for input in [json!({}), json!({ "run": "../../x" }), json!({ "run": -1 }), json!(null)] {
            assert!(matches!(act("rerun", input), Err(Error::InvalidInput(_))));
        }
        assert!(testing::requests().is_empty());
    });
    let refused = r#"{"message":"This workflow is already running"}"#;
    let error = answering(Response::new(403, refused)).run(|| act("rerun", json!({ "run": 7 }))).unwrap_err();
    assert_eq!(error, Error::Other("GitHub refuses: This workflow is already running".into()));
}
