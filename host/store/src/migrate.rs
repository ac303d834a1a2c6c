//! Numbered migrations that are only ever appended. Before one changes a database that is in use, it is copied.

use std::path::{Path, PathBuf};

use rusqlite::{Connection, OptionalExtension, TransactionBehavior, params};

use crate::store::backup;
use crate::{StoreError, clock};

/// Every migration in order: its file's name and its text.
const MIGRATIONS: [(&str, &str); 3] = [
    ("0001_base", include_str!("../migrations/0001_base.sql")),
    ("0002_remote_sources", include_str!("../migrations/0002_remote_sources.sql")),
    ("0003_history", include_str!("../migrations/0003_history.sql")),
];

/// The version of the schema that this binary knows.
#[cfg(test)]
pub(crate) fn known() -> usize {
    MIGRATIONS.len()
}

/// The folder, beside the database, of the copies that are made before migrations.
const COPIES: &str = "backup";
/// How many of them are kept.
const KEPT: usize = 5;

/// Brings the database to the schema that this binary knows. What is there already is copied first, with the version
/// that it had and the time (milliseconds since 1970) in its name.
pub(crate) fn migrate(connection: &mut Connection, path: &Path, now: i64) -> Result<(), StoreError> {
    connection.execute_batch(
        "CREATE TABLE IF NOT EXISTS migrations (number INTEGER PRIMARY KEY, name TEXT NOT NULL, applied_at TEXT NOT NULL DEFAULT CURRENT_TIMESTAMP) STRICT",
    )?;
    let known = u32::try_from(MIGRATIONS.len()).unwrap_or(u32::MAX);
    let found: u32 = connection.query_row("SELECT coalesce(max(number), 0) FROM migrations", [], |row| row.get(0))?;
    if found > known {
        return Err(StoreError::Newer { path: path.to_owned(), found, known });
    }
    if 0 < found && found < known {
        copy(connection, path, found, now)?;
    }
    for (number, (name, text)) in (1_u32..).zip(MIGRATIONS) {
        let recorded: Option<String> = connection
            .query_row("SELECT name FROM migrations WHERE number = ?", [number], |row| row.get(0))
            .optional()?;
        match recorded {
            Some(recorded) if recorded == name => continue,
            Some(recorded) => {
                return Err(StoreError::History { path: path.to_owned(), number, recorded, known: name.to_owned() });
            }
            None => {}
        }
        let failed = |source| StoreError::Migration { path: path.to_owned(), name: name.to_owned(), source };
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(failed)?;
        transaction.execute_batch(text).map_err(failed)?;
        transaction
            .execute("INSERT INTO migrations (number, name) VALUES (?, ?)", params![number, name])
            .map_err(failed)?;
        transaction.commit().map_err(failed)?;
    }
    Ok(())
}

fn copy(connection: &Connection, path: &Path, found: u32, now: i64) -> Result<(), StoreError> {
    let folder = path.with_file_name(COPIES);
    let digits = clock::to_text(now).chars().filter(|letter| letter.is_ascii_alphanumeric()).collect::<String>();
    let target = folder.join(format!("callboard-from-{found:04}-{digits}.db"));
    let failed = |source| StoreError::Backup { path: target.clone(), source: Box::new(source) };
    let unusable = |source| failed(StoreError::Folder { path: folder.clone(), source });
    std::fs::create_dir_all(&folder).map_err(unusable)?;
    backup(connection, &target).map_err(failed)?;
    tracing::info!(copy = %target.display(), "the database was copied before its migration from version {found}");
    let mut copies: Vec<PathBuf> =
        std::fs::read_dir(&folder).map_err(unusable)?.flatten().map(|entry| entry.path()).collect();
    // By time, which comes last in the name.
    let time = |path: &PathBuf| {
        path.file_name()?.to_str()?.strip_prefix("callboard-from-")?.split_once('-').map(|(_, time)| time.to_owned())
    };
    copies.retain(|path| time(path).is_some());
    copies.sort_by_key(time);
    for old in copies.iter().rev().skip(KEPT) {
        if let Err(error) = std::fs::remove_file(old) {
            tracing::warn!(%error, copy = %old.display(), "an old copy of the database could not be removed");
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn migrations_are_recorded_and_a_newer_database_is_refused() {
        let mut connection = Connection::open_in_memory().unwrap();
        let path = Path::new("callboard.db");
        migrate(&mut connection, path, 0).unwrap();
        migrate(&mut connection, path, 0).unwrap();
        connection.execute("INSERT INTO migrations (number, name) VALUES (99, '0099_future')", []).unwrap();
        let message = migrate(&mut connection, path, 0).unwrap_err().to_string();
        let known = MIGRATIONS.len();
        assert!(message.contains("schema version 99") && message.contains(&format!("up to {known}")), "{message}");
    }

    #[test]
    fn a_database_is_copied_before_it_is_migrated_and_the_last_copies_are_kept() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("callboard.db");
        let old = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/compat/db/0001.db");
        for day in 0..7 {
            std::fs::copy(&old, &path).unwrap();
            let mut connection = Connection::open(&path).unwrap();
            migrate(&mut connection, &path, day * 86_400_000).unwrap();
            migrate(&mut connection, &path, 0).unwrap();
        }
        let mut names: Vec<String> = std::fs::read_dir(folder.path().join(COPIES))
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        let expected = (3..8).map(|day| format!("callboard-from-0001-1970010{day}T000000000Z.db"));
        assert_eq!(names, expected.collect::<Vec<_>>());
        let copy = Connection::open(folder.path().join(COPIES).join(&names[0])).unwrap();
        let version: u32 = copy.query_row("SELECT max(number) FROM migrations", [], |row| row.get(0)).unwrap();
        assert_eq!(version, 1);
    }

    #[test]
    fn names_carry_their_numbers() {
        for (number, (name, _)) in (1..).zip(MIGRATIONS) {
            assert!(name.starts_with(&format!("{number:04}_")), "{name}");
        }
    }
}
