//! What may be written into a page unescaped or as an address.

/// HTML that the server made and cleaned itself. There is no way to it from a plugin's text but through a renderer.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SafeHtml(String);

impl SafeHtml {
    /// Vouches that the HTML was rendered and cleaned by the server.
    pub fn trust(html: impl Into<String>) -> Self {
        Self(html.into())
    }

    /// The HTML.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Text as HTML, for the few elements whose contents Leptos writes as they are: `textarea` and `noscript`.
pub fn escape_text(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// The address, if a page may link to it: `https:`, `http:`, `mailto:`, or a path that begins with a single `/`.
///
/// Browsers skip control characters in addresses and read `\` as `/`, so neither may hide a scheme or another host.
pub fn safe_url(url: &str) -> Option<&str> {
    let url = url.trim_matches(' ');
    if url.chars().any(|character| character.is_control() || character == '\\') {
        return None;
    }
    let begins = |prefix: &str| url.get(..prefix.len()).is_some_and(|start| start.eq_ignore_ascii_case(prefix));
    let has_host = |prefix: &str| begins(prefix) && url[prefix.len()..].starts_with(|first: char| first != '/');
    let path = url.starts_with('/') && !url.starts_with("//");
    let mail = begins("mailto:") && url.len() > "mailto:".len();
    (path || mail || has_host("https://") || has_host("http://")).then_some(url)
}

/// Whether an address leads to another site.
pub fn is_external(url: &str) -> bool {
    url.get(..4).is_some_and(|scheme| scheme.eq_ignore_ascii_case("http"))
}

/// Writes a text as one part of a query or path: everything but unreserved characters is encoded.
pub fn encode_component(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            encoded.push('%');
            for digit in [byte >> 4, byte & 15] {
                encoded.push(char::from_digit(u32::from(digit), 16).unwrap_or('0').to_ascii_uppercase());
            }
        }
    }
    encoded
}

/// A path with a query made of the pairs, in their order.
pub fn with_query<'a>(path: &str, pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> String {
    let mut url = path.to_owned();
    for (index, (key, value)) in pairs.into_iter().enumerate() {
        url.push(if index == 0 { '?' } else { '&' });
        url.push_str(&encode_component(key));
        url.push('=');
        url.push_str(&encode_component(value));
    }
    url
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_known_schemes_become_links() {
        for (url, allowed) in [
            ("https://example.com/a?b#c", true),
            ("HTTPS://example.com", true),
            ("http://localhost:3000", true),
            (" https://example.com ", true),
            ("mailto:team@example.com", true),
            ("/catalog", true),
            ("/", true),
            ("", false),
            ("//evil.example", false),
            ("/\\evil.example", false),
            ("/\t/evil.example", false),
            ("https:///evil", false),
            ("https:evil", false),
            ("https://", false),
            ("mailto:", false),
            ("javascript:alert(1)", false),
            ("JaVaScRiPt:alert(1)", false),
            ("java\nscript:alert(1)", false),
            ("\u{1}javascript:alert(1)", false),
            ("data:text/html,<script>", false),
            ("vbscript:x", false),
            ("file:///etc/passwd", false),
            ("catalog", false),
            ("#top", false),
            ("é", false),
        ] {
            assert_eq!(safe_url(url).is_some(), allowed, "{url:?}");
        }
    }

    #[test]
    fn queries_are_encoded() {
        assert_eq!(with_query("/search", [("q", "a&b=c d/é"), ("n", "1")]), "/search?q=a%26b%3Dc%20d%2F%C3%A9&n=1");
        assert_eq!(with_query("/search", []), "/search");
    }
}
