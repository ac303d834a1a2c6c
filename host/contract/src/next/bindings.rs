//! What the WIT says, as Rust. One world holds everything, so that all extension points share their types; which of its
//! exports a component has is found out for each component.

#![allow(clippy::all, clippy::pedantic, unreachable_pub, unused_qualifications, reason = "generated code")]

wasmtime::component::bindgen!({
    path: "../../wit/next",
    inline: "
        package callboard:host;

        world everything {
            include callboard:plugin/catalog-processor-plugin@0.9.0-next.1;
            include callboard:plugin/scaffolder-action-plugin@0.9.0-next.1;
            include callboard:plugin/ui-card-plugin@0.9.0-next.1;
        }
    ",
    world: "callboard:host/everything",
    // Host functions give WIT results and cannot trap; those that wait are async here and block for the guest.
    imports: {
        "callboard:plugin/kv": async,
        "callboard:plugin/catalog": async,
    },
    exports: { default: async },
});
