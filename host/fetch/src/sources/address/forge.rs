//! How forges write the addresses of files.

use std::sync::Arc;

use url::Url;

use crate::sources::address::repository::{
    Locator, Remote, RepoAddress, View, checked, decoded, locator, path_with_pattern, with_path, without_file,
};
use crate::sources::address::shown;
use crate::sources::error::ReadError;
use crate::sources::settings::{ForgeKind, ForgeSettings};

/// What an address says of a repository: everything but the forge.
struct Found {
    project: String,
    /// Where git finds it, below the forge or below its `clone` address.
    clone_path: String,
    locator: Locator,
    view: View,
}

/// The files that an address on a forge means; none when it shows something else.
pub(crate) fn parse(url: &Url, forge: &Arc<ForgeSettings>) -> Result<Option<RepoAddress>, ReadError> {
    let found = match forge.kind {
        ForgeKind::GitHub => in_path(url, forge, &[&["blob"], &["tree"], &["raw"], &["edit"], &["blame"]], 2),
        ForgeKind::GitLab => gitlab(url, forge),
        ForgeKind::Gitea => {
            let kinds: [&[&str]; 7] = [
                &["src", "branch"],
                &["src", "tag"],
                &["src", "commit"],
                &["raw", "branch"],
                &["raw", "tag"],
                &["raw", "commit"],
                &["src"],
            ];
            in_path(url, forge, &kinds, 2)
        }
        ForgeKind::BitbucketCloud => in_path(url, forge, &[&["src"], &["raw"]], 2),
        ForgeKind::BitbucketServer => bitbucket_server(url, forge),
        ForgeKind::Azure => azure(url),
        ForgeKind::Gerrit => gerrit(url, forge),
        ForgeKind::Git => return crate::sources::address::repository::of_git(url, true, "https://", Some(forge)),
    }?;
    let Some(Found { project, clone_path, locator, view }) = found else { return Ok(None) };
    let clone = match &forge.clone {
        Some(base) => with_path(base, &format!("{}/{clone_path}", base.path().trim_end_matches('/'))),
        None => with_path(url, &format!("{}/{clone_path}", base_path(forge))),
    };
    let (url, forge) = (url.clone(), Some(Arc::clone(forge)));
    Ok(Some(RepoAddress { url, forge, project, remote: Remote::Http(clone), locator, view }))
}

/// The path of the forge itself, where it does not lie at the root of its host.
fn base_path(forge: &ForgeSettings) -> String {
    match (&forge.base, forge.kind) {
        // On GitHub this is the address of raw files.
        (None, _) | (_, ForgeKind::GitHub) => String::new(),
        (Some(base), _) => base.path().trim_end_matches('/').to_owned(),
    }
}

/// The names of the path below the forge; none when the address lies elsewhere.
fn names_below(path: &str, base: &str) -> Option<Vec<String>> {
    let rest = path.strip_prefix(base)?.strip_prefix('/')?;
    Some(rest.trim_end_matches('/').split('/').map(str::to_owned).collect())
}

/// `OWNER/REPOSITORY/MARKER/REF/PATH`.
fn in_path(url: &Url, forge: &ForgeSettings, markers: &[&[&str]], depth: usize) -> Result<Option<Found>, ReadError> {
    let (path, base) = (path_with_pattern(url), base_path(forge));
    let Some(names) = names_below(&path, &base) else { return Ok(None) };
    if names.len() <= depth {
        return Ok(None);
    }
    let after = &names[depth..];
    let Some(marker) = markers.iter().find(|marker| {
        after.len() >= marker.len() && marker.iter().zip(after).all(|(wanted, name)| *wanted == name.as_str())
    }) else {
        return Ok(None);
    };
    divided_at(url, &base, &names, depth, depth, marker.len()).map(Some)
}

/// The repository is the first names, and the reference begins after the marker.
fn divided_at(
    url: &Url,
    base: &str,
    names: &[String],
    repository: usize,
    marker: usize,
    length: usize,
) -> Result<Found, ReadError> {
    let project = decoded(names[..repository].join("/").trim_end_matches(".git"), url)?;
    let rest: Vec<&str> = names[marker + length..].iter().map(String::as_str).collect();
    let prefix = with_path(url, base);
    let prefix = format!("{}/{}", prefix.as_str().trim_end_matches('/'), names[..marker + length].join("/"));
    Ok(Found {
        clone_path: format!("{project}.git"),
        project,
        locator: locator(&rest, url)?,
        view: View::Path { prefix },
    })
}

