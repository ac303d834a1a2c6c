//! What may lie where, and how long a file may be.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, Result};
use walkdir::{DirEntry, WalkDir};

use crate::tidy::Finding;

/// The top level holds these, dot files, and what `.gitignore` names.
const TOP_LEVEL: &[&str] = &[
    "Cargo.lock",
    "Cargo.toml",
    "LICENSE",
    "README.md",
    "examples",
    "frontend",
    "host",
    "plugins",
    "sdk",
    "tests",
    "wit",
];
const IGNORED: &[&str] = &["target", "data"];

/// No Rust file that is written by hand is longer.
const LONGEST: usize = 1000;
/// Nine files in ten are shorter.
const LONG: usize = 500;
/// The first line of a file that a program wrote holds this.
const GENERATED: &str = "@generated";

/// A text file of the checkout.
#[derive(Clone, Debug)]
pub struct SourceFile {
    /// Relative to the root, with `/`.
    pub path: String,
    pub text: String,
}

impl SourceFile {
    /// The path's extension, or nothing.
    pub fn extension(&self) -> &str {
        Path::new(&self.path).extension().and_then(|extension| extension.to_str()).unwrap_or_default()
    }

    fn is_rust_by_hand(&self) -> bool {
        self.extension() == "rs" && !self.text.lines().next().is_some_and(|line| line.contains(GENERATED))
    }
}

/// The names of the root's entries.
pub fn top_level(root: &Path) -> Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in fs::read_dir(root).with_context(|| format!("listing {}", root.display()))? {
        let entry = entry.with_context(|| format!("listing {}", root.display()))?;
        names.push(entry.file_name().to_string_lossy().into_owned());
    }
    names.sort();
    Ok(names)
}

/// Every text file that belongs to the checkout.
pub fn files(root: &Path) -> Result<Vec<SourceFile>> {
    let mut files = Vec::new();
    let walk = WalkDir::new(root).sort_by_file_name().into_iter().filter_entry(|entry| belongs(root, entry));
    for entry in walk {
        let entry = entry.with_context(|| format!("walking {}", root.display()))?;
        // A link is looked at where it points to.
        if !entry.file_type().is_file() {
            continue;
        }
        let bytes = fs::read(entry.path()).with_context(|| format!("reading {}", entry.path().display()))?;
        if let Ok(text) = String::from_utf8(bytes) {
            files.push(SourceFile { path: relative(root, entry.path()), text });
        }
    }
    Ok(files)
}

/// Checks the names at the top level.
pub fn check_top_level(names: &[String]) -> Vec<Finding> {
    names
        .iter()
        .filter(|name| {
            !name.starts_with('.') && !TOP_LEVEL.contains(&name.as_str()) && !IGNORED.contains(&name.as_str())
        })
        .map(|name| {
            Finding::new(
                &**name,
                format!("does not belong at the top level, which holds {}; move or remove it", TOP_LEVEL.join(", ")),
            )
        })
        .collect()
}

/// Checks that no file is too long.
pub fn check_lengths(files: &[SourceFile]) -> Vec<Finding> {
    files
        .iter()
        .filter(|file| file.is_rust_by_hand())
        .map(|file| (file, file.text.lines().count()))
        .filter(|(_, lines)| *lines > LONGEST)
        .map(|(file, lines)| {
            Finding::new(&*file.path, format!("has {lines} lines; split it by ideas, {LONGEST} are the most"))
        })
        .collect()
}

/// Tells when more than one file in ten is long.
pub fn note_lengths(files: &[SourceFile]) -> Option<String> {
    let lengths: Vec<_> = files
        .iter()
        .filter(|file| file.is_rust_by_hand())
        .map(|file| (file.text.lines().count(), &file.path))
        .collect();
    let mut long: Vec<_> = lengths.iter().filter(|(lines, _)| *lines >= LONG).collect();
    if long.len() * 10 <= lengths.len() {
        return None;
    }
    long.sort();
    let names: Vec<_> = long.iter().rev().take(5).map(|(lines, path)| format!("{path} ({lines})")).collect();
    Some(format!(
        "{} of {} Rust files have {LONG} lines or more, and one in ten is enough; the longest: {}",
        long.len(),
        lengths.len(),
        names.join(", ")
    ))
}

fn belongs(root: &Path, entry: &DirEntry) -> bool {
    let name = entry.file_name().to_string_lossy();
    let at_top = entry.path().parent() == Some(root);
    match entry.depth() {
        0 => true,
        _ if name == ".git" || name == "target" || name == "node_modules" => false,
        _ => !(at_top && IGNORED.contains(&&*name)),
    }
}

fn relative(root: &Path, path: &Path) -> String {
    let path: PathBuf = path.strip_prefix(root).unwrap_or(path).to_path_buf();
    path.components().map(|part| part.as_os_str().to_string_lossy()).collect::<Vec<_>>().join("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(path: &str, lines: usize) -> SourceFile {
        SourceFile { path: path.to_owned(), text: "x\n".repeat(lines) }
    }

    #[test]
    fn strangers_at_the_top_level_are_reported() {
        let names = ["Cargo.toml", ".ci", "target", "host", "notes.txt"].map(str::to_owned);
        let findings = check_top_level(&names);
        assert_eq!(findings.len(), 1);
        assert_eq!(findings[0].place, "notes.txt");
    }

    #[test]
    fn long_files_are_reported_unless_a_program_wrote_them() {
        let mut written = file("host/x/src/table.rs", 2000);
        written.text.insert_str(0, "// @generated by a program\n");
        let files = [file("a.rs", 1000), file("b.rs", 1001), file("c.css", 2000), written];
        let findings = check_lengths(&files);
        assert_eq!(findings.len(), 1);
        assert_eq!(findings[0].place, "b.rs");
    }

    #[test]
    fn one_long_file_in_ten_is_enough() {
        let mut files: Vec<_> = (0..9).map(|at| file(&format!("{at}.rs"), 100)).collect();
        files.push(file("long.rs", 600));
        assert_eq!(note_lengths(&files), None);
        files.push(file("longer.rs", 700));
        assert!(note_lengths(&files).unwrap().contains("longer.rs (700), long.rs (600)"));
    }

    #[test]
    fn built_things_are_not_looked_at() {
        let folder = tempfile::tempdir().unwrap();
        for path in ["host/a.rs", "target/b.rs", "data/c", ".git/d", "host/x/target/e.rs", ".ci/run"] {
            let path = folder.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, "x").unwrap();
        }
        fs::write(folder.path().join("host/picture"), [0xff, 0xfe]).unwrap();
        let paths: Vec<_> = files(folder.path()).unwrap().into_iter().map(|file| file.path).collect();
        assert_eq!(paths, [".ci/run", "host/a.rs"]);
    }
}
