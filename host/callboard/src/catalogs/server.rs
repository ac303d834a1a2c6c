//! A portal that serves, asked over its REST API. Backstage's backend answers the same questions.

use std::path::Path;
use std::time::Duration;

use anyhow::{Context, bail};
use bytes::Bytes;
use host_fetch::{Fetcher, Limits, Outgoing, Reach, collect};
use http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE};
use http::{HeaderMap, HeaderValue, Method};
use serde_json::{Value, json};
use url::Url;

use super::{Entity, MOST_ENTITIES, Wanted};
use crate::commands;
use crate::text;

/// How many entities are asked for at once.
const PAGE: usize = 500;
const TIMEOUT: Duration = Duration::from_secs(60);
/// The most bytes of one answer.
const MOST_BYTES: u64 = 256 << 20;
/// Longest token.
const MOST_TOKEN_BYTES: usize = 64 * 1024;

/// A portal at an address.
pub(crate) struct Server {
    fetcher: Fetcher,
    /// Ends with `/api/catalog/`.
    base: Url,
    credentials: HeaderMap,
}

impl Server {
    pub(crate) fn new(address: &str, token_file: Option<&Path>) -> anyhow::Result<Self> {
        let mut base = Url::parse(address).with_context(|| format!("{address} is no address"))?;
        if !matches!(base.scheme(), "http" | "https") || !base.has_host() {
            bail!("{address} is not the address of a portal; write it like http://127.0.0.1:7007");
        }
        if !base.username().is_empty() || base.password().is_some() {
            bail!("an address with a password in it ends up in logs and histories; use --token-file");
        }
        let path = base.path().trim_end_matches('/').trim_end_matches("/api/catalog").to_owned();
        base.set_path(&format!("{path}/api/catalog/"));
        base.set_query(None);
        base.set_fragment(None);
        let mut credentials = HeaderMap::new();
        if let Some(file) = token_file {
            credentials.insert(AUTHORIZATION, bearer(file)?);
            if base.scheme() == "http" && !is_loopback(&base) {
                commands::talk("warning: the token is sent without encryption; use https");
            }
        }
        Ok(Self { fetcher: Fetcher::default(), base, credentials })
    }

    pub(crate) fn name(&self) -> String {
        self.base.as_str().trim_end_matches("/api/catalog/").to_owned()
    }

    pub(crate) async fn list(&self, wanted: &Wanted) -> anyhow::Result<Vec<Entity>> {
        let most = wanted.limit.unwrap_or(MOST_ENTITIES).min(MOST_ENTITIES);
        let mut found: Vec<Entity> = Vec::new();
        let mut cursor: Option<String> = None;
        while found.len() < most {
            let mut url = self.base.join("entities/by-query").context("the address cannot be extended")?;
            {
                let mut query = url.query_pairs_mut();
                query.append_pair("limit", &PAGE.min(most - found.len()).to_string());
                if !wanted.fields.is_empty() {
                    query.append_pair("fields", &wanted.fields.join(","));
                }
                match &cursor {
                    Some(cursor) => {
                        query.append_pair("cursor", cursor);
                    }
                    None => {
                        for filter in &wanted.filters {
                            query.append_pair("filter", filter);
                        }
                    }
                }
            }
            let page = self.ask(Method::GET, url, None).await?;
            let Some(items) = page["items"].as_array() else { bail!(self.stranger()) };
            if items.is_empty() {
                break;
            }
            for item in items {
                found.push(Entity::new(item.clone()).with_context(|| self.stranger())?);
            }
            cursor = page.pointer("/pageInfo/nextCursor").and_then(Value::as_str).map(str::to_owned);
            if cursor.is_none() {
                break;
            }
        }
        if found.len() >= MOST_ENTITIES {
            bail!("{} has more than {MOST_ENTITIES} entities; ask for some of them with --filter", self.name());
        }
        found.truncate(most);
        Ok(found)
    }