/// `GROUP/…/PROJECT/-/blob/REF/PATH`, or without `-` as older versions write it.
fn gitlab(url: &Url, forge: &ForgeSettings) -> Result<Option<Found>, ReadError> {
    let (path, base) = (path_with_pattern(url), base_path(forge));
    let Some(names) = names_below(&path, &base) else { return Ok(None) };
    let is_marker = |name: &String| matches!(name.as_str(), "blob" | "tree" | "raw");
    let dashed = (2..names.len().saturating_sub(1)).find(|at| names[*at] == "-" && is_marker(&names[at + 1]));
    if let Some(dash) = dashed {
        return divided_at(url, &base, &names, dash, dash + 1, 1).map(Some);
    }
    match (2..names.len()).find(|at| is_marker(&names[*at])) {
        Some(marker) => divided_at(url, &base, &names, marker, marker, 1).map(Some),
        None => Ok(None),
    }
}

/// `projects/KEY/repos/NAME/browse/PATH?at=REF`; `users/NAME/…` for a person's own.
fn bitbucket_server(url: &Url, forge: &ForgeSettings) -> Result<Option<Found>, ReadError> {
    let base = base_path(forge);
    let Some(names) = names_below(url.path(), &base) else { return Ok(None) };
    let [kind, key, "repos", name, "browse" | "raw", path @ ..] =
        &names.iter().map(String::as_str).collect::<Vec<_>>()[..]
    else {
        return Ok(None);
    };
    let key = match *kind {
        "projects" => decoded(key, url)?,
        "users" => format!("~{}", decoded(key, url)?),
        _ => return Ok(None),
    };
    let name = decoded(name, url)?;
    let path = decoded(&path.join("/"), url)?;
    if path.is_empty() {
        return Err(without_file(url));
    }
    let prefix = with_path(url, &format!("{base}/{}", names[..5].join("/")));
    Ok(Some(Found {
        clone_path: format!("scm/{}/{name}.git", key.to_lowercase()),
        project: format!("{key}/{name}"),
        locator: Locator::Divided { reference: query(url, "at").unwrap_or_else(|| "HEAD".to_owned()), path },
        view: View::BitbucketServer { prefix: prefix.into() },
    }))
}

/// `ORGANISATION/PROJECT/_git/NAME?path=/PATH&version=GBREF`.
fn azure(url: &Url) -> Result<Option<Found>, ReadError> {
    let names: Vec<&str> = url.path().trim_matches('/').split('/').collect();
    let Some(at) = names.iter().position(|name| *name == "_git").filter(|at| names.len() == at + 2) else {
        return Ok(None);
    };
    let Some(path) = query(url, "path") else { return Err(without_file(url)) };
    let path = checked(&path, url)?;
    if path.is_empty() {
        return Err(without_file(url));
    }
    let reference = match query(url, "version") {
        None => "HEAD".to_owned(),
        Some(version) => match version.split_at_checked(2) {
            Some(("GB" | "GC", name)) if !name.is_empty() => name.to_owned(),
            Some(("GT", name)) if !name.is_empty() => format!("refs/tags/{name}"),
            _ => {
                let hint = Some("write version=GBbranch, GTtag or GCcommit");
                return Err(ReadError::invalid(shown(url), "its version is none that Azure writes", hint));
            }
        },
    };
    let project = names[..=at + 1].join("/");
    Ok(Some(Found {
        clone_path: project.clone(),
        project,
        locator: Locator::Divided { reference, path },
        view: View::Azure { repository: with_path(url, url.path()).into() },
    }))
}

/// `plugins/gitiles/NAME/+/refs/heads/REF/PATH`, or without `refs/heads`.
fn gerrit(url: &Url, forge: &ForgeSettings) -> Result<Option<Found>, ReadError> {
    let (path, base) = (path_with_pattern(url), base_path(forge));
    let Some(names) = names_below(&path, &base) else { return Ok(None) };
    let skip = match names.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["plugins", "gitiles", ..] => 2,
        ["gitiles" | "a", ..] => 1,
        _ => 0,
    };
    let Some(plus) = names.iter().position(|name| matches!(name.as_str(), "+" | "+show")).filter(|at| *at > skip)
    else {
        return Ok(None);
    };
    let mut start = plus + 1;
    if names.len() > start + 1 && names[start] == "refs" && matches!(names[start + 1].as_str(), "heads" | "tags") {
        start += 2;
    }
    let rest: Vec<&str> = names[start..].iter().map(String::as_str).collect();
    let project = decoded(&names[skip..plus].join("/"), url)?;
    let prefix = format!("{}/{}", with_path(url, &base).as_str().trim_end_matches('/'), names[..start].join("/"));
    // Gerrit asks for the credential only below `a`.
    let clone_path = if forge.credential.is_none() { project.clone() } else { format!("a/{project}") };
    Ok(Some(Found { clone_path, project, locator: locator(&rest, url)?, view: View::Path { prefix } }))
}

fn query(url: &Url, name: &str) -> Option<String> {
    url.query_pairs().find(|(key, value)| key == name && !value.is_empty()).map(|(_, value)| value.into_owned())
}
