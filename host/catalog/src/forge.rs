//! Where the pages of a descriptor at an address are, as Backstage works them out.

use host_model::annotation::{EDIT_URL, SOURCE_LOCATION, VIEW_URL};
use url::Url;

use crate::{Forge, ForgeKind};

/// The annotations of an entity that was read from an address: its page, the page to edit it on, and the folder that it
/// lies in. Of a host that is no forge only the address itself is known.
pub(crate) fn annotations(forges: &[Forge], address: &str) -> Vec<(&'static str, String)> {
    let mut found = vec![(VIEW_URL, address.to_owned())];
    let Ok(url) = Url::parse(address) else { return found };
    let host = url[url::Position::BeforeHost..url::Position::AfterPort].to_owned();
    let Some(forge) = forges.iter().find(|forge| forge.host.eq_ignore_ascii_case(&host)) else { return found };
    // What a commit holds cannot be edited.
    let edit = edit_url(forge, &url, address).filter(|_| !has_commit(address));
    found.extend(edit.map(|edit| (EDIT_URL, edit)));
    found.extend(folder(forge.kind, &url).map(|folder| (SOURCE_LOCATION, format!("url:{folder}"))));
    found
}

/// Whether an address names a commit.
fn has_commit(address: &str) -> bool {
    let is_commit = |part: &str| part.len() == 40 && part.bytes().all(|byte| byte.is_ascii_hexdigit());
    address.split(['/', '?', '&', '=']).any(is_commit)
}

