//! What addresses mean, and where targets in files lead.

use proptest::prelude::*;
use rstest::rstest;

use super::*;
use crate::sources::address::repository::{Locator, Remote};
use crate::sources::settings::{Credential, ForgeKind, ForgeSettings};

fn policy() -> Policy {
    let forge = |kind, host: &str, base: Option<&str>| ForgeSettings {
        kind,
        host: host.to_owned(),
        api: None,
        base: base.map(|text| Url::parse(text).unwrap()),
        clone: None,
        credential: Credential::None,
        allow_private_network: false,
    };
    let forges = vec![
        forge(ForgeKind::GitHub, "github.com", None),
        forge(ForgeKind::GitLab, "gitlab.com", None),
        forge(ForgeKind::GitLab, "code.e.com", Some("https://code.e.com/gitlab")),
        forge(ForgeKind::Gitea, "gitea.e.com:3000", None),
        forge(ForgeKind::BitbucketCloud, "bitbucket.org", None),
        forge(ForgeKind::BitbucketServer, "bb.e.com", None),
        forge(ForgeKind::Azure, "dev.azure.com", None),
        forge(ForgeKind::Gerrit, "gerrit.e.com", None),
        forge(ForgeKind::Git, "git.e.com", None),
    ];
    Policy::new(forges, Vec::new())
}

fn repository(text: &str) -> RepoAddress {
    match parse(text, &policy()) {
        Ok(Address::Repository(found)) => *found,
        other => panic!("{text}: {other:?}"),
    }
}

fn clone(found: &RepoAddress) -> String {
    match &found.remote {
        Remote::Http(url) => url.to_string(),
        Remote::Ssh { user, host, port, path } => {
            format!("{}@{host}:{}:{path}", user.as_deref().unwrap_or("-"), port.unwrap_or(22))
        }
    }
}

#[rstest]
#[case(
    "https://github.com/acme/shop/blob/main/catalog-info.yaml",
    "https://github.com/acme/shop.git",
    "main",
    "catalog-info.yaml"
)]
#[case("https://github.com/acme/shop/tree/main/a/*/b.yaml", "https://github.com/acme/shop.git", "main", "a/*/b.yaml")]
#[case(
    "https://github.com/acme/shop.git/blob/main/b.yaml?raw=true#L3",
    "https://github.com/acme/shop.git",
    "main",
    "b.yaml"
)]
#[case("https://github.com/acme/shop/blob/main/api-?.yaml", "https://github.com/acme/shop.git", "main", "api-?.yaml")]
#[case(
    "https://github.com/acme/shop/blob/feature%2Fx/a%20b.yaml",
    "https://github.com/acme/shop.git",
    "feature/x",
    "a b.yaml"
)]
#[case("https://gitlab.com/a/b/c/-/blob/main/x.yaml", "https://gitlab.com/a/b/c.git", "main", "x.yaml")]
#[case("https://gitlab.com/a/b/blob/main/x.yaml", "https://gitlab.com/a/b.git", "main", "x.yaml")]
#[case("https://gitlab.com/a/blob/-/tree/main/x.yaml", "https://gitlab.com/a/blob.git", "main", "x.yaml")]
#[case("https://code.e.com/gitlab/a/b/-/raw/main/x.yaml", "https://code.e.com/gitlab/a/b.git", "main", "x.yaml")]
#[case("http://gitea.e.com:3000/a/b/src/branch/main/x.yaml", "http://gitea.e.com:3000/a/b.git", "main", "x.yaml")]
#[case("https://gitea.e.com:3000/a/b/src/tag/v1/x.yaml", "https://gitea.e.com:3000/a/b.git", "v1", "x.yaml")]
#[case("https://bitbucket.org/a/b/src/main/x.yaml", "https://bitbucket.org/a/b.git", "main", "x.yaml")]
#[case(
    "https://bb.e.com/projects/PRJ/repos/b/browse/d/x.yaml?at=refs%2Fheads%2Fa%2Fb",
    "https://bb.e.com/scm/prj/b.git",
    "refs/heads/a/b",
    "d/x.yaml"
)]
#[case("https://bb.e.com/users/jo/repos/b/browse/x.yaml", "https://bb.e.com/scm/~jo/b.git", "HEAD", "x.yaml")]
#[case(
    "https://dev.azure.com/o/p/_git/r?path=%2Fd%2Fx.yaml&version=GBa%2Fb",
    "https://dev.azure.com/o/p/_git/r",
    "a/b",
    "d/x.yaml"
)]
#[case("https://dev.azure.com/o/p/_git/r?path=/x.yaml", "https://dev.azure.com/o/p/_git/r", "HEAD", "x.yaml")]
#[case(
    "https://gerrit.e.com/plugins/gitiles/a/b/+/refs/heads/main/x.yaml",
    "https://gerrit.e.com/a/b",
    "main",
    "x.yaml"
)]
#[case("https://gerrit.e.com/gitiles/b/+/main/x.yaml", "https://gerrit.e.com/b", "main", "x.yaml")]
#[case("https://git.e.com/a/b/blob/main/x.yaml", "https://git.e.com/a/b", "main", "x.yaml")]
#[case("https://git.e.com/a/b/-/blob/main/x.yaml", "https://git.e.com/a/b", "main", "x.yaml")]
#[case("https://other.com/a/b.git/blob/main/x.yaml", "https://other.com/a/b.git", "main", "x.yaml")]
#[case("https://other.com/tree/b.git/tree/main/x.yaml", "https://other.com/tree/b.git", "main", "x.yaml")]
#[case("git+https://other.com/a/b/blob/main/x.yaml", "https://other.com/a/b", "main", "x.yaml")]
#[case("git+http://other.com:8080/b/raw/main/x.yaml", "http://other.com:8080/b", "main", "x.yaml")]
#[case("git+ssh://git@other.com:2222/a/b.git/blob/main/x.yaml", "git@other.com:2222:/a/b.git", "main", "x.yaml")]
#[case("ssh://other.com/~jo/b.git/blob/main/x.yaml", "-@other.com:22:~jo/b.git", "main", "x.yaml")]
#[case("git@other.com:a/b.git/blob/main/x.yaml", "git@other.com:22:a/b.git", "main", "x.yaml")]
#[case("git@github.com:a/b/blob/main/*.yaml", "git@github.com:22:a/b", "main", "*.yaml")]
fn repositories(#[case] text: &str, #[case] remote: &str, #[case] reference: &str, #[case] path: &str) {
    let found = repository(text);
    assert_eq!(clone(&found), remote);
    assert_eq!(found.locator.splits()[0], (reference.to_owned(), path.to_owned()));
}

