//! What an address says: a file on a web server, files in an archive, or files in a repository.
//!
//! The forms, in the order in which they are tried:
//!
//! | Address | Meaning |
//! |---|---|
//! | an address on a host of `integrations`, as the forge shows files (`…/blob/REF/PATH` and the like) | a repository of that forge |
//! | `git+https://HOST/REPOSITORY/blob/REF/PATH`, `git+http://…`, `git+ssh://…`, `ssh://…`, `USER@HOST:REPOSITORY/blob/REF/PATH` | a repository that git reads |
//! | `https://HOST/REPOSITORY.git/blob/REF/PATH` | the same |
//! | `https://HOST/ARCHIVE.tar.gz!/PATH` (or `.tgz`, `.tar`, `.zip`; `/` does as well as `!/`) | files in an archive |
//! | any other `http` or `https` address | one file |
//!
//! `REF` is a branch, a tag, a commit or `HEAD`; `tree` and `raw` do as well as `blob`, with or without `-/` before them. A
//! slash in it may be written `%2F`; written plainly, the repository's branches and tags decide where it ends. `PATH` may
//! be a pattern with `*`, `**` and `?`.

mod forge;
mod repository;
mod resolve;

use url::Url;

pub(crate) use repository::{Locator, Remote, RepoAddress, SPECIAL, is_commit};
pub(crate) use resolve::resolve;

use crate::sources::error::ReadError;
use crate::sources::pattern::is_pattern;
use crate::sources::policy::Policy;

/// Longer addresses are nobody's.
const MAX_LENGTH: usize = 4096;
const ARCHIVES: [&str; 4] = [".tar.gz", ".tgz", ".tar", ".zip"];
const FORMS: &str = "write https://…, ssh://…, git+https://HOST/REPOSITORY/blob/BRANCH/FILE, or a file's address as the \
                     forge shows it";
const SAY_THE_FILE: &str = "say which file: end the address with …/blob/BRANCH/catalog-info.yaml";

/// An address that was understood.
#[derive(Debug, Clone)]
pub(crate) enum Address {
    Web(Url),
    Archive { url: Url, path: String },
    Repository(Box<RepoAddress>),
}

/// Understands an address.
///
/// # Errors
/// When it is none that can be read, whatever the configuration allows.
pub(crate) fn parse(text: &str, policy: &Policy) -> Result<Address, ReadError> {
    let text = text.trim();
    if text.len() > MAX_LENGTH || text.chars().any(char::is_control) {
        let start: String = text.chars().filter(|character| !character.is_control()).take(80).collect();
        let reason = format!("an address has at most {MAX_LENGTH} characters and no line ends");
        return Err(ReadError::invalid(format!("{start}…"), reason, None));
    }
    let (long, only_git) = match text.strip_prefix("git+") {
        Some(rest) => (rest.to_owned(), true),
        None => (from_short_form(text).unwrap_or_else(|| text.to_owned()), false),
    };
    let url = Url::parse(&long)
        .map_err(|_| ReadError::invalid(without_credentials(text), "it is not a complete address", Some(FORMS)))?;
    if !matches!(url.scheme(), "http" | "https" | "ssh") {
        let reason = format!("{}: addresses are not read", url.scheme());
        return Err(ReadError::invalid(shown(&url), reason, Some(FORMS)));
    }
    if url.host_str().is_none_or(str::is_empty) {
        return Err(ReadError::invalid(shown(&url), "it has no host", Some(FORMS)));
    }
    if url.password().is_some() || (url.scheme() != "ssh" && !url.username().is_empty()) {
        let hint = "put the credential under `integrations`, where it is kept to its host";
        return Err(ReadError::invalid(shown(&url), "it holds a user or password", Some(hint)));
    }
    if url.scheme() == "ssh" || only_git {
        let found = repository::of_git(&url, true, text, policy.forge(&url))?;
        let error =
            || ReadError::invalid(shown(&url), "it does not say which file of the repository", Some(SAY_THE_FILE));
        return Ok(Address::Repository(Box::new(found.ok_or_else(error)?)));
    }
    if let Some(forge) = policy.forge(&url)
        && let Some(found) = forge::parse(&url, forge)?
    {
        return Ok(Address::Repository(Box::new(found)));
    }
    if let Some(found) = repository::of_git(&url, false, text, policy.forge(&url))? {
        return Ok(Address::Repository(Box::new(found)));
    }
    if let Some((url, path)) = in_archive(&url)? {
        if path.is_empty() {
            let hint = "say which files in it: …!/catalog-info.yaml or …!/**/catalog-info.yaml";
            return Err(ReadError::invalid(shown(&url), "it is an archive", Some(hint)));
        }
        return Ok(Address::Archive { url, path });
    }
    let path = url.path();
    if path.ends_with(".git") {
        return Err(ReadError::invalid(shown(&url), "it is a repository", Some(SAY_THE_FILE)));
    }
    if is_pattern(path) {
        let hint = "patterns work in repositories (…/blob/BRANCH/**/catalog-info.yaml) and archives (….tar.gz!/**/*.yaml); \
                    add the host to `integrations` if it is a forge";
        return Err(ReadError::invalid(shown(&url), "a web server does not list its files", Some(hint)));
    }
    Ok(Address::Web(url))
}