fn edit_url(forge: &Forge, url: &Url, address: &str) -> Option<String> {
    match forge.kind {
        ForgeKind::Github => Some(with_type(address, "edit")),
        ForgeKind::Gitlab => Some(
            replace_first(address, &["/-/blob/", "/-/tree/", "/-/edit/"], "/-/edit/").unwrap_or(address.to_owned()),
        ),
        ForgeKind::Gitea => {
            // `/{owner}/{name}/src/branch/{branch}/{path}`
            let mut parts = url.path().trim_start_matches('/').splitn(6, '/');
            let (owner, name, _, _) = (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
            let (branch, path) = (parts.next()?, parts.next().unwrap_or_default());
            let base = forge.base_url.clone().unwrap_or_else(|| url[..url::Position::AfterPort].to_owned());
            Some(format!("{}/{owner}/{name}/_edit/{branch}/{path}", base.trim_end_matches('/')))
        }
        ForgeKind::BitbucketCloud => {
            // `/{workspace}/{repository}/src/{branch}/{path}`
            let branch = url.path().split('/').nth(4)?.to_owned();
            let mut edit = url.clone();
            edit.query_pairs_mut().append_pair("mode", "edit").append_pair("spa", "0").append_pair("at", &branch);
            Some(edit.to_string())
        }
        ForgeKind::BitbucketServer => Some(address.split('?').next().unwrap_or(address).to_owned()),
        ForgeKind::Azure | ForgeKind::Gerrit | ForgeKind::Other => Some(address.to_owned()),
    }
}

fn folder(kind: ForgeKind, url: &Url) -> Option<String> {
    if kind == ForgeKind::Azure {
        // The path is a part of the query: `/{organisation}/{project}/_git/{repository}?path=/{path}`
        let mut folder = url.clone();
        let pairs: Vec<(String, String)> = url
            .query_pairs()
            .map(|(key, value)| {
                let value = if key == "path" { parent(&value) } else { value.into_owned() };
                (key.into_owned(), value)
            })
            .collect();
        folder.query_pairs_mut().clear().extend_pairs(pairs);
        return Some(folder.to_string());
    }
    let mut folder = url.join("./").ok()?;
    folder.set_query(url.query());
    let folder = folder.to_string();
    Some(if kind == ForgeKind::Github { with_type(&folder, "tree") } else { folder })
}

/// The folder that a path lies in.
fn parent(path: &str) -> String {
    path.rsplit_once('/').map_or_else(String::new, |(folder, _)| format!("{folder}/"))
}

/// `https://{host}/{owner}/{name}/{type}/…` with another type.
fn with_type(address: &str, kind: &str) -> String {
    let Some((scheme, rest)) = address.split_once("//") else { return address.to_owned() };
    let mut parts = rest.splitn(5, '/');
    let four = (parts.next(), parts.next(), parts.next(), parts.next(), parts.next());
    match four {
        (Some(host), Some(owner), Some(name), Some("blob" | "tree" | "edit"), Some(path)) => {
            format!("{scheme}//{host}/{owner}/{name}/{kind}/{path}")
        }
        _ => address.to_owned(),
    }
}

fn replace_first(text: &str, wanted: &[&str], by: &str) -> Option<String> {
    let (at, found) = wanted.iter().filter_map(|wanted| Some((text.find(wanted)?, wanted))).min()?;
    Some(format!("{}{by}{}", &text[..at], &text[at + found.len()..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_are_where_backstage_says() {
        let forge = |host: &str, kind| Forge { host: host.into(), kind, base_url: None };
        let forges = [
            forge("github.com", ForgeKind::Github),
            forge("gitlab.com", ForgeKind::Gitlab),
            forge("gitea.example.com:3000", ForgeKind::Gitea),
            forge("bitbucket.org", ForgeKind::BitbucketCloud),
            forge("bitbucket.example.com", ForgeKind::BitbucketServer),
            forge("dev.azure.com", ForgeKind::Azure),
        ];
        for (address, edit, folder) in [
            (
                "https://github.com/a/b/blob/main/x/catalog-info.yaml",
                Some("https://github.com/a/b/edit/main/x/catalog-info.yaml"),
                Some("url:https://github.com/a/b/tree/main/x/"),
            ),
            (
                "https://github.com/a/b/blob/0123456789012345678901234567890123456789/y.yaml",
                None,
                Some("url:https://github.com/a/b/tree/0123456789012345678901234567890123456789/"),
            ),
            (
                "https://gitlab.com/g/h/b/-/blob/main/catalog-info.yaml",
                Some("https://gitlab.com/g/h/b/-/edit/main/catalog-info.yaml"),
                Some("url:https://gitlab.com/g/h/b/-/blob/main/"),
            ),
            (
                "http://gitea.example.com:3000/a/b/src/branch/main/x/y.yaml",
                Some("http://gitea.example.com:3000/a/b/_edit/main/x/y.yaml"),
                Some("url:http://gitea.example.com:3000/a/b/src/branch/main/x/"),
            ),
            (
                "https://bitbucket.org/a/b/src/main/y.yaml",
                Some("https://bitbucket.org/a/b/src/main/y.yaml?mode=edit&spa=0&at=main"),
                Some("url:https://bitbucket.org/a/b/src/main/"),
            ),
            (
                "https://bitbucket.example.com/projects/p/repos/r/browse/y.yaml?at=main",
                Some("https://bitbucket.example.com/projects/p/repos/r/browse/y.yaml"),
                Some("url:https://bitbucket.example.com/projects/p/repos/r/browse/?at=main"),
            ),
            (
                "https://dev.azure.com/o/p/_git/r?path=%2Fx%2Fy.yaml",
                Some("https://dev.azure.com/o/p/_git/r?path=%2Fx%2Fy.yaml"),
                Some("url:https://dev.azure.com/o/p/_git/r?path=%2Fx%2F"),
            ),
            ("https://example.com/x/y.yaml", None, None),
        ] {
            let found = annotations(&forges, address);
            let value = |key| found.iter().find(|(known, _)| *known == key).map(|(_, value)| value.as_str());
            assert_eq!(value(VIEW_URL), Some(address));
            assert_eq!(value(EDIT_URL), edit, "{address}");
            assert_eq!(value(SOURCE_LOCATION), folder, "{address}");
        }
    }
}
