//! Sends a plugin's requests to upstreams, when they are among those that it declared and was granted.

use async_trait::async_trait;
use futures::StreamExt;
use host_fetch::{FetchError, UpstreamCall, Upstreams};
use host_model::plugin::{Grants, Upstream};
use host_ports::{UpstreamClient, UpstreamError, UpstreamRequest, UpstreamResponse};

use crate::routes::{self, NormalPath};

/// The upstreams of one plugin.
pub(crate) struct PluginUpstreams {
    plugin: String,
    declared: Vec<Upstream>,
    granted: Grants,
    upstreams: Upstreams,
}

impl PluginUpstreams {
    pub(crate) fn new(plugin: &str, declared: &[Upstream], granted: &Grants, upstreams: Upstreams) -> Self {
        Self { plugin: plugin.to_owned(), declared: declared.to_vec(), granted: granted.clone(), upstreams }
    }

    /// The binding and the path for a request that may be made.
    fn check(&self, request: &UpstreamRequest) -> Result<(String, NormalPath), UpstreamError> {
        let authority = &*request.authority;
        let (name, instance) = routes::split_authority(authority).map_err(UpstreamError::Denied)?;
        let Some(upstream) = self.declared.iter().find(|upstream| upstream.name == name) else {
            let declared: Vec<&str> = self.declared.iter().map(|upstream| upstream.name.as_str()).collect();
            let declared = if declared.is_empty() { "none".to_owned() } else { declared.join(", ") };
            return Err(UpstreamError::Denied(format!(
                "the plugin did not declare an upstream {name} (declared: {declared}); its author has to add it to the \
                 plugin's description"
            )));
        };
        let path = NormalPath::parse(&request.path_and_query)
            .map_err(|error| UpstreamError::InvalidRequest(format!("request to upstream {name}: {error}")))?;
        routes::check(upstream, request.method.as_str(), &path).map_err(UpstreamError::Denied)?;
        let binding = self.granted.upstreams.get(authority).and_then(|grant| grant.binding.clone());
        binding.map(|binding| (binding, path)).ok_or_else(|| {
            let what = match instance {
                Some(instance) => format!("the instance {instance} of upstream {name} is not bound"),
                None => format!("the upstream {name} is not granted"),
            };
            UpstreamError::Denied(format!(
                "{what}; the administrator can bind it with `plugins: {{ {}: {{ upstreams: {{ {authority}: NAME }} }} }}` \
                 where NAME is defined under `upstreams`",
                self.plugin
            ))
        })
    }
}

#[async_trait]
impl UpstreamClient for PluginUpstreams {
    async fn send(&self, request: UpstreamRequest) -> Result<UpstreamResponse, UpstreamError> {
        let (binding, path) = self.check(&request)?;
        let name = request.authority;
        let call = UpstreamCall {
            method: request.method,
            path_and_query: path.path_and_query(),
            headers: request.headers,
            body: request.body,
        };
        let answer = self.upstreams.send(&binding, call).await.map_err(|error| {
            tracing::warn!(plugin = self.plugin, upstream = name, binding, %error, "an upstream did not answer");
            explain(&name, error)
        })?;
        let body = answer.body.map(move |chunk| chunk.map_err(|error| explain(&name, error)));
        Ok(UpstreamResponse { status: answer.status, headers: answer.headers, body: Box::pin(body) })
    }
}

/// The error as the plugin sees it: with the upstream's name, without its address.
fn explain(name: &str, error: FetchError) -> UpstreamError {
    match error {
        FetchError::Timeout(milliseconds) => UpstreamError::Timeout(milliseconds),
        FetchError::TooLarge(bytes) => UpstreamError::TooLarge(bytes),
        FetchError::InvalidRequest(message) => UpstreamError::InvalidRequest(message),
        FetchError::Refused(refused) => UpstreamError::Denied(format!(
            "upstream {name}: {refused} unless its binding says `allowPrivateNetwork: true`"
        )),
        other => UpstreamError::Unreachable(format!("upstream {name}: {other}")),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use host_fetch::{Fetcher, UpstreamBinding};
    use host_model::plugin::{Route, UpstreamGrant};
    use rstest::rstest;

    use super::*;

    fn client() -> PluginUpstreams {
        let route = |method: &str, path: &str| Route { method: method.into(), path: path.into() };
        let declared = Upstream {
            name: "github".into(),
            purpose: String::new(),
            routes: vec![route("GET", "/repos/**"), route("POST", "/repos/*/*/rerun")],
        };
        let grant = UpstreamGrant { binding: Some("acme".into()), ..UpstreamGrant::default() };
        let granted = Grants { upstreams: BTreeMap::from([("github".into(), grant)]), write: vec![] };
        let binding = UpstreamBinding::new("http://127.0.0.1:1").unwrap();
        let upstreams = Upstreams::new(Fetcher::default(), BTreeMap::from([("acme".into(), binding)]));
        PluginUpstreams::new("runs", &[declared], &granted, upstreams)
    }

    fn request(method: http::Method, authority: &str, path: &str) -> UpstreamRequest {
        UpstreamRequest {
            method,
            authority: authority.into(),
            path_and_query: path.into(),
            headers: http::HeaderMap::new(),
            body: bytes::Bytes::new(),
        }
    }

    #[rstest]
    #[case("github", "/repos/a/../b?c=d", "/repos/b?c=d")]
    #[case("github", "/x/../repos/%61", "/repos/a")]
    fn exactly_the_checked_path_is_sent(#[case] authority: &str, #[case] path: &str, #[case] sent: &str) {
        let found = client().check(&request(http::Method::GET, authority, path)).unwrap();
        assert_eq!((found.0.as_str(), found.1.path_and_query().as_str()), ("acme", sent));
    }

    #[rstest]
    #[case("GET", "gitlab", "/repos/a", "did not declare an upstream gitlab (declared: github)")]
    #[case("GET", "eu.github", "/repos/a", "the instance eu of upstream github is not bound")]
    #[case("GET", "github", "/repos/../user", "GET /user on upstream github is not among")]
    #[case("DELETE", "github", "/repos/a", "for GET only")]
    #[case("POST", "github", "/repos/a/b", "for GET only")]
    #[case("GET", "github:80", "/repos/a", "port")]
    #[case("GET", "github", "/repos/%2e%2e/%2e%2e/a", "above its root")]
    fn refusals_say_why(#[case] method: &str, #[case] authority: &str, #[case] path: &str, #[case] part: &str) {
        let error = client().check(&request(method.parse().unwrap(), authority, path)).unwrap_err();
        assert!(error.to_string().contains(part), "{error}");
    }

    #[tokio::test]
    async fn addresses_are_not_told() {
        let error = client().send(request(http::Method::GET, "github", "/repos/a")).await.err().unwrap();
        assert_eq!(
            error.to_string(),
            "upstream github: its address is loopback, and such addresses are refused unless its binding says \
             `allowPrivateNetwork: true`"
        );
    }
}
