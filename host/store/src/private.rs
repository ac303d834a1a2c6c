//! Files that only the portal's own user may read: the database holds what people and plugins said in confidence.

use std::fs::{File, OpenOptions};
use std::io;
use std::path::Path;

/// Makes a new file for its owner alone.
///
/// # Errors
/// When the file exists or cannot be made.
pub fn create_private(path: &Path) -> io::Result<File> {
    options().create_new(true).open(path)
}

/// Makes sure that a file is there and for its owner alone. One that others could read is shut to them, and the log says
/// so.
///
/// # Errors
/// When the file cannot be made or its mode cannot be set.
pub fn keep_private(path: &Path) -> io::Result<()> {
    // A file that is there may lie where nothing can be written.
    if !path.try_exists()? {
        options().create(true).truncate(false).open(path)?;
    }
    tighten(path)
}

/// Shuts a file to others, if it exists.
///
/// # Errors
/// When its mode cannot be set.
#[cfg(unix)]
pub(crate) fn tighten(path: &Path) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;

    let mode = match std::fs::metadata(path) {
        Ok(metadata) => metadata.permissions().mode() & 0o777,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(error),
    };
    if mode & 0o077 != 0 {
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600))?;
        let path = path.display();
        tracing::warn!(%path, "others could read this file (mode {mode:o}); it is for its owner alone now (mode 600)");
    }
    Ok(())
}

#[cfg(not(unix))]
pub(crate) fn tighten(_: &Path) -> io::Result<()> {
    Ok(())
}

fn options() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    #[test]
    fn files_are_for_their_owner_whatever_they_were() {
        let folder = tempfile::tempdir().unwrap();
        let mode = |name: &str| std::fs::metadata(folder.path().join(name)).unwrap().permissions().mode() & 0o777;
        keep_private(&folder.path().join("new")).unwrap();
        assert_eq!(mode("new"), 0o600);
        let old = folder.path().join("old");
        std::fs::write(&old, "kept").unwrap();
        std::fs::set_permissions(&old, std::fs::Permissions::from_mode(0o644)).unwrap();
        keep_private(&old).unwrap();
        assert_eq!((mode("old"), std::fs::read_to_string(&old).unwrap().as_str()), (0o600, "kept"));
        assert!(create_private(&old).is_err());
    }
}
