//! Lines for people: in the task's log during a template step, otherwise in the plugin's.
//!
//! ```
//! use callboard_sdk::log;
//! # callboard_sdk::testing::Host::new().run(|| {
//! log::info!("created {} of {}", 3, 4);
//! # });
//! ```

pub use crate::raw::host::log::Level;

#[doc(inline)]
pub use crate::{__log_debug as debug, __log_error as error, __log_info as info, __log_warn as warn};

/// Writes one line.
pub fn write(level: Level, message: &str) {
    #[cfg(target_arch = "wasm32")]
    crate::raw::host::log::write(level, message);
    #[cfg(not(target_arch = "wasm32"))]
    crate::testing::with(|host| host.lines.push((level, message.to_owned())));
}

/// Writes a line for those who look for a fault.
#[doc(hidden)]
#[macro_export]
macro_rules! __log_debug {
    ($($argument:tt)+) => { $crate::log::write($crate::log::Level::Debug, &::std::format!($($argument)+)) };
}

/// Writes a line that tells how things go.
#[doc(hidden)]
#[macro_export]
macro_rules! __log_info {
    ($($argument:tt)+) => { $crate::log::write($crate::log::Level::Info, &::std::format!($($argument)+)) };
}

/// Writes a line that someone should look at.
#[doc(hidden)]
#[macro_export]
macro_rules! __log_warn {
    ($($argument:tt)+) => { $crate::log::write($crate::log::Level::Warn, &::std::format!($($argument)+)) };
}

/// Writes a line that says what failed.
#[doc(hidden)]
#[macro_export]
macro_rules! __log_error {
    ($($argument:tt)+) => { $crate::log::write($crate::log::Level::Error, &::std::format!($($argument)+)) };
}
