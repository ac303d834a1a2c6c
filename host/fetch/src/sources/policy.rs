//! Which addresses may be read, and how far into the network each may lead.

use std::sync::Arc;

use url::{Host, Url};

use crate::address::{Reach, RefusedAddress};
use crate::sources::address::{port, shown};
use crate::sources::error::ReadError;
use crate::sources::settings::{AllowedHost, ForgeSettings};

/// The forges and hosts of the configuration.
#[derive(Debug)]
pub(crate) struct Policy {
    forges: Vec<(HostPattern, Arc<ForgeSettings>)>,
    allow: Vec<(HostPattern, AllowedHost)>,
}

impl Policy {
    pub(crate) fn new(forges: Vec<ForgeSettings>, allow: Vec<AllowedHost>) -> Self {
        Self {
            forges: forges.into_iter().map(|forge| (HostPattern::new(&forge.host), Arc::new(forge))).collect(),
            allow: allow.into_iter().map(|entry| (HostPattern::new(&entry.host), entry)).collect(),
        }
    }

    /// The forge that an address lies on.
    pub(crate) fn forge(&self, url: &Url) -> Option<&Arc<ForgeSettings>> {
        self.forges.iter().find(|(pattern, _)| pattern.matches_forge(url)).map(|(_, forge)| forge)
    }

    /// How far an address may lead.
    ///
    /// # Errors
    /// When it may not be read at all.
    pub(crate) fn reach(&self, url: &Url) -> Result<Reach, ReadError> {
        let forges = self
            .forges
            .iter()
            .filter(|(pattern, _)| pattern.matches_forge(url))
            .map(|(pattern, forge)| pattern.reach(forge.allow_private_network));
        let allowed = self
            .allow
            .iter()
            .filter(|(pattern, entry)| pattern.matches(url) && entry.paths.as_deref().is_none_or(|of| covers(of, url)))
            .map(|(pattern, entry)| pattern.reach(entry.allow_private_network));
        let widest = forges.chain(allowed).max_by_key(|reach| *reach as u8);
        widest.ok_or_else(|| self.refusal(url))
    }

    /// How far the address of a forge's API may lead. Whoever writes an address into the configuration means it.
    pub(crate) fn reach_of_forge(&self, forge: &ForgeSettings, url: &Url) -> Reach {
        HostPattern::new(&host_and_port(url)).reach(forge.allow_private_network)
    }

    fn refusal(&self, url: &Url) -> ReadError {
        let host = host_and_port(url);
        let other_path = self.allow.iter().any(|(pattern, _)| pattern.matches(url));
        let (reason, hint) = if other_path {
            let path = url.path();
            (
                format!("backend.reading.allow names {host}, but not this path"),
                format!("add its beginning to the `paths` of the entry: `- host: '{host}'`, `paths: ['{path}']`"),
            )
        } else {
            (
                format!("{host} is neither in `integrations` nor in `backend.reading.allow`"),
                format!(
                    "add the host to the configuration: `backend: {{ reading: {{ allow: [{{ host: '{host}' }}] }} }}`"
                ),
            )
        };
        ReadError::NotAllowed { url: shown(url), reason, hint: Some(hint) }
    }

    /// What to say of an address that leads into a network that it may not reach.
    pub(crate) fn refused_network(&self, url: &Url, refused: RefusedAddress) -> ReadError {
        let host = host_and_port(url);
        let place = match self.forge(url) {
            Some(forge) => {
                format!("integrations: {{ {}: [{{ host: '{host}', allowPrivateNetwork: true }}] }}", forge.kind.key())
            }
            None => format!("backend: {{ reading: {{ allow: [{{ host: '{host}', allowPrivateNetwork: true }}] }} }}"),
        };
        ReadError::NotAllowed {
            url: shown(url),
            reason: format!("{host} leads to a {} address", refused.kind),
            hint: Some(format!("if that is meant, say so in the configuration: `{place}`")),
        }
    }
}

/// The host of an address with its port where it is not the usual one.
pub(crate) fn host_and_port(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    match port(url) {
        (port, false) => format!("{host}:{port}"),
        _ => host.to_owned(),
    }
}

