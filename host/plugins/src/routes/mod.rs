//! Which requests a plugin may make: the path is decoded, normalised and compared with what the plugin declared, and
//! exactly the normalised path is sent, so that what was checked and what the upstream sees are the same.

mod path;

pub(crate) use path::NormalPath;

use host_model::plugin::{Route, Upstream, is_upstream_name};

/// The upstream and its instance in an authority such as `github` or `eu.github`.
pub(crate) fn split_authority(authority: &str) -> Result<(&str, Option<&str>), String> {
    if authority.contains('@') {
        return Err("the address holds a user or password; credentials are added by the host".into());
    }
    if authority.contains(':') {
        return Err(format!("{authority:?} names a port; the host part is the name of an upstream and nothing else"));
    }
    let (instance, name) = match authority.split_once('.') {
        Some((instance, name)) => (Some(instance), name),
        None => (None, authority),
    };
    if is_upstream_name(name) && instance.is_none_or(is_upstream_name) {
        return Ok((name, instance));
    }
    Err(format!(
        "{authority:?} is not the name of an upstream; use the declared name as host, such as http://github/… or \
         http://eu.github/…"
    ))
}

/// Whether one of the declared routes of an upstream covers a request; if not, why.
pub(crate) fn check(upstream: &Upstream, method: &str, path: &NormalPath) -> Result<(), String> {
    let of_path: Vec<&Route> = upstream.routes.iter().filter(|route| matches(&route.path, path)).collect();
    if of_path.iter().any(|route| route.method == method) {
        return Ok(());
    }
    let name = &upstream.name;
    if of_path.is_empty() {
        let declared: Vec<String> =
            upstream.routes.iter().take(5).map(|route| format!("{} {}", route.method, route.path)).collect();
        let more = if upstream.routes.len() > 5 { ", …" } else { "" };
        let declared = if declared.is_empty() { "none".to_owned() } else { format!("{}{more}", declared.join(", ")) };
        return Err(format!(
            "{method} {path} on upstream {name} is not among the routes that the plugin declared ({declared}); its author \
             has to add the route to the plugin's description"
        ));
    }
    let methods: Vec<&str> = of_path.iter().map(|route| route.method.as_str()).collect();
    Err(format!(
        "{method} {path} on upstream {name}: the plugin declared this path for {} only; its author has to add the method \
         to the plugin's description",
        methods.join(", ")
    ))
}

/// Whether a pattern of literal segments, `*` and a final `**` covers a path.
fn matches(pattern: &str, path: &NormalPath) -> bool {
    let Some(pattern) = pattern.strip_prefix('/') else { return false };
    let wanted: Vec<&str> = if pattern.is_empty() { Vec::new() } else { pattern.split('/').collect() };
    let segments = path.segments();
    for (index, part) in wanted.iter().enumerate() {
        if *part == "**" && index + 1 == wanted.len() {
            return true;
        }
        match segments.get(index) {
            Some(segment) if *part == "*" && !segment.is_empty() => {}
            Some(segment) if part == segment => {}
            _ => return false,
        }
    }
    wanted.len() == segments.len()
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("github", Ok(("github", None)))]
    #[case("eu.github", Ok(("github", Some("eu"))))]
    #[case("github:8080", Err("port"))]
    #[case("user@github", Err("user or password"))]
    #[case("api.github.com", Err("not the name"))]
    #[case("127.0.0.1", Err("not the name"))]
    #[case("GitHub", Err("not the name"))]
    #[case("-a", Err("not the name"))]
    #[case("", Err("not the name"))]
    #[case(".github", Err("not the name"))]
    #[case("a234567890123456789012345678901", Ok(("a234567890123456789012345678901", None)))]
    #[case("a2345678901234567890123456789012", Err("not the name"))]
    fn authorities(#[case] authority: &str, #[case] expected: Result<(&str, Option<&str>), &str>) {
        match (split_authority(authority), expected) {
            (Ok(found), Ok(expected)) => assert_eq!(found, expected),
            (Err(found), Err(part)) => assert!(found.contains(part), "{found}"),
            (found, _) => panic!("{authority}: {found:?}"),
        }
    }

    #[rstest]
    #[case("/", "/", true)]
    #[case("/", "/a", false)]
    #[case("/**", "/", true)]
    #[case("/**", "/a/b/c", true)]
    #[case("/repos/*/*/actions/runs", "/repos/acme/web/actions/runs", true)]
    #[case("/repos/*/*/actions/runs", "/repos/acme/web/actions/runs/7", false)]
    #[case("/repos/*/*/actions/runs", "/repos/acme/web/actions", false)]
    #[case("/repos/*/*/actions/runs", "/repos/acme/web/actions/runs/", false)]
    #[case("/repos/*/*/actions/runs", "/repos//web/actions/runs", false)]
    #[case("/repos/*/*", "/repos/acme/../../admin", false)]
    #[case("/repos/*/*", "/repos/x/%2e%2e/acme/web", true)]
    #[case("/projects/*/issues", "/projects/group%2Fproject/issues", true)]
    #[case("/a/**", "/a", true)]
    #[case("/a/**", "/b/../a/c", true)]
    #[case("/a/**", "/a/../b", false)]
    #[case("/a/**", "/A/b", false)]
    #[case("/a b", "/a%20b", true)]
    #[case("/**/b", "/a/b", false)]
    #[case("a", "/a", false)]
    fn patterns(#[case] pattern: &str, #[case] path: &str, #[case] expected: bool) {
        let path = NormalPath::parse(path).unwrap();
        assert_eq!(matches(pattern, &path), expected, "{pattern} {path}");
    }

    #[test]
    fn refusals_say_what_is_declared() {
        let route = |method: &str, path: &str| Route { method: method.into(), path: path.into() };
        let upstream = Upstream {
            name: "github".into(),
            purpose: String::new(),
            routes: vec![route("GET", "/runs/*"), route("POST", "/runs/*/rerun")],
        };
        let path = |text| NormalPath::parse(text).unwrap();
        assert_eq!(check(&upstream, "GET", &path("/runs/7")), Ok(()));
        let wrong_method = check(&upstream, "DELETE", &path("/runs/7")).unwrap_err();
        assert!(wrong_method.contains("DELETE /runs/7 on upstream github") && wrong_method.contains("for GET only"));
        let wrong_path = check(&upstream, "GET", &path("/user")).unwrap_err();
        assert!(wrong_path.contains("GET /runs/*, POST /runs/*/rerun"), "{wrong_path}");
    }
}
