//! Filters that Backstage adds: repositories' addresses and entity references.

use minijinja::value::{Value, ValueKind};
use minijinja::{Error, ErrorKind};
use url::Url;

use super::value::{dictionary, text};

/// `host?owner=…&repo=…` as an object.
pub(super) fn parse_repo_url(value: &Value) -> Result<Value, Error> {
    let written = text(value)?;
    let url = Url::parse(&format!("https://{written}")).map_err(|error| {
        wrong(format!("{written:?} is no repository address such as github.com?owner=acme&repo=shop: {error}"))
    })?;
    let host = match (url.host_str(), url.port()) {
        (Some(host), Some(port)) => format!("{host}:{port}"),
        (Some(host), None) => host.to_owned(),
        (None, _) => return Err(wrong(format!("{written:?} names no host"))),
    };
    let parameter =
        |name: &str| url.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.trim().to_owned());
    let required: &[&str] = match host.as_str() {
        "dev.azure.com" => &["project", "repo"],
        "bitbucket.org" => &["workspace", "project", "repo"],
        _ if host.contains("gitlab") && parameter("project").is_some() => &[],
        _ if host.contains("gerrit") || host.contains("gitea") => &["repo"],
        _ => &["owner", "repo"],
    };
    for name in required {
        if parameter(name).is_none_or(|value| value.is_empty()) {
            return Err(wrong(format!(
                "the repository address {written:?} has no {name}; write it as {host}?{}",
                required.iter().map(|name| format!("{name}=…")).collect::<Vec<_>>().join("&")
            )));
        }
    }
    let mut parts = vec![("host", Value::from(host))];
    for name in ["owner", "repo", "organization", "workspace", "project"] {
        if let Some(value) = parameter(name) {
            parts.push((name, Value::from(value)));
        }
    }
    Ok(dictionary(parts))
}

/// `host?owner=…&repo=…` as `owner/repo`.
pub(super) fn project_slug(value: &Value) -> Result<Value, Error> {
    let parts = parse_repo_url(value)?;
    let (owner, repo) = (text(&parts.get_attr("owner")?)?, text(&parts.get_attr("repo")?)?);
    Ok(Value::from(format!("{owner}/{repo}")))
}

/// An entity reference as an object; what it leaves out comes from the context.
pub(super) fn parse_entity_ref(value: &Value, context: Option<Value>) -> Result<Value, Error> {
    if value.kind() == ValueKind::Map {
        return Ok(value.clone());
    }
    let written = text(value)?;
    let from_context =
        |name: &str| context.as_ref().and_then(|context| context.get_attr(name).ok()).and_then(|value| value.to_str());
    let (kind, rest) = match written.split_once(':') {
        Some((kind, rest)) if !kind.contains('/') => (Some(kind.to_owned()), rest),
        _ => (from_context("defaultKind").map(|kind| kind.to_string()), written.as_str()),
    };
    let (namespace, name) = match rest.split_once('/') {
        Some((namespace, name)) => (namespace.to_owned(), name),
        None => (from_context("defaultNamespace").map_or_else(|| "default".to_owned(), |text| text.to_string()), rest),
    };
    let Some(kind) = kind else {
        return Err(wrong(format!(
            "entity reference {written:?} names no kind; write kind:namespace/name or give a defaultKind"
        )));
    };
    if kind.is_empty() || namespace.is_empty() || name.is_empty() {
        return Err(wrong(format!("entity reference {written:?} has an empty part; write kind:namespace/name")));
    }
    Ok(dictionary(
        [("kind", kind), ("namespace", namespace), ("name", name.to_owned())].map(|(k, v)| (k, Value::from(v))),
    ))
}

/// The member at a dotted path.
pub(super) fn pick(value: &Value, path: &str) -> Value {
    let mut found = value.clone();
    for part in path.split('.') {
        let next = match part.parse::<usize>() {
            Ok(index) if found.kind() == ValueKind::Seq => found.get_item_by_index(index),
            _ => found.get_attr(part),
        };
        found = next.unwrap_or(Value::UNDEFINED);
    }
    found
}

fn wrong(message: String) -> Error {
    Error::new(ErrorKind::InvalidOperation, message)
}