/// Whether a path lies under one of the beginnings, also for a server that decodes it once more.
fn covers(beginnings: &[String], url: &Url) -> bool {
    let decoded = percent_encoding::percent_decode_str(url.path()).decode_utf8_lossy();
    let climbs = decoded.split(['/', '\\']).any(|segment| segment == "..");
    !climbs && beginnings.iter().any(|beginning| url.path().starts_with(beginning.as_str()))
}

/// A host as the configuration writes it.
#[derive(Debug)]
struct HostPattern {
    /// Lower case; with its dot in front where anything may stand before it.
    name: String,
    any_below: bool,
    port: Option<u16>,
}

impl HostPattern {
    fn new(text: &str) -> Self {
        let text = text.trim().to_ascii_lowercase();
        let (name, port) = match text.rsplit_once(':') {
            // The colon of `::1` is no port's.
            Some((name, digits)) if !name.contains(':') || name.ends_with(']') => match digits.parse() {
                Ok(port) => (name.to_owned(), Some(port)),
                Err(_) => (text.clone(), None),
            },
            _ => (text.clone(), None),
        };
        let name = match name.parse::<std::net::Ipv6Addr>() {
            Ok(address) => format!("[{address}]"),
            Err(_) => name,
        };
        match name.strip_prefix('*') {
            Some(rest) if rest.starts_with('.') => Self { name: rest.to_owned(), any_below: true, port },
            _ => Self { name, any_below: false, port },
        }
    }

    fn matches(&self, url: &Url) -> bool {
        let (actual, is_usual) = port(url);
        self.matches_name(url) && self.port.map_or(is_usual, |port| port == actual)
    }

    /// A forge has one name for all its services, which listen on ports of their own.
    fn matches_forge(&self, url: &Url) -> bool {
        self.matches(url) || (url.scheme() == "ssh" && self.matches_name(url))
    }

    fn matches_name(&self, url: &Url) -> bool {
        let Some(host) = url.host_str().map(str::to_ascii_lowercase) else { return false };
        let is_name = !matches!(literal(&host), Some(Host::Ipv4(_) | Host::Ipv6(_)));
        if self.any_below {
            is_name && host.len() > self.name.len() && host.ends_with(&self.name)
        } else {
            host == self.name || host.trim_end_matches('.') == self.name
        }
    }

    /// Whoever writes an address into the configuration means that address.
    fn reach(&self, allow_private_network: bool) -> Reach {
        if matches!(literal(&self.name), Some(Host::Ipv4(_) | Host::Ipv6(_))) {
            Reach::LinkLocal
        } else if allow_private_network || self.name == "localhost" || self.name.ends_with(".localhost") {
            Reach::Private
        } else {
            Reach::Public
        }
    }
}

