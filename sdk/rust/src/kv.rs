//! A small store of the plugin's own.

use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::Error;
use crate::raw::host::kv::KvError;

#[cfg(target_arch = "wasm32")]
use crate::raw::host::kv as store;
#[cfg(not(target_arch = "wasm32"))]
use crate::testing::kv as store;

/// The value of a key, or none when it was never set, has expired or was removed.
///
/// # Errors
/// When the key cannot be one, or the store could not be reached.
pub fn get(key: &str) -> Result<Option<Vec<u8>>, Error> {
    Ok(store::get(key)?)
}

/// Sets a value; with a time to live, in seconds, it disappears by itself.
///
/// # Errors
/// As for [`get`], and when the plugin's quota is used up.
pub fn set(key: &str, value: &[u8], time_to_live: Option<u32>) -> Result<(), Error> {
    Ok(store::set(key, value, time_to_live)?)
}

/// Removes a value; removing what is not there is no error.
///
/// # Errors
/// As for [`get`].
pub fn remove(key: &str) -> Result<(), Error> {
    Ok(store::remove(key)?)
}

/// The keys that begin with a prefix, in order, at most `limit` after `after`.
///
/// # Errors
/// As for [`get`].
pub fn keys(prefix: &str, after: Option<&str>, limit: u32) -> Result<Vec<String>, Error> {
    Ok(store::keys(prefix, after, limit)?)
}

/// The value of a key, read as JSON. What does not fit the type (an older version of the plugin may have written it)
/// counts as absent.
///
/// # Errors
/// As for [`get`].
pub fn get_json<T: DeserializeOwned>(key: &str) -> Result<Option<T>, Error> {
    Ok(get(key)?.and_then(|bytes| serde_json::from_slice(&bytes).ok()))
}

/// Sets a value as JSON.
///
/// # Errors
/// As for [`set`].
pub fn set_json<T: Serialize>(key: &str, value: &T, time_to_live: Option<u32>) -> Result<(), Error> {
    set(key, &serde_json::to_vec(value)?, time_to_live)
}

impl From<KvError> for Error {
    fn from(error: KvError) -> Self {
        match error {
            KvError::QuotaExceeded(bytes) => Self::Other(format!("the plugin's storage of {bytes} bytes is full")),
            KvError::InvalidKey(key) => Self::Other(format!("{key:?} cannot be a key: 1 to 512 bytes are allowed")),
            KvError::Unavailable(reason) => Self::Unavailable(reason),
        }
    }
}
