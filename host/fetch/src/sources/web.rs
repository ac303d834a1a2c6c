//! One file on a web server.

use http::header::CONTENT_TYPE;
use http::{HeaderMap, StatusCode};
use url::Url;

use crate::sources::address::shown;
use crate::sources::error::ReadError;
use crate::sources::exchange::{Exchange, Question};
use crate::sources::policy::host_and_port;
use crate::sources::version::{Version, fingerprint};
use crate::sources::{ReadFile, Reading};

/// Reads a file, unless it is as it was.
pub(crate) async fn read(
    exchange: &Exchange,
    url: &Url,
    known: Option<&str>,
    question: Question,
) -> Result<Reading, ReadError> {
    match file(exchange, url, known, question).await? {
        None => Ok(Reading::Unchanged),
        Some((bytes, version)) => {
            Ok(Reading::Files { files: vec![ReadFile { url: url.to_string(), bytes }], version: Some(version) })
        }
    }
}

/// The bytes of a file and their version; none when it is as it was. Messages name the address that a person knows.
pub(crate) async fn file(
    exchange: &Exchange,
    url: &Url,
    known: Option<&str>,
    mut question: Question,
) -> Result<Option<(Vec<u8>, String)>, ReadError> {
    let known = Version::parse(known);
    if let Some(known) = &known {
        question.headers.extend(known.conditions());
    }
    let path = question.url.path().to_owned();
    let reply = exchange.send(question).await?;
    match reply.status {
        StatusCode::OK => {}
        StatusCode::NOT_MODIFIED if known.is_some() => return Ok(None),
        status => return Err(refused(exchange, url, status)),
    }
    if is_page(&reply.headers) && !is_page_name(&path) {
        let reason = "it answered with a web page instead of the file; perhaps it wants people to sign in";
        return Err(ReadError::unavailable(shown(url), reason));
    }
    let headers = reply.headers.clone();
    let bytes = exchange.collect(reply).await?;
    let version = Version::new(&headers, fingerprint([&bytes[..]]));
    if known.is_some_and(|known| known.hash == version.hash) {
        return Ok(None);
    }
    Ok(Some((bytes.into(), version.text())))
}

/// What to say of an answer that holds no file.
pub(crate) fn refused(exchange: &Exchange, url: &Url, status: StatusCode) -> ReadError {
    let reason = format!("{} answered {}", host_and_port(url), status.as_u16());
    let forge = exchange.policy.forge(url);
    let credential = forge.map(|forge| {
        let (key, host) = (forge.kind.key(), &forge.host);
        match forge.credential.is_none() {
            true => format!("if it is private, add a credential: `integrations: {{ {key}: [{{ host: '{host}', token: '${{TOKEN}}' }}] }}`"),
            false => format!("check that the credential of `integrations.{key}` for {host} is valid and may read it"),
        }
    });
    let advice = || {
        let host = host_and_port(url);
        format!(
            "add a credential: `integrations: {{ git: [{{ host: '{host}', username: …, password: '${{PASSWORD}}' }}] }}`"
        )
    };
    match status.as_u16() {
        404 | 410 => ReadError::NotFound { url: shown(url), reason, hint: credential },
        401 | 403 | 407 => {
            ReadError::NotAllowed { url: shown(url), reason, hint: credential.or_else(|| Some(advice())) }
        }
        _ => ReadError::unavailable(shown(url), reason),
    }
}

fn is_page(headers: &HeaderMap) -> bool {
    headers.get(CONTENT_TYPE).is_some_and(|value| value.as_bytes().to_ascii_lowercase().starts_with(b"text/html"))
}

fn is_page_name(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or_default().to_ascii_lowercase();
    ![".yaml", ".yml", ".json", ".md", ".txt", ".graphql", ".proto"].iter().any(|extension| name.ends_with(extension))
}
