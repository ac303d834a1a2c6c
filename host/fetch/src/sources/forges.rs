//! Single files through the API of a forge: one request, with the forge's own validators.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::header::{ACCEPT, AUTHORIZATION};
use http::{HeaderMap, HeaderName, HeaderValue};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use tokio::time::Instant;
use url::Url;

use crate::address::Reach;
use crate::sources::address::{RepoAddress, SPECIAL};
use crate::sources::error::ReadError;
use crate::sources::exchange::{Exchange, Question};
use crate::sources::policy::Policy;
use crate::sources::settings::{Credential, ForgeKind, ForgeSettings};
use crate::sources::web;
use crate::sources::{ReadFile, ReadLimits, Reading};

/// What stays as it is in one name of a path.
const NAME: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');
const MAX_REMEMBERED: usize = 4096;

/// References with a slash in them that were found, by repository, so that they are tried first.
#[derive(Debug, Default)]
pub(crate) struct Remembered(Mutex<HashMap<String, Vec<String>>>);

impl Remembered {
    pub(crate) fn add(&self, repository: String, reference: &str) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if reference.contains('/') && all.len() < MAX_REMEMBERED {
            let references = all.entry(repository).or_default();
            if references.len() < 64 && !references.iter().any(|known| known == reference) {
                references.push(reference.to_owned());
            }
        }
    }

    /// Puts what is known to be a reference in front.
    fn sort(&self, repository: &str, splits: &mut [(String, String)]) {
        let all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = all.get(repository) {
            splits.sort_by_key(|(reference, _)| !known.contains(reference));
        }
    }
}

/// Reads one file through the API of its forge. None when the forge has none that we know.
pub(crate) async fn read(
    exchange: &Exchange,
    remembered: &Remembered,
    repository: &RepoAddress,
    known: Option<&str>,
    limits: &ReadLimits,
    deadline: Instant,
) -> Result<Option<Reading>, ReadError> {
    let Some(forge) = repository.forge.as_deref() else { return Ok(None) };
    let key = repository.remote.key();
    let mut splits = repository.locator.splits();
    remembered.sort(&key, &mut splits);
    let mut first_error = None;
    for (reference, path) in splits {
        let Some((url, headers)) = raw_file(forge, &repository.project, &reference, &path) else { return Ok(None) };
        let question = Question {
            headers,
            credentials: credentials(forge),
            reach: Some(reach(exchange, forge, &url)),
            ..Question::get(url, limits.file_bytes, deadline)
        };
        match web::file(exchange, &repository.url, known, question).await {
            Ok(None) => {
                remembered.add(key, &reference);
                return Ok(Some(Reading::Unchanged));
            }
            Ok(Some((bytes, version))) => {
                remembered.add(key, &reference);
                let files = vec![ReadFile { url: repository.view.address(&reference, &path), bytes }];
                return Ok(Some(Reading::Files { files, version: Some(version) }));
            }
            // A slash may belong to the reference.
            Err(error @ ReadError::NotFound { .. }) => first_error = first_error.or(Some(error)),
            Err(error) => return Err(error),
        }
    }
    Err(first_error.unwrap_or_else(|| ReadError::not_found(repository.url.as_str(), "it names no file")))
}

