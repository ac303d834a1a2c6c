//! Write Callboard plugins in Rust.
//!
//! A plugin is a type that says who it is ([`Plugin`]) and takes part in one or more extension points ([`UiCard`],
//! [`CatalogProcessor`], [`ScaffolderAction`]). [`export!`] makes a component of it:
//!
//! ```
//! use callboard_sdk::{card::*, view::*, Description, Error, Plugin, UiCard};
//!
//! struct Hello;
//!
//! impl Plugin for Hello {
//!     fn describe() -> Description {
//!         Description::new("hello", env!("CARGO_PKG_VERSION"), "Hello").summary("Greets every entity.")
//!     }
//! }
//!
//! impl UiCard for Hello {
//!     fn cards() -> Vec<CardDeclaration> {
//!         vec![CardDeclaration::new("greeting", "Greeting")]
//!     }
//!
//!     fn render(request: RenderRequest) -> Result<View, Error> {
//!         Ok(View::new().text(format!("Hello, {}!", request.entity.title())))
//!     }
//! }
//!
//! callboard_sdk::export!(Hello: ui_card);
//! ```
//!
//! Build it with `cargo build --release --target wasm32-wasip2`: the `.wasm` file is the whole plugin.
//!
//! On any other target the crate compiles as well, so that a plugin's logic can be tested with plain `cargo test`;
//! [`testing`] stands in for the host there. This crate knows the contract and nothing of the portal behind it.

pub mod action;
mod adapter;
pub mod card;
pub mod catalog;
pub mod config;
mod entity;
mod error;
pub mod http;
pub mod kv;
pub mod log;
mod plugin;
pub mod processor;
mod raw;
mod set;
#[cfg(not(target_arch = "wasm32"))]
pub mod testing;
pub mod time;
pub mod view;

#[doc(no_inline)]
pub use action::ScaffolderAction;
#[doc(no_inline)]
pub use card::UiCard;
pub use entity::Entity;
pub use plugin::{Description, Plugin, Upstream};
#[doc(no_inline)]
pub use processor::CatalogProcessor;
pub use raw::host::types::{Diagnostic, Error, FieldError, Position, Severity, UpstreamStatus};
pub use {serde, serde_json};

/// Makes a component of a type that implements [`Plugin`] and the named extension points: `ui_card`,
/// `catalog_processor`, `scaffolder_action`.
///
/// ```ignore
/// callboard_sdk::export!(Hello: ui_card, catalog_processor);
/// ```
#[macro_export]
macro_rules! export {
    ($plugin:ty : $($point:ident),+ $(,)?) => {
        const _: () = {
            type Exported = $crate::__private::Adapter<$plugin>;
            $crate::__export!(plugin Exported);
            $($crate::__export!($point Exported);)+
        };
    };
}

/// One interface's exports. On other targets than WebAssembly only the types are checked: there is nobody to call them.
#[doc(hidden)]
#[macro_export]
macro_rules! __export {
    ($interface:ident $exported:ident) => {
        #[cfg(target_arch = "wasm32")]
        $crate::__private::$interface::export!($exported with_types_in $crate::__private::$interface);
        #[cfg(not(target_arch = "wasm32"))]
        const _: fn() = $crate::__private::checks::$interface::<$exported>;
    };
}

#[doc(hidden)]
pub mod __private {
    pub use crate::adapter::{Adapter, checks};
    pub use crate::raw::{catalog_processor, plugin, scaffolder_action, ui_card};
}
