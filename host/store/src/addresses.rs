//! What was last read from addresses: files with their contents, kept until the same address gives something else.

use rusqlite::{Connection, OptionalExtension, params};

use crate::writer::Priority;
use crate::{Store, StoreError};

/// An address that was read, without the contents of its files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AddressRecord {
    pub address: String,
    /// What to ask with next time.
    pub version: Option<String>,
    /// When it last gave something new, in milliseconds since 1970.
    pub read_at: i64,
    /// The files in the order in which they were given.
    pub files: Vec<AddressFile>,
}

/// A file of an address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AddressFile {
    /// Its own address.
    pub url: String,
    /// The hash of its content.
    pub hash: String,
    /// The length of its content in bytes.
    pub size: u64,
}

/// Addresses in the database.
#[derive(Clone)]
pub struct Addresses {
    store: Store,
}

impl Addresses {
    pub(crate) fn new(store: Store) -> Self {
        Self { store }
    }

    /// Every address that was read.
    ///
    /// # Errors
    /// When the database fails.
    pub fn list_blocking(&self) -> Result<Vec<AddressRecord>, StoreError> {
        self.store.read_blocking(|connection| {
            let mut addresses =
                connection.prepare_cached("SELECT address, version, read_at FROM addresses ORDER BY address")?;
            let mut files = connection.prepare_cached(
                "SELECT url, hash, length(content) FROM address_files WHERE address = ? ORDER BY number",
            )?;
            let mut records = Vec::new();
            let mut rows = addresses.query([])?;
            while let Some(row) = rows.next()? {
                let address: String = row.get(0)?;
                let listed = files.query_map([&address], |row| {
                    Ok(AddressFile { url: row.get(0)?, hash: row.get(1)?, size: row.get::<_, i64>(2)?.unsigned_abs() })
                });
                let files = listed?.collect::<Result<_, _>>()?;
                records.push(AddressRecord { address, version: row.get(1)?, read_at: row.get(2)?, files });
            }
            Ok(records)
        })
    }

    /// The content of one file of an address.
    ///
    /// # Errors
    /// When the database fails.
    pub fn content_blocking(&self, address: &str, url: &str) -> Result<Option<Vec<u8>>, StoreError> {
        self.store.read_blocking(|connection| {
            let mut statement =
                connection.prepare_cached("SELECT content FROM address_files WHERE address = ? AND url = ?")?;
            Ok(statement.query_row([address, url], |row| row.get(0)).optional()?)
        })
    }

    /// Keeps what an address gave, each file with its content, in place of what it gave before. Tells the time that was
    /// kept with it.
    ///
    /// # Errors
    /// When the database fails; then what it gave before is kept.
    pub async fn keep(
        &self,
        address: &str,
        version: Option<&str>,
        files: Vec<(AddressFile, Vec<u8>)>,
    ) -> Result<i64, StoreError> {
        let (address, version, now) = (address.to_owned(), version.map(str::to_owned), self.store.now());
        self.store
            .write_in_background(move |connection| {
                connection.prepare_cached("DELETE FROM addresses WHERE address = ?")?.execute([&address])?;
                connection
                    .prepare_cached("INSERT INTO addresses (address, version, read_at) VALUES (?, ?, ?)")?
                    .execute(params![address, version, now])?;
                let mut insert = connection.prepare_cached(
                    "INSERT INTO address_files (address, number, url, hash, content) VALUES (?, ?, ?, ?, ?)",
                )?;
                for (number, (file, content)) in (0_i64..).zip(&files) {
                    insert.execute(params![address, number, file.url, file.hash, content])?;
                }
                Ok(now)
            })
            .await
    }

    /// Forgets addresses that nothing points to any more. None writes nothing.
    ///
    /// # Errors
    /// When the database fails.
    pub fn forget_blocking(&self, addresses: Vec<String>) -> Result<(), StoreError> {
        if addresses.is_empty() {
            return Ok(());
        }
        self.store.write_blocking(Priority::Background, move |connection| forget(connection, &addresses))
    }
}

fn forget(connection: &Connection, addresses: &[String]) -> Result<(), StoreError> {
    let mut delete = connection.prepare_cached("DELETE FROM addresses WHERE address = ?")?;
    for address in addresses {
        delete.execute([address])?;
    }
    Ok(())
}