/// The address of a raw file and the headers that it wants.
fn raw_file(forge: &ForgeSettings, project: &str, reference: &str, path: &str) -> Option<(Url, HeaderMap)> {
    let mut headers = HeaderMap::new();
    let encoded_path = utf8_percent_encode(path, SPECIAL);
    let text = match forge.kind {
        ForgeKind::GitHub => {
            if let Some(raw) = github_raw(forge).filter(|_| forge.credential.is_none()) {
                // The API answers few requests of those that it does not know.
                let reference = utf8_percent_encode(reference, SPECIAL);
                format!("{}/{project}/{reference}/{encoded_path}", trimmed(&raw))
            } else {
                headers.insert(ACCEPT, HeaderValue::from_static("application/vnd.github.raw+json"));
                let reference = utf8_percent_encode(reference, NAME);
                format!("{}/repos/{project}/contents/{encoded_path}?ref={reference}", trimmed(&github_api(forge)?))
            }
        }
        ForgeKind::GitLab => {
            let (project, path) = (utf8_percent_encode(project, NAME), utf8_percent_encode(path, NAME));
            let reference = utf8_percent_encode(reference, NAME);
            let api = api(forge, "api/v4")?;
            format!("{}/projects/{project}/repository/files/{path}/raw?ref={reference}", trimmed(&api))
        }
        ForgeKind::Gitea => {
            let reference = utf8_percent_encode(reference, NAME);
            format!("{}/repos/{project}/raw/{encoded_path}?ref={reference}", trimmed(&api(forge, "api/v1")?))
        }
        ForgeKind::BitbucketCloud
        | ForgeKind::BitbucketServer
        | ForgeKind::Azure
        | ForgeKind::Gerrit
        | ForgeKind::Git => return None,
    };
    Some((Url::parse(&text).ok()?, headers))
}

fn trimmed(url: &Url) -> &str {
    url.as_str().trim_end_matches('/')
}

fn github_raw(forge: &ForgeSettings) -> Option<Url> {
    let usual = || (forge.host == "github.com").then(|| Url::parse("https://raw.githubusercontent.com").ok()).flatten();
    forge.base.clone().or_else(usual)
}

fn github_api(forge: &ForgeSettings) -> Option<Url> {
    let usual = || (forge.host == "github.com").then(|| Url::parse("https://api.github.com").ok()).flatten();
    forge.api.clone().or_else(usual)
}

/// The API below the forge's own address.
fn api(forge: &ForgeSettings, path: &str) -> Option<Url> {
    if let Some(api) = &forge.api {
        return Some(api.clone());
    }
    match &forge.base {
        Some(base) => Url::parse(&format!("{}/{path}", trimmed(base))).ok(),
        None => Url::parse(&format!("https://{}/{path}", forge.host)).ok(),
    }
}

/// The headers by which a forge's API knows the portal.
pub(crate) fn credentials(forge: &ForgeSettings) -> HeaderMap {
    let mut headers = HeaderMap::new();
    let (name, value) = match (&forge.credential, forge.kind) {
        (Credential::None, _) => return headers,
        (Credential::Token(token), ForgeKind::GitLab) => {
            (HeaderName::from_static("private-token"), token.expose().clone())
        }
        (Credential::Token(token), ForgeKind::Gitea) => (AUTHORIZATION, format!("token {}", token.expose())),
        (Credential::Token(token), _) => (AUTHORIZATION, format!("Bearer {}", token.expose())),
        (Credential::Password { user, password }, _) => (AUTHORIZATION, basic(user, password.expose())),
    };
    if let Ok(mut value) = HeaderValue::from_str(&value) {
        value.set_sensitive(true);
        headers.insert(name, value);
    }
    headers
}

/// The headers by which a forge's git server knows the portal. In clear text they go only where the configuration says
/// that the network is one's own.
pub(crate) fn git_credentials(policy: &Policy, forge: &ForgeSettings, url: &Url) -> HeaderMap {
    let mut headers = HeaderMap::new();
    if url.scheme() != "https" && policy.reach_of_forge(forge, url) == Reach::Public {
        return headers;
    }
    let value = match (&forge.credential, forge.kind) {
        (Credential::None, _) => return headers,
        (Credential::Password { user, password }, _) => basic(user, password.expose()),
        (Credential::Token(token), ForgeKind::BitbucketServer | ForgeKind::Git) => format!("Bearer {}", token.expose()),
        (Credential::Token(token), ForgeKind::GitHub) => basic("x-access-token", token.expose()),
        (Credential::Token(token), ForgeKind::BitbucketCloud) => basic("x-token-auth", token.expose()),
        (Credential::Token(token), ForgeKind::GitLab | ForgeKind::Gitea | ForgeKind::Azure | ForgeKind::Gerrit) => {
            basic("oauth2", token.expose())
        }
    };
    if let Ok(mut value) = HeaderValue::from_str(&value) {
        value.set_sensitive(true);
        headers.insert(AUTHORIZATION, value);
    }
    headers
}

