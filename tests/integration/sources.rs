//! Reading what lies behind addresses: real repositories over HTTP and SSH, and servers that mean no good.

use std::path::Path;
use std::time::Duration;

use callboard_tests::TestPortal;
use callboard_tests::git::{Entry, GitServer, Repository, basic};
use callboard_tests::hostile::{Behaviour, HostileServer};
use host_fetch::{
    AllowedHost, Credential, Fetcher, ForgeKind, ForgeSettings, ReadError, ReadLimits, Reading, Sources, SourcesConfig,
};
use host_model::Secret;

use crate::support::component;

const LIMITS: ReadLimits = ReadLimits { file_bytes: 100_000, files: 100, total_bytes: 1_000_000 };

fn allow(host: &str) -> AllowedHost {
    AllowedHost { host: host.to_owned(), paths: None, allow_private_network: false }
}

fn sources(cache: &Path, host: &str) -> Sources {
    let config = SourcesConfig { allow: vec![allow(host)], ..SourcesConfig::new(cache.to_owned()) };
    Sources::new(Fetcher::default(), config)
}

fn forge(kind: ForgeKind, host: &str, credential: Credential) -> ForgeSettings {
    let (host, allow_private_network) = (host.to_owned(), false);
    ForgeSettings { kind, host, api: None, base: None, clone: None, credential, allow_private_network }
}

/// Paths and contents, and the version.
fn files(reading: Reading, root: &str) -> (Vec<(String, String)>, Option<String>) {
    let read = match reading {
        Reading::Files { files, version } => Some((files, version)),
        Reading::Unchanged => None,
    };
    let (files, version) = read.unwrap();
    let file = |file: host_fetch::ReadFile| {
        let path = file.url.strip_prefix(root).unwrap_or(&file.url).to_owned();
        (path, String::from_utf8_lossy(&file.bytes).into_owned())
    };
    (files.into_iter().map(file).collect(), version)
}

fn pairs(list: &[(&str, &str)]) -> Vec<(String, String)> {
    list.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned())).collect()
}

fn shop(server: &GitServer) -> Repository {
    let repository = server.repository("acme/shop").unwrap();
    repository
        .commit(
            "main",
            &[
                ("catalog-info.yaml", "root"),
                ("services/a/catalog-info.yaml", "a"),
                ("services/b/catalog-info.yaml", "b"),
                ("services/b/readme.md", "no"),
            ],
        )
        .unwrap();
    repository
}

fn written(folder: &Path) -> usize {
    let Ok(entries) = std::fs::read_dir(folder) else { return 0 };
    entries.flatten().map(|entry| if entry.path().is_dir() { written(&entry.path()) } else { 1 }).sum()
}

#[tokio::test]
async fn repositories_are_read_over_http_with_and_without_filters_by_new_and_old_servers() {
    for (is_old, has_filters) in [(false, true), (false, false), (true, false)] {
        let (server, cache) = (GitServer::start().unwrap(), tempfile::tempdir().unwrap());
        let repository = shop(&server);
        if is_old {
            server.be_old();
        }
        if has_filters {
            repository.allow_filters().unwrap();
        }
        let sources = sources(cache.path(), &server.host());
        let root = format!("{}/acme/shop.git/blob/main/", server.url());
        let one = sources.read(&format!("{root}catalog-info.yaml"), None, &LIMITS).await.unwrap();
        assert_eq!(files(one, &root).0, pairs(&[("catalog-info.yaml", "root")]));
        let pattern = format!("{root}services/*/catalog-info.yaml");
        let (found, version) = files(sources.read(&pattern, None, &LIMITS).await.unwrap(), &root);
        assert_eq!(found, pairs(&[("services/a/catalog-info.yaml", "a"), ("services/b/catalog-info.yaml", "b")]));

        server.take_requests();
        let before = written(cache.path());
        let again = sources.read(&pattern, version.as_deref(), &LIMITS).await.unwrap();
        assert_eq!((again, server.take_requests().len()), (Reading::Unchanged, 1), "old: {is_old}");
        assert_eq!(written(cache.path()), before);

        // Another file changed: what was asked for did not.
        let mut state = vec![("services/a/catalog-info.yaml", "a"), ("services/b/catalog-info.yaml", "b")];
        repository.commit("main", &state).unwrap();
        let other = sources.read(&pattern, version.as_deref(), &LIMITS).await.unwrap();
        assert_eq!(other, Reading::Unchanged);
        state[1].1 = "changed";
        repository.commit("main", &state).unwrap();
        let (found, _) = files(sources.read(&pattern, version.as_deref(), &LIMITS).await.unwrap(), &root);
        assert_eq!(found[1].1, "changed");
    }
}