#[test]
fn a_slash_may_belong_to_the_reference() {
    let splits = repository("https://github.com/acme/shop/blob/feature/x/a/b.yaml").locator.splits();
    let expected = [("feature", "x/a/b.yaml"), ("feature/x", "a/b.yaml"), ("feature/x/a", "b.yaml")];
    assert_eq!(splits, expected.map(|(one, other)| (one.to_owned(), other.to_owned())));
    let divided = repository("https://github.com/acme/shop/blob/feature%2Fx/a/b.yaml").locator;
    assert_eq!(divided, Locator::Divided { reference: "feature/x".into(), path: "a/b.yaml".into() });
}

#[rstest]
#[case("https://files.e.com/catalog-info.yaml")]
#[case("https://files.e.com/blob/main/catalog-info.yaml")]
#[case("https://files.e.com/a.zip.yaml?token=1")]
#[case("https://github.com/acme/shop/releases/download/v1/catalog-info.yaml")]
#[case("https://files.e.com/repo.git/info/refs")]
fn files(#[case] text: &str) {
    assert!(matches!(parse(text, &policy()), Ok(Address::Web(url)) if url.as_str() == text));
}

#[rstest]
#[case("https://e.com/a.tar.gz!/x.yaml", "https://e.com/a.tar.gz", "x.yaml")]
#[case("https://e.com/a.tgz/d/**/x.yaml", "https://e.com/a.tgz", "d/**/x.yaml")]
#[case("https://e.com/A.ZIP!/d/?.yaml", "https://e.com/A.ZIP", "d/?.yaml")]
#[case("https://e.com/a.zip!/x.yaml?v=1", "https://e.com/a.zip?v=1", "x.yaml")]
#[case("https://e.com/v1.tar/a.tar!/x.yaml", "https://e.com/v1.tar", "a.tar!/x.yaml")]
fn archives(#[case] text: &str, #[case] archive: &str, #[case] inside: &str) {
    let Ok(Address::Archive { url, path }) = parse(text, &policy()) else { panic!("{text} is an archive") };
    assert_eq!((url.as_str(), path.as_str()), (archive, inside));
}

