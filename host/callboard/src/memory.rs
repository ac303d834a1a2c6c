//! The allocator, and when it gives memory back to the system.

/// The system's allocator keeps what a large ingestion has left behind, and takes a fifth more time for it.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Gives pages back that have become free. By itself the allocator waits for a later allocation to do so, which does
/// not come when a portal has read its catalog and is left alone. Giving each page back as soon as it is free would
/// make large answers take twice the time.
pub(crate) fn give_back() {
    // SAFETY: it may be called at any time from any thread.
    #[allow(unsafe_code, reason = "the binding has no safe name for it")]
    unsafe {
        libmimalloc_sys::mi_collect(true);
    }
}
