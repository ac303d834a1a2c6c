//! GitHub's JSON shapes: user, repository, workflow run.

use serde_json::{Map, Value, json};

use super::clock::{Clock, written};
use super::data::Repository;
use super::people::Person;
use super::runs::Run;

const WEB: &str = "https://github.com";

/// Everything that an answer needs besides its subject.
#[derive(Debug, Clone, Copy)]
pub(super) struct Scene<'a> {
    /// The base of the API as the client knows it, without a slash at the end.
    pub(super) api: &'a str,
    pub(super) clock: Clock,
}

fn account(api: &str, id: u64, login: &str, kind: &str) -> Value {
    let user = format!("{api}/users/{login}");
    json!({
        "login": login,
        "id": id,
        "node_id": format!("U_kgDO{id:08x}"),
        "avatar_url": format!("https://avatars.githubusercontent.com/u/{id}?v=4"),
        "gravatar_id": "",
        "url": user,
        "html_url": format!("{WEB}/{login}"),
        "followers_url": format!("{user}/followers"),
        "following_url": format!("{user}/following{{/other_user}}"),
        "gists_url": format!("{user}/gists{{/gist_id}}"),
        "starred_url": format!("{user}/starred{{/owner}}{{/repo}}"),
        "subscriptions_url": format!("{user}/subscriptions"),
        "organizations_url": format!("{user}/orgs"),
        "repos_url": format!("{user}/repos"),
        "events_url": format!("{user}/events{{/privacy}}"),
        "received_events_url": format!("{user}/received_events"),
        "type": kind,
        "user_view_type": "public",
        "site_admin": false,
    })
}

fn user(api: &str, person: &Person) -> Value {
    account(api, person.id, person.login, "User")
}

fn owner(api: &str, repository: &Repository) -> Value {
    account(api, repository.owner_id, &repository.owner, "Organization")
}

/// The links of a repository: what is appended to its URL, by key.
const REPOSITORY_LINKS: &[(&str, &str)] = &[
    ("archive_url", "/{archive_format}{/ref}"),
    ("assignees_url", "/assignees{/user}"),
    ("blobs_url", "/git/blobs{/sha}"),
    ("branches_url", "/branches{/branch}"),
    ("collaborators_url", "/collaborators{/collaborator}"),
    ("comments_url", "/comments{/number}"),
    ("commits_url", "/commits{/sha}"),
    ("compare_url", "/compare/{base}...{head}"),
    ("contents_url", "/contents/{+path}"),
    ("contributors_url", "/contributors"),
    ("deployments_url", "/deployments"),
    ("downloads_url", "/downloads"),
    ("events_url", "/events"),
    ("forks_url", "/forks"),
    ("git_commits_url", "/git/commits{/sha}"),
    ("git_refs_url", "/git/refs{/sha}"),
    ("git_tags_url", "/git/tags{/sha}"),
    ("hooks_url", "/hooks"),
    ("issue_comment_url", "/issues/comments{/number}"),
    ("issue_events_url", "/issues/events{/number}"),
    ("issues_url", "/issues{/number}"),
    ("keys_url", "/keys{/key_id}"),
    ("labels_url", "/labels{/name}"),
    ("languages_url", "/languages"),
    ("merges_url", "/merges"),
    ("milestones_url", "/milestones{/number}"),
    ("notifications_url", "/notifications{?since,all,participating}"),
    ("pulls_url", "/pulls{/number}"),
    ("releases_url", "/releases{/id}"),
    ("stargazers_url", "/stargazers"),
    ("statuses_url", "/statuses/{sha}"),
    ("subscribers_url", "/subscribers"),
    ("subscription_url", "/subscription"),
    ("tags_url", "/tags"),
    ("teams_url", "/teams"),
    ("trees_url", "/git/trees{/sha}"),
];

/// The short form, as it stands inside a workflow run.
fn minimal_repository(api: &str, repository: &Repository) -> Map<String, Value> {
    let slug = repository.slug();
    let url = format!("{api}/repos/{slug}");
    let mut out = Map::new();
    out.insert("id".into(), repository.id.into());
    out.insert("node_id".into(), format!("R_kgDO{:08x}", repository.id).into());
    out.insert("name".into(), repository.name.clone().into());
    out.insert("full_name".into(), slug.clone().into());
    out.insert("private".into(), repository.private.into());
    out.insert("owner".into(), owner(api, repository));
    out.insert("html_url".into(), format!("{WEB}/{slug}").into());
    out.insert("description".into(), format!("{} of {}", repository.name, repository.owner).into());
    out.insert("fork".into(), false.into());
    out.insert("url".into(), url.clone().into());
    for (key, path) in REPOSITORY_LINKS {
        out.insert((*key).into(), format!("{url}{path}").into());
    }
    out
}

