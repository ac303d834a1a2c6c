//! Numbered migrations that are only ever appended.

use std::path::Path;

use rusqlite::{Connection, OptionalExtension, TransactionBehavior, params};

use crate::StoreError;

/// Every migration in order: its file's name and its text.
const MIGRATIONS: [(&str, &str); 3] = [
    ("0001_base", include_str!("../migrations/0001_base.sql")),
    ("0002_remote_sources", include_str!("../migrations/0002_remote_sources.sql")),
    ("0003_history", include_str!("../migrations/0003_history.sql")),
];

/// Brings the database to the schema that this binary knows.
pub(crate) fn migrate(connection: &mut Connection, path: &Path) -> Result<(), StoreError> {
    connection.execute_batch(
        "CREATE TABLE IF NOT EXISTS migrations (number INTEGER PRIMARY KEY, name TEXT NOT NULL, applied_at TEXT NOT NULL DEFAULT CURRENT_TIMESTAMP) STRICT",
    )?;
    let known = u32::try_from(MIGRATIONS.len()).unwrap_or(u32::MAX);
    let found: u32 = connection.query_row("SELECT coalesce(max(number), 0) FROM migrations", [], |row| row.get(0))?;
    if found > known {
        return Err(StoreError::Newer { path: path.to_owned(), found, known });
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn migrations_are_recorded_and_a_newer_database_is_refused() {
        let mut connection = Connection::open_in_memory().unwrap();
        let path = Path::new("callboard.db");
        migrate(&mut connection, path).unwrap();
        migrate(&mut connection, path).unwrap();
        connection.execute("INSERT INTO migrations (number, name) VALUES (99, '0099_future')", []).unwrap();
        let message = migrate(&mut connection, path).unwrap_err().to_string();
        let known = MIGRATIONS.len();
        assert!(message.contains("schema version 99") && message.contains(&format!("up to {known}")), "{message}");
    }

    #[test]
    fn names_carry_their_numbers() {
        for (number, (name, _)) in (1..).zip(MIGRATIONS) {
            assert!(name.starts_with(&format!("{number:04}_")), "{name}");
        }
    }
}
