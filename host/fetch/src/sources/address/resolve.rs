//! What a target that is written in a file means.

use percent_encoding::percent_decode_str;
use url::Url;

use crate::sources::address::{Address, parse, shown};
use crate::sources::error::ReadError;
use crate::sources::policy::Policy;

/// The address that a target written in the file at `base` means.
///
/// # Errors
/// When one of them is no address, or the target leads out of the repository, the archive or the host of `base`.
pub(crate) fn resolve(base: &str, target: &str, policy: &Policy) -> Result<String, ReadError> {
    let target = target.trim();
    if is_complete(target) {
        parse(target, policy)?;
        return Ok(target.to_owned());
    }
    match parse(base, policy)? {
        Address::Web(url) => within_host(&url, target),
        Address::Archive { url, path } => {
            let path = join(&path, target).map_err(|reason| leads_out(base, target, &reason))?;
            Ok(format!("{url}!/{}", percent_encoding::utf8_percent_encode(&path, super::repository::SPECIAL)))
        }
        Address::Repository(repository) => {
            let splits = repository.locator.splits();
            let Some((reference, path)) = splits.first() else {
                return Err(super::repository::without_file(&repository.url));
            };
            let path = join(path, target).map_err(|reason| leads_out(base, target, &reason))?;
            Ok(repository.view.address(reference, &path))
        }
    }
}

/// Whether a target says by itself where it lies.
fn is_complete(target: &str) -> bool {
    let scheme = target.split_once(':').map(|(scheme, _)| scheme);
    let has_scheme = scheme.is_some_and(|scheme| {
        scheme.starts_with(|first: char| first.is_ascii_alphabetic())
            && scheme.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+-.@_".contains(&byte))
    });
    has_scheme && !target.starts_with('.')
}

fn within_host(base: &Url, target: &str) -> Result<String, ReadError> {
    let joined = base.join(target).map_err(|_| ReadError::invalid(target, "it is not an address", None))?;
    if joined.origin() != base.origin() || !joined.username().is_empty() || joined.password().is_some() {
        return Err(leads_out(&shown(base), target, "it names another host without saying http or https"));
    }
    let mut joined = joined;
    joined.set_fragment(None);
    Ok(joined.into())
}

/// A path that is relative to a file, or to the root if it begins with a slash.
fn join(file: &str, target: &str) -> Result<String, String> {
    let target = target.split('#').next().unwrap_or_default();
    let decoded = percent_decode_str(target).decode_utf8().map_err(|_| "it is not UTF-8".to_owned())?;
    if decoded.chars().any(|character| character.is_control() || character == '\\') {
        return Err("it holds characters that no file is called by".to_owned());
    }
    let mut names: Vec<&str> = match decoded.starts_with('/') {
        true => Vec::new(),
        false => file.split('/').collect(),
    };
    names.pop();
    for name in decoded.split('/') {
        match name {
            "" | "." => {}
            ".." => {
                names.pop().ok_or("it leads above the root")?;
            }
            name => names.push(name),
        }
    }
    if names.is_empty() || matches!(decoded.rsplit('/').next(), Some("" | "." | "..")) {
        return Err("it names no file".to_owned());
    }
    Ok(names.join("/"))
}

fn leads_out(base: &str, target: &str, reason: &str) -> ReadError {
    let target: String = target.chars().filter(|character| !character.is_control()).take(200).collect();
    let reason = format!("{reason}; it is written in {base}");
    ReadError::invalid(target, reason, Some("write a path below the root, or a complete address"))
}