#[tokio::test]
async fn branches_with_slashes_tags_and_commits_are_found() {
    let (server, cache) = (GitServer::start().unwrap(), tempfile::tempdir().unwrap());
    let repository = shop(&server);
    let commit = repository.commit("feature/new/look", &[("d/c.yaml", "look")]).unwrap();
    repository.tag("v1", &commit, Some("first")).unwrap();
    repository.tag("light", &commit, None).unwrap();
    let sources = sources(cache.path(), &server.host());
    let root = format!("{}/acme/shop.git/tree", server.url());
    for reference in ["feature/new/look", "feature%2Fnew%2Flook", "v1", "light", &commit] {
        let found = sources.read(&format!("{root}/{reference}/d/c.yaml"), None, &LIMITS).await;
        let (found, _) = files(found.unwrap_or_else(|error| panic!("{reference}: {error}")), "");
        assert_eq!(found[0].1, "look", "{reference}");
        assert_eq!(found[0].0, format!("{root}/{}/d/c.yaml", reference.replace('/', "%2F")));
        let target = sources.resolve(&found[0].0, "/x.yaml").unwrap();
        assert_eq!(target, format!("{root}/{}/x.yaml", reference.replace('/', "%2F")));
    }
    let head = sources.read(&format!("{root}/HEAD/catalog-info.yaml"), None, &LIMITS).await.unwrap();
    assert_eq!(files(head, "").0[0].1, "root");
    for (path, reason) in [
        ("gone/x.yaml", "no branch or tag gone"),
        ("main/x.yaml", "no file x.yaml in main"),
        ("main/services", "no file services in main"),
        ("main/**/*.json", "no file in main matches"),
        ("0123456789012345678901234567890123456789/x", "does not have this commit"),
    ] {
        let error = sources.read(&format!("{root}/{path}"), None, &LIMITS).await.unwrap_err();
        assert!(matches!(error, ReadError::NotFound { .. }) && error.to_string().contains(reason), "{path}: {error:?}");
    }
}

#[tokio::test]
async fn credentials_go_to_their_host_and_nowhere_else() {
    let cases = [
        (
            ForgeKind::GitHub,
            "blob/main",
            Credential::Token(Secret::new("hush".into())),
            basic("x-access-token", "hush"),
        ),
        (ForgeKind::GitLab, "-/blob/main", Credential::Token(Secret::new("hush".into())), basic("oauth2", "hush")),
        (ForgeKind::Git, "blob/main", Credential::Token(Secret::new("hush".into())), "Bearer hush".to_owned()),
        (
            ForgeKind::Git,
            "blob/main",
            Credential::Password { user: "reader".into(), password: Secret::new("hush".into()) },
            basic("reader", "hush"),
        ),
    ];
    for (kind, marker, credential, expected) in cases {
        let (server, cache) = (GitServer::start().unwrap(), tempfile::tempdir().unwrap());
        shop(&server);
        server.require(&expected);
        let url = format!("{}/acme/shop.git/{marker}/*.yaml", server.url());
        let reader = |credential| {
            let forges = vec![forge(kind, &server.host(), credential)];
            Sources::new(Fetcher::default(), SourcesConfig { forges, ..SourcesConfig::new(cache.path().to_owned()) })
        };
        let found = reader(credential).read(&url, None, &LIMITS).await;
        assert_eq!(files(found.unwrap_or_else(|error| panic!("{kind:?}: {error}")), "").0[0].1, "root");
        let error = reader(Credential::None).read(&url, None, &LIMITS).await.unwrap_err();
        assert!(matches!(error, ReadError::NotAllowed { .. }) && error.hint().unwrap().contains("token"), "{error:?}");
        let wrong = Credential::Token(Secret::new("other-secret".into()));
        let error = reader(wrong).read(&url, None, &LIMITS).await.unwrap_err();
        assert!(!format!("{error:?} {:?}", error.hint()).contains("other-secret"), "{error:?}");
    }
}