fn literal(host: &str) -> Option<Host> {
    Host::parse(host).ok()
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;
    use crate::sources::settings::{Credential, ForgeKind};

    fn entry(host: &str, paths: &[&str]) -> AllowedHost {
        let paths = (!paths.is_empty()).then(|| paths.iter().map(|path| (*path).to_owned()).collect());
        AllowedHost { host: host.to_owned(), paths, allow_private_network: false }
    }

    fn forge(host: &str, allow_private_network: bool) -> ForgeSettings {
        ForgeSettings {
            kind: ForgeKind::GitLab,
            host: host.to_owned(),
            api: None,
            base: None,
            clone: None,
            credential: Credential::None,
            allow_private_network,
        }
    }

    #[rstest]
    #[case("example.com", "https://example.com/a", true)]
    #[case("Example.com", "https://EXAMPLE.com/a", true)]
    #[case("example.com", "https://example.com:443/a", true)]
    #[case("example.com", "http://example.com/a", true)]
    #[case("example.com", "https://example.com:8443/a", false)]
    #[case("example.com:8443", "https://example.com:8443/a", true)]
    #[case("example.com:443", "https://example.com/a", true)]
    #[case("example.com:443", "http://example.com/a", false)]
    #[case("example.com", "https://evil-example.com/", false)]
    #[case("example.com", "https://a.example.com/", false)]
    #[case("*.example.com", "https://a.example.com/", true)]
    #[case("*.example.com", "https://a.b.example.com/", true)]
    #[case("*.example.com", "https://example.com/", false)]
    #[case("*.example.com", "https://evilexample.com/", false)]
    #[case("*.example.com:8443", "https://a.example.com:8443/", true)]
    #[case("*.0.0.1", "https://127.0.0.1/", false)]
    #[case("127.0.0.1:9000", "http://127.0.0.1:9000/", true)]
    #[case("127.0.0.1:9000", "http://0x7f.1:9000/", true)]
    #[case("[::1]:9000", "http://[::1]:9000/", true)]
    #[case("::1", "http://[::1]/", true)]
    #[case("example.com", "ssh://git@example.com/a", true)]
    #[case("example.com:22", "ssh://git@example.com/a", true)]
    #[case("example.com:2222", "ssh://git@example.com/a", false)]
    #[case("*", "https://example.com/", false)]
    fn hosts(#[case] allowed: &str, #[case] url: &str, #[case] expected: bool) {
        let policy = Policy::new(Vec::new(), vec![entry(allowed, &[])]);
        assert_eq!(policy.reach(&Url::parse(url).unwrap()).is_ok(), expected);
    }

    #[rstest]
    #[case("https://e.com/a/x", true)]
    #[case("https://e.com/ab", false)]
    #[case("https://e.com/a/../b", false)]
    #[case("https://e.com/a/%2e%2e/b", false)]
    #[case("https://e.com/a/..%2fb", false)]
    #[case("https://e.com/a/%2e%2e%5Cb", false)]
    #[case("https://e.com/exact.yaml", true)]
    fn paths(#[case] url: &str, #[case] expected: bool) {
        let policy = Policy::new(Vec::new(), vec![entry("e.com", &["/a/", "/exact.yaml"])]);
        assert_eq!(policy.reach(&Url::parse(url).unwrap()).is_ok(), expected);
    }

    #[rstest]
    #[case("e.com", Reach::Public)]
    #[case("localhost", Reach::Private)]
    #[case("10.1.2.3", Reach::LinkLocal)]
    #[case("[::1]", Reach::LinkLocal)]
    fn reaches(#[case] host: &str, #[case] expected: Reach) {
        let url = Url::parse(&format!("http://{host}/")).unwrap();
        assert_eq!(Policy::new(Vec::new(), vec![entry(host, &[])]).reach(&url), Ok(expected));
        assert_eq!(Policy::new(vec![forge(host, false)], Vec::new()).reach(&url), Ok(expected));
    }

    #[test]
    fn a_private_network_is_said_once_for_all_of_a_forge() {
        let policy = Policy::new(vec![forge("git.acme.example:8443", true)], Vec::new());
        for url in ["https://git.acme.example:8443/a", "ssh://git@git.acme.example/a", "ssh://git.acme.example:2222/a"]
        {
            assert_eq!(policy.reach(&Url::parse(url).unwrap()), Ok(Reach::Private), "{url}");
        }
        assert!(policy.reach(&Url::parse("https://git.acme.example/a").unwrap()).is_err());
    }

    #[test]
    fn a_refusal_shows_what_to_add() {
        let policy = Policy::new(vec![forge("git.acme.example", false)], vec![entry("e.com", &["/a/"])]);
        let hint = |url: &str| {
            let error = policy.reach(&Url::parse(url).unwrap()).unwrap_err();
            assert!(!error.to_string().contains("hunter2"), "{error}");
            error.hint().unwrap().to_owned()
        };
        let other = hint("https://user:hunter2@files.example:81/x?token=hunter2");
        assert!(other.contains("backend: { reading: { allow: [{ host: 'files.example:81' }] } }"), "{other}");
        assert!(hint("https://e.com/b").contains("paths: ['/b']"));
        let refused = RefusedAddress { kind: crate::AddressKind::Private };
        let error = policy.refused_network(&Url::parse("https://git.acme.example/a").unwrap(), refused);
        let lines = "integrations: { gitlab: [{ host: 'git.acme.example', allowPrivateNetwork: true }] }";
        assert!(error.hint().unwrap().contains(lines), "{error:?}");
    }
}
