//! Compiled plugins, shared by the portals of all tests.
//!
//! Every portal compiles its plugins once and keeps the code in its own data folder. A hundred test portals would compile
//! the same plugins a hundred times; so each begins with the code that others left. The portal checks what it finds as
//! it always does: a file of another build is compiled anew.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use crate::artifacts;

/// How many files to keep; the oldest go first.
const MOST_FILES: usize = 100;

fn own(data: &Path) -> PathBuf {
    data.join("cache").join("plugins")
}

/// Copies the shared code into a data folder. Without any, the portal compiles.
pub(super) fn bring(data: &Path) {
    let Ok(shared) = artifacts::scratch("plugin-code") else { return };
    if make_private(&own(data)).is_ok() {
        copy_missing(&shared, &own(data));
    }
}

/// Copies what a portal compiled to the shared code.
pub(super) fn keep(data: &Path) {
    let Ok(shared) = artifacts::scratch("plugin-code") else { return };
    copy_missing(&own(data), &shared);
    let mut files: Vec<(SystemTime, PathBuf)> =
        code_files(&shared).filter_map(|path| Some((fs::metadata(&path).ok()?.modified().ok()?, path))).collect();
    files.sort();
    for (_, path) in files.iter().rev().skip(MOST_FILES) {
        // Another test may have been quicker.
        let _ = fs::remove_file(path);
    }
}

fn copy_missing(from: &Path, to: &Path) {
    for path in code_files(from) {
        let Some(name) = path.file_name() else { continue };
        let target = to.join(name);
        if target.exists() {
            continue;
        }
        // Several tests may do this at once: the name appears when the file is whole.
        let part = to.join(format!(".{}-{}.part", std::process::id(), name.to_string_lossy()));
        if fs::copy(&path, &part).is_ok() && fs::rename(&part, &target).is_err() {
            let _ = fs::remove_file(&part);
        }
    }
}

fn code_files(folder: &Path) -> impl Iterator<Item = PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    entries.map(|entry| entry.path()).filter(|path| path.extension().is_some_and(|extension| extension == "cwasm"))
}

/// The portal refuses a folder that others may write to.
fn make_private(folder: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::DirBuilderExt;

    fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)
}
