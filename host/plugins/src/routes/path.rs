//! Paths of URLs in one spelling.

use std::fmt;

/// Longest path that is looked at.
const MAX_PATH_BYTES: usize = 8 * 1024;
const MAX_QUERY_BYTES: usize = 16 * 1024;

/// A path in its only spelling, with its query.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct NormalPath {
    segments: Vec<String>,
    text: String,
    query: Option<String>,
}

/// Why a path is not sent. Nothing that two readers might read differently is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum PathError {
    #[error("the path does not begin with /")]
    NotAbsolute,
    #[error("the path or query is too long")]
    TooLong,
    #[error("the path holds a % that is not followed by two hexadecimal digits")]
    BadEscape,
    #[error("the path is not UTF-8 after decoding")]
    NotUtf8,
    #[error("the path holds a backslash or a control character")]
    BadCharacter,
    #[error("the path is encoded twice")]
    EncodedTwice,
    #[error("the path leads above its root")]
    AboveRoot,
    #[error("a segment of the path hides a way up, such as ..%2F or ..;")]
    HiddenWayUp,
    #[error("the query holds a character that must be encoded")]
    BadQuery,
}

impl NormalPath {
    /// Reads a path with its query: decodes each segment once, resolves `.` and `..`, drops empty segments except one
    /// at the end, and spells the result anew.
    pub(crate) fn parse(path_and_query: &str) -> Result<Self, PathError> {
        let (path, query) = match path_and_query.split_once('?') {
            Some((path, query)) => (path, Some(query)),
            None => (path_and_query, None),
        };
        if path.len() > MAX_PATH_BYTES || query.is_some_and(|query| query.len() > MAX_QUERY_BYTES) {
            return Err(PathError::TooLong);
        }
        if query.is_some_and(|query| query.bytes().any(|byte| !byte.is_ascii_graphic() || byte == b'#')) {
            return Err(PathError::BadQuery);
        }
        let path = if path.is_empty() { "/" } else { path };
        let rest = path.strip_prefix('/').ok_or(PathError::NotAbsolute)?;
        let mut segments: Vec<String> = Vec::new();
        let mut raw = rest.split('/').peekable();
        while let Some(part) = raw.next() {
            let last = raw.peek().is_none();
            match decode(part)?.as_str() {
                ".." if segments.pop().is_none() => return Err(PathError::AboveRoot),
                "" | "." | ".." => {
                    if last && !segments.is_empty() {
                        segments.push(String::new());
                    }
                }
                segment => segments.push(segment.to_owned()),
            }
        }
        let text = segments.iter().map(|segment| format!("/{}", encode(segment))).collect::<String>();
        let text = if text.is_empty() { "/".to_owned() } else { text };
        Ok(Self { segments, text, query: query.map(str::to_owned) })
    }

    /// The decoded segments. A path that ends with a slash has an empty one at its end.
    pub(crate) fn segments(&self) -> &[String] {
        &self.segments
    }

    /// What is sent.
    pub(crate) fn path_and_query(&self) -> String {
        match &self.query {
            Some(query) => format!("{}?{query}", self.text),
            None => self.text.clone(),
        }
    }
}

impl fmt::Display for NormalPath {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.text)
    }
}

/// A segment without its escapes, when nobody can take it for something else.
fn decode(segment: &str) -> Result<String, PathError> {
    let bytes = segment.as_bytes();
    let mut decoded = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        if byte == b'%' {
            decoded.push(escape(&bytes[at..]).ok_or(PathError::BadEscape)?);
            at += 3;
        } else {
            decoded.push(byte);
            at += 1;
        }
    }
    let decoded = String::from_utf8(decoded).map_err(|_| PathError::NotUtf8)?;
    if decoded.contains('\\') || decoded.chars().any(char::is_control) {
        return Err(PathError::BadCharacter);
    }
    if decoded.bytes().enumerate().any(|(at, byte)| byte == b'%' && escape(&decoded.as_bytes()[at..]).is_some()) {
        return Err(PathError::EncodedTwice);
    }
    // Servers that decode slashes, or cut parameters off, would see a way up here that this check would not.
    let hides = |part: &str| matches!(part.split(';').next().unwrap_or_default(), "." | "..");
    if !matches!(decoded.as_str(), "." | "..") && decoded.split('/').any(hides) {
        return Err(PathError::HiddenWayUp);
    }
    Ok(decoded)
}

