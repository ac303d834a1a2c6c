//! Paths by their text.

use std::path::{Component, Path, PathBuf};

/// A path without `.` and `..`, by its text alone.
pub(crate) fn plain(path: &Path) -> PathBuf {
    path.components().fold(PathBuf::new(), |mut plain, component| {
        match component {
            Component::CurDir => {}
            Component::ParentDir => {
                plain.pop();
            }
            other => plain.push(other),
        }
        plain
    })
}

/// The part of a path that holds no wildcards; of a path without any, all of it.
pub(crate) fn before_pattern(path: &Path) -> PathBuf {
    let is_plain = |part: &Component<'_>| !part.as_os_str().to_string_lossy().contains(['*', '?', '[', '{']);
    if path.exists() {
        return path.to_owned();
    }
    let plain: PathBuf = path.components().take_while(is_plain).collect();
    if plain.as_os_str().is_empty() { PathBuf::from(".") } else { plain }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dots_and_wildcards_go() {
        for (path, expected) in [("/a/./b/../c", "/a/c"), ("/../a", "/a"), ("a/..", "")] {
            assert_eq!(plain(Path::new(path)), Path::new(expected));
        }
        for (path, expected) in
            [("a/b*/c", "a"), ("*/c", "."), ("/a/b/{c,d}.yaml", "/a/b"), ("a/none.yaml", "a/none.yaml")]
        {
            assert_eq!(before_pattern(Path::new(path)), Path::new(expected));
        }
    }
}
