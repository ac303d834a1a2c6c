//! Patterns of paths: `*` and `?` within a name, `**` across folders. Every other character means itself.

use globset::{GlobBuilder, GlobMatcher};

/// Whether a path is a pattern.
pub(crate) fn is_pattern(path: &str) -> bool {
    path.contains(['*', '?'])
}

/// One path, or all that match.
#[derive(Debug)]
pub(crate) struct Pattern {
    /// What every match begins with: whole names only.
    folder: String,
    matcher: Option<GlobMatcher>,
    path: String,
}

impl Pattern {
    /// A pattern of paths without a slash in front; none when it cannot be one.
    pub(crate) fn new(path: &str) -> Option<Self> {
        let path = path.trim_start_matches('/');
        let fixed = path.find(['*', '?']).map_or(path, |at| &path[..at]);
        let folder = fixed.rsplit_once('/').map_or("", |(folder, _)| folder).to_owned();
        let matcher = match is_pattern(path) {
            false => None,
            true => {
                let mut escaped = String::with_capacity(path.len());
                for character in path.chars() {
                    if "[]{}\\".contains(character) {
                        escaped.push('\\');
                    }
                    escaped.push(character);
                }
                let glob = GlobBuilder::new(&escaped).literal_separator(true).backslash_escape(true).build().ok()?;
                Some(glob.compile_matcher())
            }
        };
        Some(Self { folder, matcher, path: path.to_owned() })
    }

    /// The path, if it is only one.
    pub(crate) fn exact(&self) -> Option<&str> {
        self.matcher.is_none().then_some(self.path.as_str())
    }

    pub(crate) fn matches(&self, path: &str) -> bool {
        match &self.matcher {
            Some(matcher) => matcher.is_match(path),
            None => path == self.path,
        }
    }

    /// Whether anything below a folder can match.
    pub(crate) fn enters(&self, folder: &str) -> bool {
        let within = |inner: &str, outer: &str| {
            outer.is_empty() || inner.strip_prefix(outer).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        within(folder, &self.folder) && (self.matcher.is_some() || folder == self.folder)
            || within(&self.folder, folder)
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;

    #[rstest]
    #[case("catalog-info.yaml", "catalog-info.yaml", true)]
    #[case("catalog-info.yaml", "a/catalog-info.yaml", false)]
    #[case("/catalog-info.yaml", "catalog-info.yaml", true)]
    #[case("*/catalog-info.yaml", "a/catalog-info.yaml", true)]
    #[case("*/catalog-info.yaml", "a/b/catalog-info.yaml", false)]
    #[case("**/catalog-info.yaml", "a/b/catalog-info.yaml", true)]
    #[case("**/catalog-info.yaml", "catalog-info.yaml", true)]
    #[case("services/**/*.yaml", "services/a/b/c.yaml", true)]
    #[case("services/**/*.yaml", "other/c.yaml", false)]
    #[case("api-?.yaml", "api-1.yaml", true)]
    #[case("api-?.yaml", "api-10.yaml", false)]
    #[case("[id]/*.yaml", "[id]/a.yaml", true)]
    #[case("[id]/*.yaml", "i/a.yaml", false)]
    #[case("{a,b}/*", "{a,b}/c", true)]
    #[case("{a,b}/*", "a/c", false)]
    fn matching(#[case] pattern: &str, #[case] path: &str, #[case] expected: bool) {
        assert_eq!(Pattern::new(pattern).unwrap().matches(path), expected);
    }

    #[rstest]
    #[case("a/b/c.yaml", "a", true)]
    #[case("a/b/c.yaml", "a/b", true)]
    #[case("a/b/c.yaml", "a/b/d", false)]
    #[case("a/b/c.yaml", "x", false)]
    #[case("a/*/c.yaml", "a", true)]
    #[case("a/*/c.yaml", "a/x", true)]
    #[case("a/*/c.yaml", "ab", false)]
    #[case("**/c.yaml", "x/y", true)]
    #[case("c.yaml", "x", false)]
    fn entering(#[case] pattern: &str, #[case] folder: &str, #[case] expected: bool) {
        assert_eq!(Pattern::new(pattern).unwrap().enters(folder), expected);
        assert!(Pattern::new(pattern).unwrap().enters(""));
    }
}