#[rstest]
#[case("catalog-info.yaml", "complete address")]
#[case("file:///etc/passwd", "file: addresses are not read")]
#[case("ext::sh -c touch% /tmp/x", "ext: addresses")]
#[case("git://e.com/a.git/blob/main/x", "git: addresses")]
#[case("data:text/plain,x", "data: addresses")]
#[case("https://user:hunter2@e.com/x.yaml", "user or password")]
#[case("https://hunter2@e.com/x.yaml", "user or password")]
#[case("git+ssh://git:hunter2@e.com/a.git/blob/main/x", "user or password")]
#[case("https://e.com/*/x.yaml", "does not list its files")]
#[case("https://e.com/a.zip", "is an archive")]
#[case("https://e.com/a.git", "is a repository")]
#[case("ssh://e.com/a.git", "which file")]
#[case("https://github.com/acme/shop/blob/main", "which file")]
#[case("https://github.com/acme/shop/tree/main/", "which file")]
#[case("https://dev.azure.com/o/p/_git/r", "which file")]
#[case("https://dev.azure.com/o/p/_git/r?path=/x&version=main", "version")]
#[case("https://github.com/acme/shop/blob/main/a%2F..%2Fb", "leads upwards")]
#[case("https://github.com/acme/shop/blob/main/a%2Fb", "encoded slash")]
#[case("https://github.com/acme/shop/blob/main/a%5Cb", "no file is called")]
#[case("https://github.com/acme/shop/blob/main/%ff", "not UTF-8")]
#[case("ssh://-oProxyCommand=x/a.git/blob/main/x", "host")]
#[case("ssh://-l@e.com/a.git/blob/main/x", "host or user")]
#[case("ssh://e.com/a';touch x;'.git/blob/main/x", "shell")]
#[case("git@e.com:--upload-pack=x/blob/main/x", "shell")]
#[case("https://e.com/x\u{7f}", "line ends")]
fn refused(#[case] text: &str, #[case] reason: &str) {
    let error = parse(text, &policy()).expect_err(text);
    assert!(matches!(error, ReadError::Invalid { .. }), "{error:?}");
    let message = format!("{error} {}", error.hint().unwrap_or_default());
    assert!(message.contains(reason) && !message.contains("hunter2"), "{message}");
}

#[rstest]
#[case("https://u:hunter2@e.com/a?token=hunter2&v=1#x", "https://e.com/a?token=***&v=1")]
#[case("ssh://git:hunter2@e.com/a", "ssh://git@e.com/a")]
fn what_is_shown_holds_no_secret(#[case] text: &str, #[case] expected: &str) {
    assert_eq!(shown(&Url::parse(text).unwrap()), expected);
}

#[rstest]
#[case(
    "https://github.com/acme/shop/blob/main/d/c.yaml",
    "./api.yaml",
    Some("https://github.com/acme/shop/blob/main/d/api.yaml")
)]
#[case(
    "https://github.com/acme/shop/blob/main/d/c.yaml",
    "../api.yaml#/info",
    Some("https://github.com/acme/shop/blob/main/api.yaml")
)]
#[case(
    "https://github.com/acme/shop/blob/main/d/c.yaml",
    "/api.yaml",
    Some("https://github.com/acme/shop/blob/main/api.yaml")
)]
#[case("https://github.com/acme/shop/blob/main/d/c.yaml", "../../api.yaml", None)]
#[case("https://github.com/acme/shop/blob/main/d/c.yaml", "..%2f..%2fapi.yaml", None)]
#[case("https://github.com/acme/shop/blob/main/d/c.yaml", "..\\api.yaml", None)]
#[case("https://github.com/acme/shop/blob/main/d/c.yaml", ".", None)]
#[case("https://github.com/acme/shop/blob/main/d/c.yaml", "", None)]
#[case(
    "https://github.com/acme/shop/blob/a%2Fb/c.yaml",
    "my api.yaml",
    Some("https://github.com/acme/shop/blob/a%2Fb/my%20api.yaml")
)]
#[case(
    "https://github.com/acme/shop/blob/main/c.yaml",
    "*/d.yaml",
    Some("https://github.com/acme/shop/blob/main/*/d.yaml")
)]
#[case("https://github.com/acme/shop/blob/main/c.yaml", "https://e.com/x.yaml", Some("https://e.com/x.yaml"))]
#[case(
    "https://github.com/acme/shop/blob/main/c.yaml",
    "git@e.com:a/b.git/blob/main/x",
    Some("git@e.com:a/b.git/blob/main/x")
)]
#[case("https://github.com/acme/shop/blob/main/c.yaml", "file:///etc/passwd", None)]
#[case("https://github.com/acme/shop/blob/main/c.yaml", "C:\\x.yaml", None)]
#[case(
    "https://gitea.e.com:3000/a/b/src/branch/main/c.yaml",
    "x.yaml",
    Some("https://gitea.e.com:3000/a/b/src/branch/main/x.yaml")
)]
#[case(
    "https://code.e.com/gitlab/a/b/-/blob/main/c.yaml",
    "/x.yaml",
    Some("https://code.e.com/gitlab/a/b/-/blob/main/x.yaml")
)]
#[case(
    "https://bb.e.com/projects/P/repos/b/browse/d/c.yaml?at=refs/heads/x",
    "e.yaml",
    Some("https://bb.e.com/projects/P/repos/b/browse/d/e.yaml?at=refs/heads/x")
)]
#[case(
    "https://dev.azure.com/o/p/_git/r?path=/d/c.yaml&version=GTv1",
    "../e.yaml",
    Some("https://dev.azure.com/o/p/_git/r?path=/e.yaml&version=GTv1")
)]
#[case(
    "https://gerrit.e.com/plugins/gitiles/b/+/refs/heads/main/c.yaml",
    "x.yaml",
    Some("https://gerrit.e.com/plugins/gitiles/b/+/refs/heads/main/x.yaml")
)]
#[case("git@other.com:a/b.git/blob/main/c.yaml", "x.yaml", Some("git@other.com:a/b.git/blob/main/x.yaml"))]
#[case("git+https://other.com/b/tree/main/c.yaml", "x.yaml", Some("git+https://other.com/b/tree/main/x.yaml"))]
#[case("https://e.com/a.zip!/d/c.yaml", "../x.yaml", Some("https://e.com/a.zip!/x.yaml"))]
#[case("https://e.com/a.zip!/d/c.yaml", "../../x.yaml", None)]
#[case("https://e.com/d/c.yaml", "x.yaml#a", Some("https://e.com/d/x.yaml"))]
#[case("https://e.com/d/c.yaml?a=1", "x.yaml?b=2", Some("https://e.com/d/x.yaml?b=2"))]
#[case("https://e.com/d/c.yaml", "//evil.com/x.yaml", None)]
#[case("https://e.com/d/c.yaml", "\\\\evil.com\\x.yaml", None)]
fn targets(#[case] base: &str, #[case] target: &str, #[case] expected: Option<&str>) {
    assert_eq!(resolve(base, target, &policy()).ok().as_deref(), expected);
}

