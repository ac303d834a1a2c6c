//! The forms that names, keys and values must have, as Backstage's catalog model checks them.

/// Longest name, namespace, kind, label value or tag.
const LONGEST: usize = 63;
/// Longest prefix of a key or an API version.
const LONGEST_PREFIX: usize = 253;

/// What a name looks like, in words.
pub(crate) const NAME: &str = "letters and digits, separated by any of - _ . (at most 63 characters)";
/// What a namespace looks like, in words.
pub(crate) const NAMESPACE: &str = "lower-case letters and digits, separated by - (at most 63 characters)";
/// What a kind looks like, in words.
pub(crate) const KIND: &str = "letters and digits, beginning with a letter (at most 63 characters)";
/// What an API version looks like, in words.
pub(crate) const API_VERSION: &str = "a version such as backstage.io/v1alpha1";
/// What the key of a label or an annotation looks like, in words.
pub(crate) const KEY: &str =
    "a name, or a lower-case domain, a slash and a name, such as example.com/tier (the name at most 63 characters)";
/// What the value of a label looks like, in words.
pub(crate) const LABEL_VALUE: &str =
    "nothing, or letters and digits, separated by any of - _ . (at most 63 characters)";
/// What a tag looks like, in words.
pub(crate) const TAG: &str = "lower-case letters, digits and : + #, separated by - (at most 63 characters)";
/// What a relation's name looks like, in words.
pub(crate) const RELATION: &str = "letters, digits and _ (at most 63 characters)";
/// What a domain looks like, in words.
pub(crate) const DOMAIN: &str = "a lower-case domain such as acme.example";
/// What a link's address looks like, in words.
pub(crate) const URL: &str = "an address such as https://example.com/page";

pub(crate) fn is_name(text: &str) -> bool {
    let bytes = text.as_bytes();
    let edge = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_alphanumeric);
    bytes.len() <= LONGEST
        && edge(bytes.first())
        && edge(bytes.last())
        && bytes.iter().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(byte))
}

pub(crate) fn is_namespace(text: &str) -> bool {
    let bytes = text.as_bytes();
    let plain = |byte: &u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    bytes.len() <= LONGEST
        && bytes.first().is_some_and(plain)
        && bytes.last().is_some_and(plain)
        && bytes.iter().all(|byte| plain(byte) || *byte == b'-')
}

pub(crate) fn is_kind(text: &str) -> bool {
    text.len() <= LONGEST
        && text.starts_with(|first: char| first.is_ascii_alphabetic())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

pub(crate) fn is_api_version(text: &str) -> bool {
    let suffix =
        |text: &str| !text.is_empty() && text.len() <= LONGEST && text.bytes().all(|byte| byte.is_ascii_alphanumeric());
    match text.split_once('/') {
        Some((prefix, version)) => is_domain(prefix) && suffix(version),
        None => suffix(text),
    }
}

pub(crate) fn is_key(text: &str) -> bool {
    match text.split_once('/') {
        Some((prefix, name)) => is_domain(prefix) && is_name(name),
        None => is_name(text),
    }
}

pub(crate) fn is_label_value(text: &str) -> bool {
    text.is_empty() || is_name(text)
}

pub(crate) fn is_tag(text: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b":+#".contains(&byte);
    text.len() <= LONGEST && text.split('-').all(|part| !part.is_empty() && part.bytes().all(plain))
}

pub(crate) fn is_url(text: &str) -> bool {
    url::Url::parse(text).is_ok()
}

pub(crate) fn is_relation(text: &str) -> bool {
    (1..=LONGEST).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

/// A location reference as its type and its target.
pub(crate) fn location_parts(location: &str) -> Option<(&str, &str)> {
    let (kind, target) = location.split_once(':')?;
    let (kind, target) = (kind.trim(), target.trim());
    let is_usable = !kind.is_empty() && !target.is_empty() && !matches!(kind, "http" | "https");
    is_usable.then_some((kind, target))
}

pub(crate) fn is_domain(text: &str) -> bool {
    !text.is_empty() && text.len() <= LONGEST_PREFIX && text.split('.').all(is_namespace)
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case(is_name, &["a", "A.b-c_d", "0", "a--b"], &["", "a-", "-a", "a b", "ä", "a/b"])]
    #[case(is_namespace, &["a", "a--b", "0"], &["", "A", "a-", "a.b", "a_b"])]
    #[case(is_kind, &["A", "Api2"], &["", "2a", "a-b", "日本"])]
    #[case(is_api_version, &["v1", "backstage.io/v1alpha1"], &["", "1.0", "a/b/c", "A.b/v1", "a..b/v1", "/v1", "a/", "a_"])]
    #[case(is_key, &["a", "example.com/Tier"], &["", "/a", "a/", "Example.com/a", "a/b/c", "a b"])]
    #[case(is_label_value, &["", "a.b"], &["a b", "-"])]
    #[case(is_tag, &["c++", "c#", "a:b-c"], &["", "A", "a--b", "-a", "a_b"])]
    #[case(is_url, &["https://a.example/x", "mailto:a@b"], &["", "not a url", "/a"])]
    fn forms(#[case] check: fn(&str) -> bool, #[case] good: &[&str], #[case] bad: &[&str]) {
        for text in good {
            assert!(check(text), "{text:?} should pass");
        }
        for text in bad {
            assert!(!check(text), "{text:?} should not pass");
        }
        assert!(!check(&"a".repeat(64)));
    }
}
