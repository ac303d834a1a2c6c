//! Whether the disk takes changes: what its refusals look like, and how to find out that they have ended.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use rusqlite::{Connection, ErrorCode, ffi};

/// How much must fit on the disk before changes are taken again, so that they do not fail one after the other.
const ENOUGH: usize = 1 << 20;

/// Why nothing can be changed, if an error says that the disk refuses.
pub(crate) fn refusal(error: &rusqlite::Error) -> Option<&'static str> {
    let rusqlite::Error::SqliteFailure(failure, _) = error else { return None };
    match (failure.code, failure.extended_code) {
        (ErrorCode::DiskFull, _) | (_, ffi::SQLITE_IOERR_SHMSIZE) => Some("the disk is full"),
        (_, ffi::SQLITE_IOERR_WRITE | ffi::SQLITE_IOERR_FSYNC | ffi::SQLITE_IOERR_TRUNCATE) => {
            Some("the disk refuses to be written to")
        }
        (ErrorCode::ReadOnly, _) => Some("the database may only be read"),
        _ => None,
    }
}

/// Whether changes would be kept again: a file of some size can be written beside the database, and a row in it.
pub(crate) fn is_there(connection: &Connection, folder: Option<&Path>) -> bool {
    let fits = folder.is_none_or(|folder| fits(folder.join(".room")));
    fits && connection.execute_batch("UPDATE migrations SET name = name WHERE number = 1").is_ok()
}

fn fits(path: PathBuf) -> bool {
    let written = std::fs::File::create(&path).and_then(|mut file| {
        file.write_all(&vec![0; ENOUGH])?;
        file.sync_all()
    });
    // What is left of it is written over the next time.
    let _ = std::fs::remove_file(path);
    written.is_ok()
}
