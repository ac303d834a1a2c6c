//! A sound component that has nothing to do with Callboard.

// What the bindings are made of is not ours.
#![allow(unsafe_code, unreachable_pub, clippy::allow_attributes_without_reason)]

wit_bindgen::generate!({
    inline: "
        package test:wrong-world;
        interface arithmetic { double: func(number: u32) -> u32; }
        world calculator { export arithmetic; }
    ",
});

struct Calculator;

impl exports::test::wrong_world::arithmetic::Guest for Calculator {
    fn double(number: u32) -> u32 {
        number.wrapping_mul(2)
    }
}

// On other targets the names of the exports are none that a linker takes.
#[cfg(target_arch = "wasm32")]
export!(Calculator);
#[cfg(not(target_arch = "wasm32"))]
const _: Calculator = Calculator;
