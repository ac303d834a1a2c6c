//! From a location's target to the files that it means.

use std::path::{Path, PathBuf};

use globset::GlobBuilder;
use host_model::Diagnostic;
use walkdir::WalkDir;

use super::prepare::clean;

/// The files that a target means.
#[derive(Debug, Default)]
pub(crate) struct Expanded {
    pub(crate) files: Vec<PathBuf>,
    /// Whether they were found by listing a folder, so that those that are no descriptors are passed over.
    pub(crate) is_listing: bool,
    pub(crate) problem: Option<Diagnostic>,
    /// The folder that changes when the files do, and whether what lies below it counts too.
    pub(crate) watch: (PathBuf, bool),
}

/// The folder that a target lies in or means.
pub(crate) fn base(target: &str) -> PathBuf {
    let path = clean(Path::new(target));
    if has_pattern(&path) {
        pattern_base(&path)
    } else if path.is_dir() {
        path
    } else {
        path.parent().map_or_else(|| PathBuf::from("/"), Path::to_owned)
    }
}

/// Lists the files of a target, in order.
pub(crate) fn expand(target: &str, optional: bool, most: usize) -> Expanded {
    let path = clean(Path::new(target));
    let is_pattern = has_pattern(&path);
    let base = base(target);
    let mut unnamed = None;
    let mut expanded = match path.metadata() {
        Ok(metadata) if metadata.is_dir() => {
            let files = list(&path, usize::MAX, is_yaml, most, &mut unnamed);
            Expanded { files, is_listing: true, watch: (base, true), ..Expanded::default() }
        }
        Ok(_) => Expanded { files: vec![path], watch: (base, false), ..Expanded::default() },
        Err(_) if is_pattern => by_pattern(&path, base, most, &mut unnamed),
        Err(error) => {
            let message = if error.kind() == std::io::ErrorKind::NotFound {
                format!("{} does not exist", path.display())
            } else {
                format!("{} cannot be read: {error}", path.display())
            };
            let problem = Diagnostic::error("location/missing", message).hint("correct the target, or make the file");
            Expanded { problem: Some(problem), watch: (base, false), ..Expanded::default() }
        }
    };
    if optional && expanded.files.is_empty() {
        expanded.problem = None;
    } else if expanded.problem.is_none() && expanded.files.is_empty() {
        let message = if is_pattern { "matches no file" } else { "holds no YAML file" };
        expanded.problem = Some(Diagnostic::warning("location/empty", format!("{target} {message}")));
    } else if expanded.files.len() > most {
        expanded.files.truncate(most);
        let message = format!("{target} means more than {most} files; the rest is not read");
        expanded.problem = Some(Diagnostic::error("location/too-many", message));
    }
    if let Some(unnamed) = unnamed
        && expanded.problem.is_none()
    {
        let message = format!("the name of {} is not UTF-8; it is not read", unnamed.display());
        expanded.problem = Some(Diagnostic::error("location/name", message).hint("rename the file"));
    }
    expanded
}

fn by_pattern(path: &Path, base: PathBuf, most: usize, unnamed: &mut Option<PathBuf>) -> Expanded {
    let text = path.to_string_lossy();
    let glob = match GlobBuilder::new(&text).literal_separator(true).build() {
        Ok(glob) => glob.compile_matcher(),
        Err(error) => {
            let message = format!("the pattern {text} cannot be read: {}", error.kind());
            let problem = Some(Diagnostic::error("location/pattern", message));
            return Expanded { problem, watch: (base, false), ..Expanded::default() };
        }
    };
    let depth = if text.contains("**") {
        usize::MAX
    } else {
        path.components().count().saturating_sub(base.components().count())
    };
    let files = list(&base, depth, |file| glob.is_match(file), most, unnamed);
    Expanded { files, watch: (base, depth > 1), ..Expanded::default() }
}

