//! Frozen contracts: a folder of `wit/` whose name is a version never changes again.

use std::{fs, path::Path};

use anyhow::{Context as _, Result};
use walkdir::WalkDir;

use crate::{files::sha256, tidy::Finding};

/// Each frozen folder with the hash of all that is in it. A release adds a line; no line ever changes.
const FROZEN: &[(&str, &str)] = &[];

/// The folder of what is being worked on.
const NEXT: &str = "next";

/// Checks every folder of `wit/`.
pub fn check(wit: &Path) -> Result<Vec<Finding>> {
    check_against(wit, FROZEN)
}

fn check_against(wit: &Path, frozen: &[(&str, &str)]) -> Result<Vec<Finding>> {
    let mut findings = Vec::new();
    let mut folders = Vec::new();
    for entry in fs::read_dir(wit).with_context(|| format!("listing {}", wit.display()))? {
        let entry = entry.with_context(|| format!("listing {}", wit.display()))?;
        if entry.path().is_dir() {
            folders.push(entry.file_name().to_string_lossy().into_owned());
        }
    }
    folders.sort();
    for folder in folders.iter().filter(|folder| *folder != NEXT) {
        let place = format!("wit/{folder}");
        let hash = hash_of(&wit.join(folder))?;
        match frozen.iter().find(|(name, _)| name == folder) {
            None => findings.push(Finding::new(
                place,
                format!("is not known to be frozen; add (\"{folder}\", \"{hash}\") to the task runner's `tidy/wit.rs`"),
            )),
            Some((_, expected)) if *expected != hash => findings.push(Finding::new(
                place,
                "is frozen and was changed; plugins in the field rely on it: undo the change, and make it in wit/next",
            )),
            Some(_) => {}
        }
    }
    for (name, _) in frozen.iter().filter(|(name, _)| !folders.iter().any(|folder| folder == name)) {
        findings.push(Finding::new(format!("wit/{name}"), "is frozen and is gone; plugins in the field rely on it"));
    }
    Ok(findings)
}

/// A hash over the names and contents of all files below a folder.
fn hash_of(folder: &Path) -> Result<String> {
    let mut lines = String::new();
    for entry in WalkDir::new(folder).sort_by_file_name() {
        let entry = entry.with_context(|| format!("walking {}", folder.display()))?;
        if entry.file_type().is_file() {
            let bytes = fs::read(entry.path()).with_context(|| format!("reading {}", entry.path().display()))?;
            let name = entry.path().strip_prefix(folder).unwrap_or(entry.path());
            lines.push_str(&format!("{} {}\n", sha256(&bytes), name.display()));
        }
    }
    Ok(sha256(lines.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_frozen_folder_never_changes() {
        let folder = tempfile::tempdir().unwrap();
        let wit = folder.path();
        fs::create_dir_all(wit.join("next")).unwrap();
        fs::write(wit.join("README.md"), "what this is").unwrap();
        assert_eq!(check_against(wit, &[]).unwrap(), []);

        fs::create_dir_all(wit.join("v0.9/deps")).unwrap();
        fs::write(wit.join("v0.9/deps/world.wit"), "one").unwrap();
        let hash = hash_of(&wit.join("v0.9")).unwrap();
        let unknown = check_against(wit, &[]).unwrap();
        assert!(unknown[0].message.contains(&hash), "{unknown:?}");
        assert_eq!(check_against(wit, &[("v0.9", &hash)]).unwrap(), []);

        fs::write(wit.join("v0.9/deps/world.wit"), "two").unwrap();
        let changed = check_against(wit, &[("v0.9", &hash)]).unwrap();
        assert!(changed[0].message.contains("undo the change"), "{changed:?}");

        fs::remove_dir_all(wit.join("v0.9")).unwrap();
        let gone = check_against(wit, &[("v0.9", &hash)]).unwrap();
        assert!(gone[0].message.contains("is gone"), "{gone:?}");
    }
}