/// The byte of an escape at the beginning of a text.
fn escape(text: &[u8]) -> Option<u8> {
    let digit = |byte: &u8| char::from(*byte).to_digit(16);
    let (high, low) = (digit(text.get(1)?)?, digit(text.get(2)?)?);
    u8::try_from(high * 16 + low).ok()
}

/// A segment as it is sent: everything but the characters that need no escape is escaped.
fn encode(segment: &str) -> String {
    let mut text = String::with_capacity(segment.len());
    for byte in segment.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~!$&'()*+,;=:@".contains(&byte) {
            text.push(char::from(byte));
        } else {
            text.push_str(&format!("%{byte:02X}"));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("", "/")]
    #[case("/", "/")]
    #[case("?a=b", "/?a=b")]
    #[case("/a/b?c=%2e%2e/d", "/a/b?c=%2e%2e/d")]
    #[case("/a/./b", "/a/b")]
    #[case("/a/../b", "/b")]
    #[case("/a/%2e%2E/b", "/b")]
    #[case("/a/.%2e/b/", "/b/")]
    #[case("/a/b/..", "/a/")]
    #[case("/a/..", "/")]
    #[case("//a///b", "/a/b")]
    #[case("/a/", "/a/")]
    #[case("/a%2fb", "/a%2Fb")]
    #[case("/%61%20b/ü", "/a%20b/%C3%BC")]
    #[case("/100%25", "/100%25")]
    #[case("/a;v=1/b", "/a;v=1/b")]
    #[case("/...", "/...")]
    #[case("/a%3Fb%23c", "/a%3Fb%23c")]
    fn spellings(#[case] given: &str, #[case] expected: &str) {
        let path = NormalPath::parse(given).unwrap();
        assert_eq!(path.path_and_query(), expected);
        assert_eq!(NormalPath::parse(expected).unwrap().path_and_query(), expected, "it is its own spelling");
    }

    #[rstest]
    #[case("a", PathError::NotAbsolute)]
    #[case("/..", PathError::AboveRoot)]
    #[case("/a/../../b", PathError::AboveRoot)]
    #[case("/a/%2e%2e/%2e%2e/b", PathError::AboveRoot)]
    #[case("/%252e%252e/b", PathError::EncodedTwice)]
    #[case("/a%252fb", PathError::EncodedTwice)]
    #[case("/a%2f..%2fb", PathError::HiddenWayUp)]
    #[case("/..%2fadmin", PathError::HiddenWayUp)]
    #[case("/..;/admin", PathError::HiddenWayUp)]
    #[case("/.;a=b/admin", PathError::HiddenWayUp)]
    #[case("/a\\..\\b", PathError::BadCharacter)]
    #[case("/a%5c..%5cb", PathError::BadCharacter)]
    #[case("/a%00b", PathError::BadCharacter)]
    #[case("/a%0d%0aHost:x", PathError::BadCharacter)]
    #[case("/%", PathError::BadEscape)]
    #[case("/%zz", PathError::BadEscape)]
    #[case("/%ff", PathError::NotUtf8)]
    #[case("/a?b#c", PathError::BadQuery)]
    #[case("/a?b c", PathError::BadQuery)]
    fn refused(#[case] given: &str, #[case] expected: PathError) {
        assert_eq!(NormalPath::parse(given), Err(expected));
    }

    #[test]
    fn long_paths_are_refused() {
        assert_eq!(NormalPath::parse(&format!("/{}", "a".repeat(9000))), Err(PathError::TooLong));
    }
}