/// Bases of every form, with what they belong to.
const BASES: &[(&str, &str)] = &[
    ("https://github.com/acme/shop/blob/main/d/c.yaml", "https://github.com/acme/shop/blob/main/"),
    ("https://gitlab.com/a/b/-/blob/x%2Fy/d/c.yaml", "https://gitlab.com/a/b/-/blob/x%2Fy/"),
    ("https://bb.e.com/projects/P/repos/b/browse/d/c.yaml", "https://bb.e.com/projects/P/repos/b/browse/"),
    ("https://dev.azure.com/o/p/_git/r?path=/d/c.yaml", "https://dev.azure.com/o/p/_git/r?path=/"),
    ("git@other.com:a/b.git/blob/main/d/c.yaml", "git@other.com:a/b.git/blob/main/"),
    ("https://e.com/a.tar.gz!/d/c.yaml", "https://e.com/a.tar.gz!/"),
    ("https://e.com/d/c.yaml", "https://e.com/"),
];

proptest! {
    #[test]
    fn relative_targets_stay_in_what_the_base_belongs_to(
        index in 0..BASES.len(),
        target in r"(\.\./|/|\./|[a-z]|%2e|%2f|%5c|\\|\?|&|=|#|@|:|é| ){1,12}",
    ) {
        let (base, root) = BASES[index];
        if let Ok(found) = resolve(base, &target, &policy()) && !is_complete_for_tests(&target) {
            prop_assert!(found.starts_with(root), "{target} -> {found}");
            // A query is no path: what stands in it leads nowhere.
            let path = found[root.len()..].split(['?', '#']).next().unwrap_or_default();
            prop_assert!(!path.split(['/', '\\']).any(|name| name == ".."), "{found}");
            let again = parse(&found, &policy());
            prop_assert!(again.is_ok(), "{found}: {again:?}");
        }
    }

    #[test]
    fn no_text_breaks_anything(text in any::<String>(), target in any::<String>()) {
        let _ = parse(&text, &policy());
        let _ = resolve(&format!("https://github.com/a/b/blob/main/{text}"), &target, &policy());
        let _ = resolve(&text, &target, &policy());
    }

    #[test]
    fn addresses_of_files_mean_those_files(
        reference in "[a-zA-Z0-9._#%+&= -]{0,6}[a-z](/[a-z]{1,4}){0,2}",
        path in "[a-z](/[a-zA-Z0-9.#%+&=é{} -]{0,6}[a-z]){0,3}",
        index in 0..BASES.len() - 2,
    ) {
        let base = repository(BASES[index].0);
        let found = repository(&base.view.address(&reference, &path));
        prop_assert_eq!(found.remote, base.remote);
        prop_assert_eq!(&found.locator.splits()[0], &(reference, path));
    }
}

fn is_complete_for_tests(target: &str) -> bool {
    target
        .trim()
        .split_once(':')
        .is_some_and(|(scheme, _)| scheme.chars().all(|character| character.is_ascii_lowercase() || character == '@'))
}
