//! Which `Host` a request may name. Without this check a stranger's page could reach a portal on loopback through a
//! name of its own that resolves there (DNS rebinding).

use std::net::{IpAddr, SocketAddr};

use url::Url;

/// The names under which the portal answers.
#[derive(Debug, Clone)]
pub struct AllowedHosts {
    listen: SocketAddr,
    /// `host` or `host:port` in lower case, from `app.baseUrl` and `backend.baseUrl`.
    names: Vec<String>,
}

impl AllowedHosts {
    /// Loopback names, the listen address, and the hosts of these addresses.
    pub fn new<'a>(listen: SocketAddr, base_urls: impl IntoIterator<Item = &'a str>) -> Self {
        let names = base_urls
            .into_iter()
            .filter_map(|address| Url::parse(address).ok())
            .filter_map(|address| address.host_str().map(str::to_lowercase))
            .collect();
        Self { listen, names }
    }

    /// Whether a request with this `Host` (or `:authority`) is meant for the portal.
    pub fn allow(&self, host: &str) -> bool {
        let name = without_port(host).to_lowercase();
        if name == "localhost" || name.ends_with(".localhost") || self.names.contains(&name) {
            return true;
        }
        let address = name.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>();
        address.is_ok_and(|address| address.is_loopback() || address == self.listen.ip())
    }
}

fn without_port(host: &str) -> &str {
    if host.starts_with('[') {
        return host.find(']').map_or(host, |end| &host[..=end]);
    }
    host.rsplit_once(':').map_or(host, |(name, _)| name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_only_under_its_own_names() {
        let hosts = AllowedHosts::new("10.0.0.5:7007".parse().unwrap(), ["https://Portal.Acme.example/x", "not a url"]);
        for (host, expected) in [
            ("localhost:7007", true),
            ("app.localhost", true),
            ("127.0.0.1:7007", true),
            ("127.8.0.1", true),
            ("[::1]:7007", true),
            ("10.0.0.5:7007", true),
            ("portal.acme.example", true),
            ("PORTAL.acme.example:443", true),
            ("10.0.0.6:7007", false),
            ("evil.example", false),
            ("localhost.evil.example", false),
            ("127.0.0.1.evil.example", false),
            ("", false),
        ] {
            assert_eq!(hosts.allow(host), expected, "{host}");
        }
    }
}
