//! One process serves one data folder.

use std::fs::{File, TryLockError};
use std::io::{Read, Seek, Write};
use std::path::Path;

use crate::StoreError;

/// Holds the data folder for this process until it is dropped or the process ends, however it ends.
#[derive(Debug)]
pub struct DataLock {
    _file: File,
}

impl DataLock {
    /// Takes the folder, making it first if it does not exist.
    ///
    /// # Errors
    /// When another process holds it, or when it cannot be written.
    pub fn acquire(data: &Path) -> Result<Self, StoreError> {
        let folder = |source| StoreError::Folder { path: data.to_owned(), source };
        std::fs::create_dir_all(data).map_err(folder)?;
        let path = data.join("lock");
        let mut file =
            File::options().create(true).truncate(false).read(true).write(true).open(&path).map_err(folder)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let mut text = String::new();
                // The number only helps the reader; without it the message still says what is wrong.
                let _ = file.take(20).read_to_string(&mut text);
                let holder = text.trim().parse::<u32>().map(|id| format!(" (process {id})")).unwrap_or_default();
                return Err(StoreError::Locked { path: data.to_owned(), holder });
            }
            Err(TryLockError::Error(source)) => return Err(folder(source)),
        }
        // The number is for people; a full disk has no room for it, and the folder is held all the same.
        let _ = file.set_len(0).and_then(|()| file.rewind()).and_then(|()| writeln!(file, "{}", std::process::id()));
        Ok(Self { _file: file })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_is_held_once_and_freed_with_its_holder() {
        let folder = tempfile::tempdir().unwrap();
        let data = folder.path().join("data");
        let lock = DataLock::acquire(&data).unwrap();
        let message = DataLock::acquire(&data).unwrap_err().to_string();
        assert!(message.contains("in use by another callboard process (process "), "{message}");
        drop(lock);
        DataLock::acquire(&data).unwrap();
    }
}
