//! The plugin's own configuration, as the administrator wrote it and the host checked it.

use serde::de::DeserializeOwned;

use crate::{Error, error};

/// The configuration as a type of the plugin's; an empty object when there is none.
///
/// # Errors
/// When it does not fit the type, which means that the schema of the description allows more than the type.
pub fn get<T: DeserializeOwned>() -> Result<T, Error> {
    let value = error::from_host(&text())?;
    T::deserialize(value).map_err(|error| Error::Other(format!("the plugin's configuration does not fit: {error}")))
}

#[cfg(target_arch = "wasm32")]
fn text() -> String {
    crate::raw::host::config::get()
}

#[cfg(not(target_arch = "wasm32"))]
fn text() -> String {
    crate::testing::with(|host| host.config.to_string())
}
