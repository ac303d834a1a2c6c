//! The bindings, as they are generated from the contract. Nothing outside this crate uses them by name.
//!
//! There is one small world for every interface, since a component must export all of its world: a plugin joins the
//! worlds that it needs with `export!`. All of them share the types of the first.
#![allow(
    unsafe_code,
    unused_imports,
    unused_qualifications,
    unreachable_pub,
    missing_docs,
    clippy::all,
    clippy::pedantic,
    reason = "generated"
)]

/// What the host offers, and the shared types.
pub mod host {
    wit_bindgen::generate!({
        path: "wit",
        inline: "
            package callboard:sdk-host;
            world host {
                import callboard:plugin/types@0.9.0-next.1;
                import callboard:plugin/view@0.9.0-next.1;
                import callboard:plugin/log@0.9.0-next.1;
                import callboard:plugin/config@0.9.0-next.1;
                import callboard:plugin/kv@0.9.0-next.1;
                import callboard:plugin/catalog@0.9.0-next.1;
            }
        ",
        generate_all,
        pub_export_macro: true,
        additional_derives: [PartialEq],
    });
    pub use callboard::plugin::{catalog, config, kv, log, types, view};
}

/// Exports `plugin`.
pub mod plugin {
    wit_bindgen::generate!({
        path: "wit",
        inline: "
            package callboard:sdk-plugin;
            world plugin-export { export callboard:plugin/plugin@0.9.0-next.1; }
        ",
        with: { "callboard:plugin/types@0.9.0-next.1": super::host::types },
        pub_export_macro: true,
        default_bindings_module: "callboard_sdk::__private::plugin",
        additional_derives: [PartialEq],
    });
    pub use exports::callboard::plugin::plugin::*;
}

/// Exports `catalog-processor`.
pub mod catalog_processor {
    wit_bindgen::generate!({
        path: "wit",
        inline: "
            package callboard:sdk-catalog-processor;
            world catalog-processor-export { export callboard:plugin/catalog-processor@0.9.0-next.1; }
        ",
        with: { "callboard:plugin/types@0.9.0-next.1": super::host::types },
        pub_export_macro: true,
        default_bindings_module: "callboard_sdk::__private::catalog_processor",
        additional_derives: [PartialEq],
    });
    pub use exports::callboard::plugin::catalog_processor::*;
}

/// Exports `scaffolder-action`.
pub mod scaffolder_action {
    wit_bindgen::generate!({
        path: "wit",
        inline: "
            package callboard:sdk-scaffolder-action;
            world scaffolder-action-export { export callboard:plugin/scaffolder-action@0.9.0-next.1; }
        ",
        with: { "callboard:plugin/types@0.9.0-next.1": super::host::types },
        pub_export_macro: true,
        default_bindings_module: "callboard_sdk::__private::scaffolder_action",
        additional_derives: [PartialEq],
    });
    pub use exports::callboard::plugin::scaffolder_action::*;
}

/// Exports `ui-card`.
pub mod ui_card {
    wit_bindgen::generate!({
        path: "wit",
        inline: "
            package callboard:sdk-ui-card;
            world ui-card-export { export callboard:plugin/ui-card@0.9.0-next.1; }
        ",
        with: {
            "callboard:plugin/types@0.9.0-next.1": super::host::types,
            "callboard:plugin/view@0.9.0-next.1": super::host::view,
        },
        pub_export_macro: true,
        default_bindings_module: "callboard_sdk::__private::ui_card",
        additional_derives: [PartialEq],
    });
    pub use exports::callboard::plugin::ui_card::*;
}
