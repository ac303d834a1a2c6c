//! The values that plugins keep, each within its own quota.

use rusqlite::{Connection, OptionalExtension, params};

use crate::{Store, StoreError};

/// Longest key in bytes.
pub const MAX_KEY_BYTES: usize = 512;
/// Most keys that are listed at a time.
pub const MAX_KEYS: u32 = 1000;

/// Plugins' values in the database. Every method names the plugin; none sees the values of another.
#[derive(Clone)]
pub struct PluginValues {
    store: Store,
}

impl PluginValues {
    pub(crate) fn new(store: Store) -> Self {
        Self { store }
    }

    /// The value of a key, unless it was never set, has expired or was removed.
    ///
    /// # Errors
    /// When the key is not valid or the database fails.
    pub async fn get(&self, plugin: &str, key: &str) -> Result<Option<Vec<u8>>, StoreError> {
        check_key(key)?;
        let (plugin, key, now) = (plugin.to_owned(), key.to_owned(), self.store.now());
        self.store
            .read(move |connection| {
                Ok(connection
                    .prepare_cached(
                        "SELECT value FROM plugin_values
                         WHERE plugin = ? AND key = ? AND (expires_at IS NULL OR expires_at > ?)",
                    )?
                    .query_row(params![plugin, key, now], |row| row.get(0))
                    .optional()?)
            })
            .await
    }

    /// Sets a value, with a time to live in seconds if given. Keys and values together may take `quota` bytes.
    ///
    /// # Errors
    /// When the key is not valid, the quota would be exceeded or the database fails.
    pub async fn set(
        &self,
        plugin: &str,
        key: &str,
        value: Vec<u8>,
        time_to_live: Option<u32>,
        quota: u64,
    ) -> Result<(), StoreError> {
        check_key(key)?;
        let (plugin, key, now) = (plugin.to_owned(), key.to_owned(), self.store.now());
        let expires_at = time_to_live.map(|seconds| now.saturating_add(i64::from(seconds) * 1000));
        self.store
            .write(move |connection| {
                remove_expired(connection, &plugin, now)?;
                let freed = size_of(connection, &plugin, &key)?;
                let needed = (key.len() + value.len()) as i64;
                let used = usage(connection, &plugin)? - freed + needed;
                if u64::try_from(used).unwrap_or(0) > quota {
                    return Err(StoreError::QuotaExceeded(quota));
                }
                connection
                    .prepare_cached(
                        "INSERT INTO plugin_values (plugin, key, value, expires_at) VALUES (?, ?, ?, ?)
                         ON CONFLICT (plugin, key) DO UPDATE SET value = excluded.value, expires_at = excluded.expires_at",
                    )?
                    .execute(params![plugin, key, value, expires_at])?;
                set_usage(connection, &plugin, used)
            })
            .await
    }

    /// Removes a value; removing what is not there is no error.
    ///
    /// # Errors
    /// When the key is not valid or the database fails.
    pub async fn remove(&self, plugin: &str, key: &str) -> Result<(), StoreError> {
        check_key(key)?;
        let (plugin, key) = (plugin.to_owned(), key.to_owned());
        self.store
            .write(move |connection| {
                let freed = size_of(connection, &plugin, &key)?;
                if freed == 0 {
                    return Ok(());
                }
                connection
                    .prepare_cached("DELETE FROM plugin_values WHERE plugin = ? AND key = ?")?
                    .execute(params![plugin, key])?;
                let used = usage(connection, &plugin)? - freed;
                set_usage(connection, &plugin, used)
            })
            .await
    }

    /// Keys with a prefix, in order, after a key; at most [`MAX_KEYS`].
    ///
    /// # Errors
    /// When the database fails.
    pub async fn keys(
        &self,
        plugin: &str,
        prefix: &str,
        after: Option<&str>,
        limit: u32,
    ) -> Result<Vec<String>, StoreError> {
        let (plugin, prefix, now) = (plugin.to_owned(), prefix.to_owned(), self.store.now());
        let after = after.unwrap_or_default().to_owned();
        self.store
            .read(move |connection| {
                let mut statement = connection.prepare_cached(
                    "SELECT key FROM plugin_values
                     WHERE plugin = ?1 AND key >= ?2 AND substr(key, 1, length(?2)) = ?2 AND key > ?3
                       AND (expires_at IS NULL OR expires_at > ?4)
                     ORDER BY key LIMIT ?5",
                )?;
                let rows =
                    statement.query_map(params![plugin, prefix, after, now, limit.min(MAX_KEYS)], |row| row.get(0))?;
                Ok(rows.collect::<Result<_, _>>()?)
            })
            .await
    }

    /// Removes everything that a plugin keeps.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn clear(&self, plugin: &str) -> Result<(), StoreError> {
        let plugin = plugin.to_owned();
        self.store
            .write(move |connection| {
                connection.prepare_cached("DELETE FROM plugin_values WHERE plugin = ?")?.execute([&plugin])?;
                connection.prepare_cached("DELETE FROM plugin_usage WHERE plugin = ?")?.execute([&plugin])?;
                Ok(())
            })
            .await
    }

    /// Bytes that a plugin's keys and values take.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn used(&self, plugin: &str) -> Result<u64, StoreError> {
        let plugin = plugin.to_owned();
        self.store.read(move |connection| Ok(u64::try_from(usage(connection, &plugin)?).unwrap_or(0))).await
    }
}

fn check_key(key: &str) -> Result<(), StoreError> {
    if key.is_empty() {
        return Err(StoreError::InvalidInput("the key is empty".to_owned()));
    }
    if key.len() > MAX_KEY_BYTES {
        let message = format!("the key is {} bytes long; at most {MAX_KEY_BYTES} are allowed", key.len());
        return Err(StoreError::InvalidInput(message));
    }
    Ok(())
}

fn usage(connection: &Connection, plugin: &str) -> Result<i64, StoreError> {
    let mut statement = connection.prepare_cached("SELECT bytes FROM plugin_usage WHERE plugin = ?")?;
    Ok(statement.query_row([plugin], |row| row.get(0)).optional()?.unwrap_or(0))
}

fn set_usage(connection: &Connection, plugin: &str, bytes: i64) -> Result<(), StoreError> {
    connection
        .prepare_cached(
            "INSERT INTO plugin_usage (plugin, bytes) VALUES (?, ?) ON CONFLICT (plugin) DO UPDATE SET bytes = excluded.bytes",
        )?
        .execute(params![plugin, bytes.max(0)])?;
    Ok(())
}

fn size_of(connection: &Connection, plugin: &str, key: &str) -> Result<i64, StoreError> {
    let mut statement = connection
        .prepare_cached("SELECT octet_length(key) + length(value) FROM plugin_values WHERE plugin = ? AND key = ?")?;
    Ok(statement.query_row([plugin, key], |row| row.get(0)).optional()?.unwrap_or(0))
}

fn remove_expired(connection: &Connection, plugin: &str, now: i64) -> Result<(), StoreError> {
    let freed: i64 = connection
        .prepare_cached(
            "SELECT coalesce(sum(octet_length(key) + length(value)), 0) FROM plugin_values
             WHERE plugin = ? AND expires_at IS NOT NULL AND expires_at <= ?",
        )?
        .query_row(params![plugin, now], |row| row.get(0))?;
    if freed > 0 {
        connection
            .prepare_cached(
                "DELETE FROM plugin_values WHERE plugin = ? AND expires_at IS NOT NULL AND expires_at <= ?",
            )?
            .execute(params![plugin, now])?;
        let used = usage(connection, plugin)? - freed;
        set_usage(connection, plugin, used)?;
    }
    Ok(())
}
