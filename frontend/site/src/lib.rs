//! The browser's half of the site: one module that carries the exports of every island.
//!
//! `boot.js` loads it, calls [`browser::start`] once and then wakes the islands of the page. It must never hold
//! anything that a page needs in order to be read: the server renders every page whole.

/// What `boot.js` calls.
#[cfg(target_arch = "wasm32")]
pub mod browser {
    use std::cell::OnceCell;

    use frontend_islands as _;
    use leptos::reactive::owner::Owner;
    use wasm_bindgen::prelude::wasm_bindgen;

    thread_local! {
        static ROOT: OnceCell<Owner> = const { OnceCell::new() };
    }

    /// Prepares the reactive system; called once, before the first island is woken.
    #[wasm_bindgen]
    pub fn start() {
        std::panic::set_hook(Box::new(|panic| leptos::logging::error!("{panic}")));
        leptos::mount::hydrate_islands();
        if let Some(owner) = Owner::current() {
            ROOT.with(|root| {
                // A second call keeps the first owner: islands may hold on to it already.
                _ = root.set(owner);
            });
        }
    }

    /// Makes the page itself the owner of the island that is woken next.
    ///
    /// An island inside another one's children makes that one the current owner and leaves it so; without this call
    /// an unrelated island further down would see the contexts of whatever was woken before it.
    #[wasm_bindgen]
    pub fn enter_page() {
        ROOT.with(|root| {
            if let Some(owner) = root.get() {
                owner.set();
            }
        });
    }
}