/// One more file than allowed is listed, so that the caller can tell. A file whose name is not text is left out, since
/// nothing could refer to it.
fn list(
    folder: &Path,
    depth: usize,
    wanted: impl Fn(&Path) -> bool,
    most: usize,
    unnamed: &mut Option<PathBuf>,
) -> Vec<PathBuf> {
    let walk = WalkDir::new(folder).max_depth(depth).sort_by_file_name().into_iter().filter_entry(|entry| {
        let name = entry.file_name().to_string_lossy();
        entry.depth() == 0 || !(name.starts_with('.') || name == "node_modules" && entry.file_type().is_dir())
    });
    let mut files: Vec<PathBuf> = walk
        .filter_map(Result::ok)
        // A link to a file is read like the file; where it leads is checked when it is.
        .filter(|entry| entry.file_type().is_file() || entry.path_is_symlink() && entry.path().is_file())
        .map(walkdir::DirEntry::into_path)
        .filter(|path| wanted(path))
        .filter(|path| {
            let is_text = path.to_str().is_some();
            if !is_text {
                unnamed.get_or_insert_with(|| path.clone());
            }
            is_text
        })
        .take(most.saturating_add(1))
        .collect();
    files.sort();
    files
}

fn is_yaml(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "yaml" || extension == "yml")
}

fn has_pattern(path: &Path) -> bool {
    path.to_string_lossy().contains(['*', '?', '[', '{']) && path.symlink_metadata().is_err()
}

fn pattern_base(path: &Path) -> PathBuf {
    let plain =
        |component: &std::path::Component<'_>| !component.as_os_str().to_string_lossy().contains(['*', '?', '[', '{']);
    let base: PathBuf = path.components().take_while(plain).collect();
    if base == path { base.parent().map_or_else(|| PathBuf::from("/"), Path::to_owned) } else { base }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(unix)]
    #[test]
    fn names_that_are_no_text_are_left_out_and_said() {
        use std::os::unix::ffi::OsStrExt as _;

        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("good.yaml"), "").unwrap();
        std::fs::write(folder.path().join(std::ffi::OsStr::from_bytes(b"bad\xff.yaml")), "").unwrap();
        for target in [folder.path().to_owned(), folder.path().join("*.yaml")] {
            let expanded = expand(target.to_str().unwrap(), false, 10);
            assert_eq!(expanded.files, [folder.path().join("good.yaml")]);
            assert_eq!(expanded.problem.unwrap().code, "location/name");
        }
    }

    #[test]
    fn files_folders_and_patterns() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        for file in ["a.yaml", "sub/b.yml", "sub/deep/c.yaml", "sub/d.json", ".hidden/e.yaml", "node_modules/f.yaml"] {
            let path = root.join(file);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, "").unwrap();
        }
        let names = |target: &str, most: usize| {
            let expanded = expand(&root.join(target).display().to_string(), false, most);
            let names: Vec<_> =
                expanded.files.iter().map(|file| file.strip_prefix(root).unwrap().display().to_string()).collect();
            (names.join(" "), expanded.problem.map(|problem| problem.code))
        };
        for (target, expected, problem) in [
            ("a.yaml", "a.yaml", None),
            ("sub/../a.yaml", "a.yaml", None),
            (".", "a.yaml sub/b.yml sub/deep/c.yaml", None),
            ("*/*.yml", "sub/b.yml", None),
            ("**/*.yaml", "a.yaml sub/deep/c.yaml", None),
            ("sub/?.yml", "sub/b.yml", None),
            ("none.yaml", "", Some("location/missing")),
            ("*.txt", "", Some("location/empty")),
            ("sub/[", "", Some("location/pattern")),
        ] {
            assert_eq!(names(target, 100), (expected.to_owned(), problem.map(str::to_owned)), "{target}");
        }
        assert_eq!(names(".", 1), ("a.yaml".to_owned(), Some("location/too-many".to_owned())));
        assert!(expand(&root.join("none.yaml").display().to_string(), true, 9).problem.is_none());
    }
}