#[tokio::test]
async fn a_credential_does_not_follow_a_repository_that_has_moved() {
    let (server, cache) = (GitServer::start().unwrap(), tempfile::tempdir().unwrap());
    shop(&server);
    let location = format!("{}/acme/shop.git/info/refs?service=git-upload-pack", server.url());
    let moved = format!("HTTP/1.1 302 Found\r\nLocation: {location}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
    let elsewhere = HostileServer::start(Behaviour::Exactly(moved.into_bytes())).await.unwrap();
    let credential = Credential::Password { user: "reader".into(), password: Secret::new("hush".into()) };
    let config = SourcesConfig {
        forges: vec![forge(ForgeKind::Git, &elsewhere.host(), credential)],
        allow: vec![allow(&server.host())],
        ..SourcesConfig::new(cache.path().to_owned())
    };
    let url = format!("http://{}/acme/shop.git/blob/main/catalog-info.yaml", elsewhere.host());
    let found = Sources::new(Fetcher::default(), config).read(&url, None, &LIMITS).await.unwrap();
    assert_eq!(files(found, "").0[0].1, "root");
    let seen = server.take_requests();
    assert!(seen.iter().any(|request| request.method == "POST"), "{seen:?}");
    assert!(seen.iter().all(|request| request.authorization.is_none()), "{seen:?}");
}

#[tokio::test]
async fn repositories_are_read_through_the_systems_ssh() {
    let (server, cache) = (GitServer::start().unwrap(), tempfile::tempdir().unwrap());
    let repository = shop(&server);
    repository.allow_filters().unwrap();
    let (program, log) = server.fake_ssh().unwrap();
    let mut config = SourcesConfig::new(cache.path().to_owned());
    config.allow = vec![allow("git.acme.localhost"), allow("git.acme.localhost:2222")];
    config.ssh = vec![program.to_string_lossy().into_owned(), "-F".into(), "none".into()];
    let sources = Sources::new(Fetcher::default(), config);
    for root in [
        "ssh://git@git.acme.localhost:2222/acme/shop.git/blob/main/",
        "git+ssh://git.acme.localhost/acme/shop.git/blob/main/",
        "git@git.acme.localhost:acme/shop.git/blob/main/",
    ] {
        let pattern = format!("{root}services/**/*.yaml");
        let reading = sources.read(&pattern, None, &LIMITS).await;
        let (found, version) = files(reading.unwrap_or_else(|error| panic!("{root}: {error}")), root);
        assert_eq!(found, pairs(&[("services/a/catalog-info.yaml", "a"), ("services/b/catalog-info.yaml", "b")]));
        assert_eq!(sources.read(&pattern, version.as_deref(), &LIMITS).await.unwrap(), Reading::Unchanged);
    }
    let calls = std::fs::read_to_string(log).unwrap();
    let first = calls.lines().next().unwrap();
    assert!(first.starts_with("-F none -o BatchMode=yes"), "{first}");
    assert!(first.ends_with("-p 2222 git@git.acme.localhost git-upload-pack '/acme/shop.git'"), "{first}");
    assert!(
        calls.lines().last().unwrap().ends_with("git@git.acme.localhost git-upload-pack 'acme/shop.git'"),
        "{calls}"
    );
    let error = sources.read("git@git.acme.localhost:none.git/blob/main/x", None, &LIMITS).await.unwrap_err();
    assert!(matches!(error, ReadError::NotFound { .. }), "{error:?}");
}

#[tokio::test]
async fn what_is_no_file_of_the_repository_is_not_followed() {
    let (server, cache) = (GitServer::start().unwrap(), tempfile::tempdir().unwrap());
    let repository = server.repository("odd").unwrap();
    let large = "x".repeat(100_001);
    let pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 1\n";
    repository
        .commit_entries(
            "main",
            &[
                ("link.yaml", Entry::Link("/etc/passwd")),
                ("module", Entry::Submodule("0123456789012345678901234567890123456789")),
                ("large.yaml", Entry::File(large.as_bytes())),
                ("pointer.yaml", Entry::File(pointer.as_bytes())),
                ("d/plain.yaml", Entry::File(b"plain")),
            ],
        )
        .unwrap();
    let sources = sources(cache.path(), &server.host());
    let root = format!("{}/odd.git/blob/main/", server.url());
    for (path, reason) in [
        ("link.yaml", "symbolic link"),
        ("module", "submodule"),
        ("large.yaml", "more than 97 KiB"),
        ("pointer.yaml", "large-file storage"),
    ] {
        let error = sources.read(&format!("{root}{path}"), None, &LIMITS).await.unwrap_err();
        assert!(error.to_string().contains(reason), "{path}: {error:?}");
    }
    let (found, _) = files(sources.read(&format!("{root}**/plain.yaml"), None, &LIMITS).await.unwrap(), &root);
    assert_eq!(found, pairs(&[("d/plain.yaml", "plain")]));
    let few = ReadLimits { files: 1, ..LIMITS };
    let error = sources.read(&format!("{root}**/*.yaml"), None, &few).await.unwrap_err();
    assert!(matches!(error, ReadError::TooLarge { .. }), "{error:?}");
}

#[tokio::test]
async fn what_is_kept_may_be_deleted_or_broken_at_any_time() {
    let (server, cache) = (GitServer::start().unwrap(), tempfile::tempdir().unwrap());
    shop(&server);
    let sources = sources(cache.path(), &server.host());
    let root = format!("{}/acme/shop.git/blob/main/", server.url());
    let url = format!("{root}catalog-info.yaml");
    for damage in ["delete", "empty", "nothing"] {
        let found = sources.read(&url, None, &LIMITS).await.unwrap_or_else(|error| panic!("{damage}: {error}"));
        assert_eq!(files(found, &root).0, pairs(&[("catalog-info.yaml", "root")]));
        match damage {
            "delete" => std::fs::remove_dir_all(cache.path()).unwrap(),
            "empty" => {
                let state = std::fs::read_dir(cache.path().join("git")).unwrap().next().unwrap().unwrap().path();
                let state = std::fs::read_dir(state).unwrap().next().unwrap().unwrap().path();
                for file in std::fs::read_dir(state).unwrap().flatten() {
                    std::fs::remove_file(file.path()).unwrap();
                    std::fs::write(file.path(), "").unwrap();
                }
            }
            _ => {}
        }
    }
}

#[tokio::test]
async fn a_server_that_fails_is_left_alone_and_read_again_when_it_has_recovered() {
    let (server, cache) = (GitServer::start().unwrap(), tempfile::tempdir().unwrap());
    shop(&server);
    let sources = sources(cache.path(), &server.host());
    let url = format!("{}/acme/shop.git/blob/main/catalog-info.yaml", server.url());
    server.fail_with(Some(500));
    let error = sources.read(&url, None, &LIMITS).await.unwrap_err();
    assert!(error.to_string().contains("answered 500") && error.retry_after().is_some(), "{error:?}");
    server.take_requests();
    assert!(sources.read(&url, None, &LIMITS).await.is_err());
    assert_eq!(server.take_requests().len(), 0);
    server.fail_with(None);
    let recovered =
        callboard_tests::eventually("the repository to be read", async || sources.read(&url, None, &LIMITS).await.ok());
    assert_eq!(files(recovered.await, "").0[0].1, "root");
}

#[tokio::test]
async fn the_catalog_reads_and_follows_a_repository() {
    let server = GitServer::start().unwrap();
    let repository = server.repository("acme/shop").unwrap();
    let api = "apiVersion: backstage.io/v1alpha1\nkind: API\nmetadata: { name: orders }\nspec: { type: openapi, \
               lifecycle: production, owner: crew, definition: { $text: /openapi.yaml } }\n";
    let (cart, mail) = (component("cart", &[]), component("mail", &[]));
    let mut state = vec![
        ("services/cart/catalog-info.yaml", cart.as_str()),
        ("services/orders/catalog-info.yaml", api),
        ("openapi.yaml", "openapi: 3.1.0 # first"),
    ];
    repository.commit("release/2", &state).unwrap();
    let config = format!(
        "backend:\n  reading:\n    allow: [{{ host: '{}' }}]\ncatalog:\n  processingInterval: 300ms\n  locations:\n    - type: \
         url\n      target: {}/acme/shop.git/tree/release/2/services/**/catalog-info.yaml\n",
        server.host(),
        server.url()
    );
    let portal = TestPortal::builder().config(&config).start().await;
    portal.entity_when("component:default/cart", "it is read", |_| true).await;
    let says = |text: &'static str| move |entity: &serde_json::Value| entity["spec"]["definition"] == text;
    let orders = portal.entity_when("api:default/orders", "its text is read", says("openapi: 3.1.0 # first")).await;
    let view = format!("{}/acme/shop.git/tree/release%2F2/services/orders/catalog-info.yaml", server.url());
    assert_eq!(orders["metadata"]["annotations"]["backstage.io/view-url"], view);

    state[2].1 = "openapi: 3.1.0 # second";
    state.push(("services/mail/catalog-info.yaml", &mail));
    repository.commit("release/2", &state).unwrap();
    portal.entity_when("component:default/mail", "a new file is seen", |_| true).await;
    portal.entity_when("api:default/orders", "the new text is read", says("openapi: 3.1.0 # second")).await;
}

#[tokio::test]
async fn hostile_servers_end_in_errors_soon_and_leave_nothing_behind() {
    let advertisement = b"001e# service=git-upload-pack\n0000000eversion 2\n0000";
    let kind = "Content-Type: application/x-git-upload-pack-advertisement\r\n";
    let cases = [
        Behaviour::Silent,
        Behaviour::Stuck,
        Behaviour::Endless,
        Behaviour::Truncated,
        Behaviour::Circular,
        HostileServer::answer("Content-Type: text/html\r\n", b"<html>sign in</html>"),
        HostileServer::answer(kind, b"zzzz"),
        HostileServer::answer(kind, b"ffff"),
        HostileServer::answer(kind, &advertisement[..20]),
        HostileServer::answer(kind, advertisement),
        Behaviour::Exactly(b"SSH-2.0-OpenSSH\r\n".to_vec()),
    ];
    for behaviour in cases {
        let name = format!("{behaviour:?}").chars().take(60).collect::<String>();
        let (server, cache) = (HostileServer::start(behaviour).await.unwrap(), tempfile::tempdir().unwrap());
        for path in ["a.git/blob/main/*.yaml", "catalog-info.yaml"] {
            let mut config = SourcesConfig::new(cache.path().to_owned());
            (config.allow, config.timeout) = (vec![allow(&server.host())], Duration::from_millis(300));
            let sources = Sources::new(Fetcher::default(), config);
            let read = sources.read(&format!("http://{}/{path}", server.host()), None, &LIMITS).await;
            if path.ends_with("info.yaml") && name.starts_with("Exactly") {
                continue;
            }
            let error = read.expect_err(&name);
            let is_fair = matches!(error, ReadError::Unavailable { .. } | ReadError::TooLarge { .. });
            assert!(is_fair && !error.to_string().contains("panic"), "{name} {path}: {error:?}");
        }
        assert_eq!(written(cache.path()), 0, "{name}");
    }
}