pub(crate) fn basic(user: &str, password: &str) -> String {
    format!("Basic {}", STANDARD.encode(format!("{user}:{password}")))
}

/// Whoever names an API's address in the configuration means that address.
fn reach(exchange: &Exchange, forge: &ForgeSettings, url: &Url) -> Reach {
    exchange.policy.reach_of_forge(forge, url)
}

#[cfg(test)]
mod tests {
    use host_model::Secret;
    use rstest::rstest;

    use super::*;

    fn forge(kind: ForgeKind, host: &str, api: Option<&str>, base: Option<&str>, token: bool) -> ForgeSettings {
        let url = |text: &str| Url::parse(text).unwrap();
        ForgeSettings {
            kind,
            host: host.to_owned(),
            api: api.map(url),
            base: base.map(url),
            clone: None,
            credential: if token { Credential::Token(Secret::new("hush".into())) } else { Credential::None },
            allow_private_network: false,
        }
    }

    #[rstest]
    #[case(
        forge(ForgeKind::GitHub, "github.com", None, None, true),
        Some("https://api.github.com/repos/acme/shop/contents/a%20b/c.yaml?ref=feature%2Fx")
    )]
    #[case(
        forge(ForgeKind::GitHub, "github.com", None, None, false),
        Some("https://raw.githubusercontent.com/acme/shop/feature/x/a%20b/c.yaml")
    )]
    #[case(
        forge(ForgeKind::GitHub, "ghe.e.com", Some("https://ghe.e.com/api/v3/"), None, false),
        Some("https://ghe.e.com/api/v3/repos/acme/shop/contents/a%20b/c.yaml?ref=feature%2Fx")
    )]
    #[case(forge(ForgeKind::GitHub, "ghe.e.com", None, None, true), None)]
    #[case(
        forge(ForgeKind::GitLab, "gitlab.com", None, None, true),
        Some("https://gitlab.com/api/v4/projects/acme%2Fshop/repository/files/a%20b%2Fc.yaml/raw?ref=feature%2Fx")
    )]
    #[case(
        forge(ForgeKind::GitLab, "g.e.com", None, Some("https://g.e.com/gitlab"), true),
        Some("https://g.e.com/gitlab/api/v4/projects/acme%2Fshop/repository/files/a%20b%2Fc.yaml/raw?ref=feature%2Fx")
    )]
    #[case(
        forge(ForgeKind::Gitea, "gitea.e.com", None, None, true),
        Some("https://gitea.e.com/api/v1/repos/acme/shop/raw/a%20b/c.yaml?ref=feature%2Fx")
    )]
    #[case(forge(ForgeKind::Azure, "dev.azure.com", None, None, true), None)]
    fn addresses_of_raw_files(#[case] forge: ForgeSettings, #[case] expected: Option<&str>) {
        let found = raw_file(&forge, "acme/shop", "feature/x", "a b/c.yaml");
        assert_eq!(found.as_ref().map(|(url, _)| url.as_str()), expected);
    }

    #[rstest]
    #[case(ForgeKind::GitHub, "authorization", "Bearer hush")]
    #[case(ForgeKind::GitLab, "private-token", "hush")]
    #[case(ForgeKind::Gitea, "authorization", "token hush")]
    fn tokens(#[case] kind: ForgeKind, #[case] header: &str, #[case] expected: &str) {
        let headers = credentials(&forge(kind, "e.com", None, None, true));
        assert_eq!(headers[header], expected);
        assert!(headers[header].is_sensitive() && !format!("{headers:?}").contains("hush"));
    }
}
