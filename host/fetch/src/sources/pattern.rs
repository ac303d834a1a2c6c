//! Patterns of paths: `*` and `?` within a name, `**` across folders. Every other character means itself.

/// Whether a path is a pattern.
pub(crate) fn is_pattern(path: &str) -> bool {
    path.contains(['*', '?'])
}