    pub(crate) async fn by_refs(&self, refs: &[String], fields: &[&str]) -> anyhow::Result<Vec<Option<Entity>>> {
        let url = self.base.join("entities/by-refs").context("the address cannot be extended")?;
        let mut body = json!({ "entityRefs": refs });
        if !fields.is_empty() {
            body["fields"] = json!(fields);
        }
        let answer = self.ask(Method::POST, url, Some(body)).await?;
        let Some(items) = answer["items"].as_array() else { bail!(self.stranger()) };
        items
            .iter()
            .map(|item| match item {
                Value::Null => Ok(None),
                item => Entity::new(item.clone()).with_context(|| self.stranger()).map(Some),
            })
            .collect()
    }

    async fn ask(&self, method: Method, url: Url, body: Option<Value>) -> anyhow::Result<Value> {
        let mut headers = HeaderMap::new();
        headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
        if body.is_some() {
            headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        }
        let body = body.map_or_else(Bytes::new, |body| Bytes::from(body.to_string()));
        let request = Outgoing { method, url, headers, credentials: self.credentials.clone(), body };
        // Whoever types an address means it, wherever it leads.
        let limits =
            Limits { reach: Reach::LinkLocal, timeout: TIMEOUT, idle_timeout: None, max_response_bytes: MOST_BYTES };
        let answer =
            self.fetcher.send(request, limits).await.with_context(|| format!("{} was not read", self.name()))?;
        let status = answer.status;
        let bytes = collect(answer.body).await.with_context(|| format!("{} was not read", self.name()))?;
        let value: Option<Value> = serde_json::from_slice(&bytes).ok();
        if !status.is_success() {
            let said = value.as_ref().and_then(|value| value.pointer("/error/message")).and_then(Value::as_str);
            let hint = if status == 401 { "; name a file with a token with --token-file" } else { "" };
            match said {
                Some(said) => bail!("{} answered {status}: {}{hint}", self.name(), text::one_line(said)),
                None => bail!("{} answered {status}{hint}", self.name()),
            }
        }
        value.with_context(|| self.stranger())
    }

    fn stranger(&self) -> String {
        format!("{} does not answer like a portal; is the address right?", self.name())
    }
}

fn bearer(file: &Path) -> anyhow::Result<HeaderValue> {
    let text = std::fs::read_to_string(file).with_context(|| format!("{} cannot be read", file.display()))?;
    let token = text.trim();
    if token.is_empty() || token.len() > MOST_TOKEN_BYTES || token.chars().any(|one| !one.is_ascii_graphic()) {
        bail!("{} should hold a token and nothing else", file.display());
    }
    let mut value = HeaderValue::from_str(&format!("Bearer {token}"))
        .with_context(|| format!("{} should hold a token and nothing else", file.display()))?;
    value.set_sensitive(true);
    Ok(value)
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(url::Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(url::Host::Ipv4(address)) => address.is_loopback(),
        Some(url::Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_those_of_portals() {
        for (address, base) in [
            ("http://127.0.0.1:7007", "http://127.0.0.1:7007/api/catalog/"),
            ("https://portal.example/", "https://portal.example/api/catalog/"),
            ("https://portal.example/below/?x=y#z", "https://portal.example/below/api/catalog/"),
            ("https://portal.example/api/catalog/", "https://portal.example/api/catalog/"),
        ] {
            assert_eq!(Server::new(address, None).ok().unwrap().base.as_str(), base);
        }
        for address in ["portal", "ftp://portal.example", "http://", "https://me:secret@portal.example"] {
            let error = Server::new(address, None).err().unwrap().to_string();
            assert!(!error.contains("secret"), "{error}");
        }
    }

    #[test]
    fn a_token_file_holds_one_token() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("token");
        for (text, good) in [("abc.def\n", true), ("", false), ("two words", false), ("a\nb", false), ("ä", false)] {
            std::fs::write(&file, text).unwrap();
            assert_eq!(bearer(&file).is_ok(), good, "{text:?}");
        }
        assert!(bearer(&folder.path().join("absent")).is_err());
    }
}
