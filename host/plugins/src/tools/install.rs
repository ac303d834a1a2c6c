//! Puts plugin files into the drop folder and takes them out. A server that watches the folder does the rest.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use crate::life::folder;

/// Why a file was not installed or removed.
#[derive(Debug, thiserror::Error)]
pub enum InstallError {
    #[error("{0}: not the name of a plugin's file; it must end with .wasm and not begin with a dot")]
    Name(String),
    #[error("{path}: {error}")]
    File { path: String, error: io::Error },
    #[error("there is no plugin file {0} in the plugin folder; `callboard plugin list` names those that are there")]
    Absent(String),
}

/// Copies a plugin's file into the folder of a data folder, so that it is either there as a whole or not at all. Gives
/// its new path.
///
/// # Errors
/// When its name is not that of a plugin, or it cannot be copied.
pub fn install_file(file: &Path, data: &Path) -> Result<PathBuf, InstallError> {
    let name = file.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    check_name(&name)?;
    let folder = folder::of(data);
    let target = folder.join(&name);
    let part = folder.join(format!(".{name}.part"));
    let failed = |path: &Path| {
        let path = path.display().to_string();
        move |error| InstallError::File { path, error }
    };
    fs::create_dir_all(&folder).map_err(failed(&folder))?;
    fs::copy(file, &part).map_err(failed(file))?;
    fs::rename(&part, &target).map_err(|error| {
        // A part that stays behind is ignored; that it cannot be removed is of no use to anybody.
        drop(fs::remove_file(&part));
        failed(&target)(error)
    })?;
    Ok(target)
}

/// Removes a plugin's file from the folder of a data folder.
///
/// # Errors
/// When it is not there or cannot be removed.
pub fn remove_file(name: &str, data: &Path) -> Result<(), InstallError> {
    check_name(name)?;
    let path = folder::of(data).join(name);
    match fs::remove_file(&path) {
        Ok(()) => Ok(()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Err(InstallError::Absent(name.to_owned())),
        Err(error) => Err(InstallError::File { path: path.display().to_string(), error }),
    }
}

fn check_name(name: &str) -> Result<(), InstallError> {
    let plain = Path::new(name).file_name().is_some_and(|last| last == name);
    if plain && folder::is_plugin_file(name) { Ok(()) } else { Err(InstallError::Name(name.to_owned())) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_go_in_and_out() {
        let (data, from) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let file = from.path().join("a.wasm");
        fs::write(&file, b"one").unwrap();
        let target = install_file(&file, data.path()).unwrap();
        fs::write(&file, b"two").unwrap();
        assert_eq!(install_file(&file, data.path()).unwrap(), target);
        assert_eq!(fs::read(&target).unwrap(), b"two");
        assert_eq!(fs::read_dir(target.parent().unwrap()).unwrap().count(), 1);

        remove_file("a.wasm", data.path()).unwrap();
        assert!(matches!(remove_file("a.wasm", data.path()), Err(InstallError::Absent(_))));
        for name in ["../callboard.db", "../a.wasm", ".a.wasm", "a.txt", ""] {
            assert!(matches!(remove_file(name, data.path()), Err(InstallError::Name(_))), "{name}");
        }
        assert!(matches!(install_file(&from.path().join("absent.wasm"), data.path()), Err(InstallError::File { .. })));
    }
}