impl Address {
    /// The address whose host is asked.
    pub(crate) fn url(&self) -> &Url {
        match self {
            Self::Web(url) | Self::Archive { url, .. } => url,
            Self::Repository(repository) => &repository.url,
        }
    }
}

/// `user@host:path`, as git writes addresses over SSH, in the long form.
fn from_short_form(text: &str) -> Option<String> {
    let (user, host, path) = host_model::address::short_form(text)?;
    Some(format!("ssh://{user}@{host}/{}", path.trim_start_matches('/')))
}

/// The archive that an address leads into, and the path in it.
fn in_archive(url: &Url) -> Result<Option<(Url, String)>, ReadError> {
    let path = repository::path_with_pattern(url);
    let lower = path.to_ascii_lowercase();
    let ends =
        ARCHIVES.iter().flat_map(|extension| lower.match_indices(extension).map(|(start, name)| start + name.len()));
    let is_end = |end: &usize| lower.len() == *end || ["/", "!/"].iter().any(|next| lower[*end..].starts_with(next));
    let Some(end) = ends.filter(is_end).min() else { return Ok(None) };
    let inside = repository::decoded(path[end..].trim_start_matches('!'), url)?;
    let mut archive = url.clone();
    archive.set_path(&path[..end]);
    archive.set_fragment(None);
    if path.len() > url.path().len() {
        archive.set_query(None);
    }
    Ok(Some((archive, inside)))
}

/// The port of an address, and whether it is the usual one of its scheme.
pub(crate) fn port(url: &Url) -> (u16, bool) {
    let usual = match url.scheme() {
        "https" => 443,
        "ssh" => 22,
        _ => 80,
    };
    let port = url.port().unwrap_or(usual);
    (port, port == usual)
}

/// An address as it may be shown: without password, and without values that may be secret.
pub(crate) fn shown(url: &Url) -> String {
    let mut url = url.clone();
    // These fail only for addresses that cannot have them.
    let _ = url.set_password(None);
    if url.scheme() != "ssh" {
        let _ = url.set_username("");
    }
    if let Some(query) = url.query() {
        let masked: Vec<String> = query
            .split('&')
            .map(|pair| match pair.split_once('=') {
                Some((name, _)) if is_secret_name(name) => format!("{name}=***"),
                _ => pair.to_owned(),
            })
            .collect();
        url.set_query(Some(&masked.join("&")));
    }
    url.set_fragment(None);
    url.into()
}

fn is_secret_name(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    ["token", "key", "secret", "password", "sig", "auth", "credential", "code"].iter().any(|part| name.contains(part))
}

/// The same for what is no address.
fn without_credentials(text: &str) -> String {
    let start = text.find("://").map_or(0, |at| at + 3);
    let end = text[start..].find(['/', '?', '#']).map_or(text.len(), |at| start + at);
    match text[start..end].rfind('@') {
        Some(at) => format!("{}{}", &text[..start], &text[start + at + 1..]),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests;
