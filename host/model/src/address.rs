//! Addresses of files elsewhere, told from paths of this machine.

/// The user, the host and the path of `user@host:path`, as git writes addresses over SSH; none for anything else.
pub fn short_form(text: &str) -> Option<(&str, &str, &str)> {
    let (authority, path) = text.split_once(':')?;
    let (user, host) = authority.split_once('@')?;
    let is_name = |text: &str| {
        !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte))
    };
    (is_name(user) && is_name(host) && !path.is_empty() && !path.starts_with("//")).then_some((user, host, path))
}

/// Whether a target or a name is an address rather than a path.
pub fn is_address(name: &str) -> bool {
    name.contains("://") || short_form(name).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_told_from_paths() {
        for (text, expected) in [
            ("https://code.example/a.yaml", true),
            ("git@code.example:team/shop.git/blob/main/a.yaml", true),
            ("git@code.example:/team/shop.git", true),
            ("/srv/catalog/a.yaml", false),
            ("./a.yaml", false),
            ("../git@host/a:b.yaml", false),
            ("a.yaml", false),
            ("me@work/a.yaml", false),
            ("12:30.yaml", false),
        ] {
            assert_eq!(is_address(text), expected, "{text}");
        }
    }
}
