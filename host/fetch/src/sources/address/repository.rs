//! Files in a repository, and how their addresses are written.

use std::sync::Arc;

use percent_encoding::{AsciiSet, CONTROLS, percent_decode_str, utf8_percent_encode};
use url::Url;

use crate::sources::address::shown;
use crate::sources::error::ReadError;
use crate::sources::settings::ForgeSettings;

/// What stands between the repository and the reference.
const MARKERS: [&str; 3] = ["blob", "tree", "raw"];
/// Slashes in a reference that are tried.
const MAX_SPLITS: usize = 8;
/// What has a meaning of its own in a path.
pub(crate) const SPECIAL: &AsciiSet =
    &CONTROLS.add(b' ').add(b'"').add(b'#').add(b'%').add(b'<').add(b'>').add(b'?').add(b'`').add(b'{').add(b'}');
/// The same in the value of a query.
const SPECIAL_IN_QUERY: &AsciiSet = &SPECIAL.add(b'&').add(b'+').add(b'=');

/// Files in a repository.
#[derive(Debug, Clone)]
pub(crate) struct RepoAddress {
    /// The address that the configuration has to allow.
    pub(crate) url: Url,
    /// The forge whose API and credential may be used.
    pub(crate) forge: Option<Arc<ForgeSettings>>,
    /// The repository as the forge's API calls it, such as `acme/shop`; empty where there is no API for it.
    pub(crate) project: String,
    pub(crate) remote: Remote,
    pub(crate) locator: Locator,
    pub(crate) view: View,
}

/// Where git finds a repository.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum Remote {
    Http(Url),
    Ssh { user: Option<String>, host: String, port: Option<u16>, path: String },
}

impl Remote {
    /// The same for every address of the repository, and for no other.
    pub(crate) fn key(&self) -> String {
        match self {
            Self::Http(url) => url.as_str().trim_end_matches('/').trim_end_matches(".git").to_owned(),
            Self::Ssh { user, host, port, path } => {
                format!("ssh://{}@{host}:{}/{path}", user.as_deref().unwrap_or_default(), port.unwrap_or(22))
            }
        }
    }
}

/// Which files of which state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Locator {
    Divided {
        reference: String,
        path: String,
    },
    /// `REF/PATH`, where nobody knows yet how many of the names are the reference.
    Joined(Vec<String>),
}

impl Locator {
    /// What the reference and the path may be; the shortest reference first.
    pub(crate) fn splits(&self) -> Vec<(String, String)> {
        match self {
            Self::Divided { reference, path } => vec![(reference.clone(), path.clone())],
            Self::Joined(names) => {
                (1..names.len().min(MAX_SPLITS + 1)).map(|at| (names[..at].join("/"), names[at..].join("/"))).collect()
            }
        }
    }

    /// Whether the path is a pattern.
    pub(crate) fn is_pattern(&self) -> bool {
        match self {
            Self::Divided { path, .. } => crate::sources::pattern::is_pattern(path),
            Self::Joined(names) => names.iter().any(|name| crate::sources::pattern::is_pattern(name)),
        }
    }
}

/// How the address of a file is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum View {
    /// `PREFIX/REF/PATH`.
    Path { prefix: String },
    /// `PREFIX/PATH?at=REF`.
    BitbucketServer { prefix: String },
    /// `REPOSITORY?path=/PATH&version=GBREF`.
    Azure { repository: String },
}

impl View {
    /// The address of a file as a person would open it.
    pub(crate) fn address(&self, reference: &str, path: &str) -> String {
        let path = utf8_percent_encode(path, SPECIAL);
        match self {
            Self::Path { prefix } => {
                let reference = utf8_percent_encode(reference, SPECIAL).to_string().replace('/', "%2F");
                format!("{prefix}/{reference}/{path}")
            }
            Self::BitbucketServer { prefix } if reference == "HEAD" => format!("{prefix}/{path}"),
            Self::BitbucketServer { prefix } => {
                format!("{prefix}/{path}?at={}", utf8_percent_encode(reference, SPECIAL_IN_QUERY))
            }
            Self::Azure { repository } => {
                let path = path.to_string().replace('&', "%26").replace('+', "%2B");
                match reference {
                    "HEAD" => format!("{repository}?path=/{path}"),
                    _ => format!(
                        "{repository}?path=/{path}&version=G{}",
                        utf8_percent_encode(&azure_version(reference), SPECIAL_IN_QUERY)
                    ),
                }
            }
        }
    }
}

/// How Azure writes a reference: a letter for its kind, and the name.
fn azure_version(reference: &str) -> String {
    match reference.strip_prefix("refs/tags/") {
        Some(tag) => format!("T{tag}"),
        None if is_commit(reference) => format!("C{reference}"),
        None => format!("B{reference}"),
    }
}