/// The long form, the answer to `GET /repos/{owner}/{repo}`.
pub(super) fn repository(scene: Scene<'_>, repository: &Repository) -> Value {
    let slug = repository.slug();
    let mut out = minimal_repository(scene.api, repository);
    let more = json!({
        "created_at": written(repository.created),
        "updated_at": written(repository.pushed),
        "pushed_at": written(repository.pushed),
        "git_url": format!("git://github.com/{slug}.git"),
        "ssh_url": format!("git@github.com:{slug}.git"),
        "clone_url": format!("{WEB}/{slug}.git"),
        "svn_url": format!("{WEB}/{slug}"),
        "homepage": null,
        "size": repository.size,
        "stargazers_count": repository.stars,
        "watchers_count": repository.stars,
        "language": repository.language,
        "has_issues": true,
        "has_projects": false,
        "has_downloads": true,
        "has_wiki": false,
        "has_pages": false,
        "has_discussions": false,
        "forks_count": 0,
        "mirror_url": null,
        "archived": false,
        "disabled": false,
        "open_issues_count": repository.open_issues,
        "license": null,
        "allow_forking": false,
        "is_template": false,
        "web_commit_signoff_required": false,
        "topics": [],
        "visibility": if repository.private { "private" } else { "public" },
        "forks": 0,
        "open_issues": repository.open_issues,
        "watchers": repository.stars,
        "default_branch": "main",
        "permissions": { "admin": false, "maintain": false, "push": true, "triage": true, "pull": true },
        "organization": owner(scene.api, repository),
        "network_count": 0,
        "subscribers_count": 4,
    });
    if let Value::Object(more) = more {
        out.extend(more);
    }
    Value::Object(out)
}

/// A workflow run as it stands now.
pub(super) fn run(scene: Scene<'_>, repository: &Repository, run: &Run) -> Value {
    let slug = repository.slug();
    let repo = format!("{}/repos/{slug}", scene.api);
    let url = format!("{repo}/actions/runs/{}", run.id);
    let standing = run.standing(scene.clock.now());
    let suite = run.id + 3_000_000_000;
    let previous = (run.attempt > 1).then(|| format!("{url}/attempts/{}", run.attempt - 1));
    let short = Value::Object(minimal_repository(scene.api, repository));
    json!({
        "id": run.id,
        "name": run.workflow.name,
        "node_id": format!("WFR_kwLO{:012x}", run.id),
        "head_branch": run.branch,
        "head_sha": run.sha,
        "path": format!(".github/workflows/{}", run.workflow.file),
        "display_title": if run.event == "schedule" { run.workflow.name } else { &run.message },
        "run_number": run.number,
        "event": run.event,
        "status": standing.status,
        "conclusion": standing.conclusion,
        "workflow_id": run.workflow_id,
        "check_suite_id": suite,
        "check_suite_node_id": format!("CS_kwDO{suite:012x}"),
        "url": url,
        "html_url": format!("{WEB}/{slug}/actions/runs/{}", run.id),
        "pull_requests": pull_requests(&repo, repository, run),
        "created_at": written(run.created),
        "updated_at": written(standing.updated),
        "actor": user(scene.api, run.actor),
        "run_attempt": run.attempt,
        "referenced_workflows": [],
        "run_started_at": written(run.started),
        "triggering_actor": user(scene.api, run.triggering_actor),
        "jobs_url": format!("{url}/jobs"),
        "logs_url": format!("{url}/logs"),
        "check_suite_url": format!("{repo}/check-suites/{suite}"),
        "artifacts_url": format!("{url}/artifacts"),
        "cancel_url": format!("{url}/cancel"),
        "rerun_url": format!("{url}/rerun"),
        "previous_attempt_url": previous,
        "workflow_url": format!("{repo}/actions/workflows/{}", run.workflow_id),
        "head_commit": {
            "id": run.sha,
            "tree_id": run.tree,
            "message": run.message,
            "timestamp": written(run.created),
            "author": { "name": run.actor.name, "email": run.actor.email() },
            "committer": { "name": "GitHub", "email": "noreply@github.com" },
        },
        "repository": short,
        "head_repository": short,
    })
}

fn pull_requests(repo: &str, repository: &Repository, run: &Run) -> Value {
    let Some(number) = run.pull_request else { return json!([]) };
    let short = json!({ "id": repository.id, "url": repo, "name": repository.name });
    json!([{
        "id": run.id / 7,
        "number": number,
        "url": format!("{repo}/pulls/{number}"),
        "head": { "ref": run.branch, "sha": run.sha, "repo": short },
        "base": { "ref": "main", "sha": run.tree, "repo": short },
    }])
}