/// Whether a reference is the whole name of a commit.
pub(crate) fn is_commit(reference: &str) -> bool {
    reference.len() == 40 && reference.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// A repository that only git knows: `REPOSITORY.git/blob/REF/PATH`. Where nothing else can be meant, the repository need
/// not end with `.git`.
pub(crate) fn of_git(
    url: &Url,
    only_git: bool,
    written: &str,
    forge: Option<&Arc<ForgeSettings>>,
) -> Result<Option<RepoAddress>, ReadError> {
    let path = path_with_pattern(url);
    let names: Vec<&str> = path.trim_matches('/').split('/').collect();
    let is_repository = |name: &str| name.len() > 4 && name.ends_with(".git");
    let marker = |start: usize| {
        let at = if names.get(start) == Some(&"-") { start + 1 } else { start };
        names.get(at).is_some_and(|name| MARKERS.contains(name)).then_some(at)
    };
    let mut found =
        (1..names.len()).find_map(|start| Some((start, marker(start).filter(|_| is_repository(names[start - 1]))?)));
    if only_git && found.is_none() {
        found = (1..names.len()).find_map(|start| Some((start, marker(start)?)));
    }
    let Some((end, marker)) = found else { return Ok(None) };
    let repository = decoded(&names[..end].join("/"), url)?;
    let remote = match url.scheme() {
        "ssh" => ssh(url, &repository, written)?,
        _ => Remote::Http(with_path(url, &names[..end].join("/"))),
    };
    let prefix = format!("{}{}", start_of(url, written), names[..=marker].join("/"));
    Ok(Some(RepoAddress {
        locator: locator(&names[marker + 1..], url)?,
        url: url.clone(),
        forge: forge.cloned(),
        project: String::new(),
        remote,
        view: View::Path { prefix },
    }))
}

/// What stands before the path, as it was written.
fn start_of(url: &Url, written: &str) -> String {
    let plain = format!("{}://{}/", url.scheme(), authority(url));
    if written.starts_with("git+") {
        format!("git+{plain}")
    } else if written.contains("://") {
        plain
    } else {
        format!("{}:", authority(url))
    }
}

/// User, host and port, as in the address.
fn authority(url: &Url) -> String {
    let user = if url.username().is_empty() { String::new() } else { format!("{}@", url.username()) };
    let port = url.port().map(|port| format!(":{port}")).unwrap_or_default();
    format!("{user}{}{port}", url.host_str().unwrap_or_default())
}

/// Names and paths become arguments of a program, so nothing in them may be taken for an option or for a command.
fn ssh(url: &Url, repository: &str, written: &str) -> Result<Remote, ReadError> {
    let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']).to_owned();
    let is_plain = |text: &str, also: &[u8]| {
        !text.is_empty()
            && !text.starts_with('-')
            && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || also.contains(&byte))
    };
    let user = (!url.username().is_empty()).then(|| url.username().to_owned());
    if !is_plain(&host, b".-_:") || !user.as_deref().is_none_or(|user| is_plain(user, b".-_")) {
        return Err(ReadError::invalid(shown(url), "its host or user holds characters that neither has", None));
    }
    if repository.starts_with('-') || repository.contains(['\'', '"', '\\', '`', '$', ';', '&', '|', '<', '>', '!']) {
        return Err(ReadError::invalid(
            shown(url),
            "its repository holds characters that a shell would understand",
            None,
        ));
    }
    // As git has it: the short form and `~` are below the home of the user, everything else is below the root.
    let below_home = !written.contains("://") || repository.starts_with('~');
    let path = if below_home { repository.to_owned() } else { format!("/{repository}") };
    Ok(Remote::Ssh { user, host, port: url.port(), path })
}

/// `REF/PATH` from names that are still encoded.
pub(crate) fn locator(names: &[&str], url: &Url) -> Result<Locator, ReadError> {
    let names: Vec<&str> = names.iter().copied().filter(|name| !name.is_empty()).collect();
    let [reference, path @ ..] = names.as_slice() else { return Err(without_file(url)) };
    if path.is_empty() {
        return Err(without_file(url));
    }
    let decoded_reference = decoded(reference, url)?;
    if decoded_reference.contains('/') {
        return Ok(Locator::Divided { reference: decoded_reference, path: decoded(&path.join("/"), url)? });
    }
    let decoded: Result<Vec<String>, ReadError> = names.iter().map(|name| decoded(name, url)).collect();
    let decoded = decoded?;
    if decoded[1..].iter().any(|name| name.contains('/')) {
        return Err(ReadError::invalid(shown(url), "a name in its path holds an encoded slash", None));
    }
    Ok(Locator::Joined(decoded))
}

pub(crate) fn without_file(url: &Url) -> ReadError {
    let hint = "end the address with a file, or with a pattern such as **/catalog-info.yaml";
    ReadError::invalid(shown(url), "it does not say which file of the repository", Some(hint))
}

/// The path, with what follows a question mark where that is no query but a pattern.
pub(crate) fn path_with_pattern(url: &Url) -> String {
    match url.query() {
        Some(query) if !query.contains('=') => format!("{}?{query}", url.path()),
        _ => url.path().to_owned(),
    }
}

/// A path as it is meant. Names that lead upwards or hold what no file is called are refused.
pub(crate) fn decoded(path: &str, url: &Url) -> Result<String, ReadError> {
    match percent_decode_str(path).decode_utf8() {
        Ok(decoded) => checked(&decoded, url),
        Err(_) => Err(ReadError::invalid(shown(url), "its path is not UTF-8", None)),
    }
}

/// The same for a path that is decoded already.
pub(crate) fn checked(decoded: &str, url: &Url) -> Result<String, ReadError> {
    let refused = |reason: &str| Err(ReadError::invalid(shown(url), reason, None));
    if decoded.chars().any(|character| character.is_control() || character == '\\') {
        return refused("its path holds characters that no file is called by");
    }
    if decoded.split('/').any(|name| matches!(name, "." | "..")) {
        return refused("its path leads upwards");
    }
    Ok(decoded.split('/').filter(|name| !name.is_empty()).collect::<Vec<_>>().join("/"))
}

/// An address with another path and nothing after it.
pub(crate) fn with_path(url: &Url, path: &str) -> Url {
    let mut url = url.clone();
    url.set_path(path);
    url.set_query(None);
    url.set_fragment(None);
    url
}
